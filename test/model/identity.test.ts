import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { COMPLAINTS, fixtureFile, replaced, rulesWith } from './rules-fixture.js';

const MODEL = 'food/repeat-complaints.yaml';

const PARAMETRIC = replaced(
  replaced(COMPLAINTS, `where: 'event.result == "fail"'`, `where: 'event.score < params.pass'`),
  'params:\n',
  'params:\n  pass: { default: 60, by: subject.credit, D: 70 }\n',
);
const QUANTILE = replaced(COMPLAINTS, "sum: 'event.amount'", "quantile: 'event.amount', q: 0.5");
const LISTED = replaced(COMPLAINTS, `'event.result == "fail"'`, `'event.item in list("banned-additives")'`);
const DATED = replaced(COMPLAINTS, `'event.result == "fail"'`, `'workdays(event.time, event.at) > 3'`);

/** Identities by indicator, and the revision. */
function load(text: string, others: { readonly [path: string]: string } = {}) {
  const { rules, diagnostics } = loadRules(rulesWith({ ...others, [MODEL]: text }), '2025-06-01');
  const model = rules?.models.find(({ name }) => name === 'food/repeat-complaints');
  if (rules === null || model === undefined) throw new Error(JSON.stringify(diagnostics));
  return {
    revision: rules.revision,
    identities: Object.fromEntries(model.indicators.map((one) => [one.name, one.identity])),
  };
}

/** The indicators whose identity two versions of the model do not share. */
function changed(before: string, after: string, others: { readonly [path: string]: string } = {}): string[] {
  const a = load(before).identities;
  const b = load(after, others).identities;
  return Object.keys(a).filter((name) => a[name] !== b[name]);
}

describe('the identity of an indicator', () => {
  test('is 16 hex digits, and different for different definitions', () => {
    const identities = Object.values(load(COMPLAINTS).identities);
    for (const identity of identities) expect(identity).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(identities).size).toBe(identities.length);
  });

  test.each([
    ['a comment', 'indicators:\n', 'indicators: # what is counted\n'],
    [
      'the order of keys',
      "{ from: inspection, count: '*', over: 180d }",
      "{ over: 180d, count: '*', from: inspection }",
    ],
    ['white space around an expression', "'event.amount'", "' event.amount '"],
    ['another notation of the window', 'over: 365d', 'over: 52w1d'],
    [
      'the default said aloud',
      "distinct: 'event.complainant', over: 7d",
      "distinct: 'event.complainant', over: 7d, basis: time",
    ],
    ['a stream as a list of one', 'from: penalty', 'from: [penalty]'],
    ['levels and texts', 'hold: 1d', 'hold: 2d'],
    ['a parameter that it does not read', 'default: 5', 'default: 6'],
  ])('does not change with %s', (_what, from, to) => {
    expect(changed(COMPLAINTS, replaced(COMPLAINTS, from, to))).toEqual([]);
  });

  test('does not change with the order of indicators', () => {
    const lines = COMPLAINTS.split('\n');
    const start = lines.indexOf('indicators:') + 1;
    const block = lines.slice(start, start + 6);
    fc.assert(
      fc.property(fc.shuffledSubarray(block, { minLength: block.length }), (shuffled) => {
        const text = [...lines.slice(0, start), ...shuffled, ...lines.slice(start + block.length)].join('\n');
        expect(changed(COMPLAINTS, text)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    [
      'the filter',
      COMPLAINTS,
      'event.result == "fail"',
      'event.result != "pass"',
      ['failures', 'failure_rate'],
    ],
    ['the argument', COMPLAINTS, 'event.amount', 'event.amount * 2', ['fined']],
    ['the window', COMPLAINTS, 'over: 365d', 'over: 366d', ['fined']],
    ['the basis', COMPLAINTS, ', basis: arrival', '', ['fined']],
    ['the stream', COMPLAINTS, 'from: penalty', 'from: [penalty, judgment]', ['fined']],
    ['the operator', COMPLAINTS, "sum: 'event.amount'", "max: 'event.amount'", ['fined']],
    ['the fraction of a quantile', QUANTILE, 'q: 0.5', 'q: 0.6', ['fined']],
    ['a formula', COMPLAINTS, 'failures / inspections', 'failures / (inspections + 1)', ['failure_rate']],
    [
      'the default of a parameter it reads',
      PARAMETRIC,
      'default: 60',
      'default: 61',
      ['failures', 'failure_rate'],
    ],
    ['a choice of a parameter it reads', PARAMETRIC, 'D: 70', 'D: 71', ['failures', 'failure_rate']],
    [
      'what chooses a parameter it reads',
      PARAMETRIC,
      'subject.credit, D: 70',
      'subject.industry, D: 70',
      ['failures', 'failure_rate'],
    ],
  ])('changes with %s, and so does that of values which read it', (_what, text, from, to, names) => {
    expect(changed(text, replaced(text, from, to))).toEqual(names);
  });

  test('changes with the content of a list it reads, not with its title or order', () => {
    const lists = (text: string) => ({ 'catalogue/lists.yaml': text });
    const path = fixtureFile('catalogue/lists.yaml');
    expect(changed(LISTED, LISTED, lists(replaced(path, '苏丹红', '苏丹绿')))).toEqual([
      'failures',
      'failure_rate',
    ]);
    expect(changed(LISTED, LISTED, lists(replaced(path, '苏丹红, 三聚氰胺', '三聚氰胺, 苏丹红')))).toEqual(
      [],
    );
    expect(changed(COMPLAINTS, COMPLAINTS, lists(replaced(path, '苏丹红', '苏丹绿')))).toEqual([]);
  });

  test('changes with the calendar only where it asks for working days', () => {
    const calendar = {
      'catalogue/calendar.yaml': replaced(fixtureFile('catalogue/calendar.yaml'), '2025-09-15', '2025-09-16'),
    };
    expect(changed(DATED, DATED, calendar)).toEqual(['failures', 'failure_rate']);
    expect(changed(COMPLAINTS, COMPLAINTS, calendar)).toEqual([]);
  });
});

describe('the revision', () => {
  const { revision } = load(COMPLAINTS);

  test.each([
    ['a comment', `# note\n${COMPLAINTS}`],
    ['line ends', COMPLAINTS.replaceAll('\n', '\r\n')],
    ['the order of keys', replaced(replaced(COMPLAINTS, 'for: 0s\n', ''), 'hold: 1d', 'hold: 1d\nfor: 0s')],
  ])('does not change with %s', (_what, text) => {
    expect(load(text).revision).toBe(revision);
  });

  test('does not change with tests of models', () => {
    expect(load(COMPLAINTS, { 'food/repeat-complaints.test.yaml': 'model: x' }).revision).toBe(revision);
  });

  test.each([
    ['a text', { [MODEL]: replaced(COMPLAINTS, '七日内', '7日内') }],
    ['the catalogue', { 'catalogue/regions.yaml': '"330100": 杭州\n' }],
    [
      'a further model',
      { 'food/more.yaml': replaced(COMPLAINTS, 'model: food/repeat-complaints', 'model: food/more') },
    ],
  ])('changes with %s', (_what, changes) => {
    const { rules } = loadRules(rulesWith(changes), '2025-06-01');
    expect(rules?.revision).toMatch(/^[0-9a-f]{16}$/);
    expect(rules?.revision).not.toBe(revision);
  });

  test('does not depend on the order in which files are given', () => {
    const files = [...rulesWith()].reverse();
    expect(loadRules(new Map(files), '2025-06-01').rules?.revision).toBe(revision);
  });
});
