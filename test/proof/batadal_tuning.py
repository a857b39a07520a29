"""How the bounds of batadal-limits/proof/*.yaml were found: from dataset03, the year without attacks, and nothing else.

usage: batadal_tuning.py FOLDER OUT [SPLIT], where FOLDER holds dataset03.csv.gz.
Writes the models into OUT as the repository holds them, and where SPLIT is named those of the first nine months into SPLIT;
on standard output the warnings that the latter raise in the last three months, on standard error what was tried.

Three kinds of model over all 43 columns, none of them picked by hand; each kind one model for levels, flows and pressures:
  limits     a reading, and its change in an hour, outside the band of the year; and the same while a pump or valve has
             been on (off) for two readings, for each pair in which that state narrows the band of the reading by much
  relations  a reading that differs from what the others let expect: a linear regression of each on at most six others,
             found by forward selection; the level of a tank also by those of an hour before, the balance of its mass
  drift      the mean of these differences over 24 hours

A band is the range of the tuning period, widened (or narrowed) on each side by a share of its half. The share is one figure
a kind, found by an inner split: bands of the first nine months, judged on the last three. It is the least share, from wide
bands downwards, with which the three models of the kind raise at most four warnings in those thirteen weeks, and as few a
week in the nine months, so that the nine models together raise less than one a week. Then the bands are computed once more, with that share, from the whole year.
Dataset04 gives two decimals, so readings are rounded to two here.
"""

import csv
import gzip
import math
import re
import sys
from datetime import datetime, timedelta

from linear_equations import solved

FIRST = datetime(2014, 1, 6)
# Hours of the first nine months; the other three judge.
SPLIT = 273 * 24
HOLD_HOURS = 12
EPISODES_MAX = 4
SHARES = [step / 20 for step in range(20, -11, -1)]
FEATURES_MAX = 6
# A feature is taken while it leaves less than this part of the variance.
GAIN = 0.99
# A state says something about a reading if it narrows its band to this part, and was seen in so many hours.
NARROW = 0.6
STATE_HOURS = 200
# Half of a band is at least that, since a reading is rounded to 0.01.
HALF_MIN = 0.02
# What varies less than its rounding explains nothing.
SPREAD_MIN = 0.05
RIDGE = 1e-6
DAY = 24
# By the first letter of the column; a state goes with the flow of its pump.
QUANTITIES = {'levels': 'l', 'flows': 'fs', 'pressures': 'p'}


def read(folder):
    """Readings by column, in hours."""
    columns = {}
    with gzip.open(f'{folder}/dataset03.csv.gz', 'rt', newline='') as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            for name, text in row.items():
                if name[:2] in ('L_', 'F_', 'S_', 'P_'):
                    columns.setdefault(name.lower(), []).append(round(float(text), 2))
    return columns


def with_past(columns):
    """From the second hour on, with what levels and states were an hour before as was_*."""
    past = {f'was_{name}': values[:-1] for name, values in columns.items() if name[0] in 'ls'}
    return {**{name: values[1:] for name, values in columns.items()}, **past}


def deviation(values):
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def down(value):
    return math.floor(value * 1000) / 1000


def up(value):
    return math.ceil(value * 1000) / 1000


def band_of(values, share):
    """Bounds of what is usual, to three decimals outwards."""
    low, high = min(values), max(values)
    half = max((high - low) / 2, HALF_MIN)
    middle = (low + high) / 2
    return down(middle - half * (1 + share)), up(middle + half * (1 + share))


# A check is (text of the value, its values by the hour, text of the state in which it counts or None, hours in it or None).


def limit_checks(data, until):
    checks = []
    names = [name for name in data if not name.startswith('was_')]
    for name in names:
        # A state that varies is 0 or 1 and never outside.
        if name[0] != 's' or deviation(data[name][:until]) < SPREAD_MIN:
            checks.append((name, data[name], None, None))
    for name in names:
        if name[0] == 's' or deviation(data[name][:until]) < SPREAD_MIN:
            continue
        changes = [0.0, *(b - a for a, b in zip(data[name], data[name][1:]))]
        checks.append((f'{name} - was_{name}', changes, None, None))
    for state in (name for name in names if name[0] == 's'):
        for on in (1, 0):
            hours = [now == on and was == on for now, was in zip(data[state], data[f'was_{state}'])]
            if not STATE_HOURS <= sum(hours[:until]) <= until - STATE_HOURS:
                continue
            for name in (name for name in names if name[0] != 's'):
                whole = data[name][:until]
                own = [value for value, held in zip(whole, hours) if held]
                if max(whole) - min(whole) >= SPREAD_MIN and max(own) - min(own) <= NARROW * (max(whole) - min(whole)):
                    checks.append((name, data[name], f'{state} == {on} && was_{state} == {on}', hours))
    return checks


