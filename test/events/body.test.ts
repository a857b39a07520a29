import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BROKEN, readBody, splitBody, type BodyPart } from '../../src/events/envelope.js';

const brief = (parts: BodyPart[]) =>
  parts.map((part) => (part.ok ? part.value : `${part.code} ${part.place}`));

describe('a body', () => {
  test('is one object, pretty-printed or not', () => {
    const pretty = JSON.stringify({ a: { b: [1] } }, null, 2);
    expect(splitBody(pretty)).toEqual([
      { index: 0, place: 'body', raw: pretty, ok: true, value: { a: { b: [1] } } },
    ]);
    expect(brief(splitBody('\ufeff {"a":1}\n'))).toEqual([{ a: 1 }]);
  });

  test('is an array, each element with its original text', () => {
    expect(splitBody(' [ {"a": 1.0}, "x,]\\"" ,[2] ]\n')).toEqual([
      { index: 0, place: 'element 1', raw: '{"a": 1.0}', ok: true, value: { a: 1 } },
      { index: 1, place: 'element 2', raw: '"x,]\\""', ok: true, value: 'x,]"' },
      { index: 2, place: 'element 3', raw: '[2]', ok: true, value: [2] },
    ]);
    expect(splitBody('[]')).toEqual([]);
    expect(splitBody(' \n ')).toEqual([]);
  });

  test('is NDJSON; a broken line stops no other and keeps its text', () => {
    const parts = splitBody('{"a":1}\r\n\n{"a":\nnonsense {}\n{"a":2}');
    expect(brief(parts)).toEqual([{ a: 1 }, 'BODY_NOT_JSON line 3', 'BODY_NOT_JSON line 4', { a: 2 }]);
    expect(parts.map((part) => part.raw)).toEqual(['{"a":1}', '{"a":', 'nonsense {}', '{"a":2}']);
    expect(parts.map((part) => part.index)).toEqual([0, 1, 2, 3]);
  });

  test('whose first line is broken is still read', () => {
    expect(brief(splitBody('{"a":\n{"a":2}'))).toEqual(['BODY_NOT_JSON line 1', { a: 2 }]);
    expect(brief(splitBody('oops\n{"a":2}'))).toEqual(['BODY_NOT_JSON line 1', { a: 2 }]);
  });

  test('cut short is one broken part, however many lines it has', () => {
    const cut = JSON.stringify({ a: { b: 1 }, c: 2 }, null, 2).slice(0, -2);
    expect(splitBody(cut)).toMatchObject([{ place: 'body', raw: cut, ok: false, code: 'BODY_NOT_JSON' }]);
  });

  test('broken elements of an array stop no other', () => {
    expect(brief(splitBody('[{"a":1},{a:2},,{"a":3}]'))).toEqual([
      { a: 1 },
      'BODY_NOT_JSON element 2',
      'BODY_NOT_JSON element 3',
      { a: 3 },
    ]);
    expect(brief(splitBody('[{"a":1},{"a":2'))).toEqual([{ a: 1 }, 'BODY_NOT_JSON element 2']);
    expect(brief(splitBody('[{"a":1},"b'))).toEqual([{ a: 1 }, 'BODY_NOT_JSON element 2']);
    expect(brief(splitBody('[1,]'))).toEqual([1, 'BODY_NOT_JSON element 2']);
    expect(brief(splitBody('[1] x'))).toEqual([1, 'BODY_NOT_JSON after the array']);
    expect(brief(splitBody('[1}, 2]'))).toEqual(['BODY_NOT_JSON element 1']);
  });

  test('over the limits is refused whole, a single event over its limit alone', () => {
    const limits = { characters: 40, events: 3, eventCharacters: 10 };
    expect(brief(splitBody('[1,2,3]', limits))).toEqual([1, 2, 3]);
    expect(brief(splitBody('[1,2,3,4]', limits))).toEqual(['BODY_TOO_LARGE body']);
    expect(brief(splitBody('1\n2\n3\n4', limits))).toEqual(['BODY_TOO_LARGE body']);
    expect(brief(splitBody('x'.repeat(41), limits))).toEqual(['BODY_TOO_LARGE body']);
    expect(brief(splitBody('["01234567890",2]', limits))).toEqual(['BODY_TOO_LARGE element 1', 2]);
    expect(brief(splitBody('{"a":"0123456789"}', limits))).toEqual(['BODY_TOO_LARGE line 1']);
  });

  test('messages do not quote the text', () => {
    expect(
      JSON.stringify(splitBody('{"phone": 13800001234,}').map((part) => !part.ok && part.message)),
    ).not.toContain('138');
  });

  test('of any events comes back as these events, in every form', () => {
    const event = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(event, { minLength: 2, maxLength: 6 }), fc.nat(3), (events, indent) => {
        const expected = events.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(brief(splitBody(JSON.stringify(events, null, indent)))).toEqual(expected);
        expect(brief(splitBody(events.map((value) => JSON.stringify(value)).join('\n')))).toEqual(expected);
      }),
    );
  });

  test('that is nothing but brackets is split in linear time', () => {
    expect(brief(splitBody('['.repeat(1_000_000)))).toEqual(['BODY_TOO_LARGE element 1']);
    const [slashes] = splitBody(`["${'\\'.repeat(400_000)}"]`);
    expect(slashes).toMatchObject({ ok: true, value: '\\'.repeat(200_000) });
  });
});

