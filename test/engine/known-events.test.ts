// What makes a second arrival a duplicate, and for how long.
import { describe, expect, it } from 'vitest';
import { BackfilledReadings, KnownEvents } from '../../src/engine/known-events.js';
import { EventReference } from '../../src/engine/reference.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const event = (id: string, at: number, keptMs: number, metric: string | null = null) =>
  new EventReference(id, 0, at, at, 0, at + keptMs, metric);

describe('known events', () => {
  it.each([3, 400])('finds each of %i by its id until it is forgotten', (count) => {
    const known = new KnownEvents();
    for (let index = 0; index < count; index++)
      known.add(event(`s ${index}`, index * HOUR, 35 * DAY), index * HOUR);
    const last = (count - 1) * HOUR;
    expect(known.byId('s 0', last)?.id).toBe('s 0');
    expect(known.byId(`s ${count - 1}`, last)?.id).toBe(`s ${count - 1}`);
    expect(known.byId('s x', last)).toBeUndefined();
    expect(known.byId('s 0', 35 * DAY - 1)?.id).toBe('s 0');
    expect(known.byId('s 0', 35 * DAY)).toBeUndefined();
  });

  it.each([2, 100])('knows %i readings by metric and time, not by id', (count) => {
    const known = new KnownEvents();
    for (let index = 0; index < count; index++) {
      known.add(event(`s ${index}`, index * 60_000, DAY, 'level'), index * 60_000);
    }
    expect(known.reading('level', 60_000, 60_000)?.id).toBe('s 1');
    expect(known.reading('flow', 60_000, 60_000)).toBeUndefined();
    expect(known.reading('level', 60_001, 60_000)).toBeUndefined();
    expect(known.byId('s 1', 60_000)).toBeUndefined();
  });

  it.each([2, 100])('tells an event from a forgotten one of the same id: %i events', (count) => {
    const known = new KnownEvents();
    for (let index = 0; index < count; index++) known.add(event(`s ${index}`, 0, DAY), 0);
    const again = event('s 1', 2 * DAY, DAY);
    known.add(again, 2 * DAY);
    expect(known.holds(again)).toBe(true);
    expect(known.holds(event('s 1', 2 * DAY, DAY))).toBe(false);
  });

  it('keeps no more than twice what is still known, however many come', () => {
    const known = new KnownEvents();
    for (let index = 0; index < 10_000; index++)
      known.add(event(`s ${index}`, index * HOUR, DAY), index * HOUR);
    expect(known.size).toBeLessThanOrEqual(2 * 24 + 2);
  });
});

describe('backfilled readings', () => {
  it('are recognised for 35 days from the end of the day of their arrival on', () => {
    const readings = new BackfilledReadings();
    const at = 100 * DAY + 5 * HOUR;
    for (const time of [3, 1, 2]) readings.add('level', time, at, at);
    expect(readings.has('level', 2, at + 35 * DAY)).toBe(true);
    expect(readings.has('level', 2, 136 * DAY - 1)).toBe(true);
    expect(readings.has('level', 2, 136 * DAY)).toBe(false);
    expect(readings.has('level', 4, at)).toBe(false);
    expect(readings.has('flow', 2, at)).toBe(false);
  });

  it('lie in ascending order, whatever order they came in, and old days go', () => {
    const readings = new BackfilledReadings();
    for (const time of [30, 10, 20, 5]) readings.add('level', time, 0, 0);
    readings.add('level', 7, 40 * DAY, 40 * DAY);
    const kept: [number, readonly number[]][] = [];
    readings.each((day, _metric, times) => kept.push([day, times]));
    expect(kept).toEqual([[40, [7]]]);
    const fresh = new BackfilledReadings();
    for (const time of [30, 10, 20, 5]) fresh.add('level', time, 0, 0);
    fresh.each((_day, _metric, times) => expect(times).toEqual([5, 10, 20, 30]));
    expect(fresh.size).toBe(1);
  });
});
