import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import type { WindowIndicator } from '../../src/model/model.js';
import { diagnosticsOf, expectFault, MODEL, placeOf } from './faults.js';
import { COMPLAINTS, READINGS, replaced, rulesWith } from './rules-fixture.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const PEOPLE = "distinct: 'event.complainant', over: 7d";
const FINED = "sum: 'event.amount', over: 365d, basis: arrival";

function indicatorOf(
  text: string,
  name: string,
  others: { readonly [path: string]: string } = {},
): WindowIndicator {
  const { rules, diagnostics } = loadRules(rulesWith({ [MODEL]: text, ...others }));
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const found = rules.models.flatMap(({ indicators }) => indicators).find((one) => one.name === name);
  if (found?.kind !== 'window') throw new Error(`no window ${name}`);
  return found;
}

describe('panes of an indicator', () => {
  test('keep the entries of what can be taken back, and no longer than it takes', () => {
    const { panes, keepsEntries, keptMs, approx } = indicatorOf(
      replaced(COMPLAINTS, PEOPLE, `${PEOPLE}, every: 1d, approx: true`),
      'complainants',
    );
    expect([panes?.everyMs, panes?.zone, keepsEntries, approx]).toEqual([DAY, 'Asia/Shanghai', true, true]);
    // An event of the start of a day leaves when the day ends seven days later; a day may have 27 hours.
    expect(keptMs).toBe(8 * DAY + 3 * HOUR);
  });

  test('keep no entries of readings', () => {
    const text = replaced(READINGS, 'over: 1h', 'over: 30d, every: 15m');
    const { keepsEntries, keptMs } = indicatorOf(COMPLAINTS, 'overloads', { 'elevator/overload.yaml': text });
    expect([keepsEntries, keptMs]).toEqual([false, 0]);
  });

  test('are part of what an indicator is, and so is the zone', () => {
    const identity = (text: string, others = {}) => indicatorOf(text, 'complainants', others).identity;
    const daily = replaced(COMPLAINTS, PEOPLE, `${PEOPLE}, every: 1d`);
    const [calendar] = [rulesWith().get('catalogue/calendar.yaml') ?? ''];
    const elsewhere = { 'catalogue/calendar.yaml': replaced(calendar, 'Asia/Shanghai', 'Asia/Urumqi') };
    const identities = [
      identity(COMPLAINTS),
      identity(daily),
      identity(replaced(COMPLAINTS, PEOPLE, `${PEOPLE}, every: 12h`)),
      identity(replaced(COMPLAINTS, PEOPLE, `${PEOPLE}, every: 1d, approx: true`)),
      identity(daily, elsewhere),
    ];
    expect(new Set(identities).size).toBe(identities.length);
    expect(identity(COMPLAINTS, elsewhere)).toBe(identities[0]);
  });

  test.each([
    ['a size that leaves a rest of a day', PEOPLE, `${PEOPLE}, every: 7h`, 'MODEL_PANES', '7h'],
    ['a day and a half', FINED, `${FINED}, every: 36h`, 'MODEL_PANES', '36h'],
    ['a pane longer than the window', PEOPLE, `${PEOPLE}, every: 14d`, 'MODEL_PANES', '14d'],
    ['too many panes', FINED, `${FINED}, every: 1m`, 'MODEL_PANES', '1m'],
    ['panes of nothing', PEOPLE, `${PEOPLE}, every: 0d`, 'MODEL_VALUE', '0d'],
    ['approximate sums', FINED, `${FINED}, every: 1d, approx: true`, 'MODEL_OPERATOR', 'approx'],
    ['a sketch that should forget', PEOPLE, `${PEOPLE}, approx: true`, 'MODEL_MISSING_KEY', 'approx'],
    [
      'panes of what needs single events',
      PEOPLE,
      "last: 'event.complainant', over: 7d, every: 1d",
      'MODEL_OPERATOR',
      'every',
    ],
  ])('%s is a fault', (_what, from, to, code, at) => {
    expectFault(MODEL, from, to, code, at);
  });

  test('may have a quantile, of readings as well as of complaints', () => {
    const quantile = "quantile: 'event.value', q: 0.9, over: 30d, every: 1h";
    const text = replaced(READINGS, "count: '*', over: 1h", quantile);
    expect(diagnosticsOf('elevator/overload.yaml', text)).toEqual([]);
    const paned = replaced(COMPLAINTS, PEOPLE, "quantile: 'event.amount', q: 0.9, over: 7d, every: 1d");
    expect(indicatorOf(paned, 'complainants').panes?.everyMs).toBe(DAY);
  });

  test('say how many there may be', () => {
    const text = replaced(COMPLAINTS, FINED, `${FINED}, every: 1m`);
    const [fault] = diagnosticsOf(MODEL, text);
    expect(fault).toMatchObject({
      message: 'the window has 525600 panes',
      expected: 'at most 20000 panes: every: 30m or longer',
    });
  });
});

