// What expressions compare in vain, and where a field that may be absent is forgotten; and what is fine.
import { describe, expect, test } from 'vitest';
import { diagnosticsOf, MODEL, placeOf } from './faults.js';
import { COMPLAINTS, replaced } from './rules-fixture.js';

const FAILURES = `where: 'event.result == "fail"'`;
const YELLOW = "yellow: 'complaints >= 3'";

/** What is said of a filter over inspections, and at which passage of it. */
function saidOf(where: string, from = 'inspection'): [string, string][] {
  const text = replaced(
    replaced(COMPLAINTS, `from: inspection, ${FAILURES}`, `from: ${from}, where: '${where}'`),
    'over: 180d }\n  inspections',
    'over: 180d, basis: arrival }\n  inspections',
  );
  return diagnosticsOf(MODEL, text).map(({ code, line, column }) => {
    const rest = text.split('\n')[line - 1]?.slice(column - 1) ?? '';
    return [code, rest.slice(0, 20)];
  });
}

describe('a filter', () => {
  test.each([
    ['event.result == "failed"', 'MODEL_VALUE_NEVER', '"failed"'],
    ['"failed" == event.result', 'MODEL_VALUE_NEVER', '"failed"'],
    ['event["result"] in ["fail", "gone"]', 'MODEL_VALUE_NEVER', '"gone"'],
    ['subject.credit == "E"', 'MODEL_VALUE_NEVER', '"E"'],
    ['event.stream == "penalty"', 'MODEL_VALUE_NEVER', '"penalty"'],
    ['event.result == "fail" && event.result == "pass"', 'MODEL_CONTRADICTION', 'event.result == "pas'],
    ['event.score > 5 && (event.score) <= 5', 'MODEL_CONTRADICTION', 'event.score) <= 5'],
    ['event.result == "fail" || event.result == "fail"', 'MODEL_TWICE', 'event.result == "fai'],
    ['event.score == event.score', 'MODEL_SELF', 'event.score'],
    ['event.method != "daily"', 'MODEL_NULL', 'event.method'],
    ['!(event.method == "daily")', 'MODEL_NULL', 'event.method'],
    ['subject.status != "closed"', 'MODEL_NULL', 'subject.status'],
    ['("a" in subject.tags || event.score > 1) && !("b" in subject.tags)', 'MODEL_NULL', 'subject.tags)'],
  ])('%s is warned of', (where, code, at) => {
    expect(saidOf(where).map(([found, rest]) => [found, rest.startsWith(at)])).toEqual([[code, true]]);
  });

  test.each([
    ['event.result in ["fail", "absent"]'],
    ['event.item == "anything"'],
    ['event.score > 5 && event.score < 9'],
    ['event.result == "fail" || event.result == "pass"'],
    ['event.result != "pass"'],
    ['event.method == null || event.method != "daily"'],
    ['has(event.method) && !(event.method == "daily")'],
    ['event.method != null'],
    ['!has(event.method)'],
    ['event.method == "daily"'],
    ['event.method != event.item'],
    ['event.item == "a" && "a" in subject.tags && !("b" in subject.tags)'],
  ])('%s is not', (where) => {
    expect(saidOf(where)).toEqual([]);
  });

  test('with a sum of forty parts costs no more than its parts', () => {
    expect(saidOf(`event.score${' + event.score'.repeat(40)} > 5`)).toEqual([]);
  });

  test('of several streams may ask for what one of them has', () => {
    expect(saidOf('event.result == "fail" || event.kind == "fine"', '[inspection, penalty]')).toEqual([]);
    expect(
      saidOf('event.stream == "complaint" || event.result != "pass"', '[inspection, complaint]'),
    ).toEqual([]);
  });
});

describe('a level', () => {
  const said = (level: string) =>
    diagnosticsOf(MODEL, replaced(COMPLAINTS, YELLOW, `yellow: '${level}'`)).map(({ code }) => code);

  test.each([
    ['fined > complaints'],
    ['fined + complaints > 100'],
    ['2 * fined > failures'],
    ['-fined < -complaints'],
  ])('%s compares an amount with a count', (level) => {
    expect(said(`complaints >= 3 && ${level}`)).toEqual(['MODEL_UNITS']);
  });

  test.each([
    ['fined > 10000'],
    ['complaints > failures'],
    ['fined / complaints > 100'],
    ['failure_rate > 0.5'],
  ])('%s does not', (level) => {
    expect(said(`complaints >= 3 && ${level}`)).toEqual([]);
  });

  test.each([['complaints > 10000'], ['complaints >= 4 && 11000 <= inspections']])(
    '%s is more than an exact window holds',
    (level) => {
      expect(said(level)).toContain('MODEL_THRESHOLD');
    },
  );

  test('asks for a silence that its window forgets', () => {
    const since = (over: string) =>
      replaced(
        replaced(COMPLAINTS, YELLOW, "yellow: 'idle >= days(60)'"),
        'indicators:\n',
        `indicators:\n  idle: { from: complaint, since: last, over: ${over} }\n`,
      );
    const found = diagnosticsOf(MODEL, since('60d'));
    expect(found).toMatchObject([{ code: 'MODEL_THRESHOLD', ...placeOf(since('60d'), "'idle >=") }]);
    expect(diagnosticsOf(MODEL, since('61d'))).toEqual([]);
  });
});