def covariances(centred):
    names, found = list(centred), {}
    for i, one in enumerate(names):
        for other in names[i:]:
            total = math.fsum(map(float.__mul__, centred[one], centred[other]))
            found[one, other] = found[other, one] = total / len(centred[one])
    return found


def fitted(covariance, target, names):
    """Weights, and the variance that they leave."""
    ridge = lambda a, b: RIDGE * covariance[a, a] if a == b else 0.0
    matrix = [[covariance[a, b] + ridge(a, b) for b in names] for a in names]
    weights = solved(matrix, [covariance[name, target] for name in names])
    return weights, covariance[target, target] - sum(w * covariance[name, target] for w, name in zip(weights, names))


def regressions(data, until):
    """For each level, flow and pressure: a constant, and the weights of the others."""
    names = [name for name in data if not name.startswith('was_s') and deviation(data[name][:until]) >= SPREAD_MIN]
    means = {name: math.fsum(data[name][:until]) / until for name in names}
    covariance = covariances({name: [value - means[name] for value in data[name][:until]] for name in names})
    found = {}
    for target in (name for name in names if name[:2] in ('l_', 'f_', 'p_')):
        chosen, left = [], covariance[target, target]
        while len(chosen) < FEATURES_MAX:
            tried = [(fitted(covariance, target, [*chosen, one])[1], one) for one in names if one not in (target, *chosen)]
            least, name = min(tried)
            if least > left * GAIN:
                break
            chosen.append(name)
            left = least
        weights = {name: float(f'{w:.5g}') for name, w in zip(chosen, fitted(covariance, target, chosen)[0])}
        constant = means[target] - sum(w * means[name] for name, w in weights.items())
        found[target] = (round(constant, 4), weights)
    return found


def difference_text(target, constant, weights):
    text = target
    for name, weight in weights.items():
        text += f' {"-" if weight > 0 else "+"} {abs(weight):.10f}'.rstrip('0').rstrip('.') + f' * {name}'
    return f'{text} {"-" if constant > 0 else "+"} {abs(constant):.4f}'


def relation_checks(data, until):
    checks = []
    for target, (constant, weights) in regressions(data, until).items():
        parts = [(weight, data[name]) for name, weight in weights.items()]
        values = [own - constant - sum(w * other[i] for w, other in parts) for i, own in enumerate(data[target])]
        checks.append((difference_text(target, constant, weights), values, None, None))
    return checks


def drift_checks(relations):
    checks = []
    for text, values, _, _ in relations:
        means = [0.0] * (DAY - 1) + [math.fsum(values[i - DAY + 1 : i + 1]) / DAY for i in range(DAY - 1, len(values))]
        checks.append((text, means, None, None))
    return checks


def checks_of(data, until):
    """The checks of each kind, as the hours before until let find them."""
    relations = relation_checks(data, until)
    return {'limits': limit_checks(data, until), 'relations': relations, 'drift': drift_checks(relations)}


def quantities_of(checks):
    """The checks of each model of a kind."""
    return {name: [check for check in checks if check[0][0] in letters] for name, letters in QUANTITIES.items()}


def bands_of(checks, until, share):
    bands = []
    for _, values, _, hours in checks:
        asked = values[:until] if hours is None else [v for v, held in zip(values[:until], hours) if held]
        bands.append(band_of(asked, share))
    return bands


def hours_outside(checks, bands):
    outside = set()
    for (_, values, _, hours), (low, high) in zip(checks, bands):
        outside.update(i for i, v in enumerate(values) if (v < low or v > high) and (hours is None or hours[i]))
    return sorted(outside)


def episodes_of(outside):
    """Hours at which a warning is raised: one more within HOLD_HOURS belongs to the warning before."""
    return [hour for before, hour in zip([-math.inf, *outside], outside) if hour > before + HOLD_HOURS]


def share_of(kind, checks):
    """By the inner split, from wide bands to narrow ones, the last share before the first that raises too many."""
    models = quantities_of(checks).values()
    kept = None
    for share in SHARES:
        raised = [hour for own in models for hour in episodes_of(hours_outside(own, bands_of(own, SPLIT, share)))]
        judged = sum(hour >= SPLIT for hour in raised)
        print(f'{kind} {share:+.2f}: {len(raised) - judged} in nine months, {judged} in three', file=sys.stderr)
        if judged > EPISODES_MAX or len(raised) - judged > 3 * EPISODES_MAX:
            break
        kept = share
    if kept is None:
        raise SystemExit(f'{kind}: even the widest bands raise too many')
    return kept


READING = "from: sensor-reading, where: 'event.metric == \"{}\"'"