const COUNTED =
  "complaints:   { from: complaint, where: 'event.category.startsWith(\"食品\")', count: '*', over: 7d }";
const baselined = (settings: string, more = '') =>
  `complaints: { from: complaint, count: '*', ${more}baseline: { ${settings} } }`;
/** The model with the baseline and levels that read its score. */
const scored = (settings: string, more = '') =>
  replaced(COMPLAINTS, COUNTED, baselined(settings, more)).replace(
    /levels:[^]*?for:/,
    "levels:\n  red: 'complaints.score > 3 * params.many && complaints.now > complaints.expected'\n" +
      "  blue: 'failures > 0 && complainants > 2 && fined > 0'\nfor:",
  );

describe('the baseline of an indicator', () => {
  test('has the fields of a comparison, over panes of its own', () => {
    const { panes, baseline, overMs, keptMs, type, nullable } = indicatorOf(
      scored('over: 90d, every: 1d, season: weekday, method: mad'),
      'complaints',
    );
    expect(baseline).toEqual({ method: 'mad', byWeekday: true, panesMin: 7 });
    expect([panes?.everyMs, overMs, nullable]).toEqual([DAY, 90 * DAY, true]);
    expect(keptMs).toBe(92 * DAY + 6 * HOUR);
    expect(type).toMatchObject({ type: 'object' });
    expect(Object.keys('fields' in type ? type.fields : {})).toEqual(['now', 'expected', 'spread', 'score']);
  });

  test('may say its pane once more, and needs as many panes as its method', () => {
    expect(
      indicatorOf(scored('over: 30d, every: 1d, method: c3', 'over: 1d, '), 'complaints').baseline,
    ).toEqual({
      method: 'c3',
      byWeekday: false,
      panesMin: 11,
    });
    expect(
      indicatorOf(scored('over: 3d, every: 1h, method: ewma, min: 24'), 'complaints').baseline?.panesMin,
    ).toBe(24);
  });

  test('is part of what an indicator is', () => {
    const identities = [
      'over: 90d, every: 1d, method: mad',
      'over: 90d, every: 1d, method: zscore',
      'over: 90d, every: 1d, method: mad, min: 8',
      'over: 90d, every: 1d, method: mad, season: weekday',
      'over: 91d, every: 1d, method: mad',
      'over: 90d, every: 12h, method: mad',
    ].map((settings) => indicatorOf(scored(settings), 'complaints').identity);
    expect(new Set(identities).size).toBe(identities.length);
  });

  test.each([
    [
      'a window of its own',
      'over: 90d, every: 1d, method: mad',
      'over: 7d, ',
      'MODEL_FORMS',
      'over: 7d, base',
    ],
    ['panes of its own', 'over: 90d, every: 1d, method: mad', 'every: 2d, ', 'MODEL_FORMS', 'every: 2d'],
    ['a misspelt method', 'over: 90d, every: 1d, method: zscor', '', 'MODEL_VALUE', 'zscor'],
    ['no method', 'over: 90d, every: 1d', '', 'MODEL_MISSING_KEY', '{ over: 90d'],
    ['another season', 'over: 90d, every: 1d, season: month, method: mad', '', 'MODEL_VALUE', 'month'],
    [
      'weekdays of weeks',
      'over: 90w, every: 7d, season: weekday, method: mad',
      '',
      'MODEL_BASELINE',
      'weekday',
    ],
    ['too few panes', 'over: 7d, every: 1d, method: mad', '', 'MODEL_BASELINE', '7d, every'],
    [
      'too few panes of a weekday',
      'over: 55d, every: 1d, season: weekday, method: mad',
      '',
      'MODEL_BASELINE',
      '55d',
    ],
    ['too few panes for c3', 'over: 11d, every: 1d, method: c3', '', 'MODEL_BASELINE', '11d'],
    ['one pane to compare with', 'over: 90d, every: 1d, method: mad, min: 1', '', 'MODEL_VALUE', '1 }'],
    ['an uneven pane', 'over: 90d, every: 5h, method: mad', '', 'MODEL_PANES', '5h'],
  ])('with %s is a fault', (_what, settings, more, code, at) => {
    const text = scored(settings, more);
    const [fault, second] = diagnosticsOf(MODEL, text).filter(({ severity }) => severity === 'error');
    expect([fault?.code, fault?.line, fault?.column]).toEqual([
      code,
      placeOf(text, at).line,
      placeOf(text, at).column,
    ]);
    expect(second).toBeUndefined();
  });

  test('has no other field', () => {
    const text = scored('over: 90d, every: 1d, method: mad').replace('complaints.now', 'complaints.last');
    const [fault] = diagnosticsOf(MODEL, text);
    expect(fault).toMatchObject({ code: 'EXPR_FIELD', expected: 'now, expected, spread, score' });
  });
});

