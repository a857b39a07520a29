// Working days and local days of the catalogue's calendar.
import { DateTime, IANAZone } from 'luxon';
import type { Calendar, LocalDate } from './catalogue.js';
import { noticeOf } from './holidays.js';

const DAY_SECONDS = 86_400;
/** Zones change their offset on quarter hours only. */
const QUARTER_SECONDS = 900;
const LOCAL_DAY_CACHE_MAX = 8_192;

interface Table {
  /** Days since the epoch of 1 January of the first year. */
  readonly firstDay: number;
  /** Working days before each day since `firstDay`; one entry more than there are days. */
  readonly before: Uint32Array;
  readonly zone: IANAZone;
  /** Offset from UTC in seconds by quarter hour since the epoch. */
  readonly offsets: Map<number, number>;
}

const tables = new WeakMap<Calendar, Table>();

/** Whether a text is a date that exists, `YYYY-MM-DD`. */
export function isLocalDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;
}

/** Whether a text names an IANA zone, for example `Asia/Shanghai`. */
export function isZone(text: string): boolean {
  return IANAZone.isValidZone(text);
}

/** Whether people work on a local day: local additions first, then the notice of the year, then Monday to Friday. */
function isWorkdayUncached(calendar: Calendar, date: LocalDate, weekday: number): boolean {
  if (calendar.workdays.has(date)) return true;
  if (calendar.holidays.has(date)) return false;
  const notice = noticeOf(date);
  return notice === null ? weekday <= 5 : notice === 'workday';
}

function buildTable(calendar: Calendar): Table {
  const start = DateTime.utc(calendar.firstYear, 1, 1);
  const days = Math.round(DateTime.utc(calendar.lastYear + 1, 1, 1).diff(start, 'days').days);
  const before = new Uint32Array(days + 1);
  for (let index = 0; index < days; index += 1) {
    const day = start.plus({ days: index });
    const works = isWorkdayUncached(calendar, day.toISODate() ?? '', day.weekday);
    before[index + 1] = (before[index] ?? 0) + (works ? 1 : 0);
  }
  return {
    firstDay: start.toSeconds() / DAY_SECONDS,
    before,
    zone: IANAZone.create(calendar.zone),
    offsets: new Map(),
  };
}

function tableOf(calendar: Calendar): Table {
  const known = tables.get(calendar);
  if (known !== undefined) return known;
  const table = buildTable(calendar);
  tables.set(calendar, table);
  return table;
}

/** Local day of an instant, counted from `firstDay`. */
function localDay(table: Table, instantSeconds: number): number {
  return Math.floor(localSeconds(table, instantSeconds) / DAY_SECONDS) - table.firstDay;
}

/** An instant as its local clock shows it, in seconds since the local beginning of 1970. */
function localSeconds(table: Table, instantSeconds: number): number {
  const quarter = Math.floor(instantSeconds / QUARTER_SECONDS);
  let offset = table.offsets.get(quarter);
  if (offset === undefined) {
    offset = table.zone.offset(quarter * QUARTER_SECONDS * 1000) * 60;
    if (table.offsets.size >= LOCAL_DAY_CACHE_MAX) table.offsets.clear();
    table.offsets.set(quarter, offset);
  }
  return instantSeconds + offset;
}

/**
 * Whether a local day is a working day.
 * @returns null outside the years that the calendar knows, or where the date does not exist.
 */
export function isWorkday(calendar: Calendar, date: LocalDate): boolean | null {
  if (!isLocalDate(date)) return null;
  const table = tableOf(calendar);
  const day = DateTime.fromISO(date, { zone: 'utc' }).toSeconds() / DAY_SECONDS - table.firstDay;
  const before = table.before[day];
  const after = table.before[day + 1];
  return before === undefined || after === undefined ? null : after > before;
}

/**
 * Working days after the local day of t1 up to and with the local day of t2; negative where t2 lies before t1.
 * Instants are seconds since the epoch.
 * @returns null where either day is outside the years that the calendar knows.
 */
export function workdaysBetween(calendar: Calendar, fromSeconds: number, toSeconds: number): number | null {
  if (!Number.isFinite(fromSeconds) || !Number.isFinite(toSeconds)) return null;
  const table = tableOf(calendar);
  // Entry d + 1 counts the working days up to and with day d; entry 0 belongs to no day.
  const fromDay = localDay(table, fromSeconds);
  const toDay = localDay(table, toSeconds);
  if (fromDay < 0 || toDay < 0) return null;
  const upToFrom = table.before[fromDay + 1];
  const upToTo = table.before[toDay + 1];
  return upToFrom === undefined || upToTo === undefined ? null : upToTo - upToFrom;
}

/** A local day, counted from the first day of the calendar, and the milliseconds since it began. */
export interface LocalMoment {
  readonly day: number;
  readonly ms: number;
}

/** An instant (epoch ms) by the local clock. @returns null outside the years that the calendar knows. */
export function localMoment(calendar: Calendar, instantMs: number): LocalMoment | null {
  const table = tableOf(calendar);
  const seconds = localSeconds(table, Math.floor(instantMs / 1000));
  const day = Math.floor(seconds / DAY_SECONDS) - table.firstDay;
  if (day < 0 || day + 1 >= table.before.length) return null;
  const msOfSecond = instantMs - Math.floor(instantMs / 1000) * 1000;
  return { day, ms: (seconds - (day + table.firstDay) * DAY_SECONDS) * 1000 + msOfSecond };
}

/** The instant (epoch ms) at which the local clock shows a moment; a clock that skips it shows the next one. */
export function instantOf(calendar: Calendar, { day, ms }: LocalMoment): number {
  const table = tableOf(calendar);
  const local = (day + table.firstDay) * DAY_SECONDS + ms / 1000;
  // The offset at the instant itself is found by that of an instant near it, except where the clock is turned.
  const near = local - (localSeconds(table, local) - local);
  const instant = local - (localSeconds(table, near) - near);
  if (localSeconds(table, instant) === local) return Math.round(instant * 1000);
  const turned = DateTime.fromMillis(local * 1000, { zone: 'utc' });
  return turned.setZone(table.zone, { keepLocalTime: true }).toMillis();
}

/**
 * Working days before a day of the calendar; the day is counted from its first one.
 * @returns null for days that it does not know; the day after the last one is known.
 */
export function workdaysBefore(calendar: Calendar, day: number): number | null {
  return tableOf(calendar).before[day] ?? null;
}

/** The first day before which so many working days lie: the day after the last of them. @returns null beyond the calendar */
export function dayAfterWorkdays(calendar: Calendar, count: number): number | null {
  const { before } = tableOf(calendar);
  let low = 0;
  let high = before.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((before[middle] as number) < count) low = middle + 1;
    else high = middle;
  }
  return low < before.length ? low : null;
}