def indicator_lines(texts, by_day):
    """The readings that the texts name: of this hour and the one before, or means of a day."""
    names = sorted({name for text in texts for name in re.findall(r'\b(?:was_)?[lfsp]_[a-z0-9]+', text)})
    for name in names:
        source = READING.format(name.removeprefix('was_').upper())
        if by_day and name.startswith('was_'):
            own = name.removeprefix('was_')
            yield f"  sum_{own}: {{ {source}, sum: 'event.value', over: {DAY + 1}h }}"
            yield f"  last_{own}: {{ {source}, last: 'event.value', over: 90m }}"
            yield f"  {name}: {{ value: '(sum_{own} - last_{own}) / {DAY}' }}"
        elif by_day:
            yield f"  {name}: {{ {source}, avg: 'event.value', over: {DAY}h }}"
        else:
            of = 'first' if name.startswith('was_') else 'last'
            yield f"  {name}: {{ {source}, {of}: 'event.value', over: 90m }}"


def outside_text(text, low, high):
    return f'{text} < {low:g} || {text} > {high:g}'


def limit_lines(checks, bands):
    """For each reading whether it is out of one of its bands."""
    parts = {}
    for (text, _, state, _), (low, high) in zip(checks, bands):
        outside = outside_text(text, low, high)
        parts.setdefault(text.split()[0], []).append(outside if state is None else f'({state} && ({outside}))')
    return [f"  odd_{name}: {{ value: '{' || '.join(own)}' }}" for name, own in parts.items()], [f'odd_{name}' for name in parts]


def difference_lines(checks, bands):
    """For each reading its difference from what the others let expect, and the bands of these."""
    names = [text.split()[0] for text, *_ in checks]
    lines = [f"  off_{name}: {{ value: '{text}' }}" for name, (text, *_) in zip(names, checks)]
    return lines, [outside_text(f'off_{name}', *band) for name, band in zip(names, bands)]


NAMES = {'levels': '水位', 'flows': '流量', 'pressures': '压力'}
TEXTS = {
    'limits': (
        '越出往常范围',
        '读数或者一小时的变化越出一年无攻击记录的范围，或者与水泵、阀门的开停对不上，为橙色。',
    ),
    'relations': (
        '与其他读数对不上',
        '读数与按其余读数推算的数相差，超出一年无攻击记录的范围，为橙色；水池水位还看前一小时的水位。',
    ),
    'drift': (
        '持续与其他读数对不上',
        '读数与按其余读数推算的数，二十四小时平均的相差超出一年无攻击记录的范围，为橙色。',
    ),
}


def yaml_of(kind, quantity, checks, bands):
    lines, conditions = (limit_lines if kind == 'limits' else difference_lines)(checks, bands)
    by_day = kind == 'drift'
    texts = [text for check in checks for text in (check[0], check[2] or '')]
    counts = [('fresh', 2, '90m')] + ([('readings', DAY + 1, f'{DAY + 1}h')] if by_day else [])
    source = READING.format('L_T1')
    counted = [f"  {own}: {{ {source}, count: '*', over: {over} }}" for own, _, over in counts]
    ready = ' && '.join(f'{own} == {count}' for own, count, _ in counts)
    title, summary = TEXTS[kind]
    return f"""# Generated by test/proof/batadal_tuning.py from dataset03, the year without attacks; not to be edited.
model: proof/{kind}-{quantity}
title: 供水管网{NAMES[quantity]}{title}
summary: {summary}只用于验证，界限由 dataset03 算出。
item: water-supply
scope: device
indicators:
{chr(10).join([*counted, *indicator_lines(texts, by_day), *lines])}
levels:
  orange: '{ready} && ({' || '.join(conditions)})'
hold: {HOLD_HOURS}h
plan: water-supply-safety
advise: 到现场核对读数与中控室的显示；对不上的，按控制系统被改动处理。
"""


def written(folder, kind, checks, until, share):
    for quantity, own in quantities_of(checks).items():
        with open(f'{folder}/{kind}-{quantity}.yaml', 'w', encoding='utf-8') as file:
            file.write(yaml_of(kind, quantity, own, bands_of(own, until, share)))


def main():
    folder, out, *split_out = sys.argv[1:]
    data = with_past(read(folder))
    whole = len(data['l_t1'])
    split, final = checks_of(data, SPLIT), checks_of(data, whole)
    for kind, checks in split.items():
        share = share_of(kind, checks)
        written(out, kind, final[kind], whole, share)
        for own_folder in split_out:
            written(own_folder, kind, checks, SPLIT, share)
            for quantity, own in quantities_of(checks).items():
                for hour in episodes_of(hours_outside(own, bands_of(own, SPLIT, share))):
                    # The first hour has no past and is left out of the data.
                    print(f'{(FIRST + timedelta(hours=hour + 1)).isoformat()}Z proof/{kind}-{quantity}')


if __name__ == '__main__':
    main()
