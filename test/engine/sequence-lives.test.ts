// Sequences in any order of arrival: what matching from event to event has is what trying everything has.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { DAY, deadline, HOUR, Run, rulesOf, START } from './sequences.js';

interface Life {
  readonly rules: RuleSet;
  /** The figure over the known events at a clock, by trying everything. */
  readonly expected: (events: readonly Event[], clock: number) => number;
}

const after = (a: Event, b: Event) => b.time > a.time || (b.time === a.time && b.id > a.id);
const group = (event: Event) => event.data['place'];

/** By trying everything: inspection, then a complaint of its place in 5 d, then no rectification for 3 d, then a penalty in 4 d. */
const FOUR: Life = {
  rules: rulesOf(`sequence:
  - { as: visit, from: inspection, where: 'event.result == "fail"' }
  - { as: report, from: complaint, where: 'event.place == visit.place', within: 5d }
  - { not: rectification, where: 'event.place == report.place', until: 3d }
  - { from: [penalty, complaint], within: 4d }
over: 8d`),
  expected: (events, clock) => {
    let count = 0;
    for (const visit of events.filter(
      (one) => one.stream === 'inspection' && one.data['result'] === 'fail',
    )) {
      const report = events.find(
        (one) =>
          one.stream === 'complaint' &&
          after(visit, one) &&
          one.time <= visit.time + 5 * DAY &&
          group(one) === group(visit),
      );
      if (report === undefined) continue;
      const end = report.time + 3 * DAY;
      const mended = events.some(
        (one) =>
          one.stream === 'rectification' &&
          after(report, one) &&
          one.time <= end &&
          group(one) === group(report),
      );
      if (mended) continue;
      const last = events.find(
        (one) => ['penalty', 'complaint'].includes(one.stream) && one.time > end && one.time <= end + 4 * DAY,
      );
      if (last !== undefined && last.time > clock - 8 * DAY && last.time <= clock) count++;
    }
    return count;
  },
};

/** By trying everything: an order that is not followed until its deadline. */
const ORDERS: Life = {
  rules: rulesOf(`sequence:
  - { as: order, from: inspection, where: 'event.result == "fail"' }
  - { not: [rectification, complaint], where: 'event.place == order.place', until: 'order.deadline' }
over: 6d`),
  expected: (events, clock) =>
    events.filter((order) => {
      if (order.stream !== 'inspection' || order.data['result'] !== 'fail') return false;
      const text = order.data['deadline'];
      if (typeof text !== 'string') return false;
      const until = Date.parse(text);
      const followed = events.some(
        (one) =>
          ['rectification', 'complaint'].includes(one.stream) &&
          after(order, one) &&
          one.time <= until &&
          group(one) === group(order),
      );
      const end = Math.max(until, order.time);
      return !followed && end <= clock && end > clock - 6 * DAY;
    }).length,
};

const arrivals = fc.array(
  fc.record({
    hours: fc.integer({ min: 0, max: 12 }),
    delayHours: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 72 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 24 * 25 }) },
    ),
    stream: fc.oneof(
      { weight: 3, arbitrary: fc.constant('inspection' as const) },
      { weight: 3, arbitrary: fc.constant('complaint' as const) },
      { weight: 1, arbitrary: fc.constant('rectification' as const) },
      { weight: 1, arbitrary: fc.constant('penalty' as const) },
    ),
    place: fc.constantFrom('a', 'a', 'a', 'b'),
    fails: fc.constantFrom(true, true, true, false),
    dueHours: fc.option(fc.integer({ min: -10, max: 24 * 3 }), { freq: 8 }),
    id: fc.integer({ min: 0, max: 999 }),
    revokes: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat() }),
    restores: fc.boolean(),
  }),
  { minLength: 5, maxLength: 60, size: 'max' },
);

describe.each([
  ['four steps', FOUR],
  ['an instant', ORDERS],
])('any life: %s', (_name, { rules, expected }) => {
  it('has the figure that trying everything has, at every arrival, from memory and from bytes', () => {
    let completed = 0;
    fc.assert(
      fc.property(arrivals, (lives) => {
        let current = new Run(rules);
        let hour = 24 * 25;
        let known: Event[] = [];
        for (const [index, life] of lives.entries()) {
          hour += life.hours;
          const time = hour - life.delayHours;
          const id = `${life.id}-${index}`;
          const due = life.dueHours === null ? {} : { deadline: deadline((time + life.dueHours) / 24) };
          const data = { inspection: id, place: life.place, result: life.fails ? 'fail' : 'pass', ...due };
          const target = life.revokes === null ? undefined : known[life.revokes % Math.max(1, known.length)];
          const revokes = target === undefined ? {} : { revokes: target.id.slice(2) };
          current.take({ at: hour / 24, time: time / 24, stream: life.stream, data, id, ...revokes });
          if (target !== undefined) known = known.filter((one) => one !== target);
          else {
            const event = {
              id: `s ${id}`,
              stream: life.stream,
              time: START + time * HOUR,
              data,
            } as unknown as Event;
            known = [...known, event].sort((a, b) => (after(a, b) ? -1 : 1));
          }
          expect(current.figure()).toBe(expected(known, START + hour * HOUR));
          completed += expected(known, START + hour * HOUR);
          if (life.restores) current = current.restored();
          expect(current.figure()).toBe(expected(known, START + hour * HOUR));
        }
        for (let later = hour; later < hour + 24 * 20; later += 7) {
          current.engine.advance(START + later * HOUR);
          expect(current.figure()).toBe(expected(known, START + later * HOUR));
        }
      }),
      { numRuns: 150 },
    );
    // Lives without a match would show nothing.
    expect(completed).toBeGreaterThan(150);
  });
});
