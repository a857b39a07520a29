import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpressionError } from '../../../src/model/expression/expression.js';
import { BAD, compiled, fault, makeScope, plain } from './fixture.js';

const T = 1_767_312_000_000;
const DAY = 86_400_000;

describe('comparisons with now', () => {
  test.each([
    // At T - 1, T, T + 1; then the change seen from T - 1.
    ['now > order.deadline', [false, false, true], T + 1],
    ['now >= order.deadline', [false, true, true], T],
    ['now < order.deadline', [true, false, false], T],
    ['now <= order.deadline', [true, true, false], T + 1],
    ['order.deadline < now', [false, false, true], T + 1],
    ['order.deadline <= now', [false, true, true], T],
    ['order.deadline > now', [true, false, false], T],
    ['order.deadline >= now', [true, true, false], T + 1],
  ])('%s changes at its millisecond', (source, values, change) => {
    const expression = compiled(source);
    const scope = makeScope();
    expect([T - 1, T, T + 1].map((now) => expression.run(Object.assign(scope, { now })))).toEqual(values);
    expect(expression.nextChange(Object.assign(scope, { now: T - 1 }))).toBe(change);
    expect(expression.nextChange(Object.assign(scope, { now: T + 1 }))).toBe(Infinity);
  });
});

describe('comparisons with the time since an event', () => {
  const anchor = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    ['idle > days(30)', [false, false, true], anchor + 30 * DAY + 1],
    ['idle >= days(30)', [false, true, true], anchor + 30 * DAY],
    ['idle < days(30)', [true, false, false], anchor + 30 * DAY],
    ['idle <= days(30)', [true, true, false], anchor + 30 * DAY + 1],
    ['days(30) < idle', [false, false, true], anchor + 30 * DAY + 1],
  ])('%s changes at its millisecond', (source, values, change) => {
    const expression = compiled(source);
    const edge = anchor + 30 * DAY;
    const scope = makeScope();
    expect([edge - 1, edge, edge + 1].map((now) => expression.run(Object.assign(scope, { now })))).toEqual(
      values,
    );
    expect(expression.nextChange(Object.assign(scope, { now: edge - 1 }))).toBe(change);
    expect(expression.nextChange(Object.assign(scope, { now: edge + 1 }))).toBe(Infinity);
  });

  test.each([
    ['stale > days(1)', null],
    ['stale == null', true],
    ['null != stale', false],
    ['idle != null', true],
    ['stale > days(1) || idle > days(1)', true],
  ])('without an event it is null: %s is %s', (source, value) => {
    expect(compiled(source).run(makeScope())).toBe(value);
  });

  test('an error of the indicator is the error of the comparison', () => {
    const values = makeScope().values.map((value, index) => (index === 2 ? BAD : value));
    expect(plain(compiled('idle > days(1)').run(makeScope({ values })))).toBe('error EXPR_TYPE');
    expect(plain(compiled('idle == null').run(makeScope({ values })))).toBe('error EXPR_TYPE');
  });
});

describe('the next change', () => {
  test('is the earliest of all comparisons, whichever branch they stand in', () => {
    const source =
      'params.no && now > timestamp("2026-02-03T00:00:00Z") || (params.yes ? idle > days(60) : now >= timestamp("2026-02-02T00:00:00Z"))';
    expect(compiled(source).nextChange(makeScope())).toBe(Date.parse('2026-02-02T00:00:00Z'));
  });

  test('is never without the clock, without an anchor, with null or with an error', () => {
    for (const source of [
      'complaints > 1',
      'stale > days(1)',
      'now > timestamp(event["none"])',
      'now > timestamp(params.any)',
      'idle > params.badNumber * days(1)',
    ]) {
      expect(compiled(source).nextChange(makeScope()), source).toBe(Infinity);
    }
  });

  test('looks at each element that a macro goes through', () => {
    const due = Date.parse('2026-01-20T00:00:00Z');
    for (const source of [
      'event.dues.exists(t, now > t)',
      'event.dues.filter(t, t < now).size() > 1',
      'event.dues.map(t, t >= now, now > t).exists(b, b)',
      '[1].exists(x, event.dues.exists(t, now > t))',
    ]) {
      expect(compiled(source).nextChange(makeScope()), source).toBe(due + 1);
    }
    expect(compiled('event.dues.all(t, now >= t + days(1))').nextChange(makeScope())).toBe(due + DAY);
  });
});

