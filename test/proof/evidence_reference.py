"""A second verifier of bundles, written from the description in src/evidence/bundle.ts and subject-index.ts alone.

Reads bundles from standard input, one JSON object a line, and writes a line for each: "holds", or why it does not.
Nothing but the standard library; Ed25519 by the formulas of RFC 8032, section 5.1.
"""
import hashlib
import json
import sys

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ZERO = '0' * 64


class Number(str):
    """A number as it stands in the file, whose form is canonical already."""


class Broken(Exception):
    pass


def expect(condition, reason):
    if not condition:
        raise Broken(reason)


# Canonical form and hashes


def canonical(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode('utf-16-be', 'surrogatepass'))
        return '{' + ','.join(canonical(name) + ':' + canonical(value[name]) for name in names) + '}'
    if isinstance(value, list):
        return '[' + ','.join(map(canonical, value)) + ']'
    return json.dumps(value, ensure_ascii=False)


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).hexdigest()


def of(text):
    return text.encode('utf-8')


def raw(digits):
    return bytes.fromhex(digits)


# Ed25519


def recover_x(y, odd):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    expect((x * x - square) % P == 0, 'a point is not on the curve')
    return P - x if x % 2 != odd else x


def point(digits):
    number = int.from_bytes(raw(digits), 'little')
    y = number % 2**255
    expect(y < P, 'a point is not canonical')
    return extended(recover_x(y, number >> 255), y)


def extended(x, y):
    return x, y, 1, x * y % P


def add(one, other):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def is_same(one, other):
    (x1, y1, z1, _), (x2, y2, z2, _) = one, other
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def times(factor, a):
    result = extended(0, 1)
    while factor:
        if factor & 1:
            result = add(result, a)
        a = add(a, a)
        factor >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = extended(recover_x(BASE_Y, 0), BASE_Y)


def is_signed(key, message, signature):
    r, s = signature[:64], int.from_bytes(raw(signature[64:]), 'little')
    if s >= ORDER:
        return False
    challenge = hashlib.sha512(raw(r) + raw(key) + message).digest()
    factor = int.from_bytes(challenge, 'little') % ORDER
    return is_same(times(s, BASE), add(point(r), times(factor, point(key))))


# The five steps


def verify_seals(bundle):
    before = None
    for signed in bundle['seals']:
        text = of(canonical(signed['seal']))
        expect(sha256(text) == signed['id'], 'the id of a seal')
        expect(is_signed(signed['key'], text, signed['signature']), 'the signature of a seal')
        number = int(signed['seal']['number'])
        if before is not None:
            last = int(before['seal']['number'])
            expect(number > last, 'the order of seals')
            if number == last + 1:
                expect(signed['seal']['previous'] == before['id'], 'the chain of seals')
        before = signed
    expect({signed['key'] for signed in bundle['seals']} == set(bundle['keys']), 'the keys')


def verify_records(bundle):
    about, ordinals = bundle['about'], {}
    for record in bundle['records']:
        transition, link = record['transition'], record['link']
        text = canonical({'sample': record['sample'], 'transition': transition})
        expect(sha256(raw(link['salt']), of(text)) == link['digest'], 'the digest of a record')
        expect(sha256(raw(link['previous']), raw(link['digest'])) == link['hash'], 'the hash of a record')
        key = transition['scope'] + ':' + transition['key']
        own = transition['warning'] == about['warning'] if 'warning' in about else key == about['subject']
        expect(own, 'a record of something else')
        expect(ordinals.get(transition['warning'], 0) == int(transition['ordinal']), 'an ordinal')
        ordinals[transition['warning']] = int(transition['ordinal']) + 1


def covering(bundle, record):
    found = []
    for span in bundle['spans']:
        after, sequence = int(span['after']['sequence']), int(record['link']['sequence'])
        if span['chain'] == record['chain'] and after < sequence <= after + len(span['digests']):
            found.append(span)
    expect(len(found) == 1, 'the span of a record')
    return found[0]


def verify_spans(bundle):
    links = {}
    for record in bundle['records']:
        covering(bundle, record)
        links[record['chain'], int(record['link']['sequence'])] = record['link']
    for span in bundle['spans']:
        chain = span['chain']
        sequence, head = int(span['after']['sequence']), span['after']['hash']
        expect((chain, sequence + 1) in links, 'a span without a record')
        first = next(
            (s for s in bundle['seals'] if chain in s['seal']['heads']
             and int(s['seal']['heads'][chain]['sequence']) > sequence), None)
        expect(first is not None and first['seal']['number'] == span['seal'], 'the seal of a span')
        for digest in span['digests']:
            sequence += 1
            link = links.get((chain, sequence))
            if link is not None:
                expect(link['previous'] == head and link['digest'] == digest, 'a record in its span')
            head = sha256(raw(head), raw(digest))
        sealed = first['seal']['heads'][chain]
        expect(int(sealed['sequence']) == sequence and sealed['hash'] == head, 'the end of a span')


def verify_index(bundle):
    index, about = bundle['index'], bundle['about']
    rows = [[entry['tag'], entry['count'], entry['head']] for entry in index['bucket']]
    below = sha256(b'\0', of(canonical(rows)))
    for level in (3, 2, 1, 0):
        children = index['nodes'][level]
        expect(children[int(index['tag'][level], 16)] == below, 'the way through the index')
        below = sha256(b'\1', *map(raw, children))
    expect(below == bundle['seals'][-1]['seal']['index'], 'the root of the index')
    entry = next((one for one in index['bucket'] if one['tag'] == index['tag']), None)
    expect(entry is not None and int(entry['count']) == len(bundle['records']), 'the number of records')
    name = 'warning ' + about['warning'] if 'warning' in about else 'subject ' + about['subject']
    head = sha256(of(name))
    for record in bundle['records']:
        head = sha256(raw(head), raw(record['link']['hash']))
    expect(entry['head'] == head, 'the records of the index')


def verify_rules(bundle):
    rules = {one['revision']: one for one in bundle['rules']}
    seals = {signed['seal']['number']: signed['seal'] for signed in bundle['seals']}
    used = set()
    for record in bundle['records']:
        revision = record['transition']['revision']
        expect(revision in rules, 'the rules of a record')
        sealed = seals[covering(bundle, record)['seal']]['rules'].get(revision)
        expect(sealed == sha256(of(canonical(rules[revision]['files']))), 'the list of rules')
        model = record['transition']['model'].split(':')[0] + '.yaml'
        expect(model in rules[revision]['texts'], 'the file of a model')
        used.add(revision)
    expect(len(rules) == len(bundle['rules']) and used == set(rules), 'rules that no record names')
    for one in bundle['rules']:
        for path in one['files']:
            expect(not path.startswith('catalogue/') or path in one['texts'], 'a file of the catalogue')
        for path, text in one['texts'].items():
            expect(one['files'].get(path) == sha256(of(text)), 'the text of a file')


def verify(bundle):
    expect(bundle['format'] == 'fenghuo-evidence/1', 'the format')
    for step in (verify_records, verify_spans, verify_index, verify_rules, verify_seals):
        step(bundle)


for line in sys.stdin:
    try:
        verify(json.loads(line, parse_int=Number, parse_float=Number))
        print('holds')
    except (Broken, LookupError, ValueError, TypeError) as reason:
        print(f'does not hold: {reason}')
