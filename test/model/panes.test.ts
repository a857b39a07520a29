import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import type { WindowIndicator } from '../../src/model/model.js';
import { diagnosticsOf, expectFault, MODEL } from './faults.js';
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
    ['a size that leaves a rest of a day', PEOPLE, `${PEOPLE}, every: 7h`, 'MODEL_VALUE', '7h'],
    ['a day and a half', FINED, `${FINED}, every: 36h`, 'MODEL_VALUE', '36h'],
    ['a pane longer than the window', PEOPLE, `${PEOPLE}, every: 14d`, 'MODEL_VALUE', '14d'],
    ['too many panes', FINED, `${FINED}, every: 1m`, 'MODEL_VALUE', '1m'],
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
    [
      'panes of a computed figure',
      "'failures / inspections'",
      "'failures / 2', every: 1d",
      'MODEL_OPERATOR',
      'every',
    ],
    [
      'panes and the window before',
      PEOPLE,
      `${PEOPLE}, every: 1d, versus: previous`,
      'MODEL_OPERATOR',
      'every',
    ],
  ])('%s is a fault', (_what, from, to, code, at) => {
    expectFault(MODEL, from, to, code, at);
  });

  test('of readings have no quantile, of complaints they have', () => {
    const text = replaced(
      READINGS,
      "count: '*', over: 1h",
      "quantile: 'event.value', q: 0.9, over: 1h, every: 1m",
    );
    const [fault] = diagnosticsOf('elevator/overload.yaml', text);
    expect(fault).toMatchObject({ code: 'MODEL_OPERATOR', severity: 'error' });
    expect(fault?.message).toContain('sensor-reading');
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
