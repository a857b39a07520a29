import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { diagnosticsOf, expectFault, MODEL, TODAY } from './faults.js';
import { COMPLAINTS, replaced, rulesWith } from './rules-fixture.js';

const SUM = "sum: 'event.amount', over: 365d";

/** The indicators of the model with one passage replaced. */
function indicatorsOf(to: string) {
  const { rules, diagnostics } = loadRules(rulesWith({ [MODEL]: replaced(COMPLAINTS, SUM, to) }), TODAY);
  const model = rules?.models.find(({ name }) => name === 'food/repeat-complaints');
  if (model === undefined) throw new Error(JSON.stringify(diagnostics));
  return Object.fromEntries(model.indicators.map((one) => [one.name, one]));
}

describe('the form of an aggregate', () => {
  test('says for how long an event matters', () => {
    expect(indicatorsOf(SUM)['fined']).toMatchObject({
      versus: false,
      densestMs: null,
      keptMs: 31_536_000_000,
    });
    expect(indicatorsOf(`${SUM}, versus: previous`)['fined']).toMatchObject({
      versus: true,
      overMs: 31_536_000_000,
      keptMs: 63_072_000_000,
    });
    expect(indicatorsOf(`${SUM}, densest: 1d`)['fined']).toMatchObject({
      densestMs: 86_400_000,
      keptMs: 31_536_000_000,
    });
  });

  test('is part of its identity', () => {
    const forms = ['', ', versus: previous', ', densest: 1d', ', densest: 2d'].map(
      (form) => indicatorsOf(`${SUM}${form}`)['fined']?.identity,
    );
    expect(new Set(forms).size).toBe(4);
    expect(indicatorsOf(`${SUM}, densest: 24h`)['fined']?.identity).toBe(forms[2]);
  });

  test.each([
    [
      'versus beside an operator that is no aggregate',
      "last: 'event.amount', over: 7d, versus: previous",
      'versus',
    ],
    ['versus of a streak', "streak: 'event.amount > 1', over: 7d, versus: previous", 'versus'],
    ['densest beside an absence', 'absent: true, over: 7d, densest: 1d', 'densest'],
    ['both', `${SUM}, versus: previous, densest: 1d`, 'densest', 'MODEL_FORMS'],
    [
      'a baseline with another form',
      "sum: 'event.amount', versus: previous, baseline: { over: 90d, every: 1d, method: mad }, over: 1d",
      'baseline',
      'MODEL_FORMS',
    ],
    ['changes in panes', "changes: 'event.amount', over: 7d, every: 1d, versus: previous", 'every'],
    [
      'versus over more than any window',
      "sum: 'event.amount', over: 2000d, versus: previous",
      'versus',
      'MODEL_FORMS',
    ],
    ['a form of a value', "value: 'failures', versus: previous", 'versus'],
  ])('is refused: %s', (_what, to, at, code = 'MODEL_OPERATOR') => {
    const text = replaced(
      COMPLAINTS,
      `from: penalty, ${SUM}, basis: arrival`,
      _what === 'a form of a value' ? to : `from: penalty, ${to}`,
    );
    const errors = diagnosticsOf(MODEL, text).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code }) => code)).toEqual([code]);
    const line = text.split('\n').findIndex((one) => one.includes('fined:'));
    expect(errors[0]).toMatchObject({
      line: line + 1,
      column: (text.split('\n')[line] ?? '').indexOf(`${at}:`) + 1,
    });
  });

  test('goes with panes, which a span is made of', () => {
    expect(indicatorsOf(`${SUM}, every: 5d, versus: previous`)['fined']).toMatchObject({
      versus: true,
      panes: { everyMs: 432_000_000 },
    });
    expect(indicatorsOf(`${SUM}, every: 12h, densest: 36h`)['fined']).toMatchObject({
      densestMs: 129_600_000,
      panes: { everyMs: 43_200_000 },
    });
    for (const span of ['30h', '1h']) {
      expectFault(MODEL, SUM, `${SUM}, every: 12h, densest: ${span}`, 'MODEL_DENSEST', `${span}, basis`);
    }
    // Both windows are kept.
    expectFault(MODEL, SUM, `${SUM}, every: 30m, versus: previous`, 'MODEL_PANES', '30m, versus');
    expect(indicatorsOf(`${SUM}, every: 30m`)['fined']).toMatchObject({ versus: false });
  });

  test.each(['365d', '366d'])('is refused: a span of %s in a window of 365 days', (span) => {
    expectFault(MODEL, SUM, `${SUM}, densest: ${span}`, 'MODEL_DENSEST', `${span}, basis`);
  });

  test('versus takes the word previous', () => {
    expectFault(MODEL, SUM, `${SUM}, versus: previuos`, 'MODEL_VALUE', 'previuos', 'previous');
  });

  test('a comparison has four fields, each a number', () => {
    const rising = replaced(COMPLAINTS, SUM, `${SUM}, versus: previous`);
    const level = "yellow: 'complaints >= 3'";
    for (const condition of ['fined.now > 3', 'fined.before == 0', 'fined.change >= 1', 'fined.ratio >= 2']) {
      expect(diagnosticsOf(MODEL, replaced(rising, level, `yellow: '${condition}'`))).toEqual([]);
    }
    const misspelt = diagnosticsOf(MODEL, replaced(rising, level, "yellow: 'fined.raito >= 2'"));
    expect(misspelt.map(({ code, nearest }) => [code, nearest])).toEqual([['EXPR_FIELD', 'ratio']]);
    const whole = diagnosticsOf(MODEL, replaced(rising, level, "yellow: 'fined >= 2'"));
    expect(whole.map(({ code }) => code)).toEqual(['EXPR_TYPE']);
  });

  test('a short window for a slow stream is told of densest, unless it has it', () => {
    const short = (form: string) =>
      diagnosticsOf(
        MODEL,
        replaced(COMPLAINTS, `${SUM}, basis: arrival`, `sum: 'event.amount', over: 39d${form}`),
      );
    expect(short('')).toMatchObject([
      { code: 'MODEL_DELAY', expected: expect.stringContaining('densest') as string },
    ]);
    expect(short(', densest: 7d')).toMatchObject([
      { code: 'MODEL_DELAY', expected: 'basis: arrival, or over: 960h or more' },
    ]);
    expect(
      diagnosticsOf(MODEL, replaced(COMPLAINTS, `${SUM}, basis: arrival`, `${SUM}, densest: 7d`)),
    ).toEqual([]);
  });
});
