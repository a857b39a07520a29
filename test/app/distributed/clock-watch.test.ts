// Clocks of machines that take events: one that is apart from that of the store is found out, either way, and told of once.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { apartMs, ClockWatch } from '../../../src/app/distributed/clock-watch.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

it('a clock is apart by what the time of asking does not explain', () => {
  expect(apartMs(1_000, 1_200, 1_400)).toBe(0);
  expect(apartMs(1_000, 400, 1_400)).toBe(600);
  expect(apartMs(1_000, 2_000, 1_400)).toBe(600);
});

it('time may not pass by one that is more than five seconds apart, which is told once a minute', async () => {
  let [apart, mayAsk] = [0, true];
  const told: number[] = [];
  const watch = new ClockWatch({
    reference: () => Promise.resolve(mayAsk ? 1_000_000 : null),
    now: () => 1_000_000 + apart,
    tell: (ms) => Promise.resolve(void told.push(ms)),
  });
  const after = async (ms: number, seconds = 0) => {
    apart = ms;
    vi.advanceTimersByTime(seconds * 1_000);
    return watch.isRight();
  };
  expect([await after(0), await after(4_000), await after(-5_000)]).toEqual([true, true, true]);
  expect(told).toEqual([]);
  expect([await after(5_001), await after(-60_000, 10)]).toEqual([false, false]);
  expect(told).toEqual([5_001]);
  expect(await after(-60_000, 60)).toBe(false);
  expect(told).toEqual([5_001, 60_000]);
  expect(await after(0)).toBe(true);
  mayAsk = false;
  expect(await after(60_000)).toBe(true);
});
