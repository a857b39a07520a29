"""How the weights of prtr-score/proof/penalty-risk.yaml were found: from what was known up to 2012-12-31, and nothing else.

usage: prtr_score_tuning.py FOLDER, which holds penalties.ndjson and facilities.ndjson as `fenghuo import` writes them.
Prints the model as the repository holds it; on standard error, what was tried and how it came out.

Later penalties are dropped as they are read. A case is a facility with a penalty so far at an instant; it is asked whether
another follows within 180 days. Features and groups are chosen by an inner split: fitted at two instants whose 180 days end
before 2012-07-01, judged at 2012-07-01. The chosen ones are fitted once more at four instants, whose 180 days end in 2012.
A logistic regression with non-negative weights: D. W. Hosmer and S. Lemeshow, Applied Logistic Regression (2000); effects of
industries and counties are shrunk towards none, as in B. Efron and C. Morris, JASA 70 (1975) 311-319.
"""

import json
import math
import sys
from datetime import datetime, timedelta, timezone

from linear_equations import solved

ZONE = timezone(timedelta(hours=8))
LAST_DAY = datetime(2012, 12, 31, tzinfo=ZONE)
HORIZON = timedelta(days=180)
FITTED = [datetime(2011, 10, 1, tzinfo=ZONE), datetime(2012, 1, 1, tzinfo=ZONE)]
JUDGED = datetime(2012, 7, 1, tzinfo=ZONE)
ALL = [*FITTED, datetime(2012, 4, 1, tzinfo=ZONE), JUDGED]
RIDGE = 1.0

# What the score can read: the indicator, and the values from which each part of it counts.
COUNTS = {
    'penalties': [1, 2, 3, 4, 5, 6, 8, 10, 14, 20],
    'recent': [1, 2, 3, 4, 5, 6, 8, 10, 14],
    'latest': [1, 2, 3, 5, 8],
    'months': [1, 2, 3, 4, 5, 6, 8, 10, 12],
    'articles': [1, 2, 3, 4, 5, 6, 8],
    'fined': [6000, 30000, 60000, 100000, 200000, 500000, 1000000, 3000000],
}
INDICATORS = {
    'penalties': "{ from: penalty, count: '*', over: 730d }",
    'recent': "{ from: penalty, count: '*', over: 365d }",
    'latest': "{ from: penalty, count: '*', over: 90d }",
    'months': "{ from: penalty, distinct: 'local(event.time).year * 12 + local(event.time).month', over: 730d }",
    'articles': "{ from: penalty, distinct: 'event.article', over: 730d }",
    'fined': "{ from: penalty, sum: 'event.amount', over: 730d }",
    'trade': "{ from: registration, last: 'event[\"industry_text\"]', over: 3650d }",
    'county': "{ from: penalty, last: 'event.region', over: 730d }",
}
TITLES = {
    'penalties': '两年处罚次数',
    'recent': '一年处罚次数',
    'latest': '三月处罚次数',
    'months': '两年受罚月数',
    'articles': '两年违反条款数',
    'fined': '两年罚款金额',
    'trade': '行业',
    'county': '所在县市',
}
# Cases of no effect that each industry and each county is given, the size of a step, and the most steps to a side.
GROUPS = {'trade': (20.0, 0.2, 2), 'county': (40.0, 0.1, 2)}


def lines_of(path):
    with open(path, encoding='utf-8') as file:
        for line in file:
            yield json.loads(line)


def instant_of(text):
    return datetime.fromisoformat(text.replace('Z', '+00:00'))


def read(folder):
    """Penalties by facility, each once, and the industry of each facility."""
    penalties, known = {}, set()
    for event in lines_of(f'{folder}/penalties.ndjson'):
        at = instant_of(event['recordedtime'])
        if at > LAST_DAY or event['id'] in known:
            continue
        known.add(event['id'])
        data = event['data']
        one = (at, data.get('article'), data.get('amount', 0), data.get('region'))
        penalties.setdefault(event['subject'], []).append((one, event['id']))
    trades = {}
    for event in lines_of(f'{folder}/facilities.ndjson'):
        trades[event['subject']] = event['data'].get('industry_text')
    ordered = {
        key: [one for one, _ in sorted(own, key=lambda pair: (pair[0][0], pair[1]))] for key, own in penalties.items()
    }
    return dict(sorted(ordered.items())), trades


