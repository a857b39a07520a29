// When things happen in the county: hours of the day and days of the week, in the local time of China (no summer time).
import type { Random } from './random.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const ZONE_OFFSET_MS = 8 * HOUR_MS;

/** Number of the local day that holds an instant. */
export function localDay(instantMs: number): number {
  return Math.floor((instantMs + ZONE_OFFSET_MS) / DAY_MS);
}

/** The local midnight at which a day begins. */
export function dayStart(day: number): number {
  return day * DAY_MS - ZONE_OFFSET_MS;
}

/** Saturday or Sunday; public holidays and make-up days are not simulated. */
export function isWeekend(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
}

/** The day itself, or the last working day before it. */
export function workingDayUpTo(day: number): number {
  let found = day;
  while (isWeekend(found)) found--;
  return found;
}

/** Relative frequency of each hour, from 0 to 23. */
export type Rhythm = readonly number[];

/** Citizens complain by day, most before noon, and about meals after them. */
export const CITIZENS: Rhythm = [1, 1, 0, 0, 0, 1, 2, 4, 8, 11, 12, 9, 9, 10, 9, 9, 8, 7, 8, 10, 9, 6, 3, 2];
export const OFFICE: Rhythm = [0, 0, 0, 0, 0, 0, 0, 0, 1, 8, 10, 6, 0, 1, 8, 9, 7, 2, 0, 0, 0, 0, 0, 0];
/** The net sleeps late. */
export const ONLINE: Rhythm = [4, 2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 8, 9, 7, 6, 6, 6, 7, 8, 10, 11, 11, 9, 6];

/** An instant of the day by a rhythm, to the second. */
export function instantOn(day: number, rhythm: Rhythm, random: Random): number {
  return dayStart(day) + random.weighted(rhythm) * HOUR_MS + random.between(0, 3599) * 1000;
}