describe('lint', () => {
  const warnings = (path: string, text: string) =>
    diagnosticsOf(path, text).map(({ code, line, column }) => [code, line, column]);

  test('asks for panes where all readings of more than a week lie in a window', () => {
    const filtered = `where: 'event.metric == "load" && event.value > device.capacity', count: '*', over: 1h`;
    const long = replaced(READINGS, filtered, "count: '*', over: 7d");
    const { line, column } = placeOf(long, '7d');
    expect(warnings('elevator/overload.yaml', long)).toContainEqual(['MODEL_HIGH_RATE', line, column]);
    for (const fine of [
      "count: '*', over: 6d",
      "count: '*', over: 7d, every: 1h",
      filtered.replace('1h', '30d'),
    ]) {
      const codes = warnings('elevator/overload.yaml', replaced(READINGS, filtered, fine)).map(
        ([code]) => code,
      );
      expect(codes).not.toContain('MODEL_HIGH_RATE');
    }
  });

  test('warns of a quantile over more readings than panes hold, though they are divided', () => {
    const filtered = `where: 'event.metric == "load" && event.value > device.capacity', count: '*', over: 1h`;
    const codesOf = (over: string, figure = 'overloads') => {
      const divided = replaced(READINGS, filtered, `quantile: 'event.value', q: 0.9, ${over}, every: 1d`);
      const text = replaced(divided, 'overloads >= 3', `${figure} >= 3`);
      return warnings('elevator/overload.yaml', text).map(([code]) => code);
    };
    expect(codesOf('over: 70d')).toContain('MODEL_HIGH_RATE');
    expect(codesOf('over: 60d')).not.toContain('MODEL_HIGH_RATE');
    expect(codesOf('over: 60d, versus: previous', 'overloads.now')).toContain('MODEL_HIGH_RATE');
  });

  test('compares the usual delay of a stream with the panes of a baseline', () => {
    const short = scored('over: 90d, every: 12h, method: mad');
    const { line, column } = placeOf(short, '12h');
    expect(warnings(MODEL, short)).toContainEqual(['MODEL_DELAY', line, column]);
    for (const fine of [
      scored('over: 90d, every: 1d, method: mad'),
      scored('over: 90d, every: 12h, method: mad', 'basis: arrival, '),
    ])
      expect(warnings(MODEL, fine).map(([code]) => code)).not.toContain('MODEL_DELAY');
  });
});