def figures_of(own, instant):
    """What the indicators of the model are at an instant; None before the first penalty."""
    past = [one for one in own if instant - timedelta(days=730) < one[0] <= instant]
    if not past:
        return None
    since = lambda days: sum(at > instant - timedelta(days=days) for at, *_ in past)
    local = {(at.astimezone(ZONE).year, at.astimezone(ZONE).month) for at, *_ in past}
    return {
        'penalties': len(past),
        'recent': since(365),
        'latest': since(90),
        'months': len(local),
        'articles': len({article for _, article, *_ in past if article is not None}),
        'fined': sum(amount for _, _, amount, _ in past),
        'county': past[-1][3],
    }


def parts_of(name):
    """Bands: the part of each step, logarithmic in the value from which it begins."""
    steps = COUNTS[name]
    scale = [math.log(step / steps[0] * 2) for step in steps] if name == 'fined' else [math.log1p(step) for step in steps]
    return [(step, round(part / scale[-1], 3)) for step, part in zip(steps, scale)]


PARTS = {name: parts_of(name) for name in COUNTS}


def part_of(name, value):
    return next((part for step, part in reversed(PARTS[name]) if value >= step), 0.0)


def cases_of(penalties, trades, instants):
    cases = []
    for instant in instants:
        for key, own in penalties.items():
            figures = figures_of(own, instant)
            if figures is None:
                continue
            happened = any(instant < at <= instant + HORIZON for at, *_ in own)
            cases.append({
                'features': {name: part_of(name, figures[name]) for name in COUNTS},
                'trade': trades.get(key),
                'county': figures['county'],
                'penalties': figures['penalties'],
                'happened': 1.0 if happened else 0.0,
            })
    return cases


def chance(value):
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def fitted(cases, names):
    """Newton's method, with a ridge on all but the constant."""
    size = len(names) + 1
    weights = [0.0] * size
    rows = [([1.0, *(case['features'][name] for name in names)], case['happened']) for case in cases]
    for _ in range(25):
        slope = [-RIDGE * weight if i else 0.0 for i, weight in enumerate(weights)]
        bend = [[RIDGE if i == j and i else 0.0 for j in range(size)] for i in range(size)]
        for row, happened in rows:
            p = chance(sum(a * b for a, b in zip(weights, row)))
            q = p * (1 - p)
            for i, x in enumerate(row):
                if x == 0:
                    continue
                slope[i] += (happened - p) * x
                for j in range(size):
                    bend[i][j] += q * x * row[j]
        step = solved(bend, slope)
        weights = [a + b for a, b in zip(weights, step)]
        if max(map(abs, step)) < 1e-9:
            break
    return weights


def non_negative(cases, names):
    """Leaves out one after the other what would count against."""
    names = list(names)
    while True:
        weights = fitted(cases, names)
        worst = min(range(len(names)), key=lambda i: weights[i + 1])
        if weights[worst + 1] >= 0:
            return names, weights
        names.pop(worst)


def base_of(case, names, weights):
    return weights[0] + sum(w * case['features'][name] for w, name in zip(weights[1:], names))


def steps_of(cases, group, names, weights):
    """The effect of each industry or county beside the features, shrunk, in whole steps."""
    shrink, step, most = GROUPS[group]
    sums = {}
    for case in cases:
        p = chance(base_of(case, names, weights))
        own = sums.setdefault(case[group], [0.0, shrink])
        own[0] += case['happened'] - p
        own[1] += p * (1 - p)
    rounded = {name: max(-most, min(most, round(a / b / step))) for name, (a, b) in sums.items() if name is not None}
    return {name: count for name, count in sorted(rounded.items()) if count != 0}


def trained(cases, names, groups):
    names, weights = non_negative(cases, names)
    return names, weights, {group: steps_of(cases, group, names, weights) for group in groups}


