import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, isPaneSize, LONGEST_DAY_MS, PaneClock } from '../../src/model/pane-clock.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const at = (text: string) => Date.parse(text);

describe('panes of a zone', () => {
  it('begin at local midnight', () => {
    const clock = new PaneClock(DAY_MS, 'Asia/Shanghai');
    for (const text of ['2025-03-02T16:00:00Z', '2025-03-03T15:59:59.999Z']) {
      expect(clock.startOf(at(text))).toBe(at('2025-03-03T00:00:00+08:00'));
      expect(clock.endOf(at(text))).toBe(at('2025-03-04T00:00:00+08:00'));
    }
    expect(clock.startOf(at('2025-03-02T15:59:59.999Z'))).toBe(at('2025-03-02T00:00:00+08:00'));
    expect(clock.startBefore(at('2025-03-03T12:00:00+08:00'))).toBe(at('2025-03-02T00:00:00+08:00'));
  });

  it('are even parts of a day, counted from its midnight', () => {
    const clock = new PaneClock(6 * HOUR, 'Asia/Kathmandu');
    expect(clock.startOf(at('2025-03-03T11:00:00+05:45'))).toBe(at('2025-03-03T06:00:00+05:45'));
    expect(clock.endOf(at('2025-03-03T11:00:00+05:45'))).toBe(at('2025-03-03T12:00:00+05:45'));
  });

  it('of a week begin on Mondays', () => {
    const clock = new PaneClock(7 * DAY_MS, 'Asia/Shanghai');
    expect(clock.startOf(at('2025-03-05T12:00:00+08:00'))).toBe(at('2025-03-03T00:00:00+08:00'));
    expect(clock.endOf(at('2025-03-09T23:59:00+08:00'))).toBe(at('2025-03-10T00:00:00+08:00'));
    expect(clock.weekdayOf(at('2025-03-05T12:00:00+08:00'))).toBe(1);
  });

  it('know the day of the week', () => {
    const clock = new PaneClock(DAY_MS, 'Asia/Shanghai');
    expect(clock.weekdayOf(at('2025-03-03T00:00:00+08:00'))).toBe(1);
    expect(clock.weekdayOf(at('2025-03-09T23:59:00+08:00'))).toBe(7);
    expect(clock.weekdayOf(at('1969-12-31T12:00:00+08:00'))).toBe(3);
  });

  it('of a day follow the clocks: 23 hours in spring, 25 in autumn', () => {
    const days = new PaneClock(DAY_MS, 'America/New_York');
    expect(days.startOf(at('2025-03-09T12:00:00-04:00'))).toBe(at('2025-03-09T00:00:00-05:00'));
    expect(days.endOf(at('2025-03-09T12:00:00-04:00'))).toBe(at('2025-03-10T00:00:00-04:00'));
    expect(days.endOf(at('2025-11-02T12:00:00-05:00')) - days.startOf(at('2025-11-02T12:00:00-05:00'))).toBe(
      25 * HOUR,
    );
    const halves = new PaneClock(12 * HOUR, 'America/New_York');
    expect(halves.endOf(at('2025-03-09T23:00:00-04:00'))).toBe(at('2025-03-10T00:00:00-04:00'));
  });

  it('of a day begin when clocks skip or repeat midnight', () => {
    // In Lebanon the clocks went from 00:00 to 01:00; in Cuba from 01:00 back to 00:00.
    const skipped = new PaneClock(DAY_MS, 'Asia/Beirut');
    expect(skipped.startOf(at('2024-03-31T12:00:00+03:00'))).toBe(at('2024-03-31T01:00:00+03:00'));
    const repeated = new PaneClock(DAY_MS, 'America/Havana');
    expect(repeated.startOf(at('2024-11-03T00:30:00-05:00'))).toBe(at('2024-11-03T00:00:00-04:00'));
  });

  it('follow each other without a gap, and each holds what it is asked for', () => {
    const zone = fc.constantFrom(
      'Asia/Shanghai',
      'America/New_York',
      'America/St_Johns',
      'Australia/Lord_Howe',
    );
    const every = fc.constantFrom(
      MINUTE,
      15 * MINUTE,
      HOUR,
      6 * HOUR,
      12 * HOUR,
      DAY_MS,
      3 * DAY_MS,
      7 * DAY_MS,
    );
    const instant = fc.integer({ min: at('1995-01-01'), max: at('2035-01-01') });
    fc.assert(
      fc.property(zone, every, instant, (name, everyMs, asked) => {
        const clock = new PaneClock(everyMs, name);
        const [start, end] = [clock.startOf(asked), clock.endOf(asked)];
        expect(start <= asked && asked < end).toBe(true);
        expect(end - start).toBeLessThanOrEqual(everyMs + LONGEST_DAY_MS - DAY_MS);
        expect(clock.startOf(end)).toBe(end);
        expect(clock.endOf(start - 1)).toBe(start);
        expect(clock.startOf(start)).toBe(start);
        expect(new PaneClock(everyMs, name).startOf(end - 1)).toBe(start);
      }),
    );
  });
});

describe('the size of panes', () => {
  it('is an even part of a day, or whole days', () => {
    for (const fits of [1_000, MINUTE, 90_000, HOUR, 6 * HOUR, DAY_MS, 7 * DAY_MS])
      expect(isPaneSize(fits)).toBe(true);
    for (const odd of [500, 7 * HOUR, 36 * HOUR, DAY_MS + 1]) expect(isPaneSize(odd)).toBe(false);
  });
});