describe('between two changes', () => {
  test('instants between milliseconds are rounded, in the comparison as in the change', () => {
    const expression = compiled('now >= timestamp("2026-01-10T00:00:00Z") + seconds(0.0016)');
    const { now } = makeScope();
    expect(expression.nextChange(makeScope())).toBe(now + 2);
    expect(expression.run(makeScope({ now: now + 1 }))).toBe(false);
    expect(expression.run(makeScope({ now: now + 2 }))).toBe(true);
  });

  test('nothing changes before it, and every change is announced', () => {
    const comparison = fc
      .record({
        clock: fc.constantFrom('now', 'idle'),
        operator: fc.constantFrom('<', '<=', '>', '>='),
        at: fc.integer({ min: 0, max: 12 }),
        mirrored: fc.boolean(),
      })
      .map(({ clock, operator, at, mirrored }) => {
        const other =
          clock === 'now'
            ? `timestamp("1970-01-01T00:00:00Z") + seconds(${at / 1000})`
            : `seconds(${at / 1000})`;
        return mirrored ? `(${other} ${operator} ${clock})` : `(${clock} ${operator} ${other})`;
      });
    const condition = fc
      .array(fc.tuple(comparison, fc.constantFrom(' && ', ' || ')), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.map(([part, join], index) => (index === 0 ? part : join + part)).join(''));
    fc.assert(
      fc.property(condition, fc.integer({ min: 0, max: 5 }), (source, anchor) => {
        const expression = compiled(source);
        const scope = makeScope({ anchors: [NaN, NaN, anchor] });
        const at = (instant: number) => Object.assign(scope, { now: instant });
        for (let instant = 0; instant < 20; instant++) {
          const value = expression.run(at(instant));
          const change = expression.nextChange(at(instant));
          const horizon = Math.min(change, 25);
          for (let later = instant + 1; later < horizon; later++) {
            expect(expression.run(at(later)), `${source} at ${later}`).toBe(value);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the clock elsewhere', () => {
  test.each([
    ['now - event.time > days(1)', 'now', 0],
    ['now > idle', 'types', 6],
    ['now > now', 'both', 6],
    ['now == event.time', 'equality', 0],
    ['idle == days(1)', 'equality', 0],
    ['idle + days(1) > days(2)', 'alone', 0],
    ['idle > days(1) + idle', 'alone', 17],
    ['idle', 'alone', 0],
    ['[now].size() > 0', 'alone', 1],
    ['string(idle) == ""', 'alone', 7],
    ['local(now).hour > 8', 'alone', 6],
    ['now > (idle > days(1) ? event.time : event.at)', 'other side', 7],
    ['now in [event.time]', 'alone', 0],
  ])('%s is refused (%s)', (source, why, start) => {
    const found = fault(source);
    expect([found.code, found.start]).toEqual([why === 'types' ? 'EXPR_TYPE' : 'EXPR_CLOCK', start]);
  });

  test('the message says what to do', () => {
    expect(fault('now - event.time > days(1)').message).toContain('every:');
    expect(fault('idle > 30').message).toContain('days(30)');
  });

  test('an error value is no instant', () => {
    const scope = makeScope({ values: [], params: { limit: new ExpressionError('EXPR_TYPE', 'x') } });
    expect(compiled('idle > params.limit').nextChange(scope)).toBe(Infinity);
  });
});