def value_of(case, model):
    names, weights, groups = model
    grouped = sum(GROUPS[group][1] * steps.get(case[group], 0) for group, steps in groups.items())
    return base_of(case, names, weights) + grouped


def loss(cases, model):
    """Mean log loss over those with two penalties or more, among whom the first hundreds are."""
    asked = [case for case in cases if case['penalties'] >= 2]
    total = 0.0
    for case in asked:
        p = chance(value_of(case, model))
        total -= math.log(p if case['happened'] else 1 - p)
    return total / len(asked)


def chosen(penalties, trades):
    """Forward selection by the inner split: what lowers the loss most is taken next."""
    fit, judge = cases_of(penalties, trades, FITTED), cases_of(penalties, trades, [JUDGED])
    names, groups = ['penalties'], []
    best = loss(judge, trained(fit, names, groups))
    print(f'penalties: {best:.5f} over {len(judge)} cases of {JUDGED.date()}', file=sys.stderr)
    while True:
        tried = [(loss(judge, trained(fit, [*names, one], groups)), one) for one in COUNTS if one not in names]
        tried += [(loss(judge, trained(fit, names, [*groups, one])), one) for one in GROUPS if one not in groups]
        if not tried:
            return names, groups
        lowest, name = min(tried)
        print(f'+ {name}: {lowest:.5f}', file=sys.stderr)
        if lowest > best - 1e-4:
            return names, groups
        best = lowest
        (names if name in COUNTS else groups).append(name)


def shares_of(sizes):
    """Weights that sum to 100, to a tenth; what rounding leaves goes to the largest."""
    whole = sum(sizes.values())
    tenths = {name: round(size / whole * 1000) for name, size in sizes.items()}
    largest = max(tenths, key=lambda name: tenths[name])
    tenths[largest] += 1000 - sum(tenths.values())
    return {name: count / 10 for name, count in tenths.items()}


def group_line(group, steps, weight):
    most = max(map(abs, steps.values()))
    text = ''
    for count in sorted(set(steps.values()), reverse=True):
        members = ', '.join(f'"{name}"' for name, own in steps.items() if own == count)
        text += f'{group} in [{members}] ? {count + most} : '
    of = f'{text}{most}'
    return f"  - {{ name: {TITLES[group]}, weight: {weight:g}, of: '{of}', low: 0, high: {2 * most} }}"


def yaml_of(model):
    names, weights, groups = model
    sizes = {name: weight for name, weight in zip(names, weights[1:]) if weight > 0}
    for group, steps in groups.items():
        if steps:
            sizes[group] = 2 * GROUPS[group][1] * max(map(abs, steps.values()))
    shares = shares_of(sizes)
    indicators = '\n'.join(f'  {name}: {INDICATORS[name]}' for name in sizes)
    lines = []
    for name, weight in shares.items():
        if name in GROUPS:
            lines.append(group_line(name, groups[name], weight))
            continue
        bands = ', '.join(f'[{step}, {part:g}]' for step, part in PARTS[name])
        lines.append(f'  - {{ name: {TITLES[name]}, weight: {weight:g}, of: {name}, bands: [{bands}] }}')
    return f"""# Generated by test/proof/prtr_score_tuning.py from what was known up to 2012-12-31; not to be edited.
model: proof/penalty-risk
title: 排污单位再次受罚风险
summary: 按两年内受罚的次数、月数、条款和金额，以及行业和所在县市，给再次受罚的可能打分，只用于验证评分，权重由二〇一二年底以前的数据算出。
item: pollutant-discharge
scope: subject
indicators:
{indicators}
score:
{chr(10).join(lines)}
levels:
  blue: 'score >= 60'
plan: pollution-check
advise: 按得分从高到低安排检查。
"""


def main():
    penalties, trades = read(sys.argv[1])
    names, groups = chosen(penalties, trades)
    model = trained(cases_of(penalties, trades, ALL), names, groups)
    print(f'fitted at {len(ALL)} instants: {", ".join([*model[0], *groups])}', file=sys.stderr)
    sys.stdout.write(yaml_of(model))


main()