describe('a body on the short way', () => {
  const limits = { characters: 150, events: 6, eventCharacters: 100 };

  /** The values and parts of the short way must be those of the long one. */
  const expectAlike = (pieces: readonly string[]) => {
    const parts = splitBody(pieces.join(''), limits);
    const body = readBody(pieces, limits);
    expect(body.values).toEqual(parts.map((part) => (part.ok ? part.value : BROKEN)));
    expect(body.values.map((_, index) => body.part(index))).toEqual(parts);
    return body;
  };

  const lines = fc.oneof(
    fc.constantFrom(
      '{"a":1}',
      '{"a":[1]}',
      '{"a":"b"}',
      '[1',
      '2]',
      '{"a":[{}',
      '{}]}',
      '{"b":"',
      '"}',
      '{"c":',
      '1}',
    ),
    fc.constantFrom(
      '',
      ' ',
      '\r',
      '[1]',
      '1',
      '1,2',
      '{},{}',
      '"next line"',
      '"next lin\\u0065"',
      '{},"next line",{}',
    ),
    fc.constantFrom(
      '[',
      ']',
      '[{}',
      '{}]',
      '},{',
      '],[',
      '{"a":"\\""}',
      '{"\u4e2d":"\u6587"}',
      '\u3000',
      '\ufeff{}',
    ),
    fc.json({ maxDepth: 2 }),
  );

  test('is what it is on the long one, however lines are broken and wherever it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(lines, fc.boolean()), { maxLength: 7 }), fc.boolean(), (cut, ends) => {
        const pieces = [''];
        for (const [index, [line, isLast]] of cut.entries()) {
          pieces[pieces.length - 1] += line + (index < cut.length - 1 || ends ? '\n' : '');
          if (isLast && index < cut.length - 1) pieces.push('');
        }
        expectAlike(pieces);
      }),
      { numRuns: 20_000 },
    );
  });

  test('of broken lines that fit together across their ends is still broken', () => {
    for (const between of ['', '"next line",', '"next lin\\u0065",', 'null,']) {
      expectAlike(['{},{"a":[{}\n{}]}\n']);
      expectAlike([`{},${between}{"a":[{}\n{}]}\n{}`]);
      expectAlike([`[{}\n${between}{}]\n{}`]);
      expectAlike([`{"a":[{}\n${between}{}]}\n{}`]);
    }
  });

  test('tells whether halves of surrogate pairs may be written in it', () => {
    expect(expectAlike(['{"a":"\u4e2d"}\n{}\n']).wellFormed).toBe(true);
    expect(expectAlike(['{"a":"\\ud800"}\n{}\n']).wellFormed).toBe(false);
    expect(expectAlike(['[{"a":"\\ud800"}]']).wellFormed).toBe(false);
  });
});
