// Instants on the wire: RFC 3339 with an offset, or a local date. Pure arithmetic, no clock.

const DATE_ONLY = /^(\d{4})-(\d\d)-(\d\d)$/;

/** For JSON Schema: what `parseTimestamp` accepts, without the limits of months and days. */
export const TIMESTAMP_PATTERN =
  '^\\d{4}-\\d\\d-\\d\\d([Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d))?$';

/** Length of `YYYY-MM-DDThh:mm:ss`. */
const SECONDS_END = 19;
const FRACTION_DIGITS_MAX = 9;

const DASH = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const PLUS = 0x2b;
const LOWER_Z = 0x7a;
const LOWER_T = 0x74;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Dates are those of mainland China: UTC+8 the year round. The summer time of 1986 to 1991 is not modelled. */
const LOCAL_OFFSET_MS = 8 * 3_600_000;

/** The first and the last instant that a four-digit year can name; 9999-12-31 stands for "without end". */
const EARLIEST_MS = Date.UTC(1000, 0, 1);
const LATEST_MS = Date.UTC(10_000, 0, 1) - 1;

/** Which end of the local day a bare date means: an act happens from its start on, a deadline lasts to its end. */
export type DayEdge = 'start' | 'end';

/**
 * An RFC 3339 date-time with offset, as epoch ms (finer fractions are cut), or undefined where it is none.
 * A leap second counts as the second that follows it.
 */
export function parseDateTime(text: string): number | undefined {
  // By character, not by pattern: every event carries such a time, and a match makes a dozen strings.
  if (text.length < SECONDS_END + 1 || !hasSeparators(text)) return undefined;
  const dayMs = civilDayMs(pair(text, 0) * 100 + pair(text, 2), pair(text, 5), pair(text, 8));
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  if (dayMs === undefined || !(hour <= 23 && minute <= 59 && second <= 60)) return undefined;
  let zone = SECONDS_END;
  if (text.charCodeAt(zone) === POINT) {
    do zone++;
    while (isDigit(text, zone));
    if (zone === SECONDS_END + 1 || zone > SECONDS_END + 1 + FRACTION_DIGITS_MAX) return undefined;
  }
  const offsetMs = parseOffsetMs(text, zone);
  if (offsetMs === undefined) return undefined;
  const millisecond = zone === SECONDS_END ? 0 : millisecondsOf(text, SECONDS_END + 1, zone);
  const ms = dayMs + hour * 3_600_000 + minute * MINUTE_MS + second * 1000 + millisecond - offsetMs;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : undefined;
}

/**
 * An RFC 3339 date-time, or a date `YYYY-MM-DD` of the Asia/Shanghai calendar, as epoch ms.
 * @param edge for a bare date: `start` is its local midnight, `end` the next one.
 * @returns undefined where the text is neither.
 */
export function parseTimestamp(text: string, edge: DayEdge = 'start'): number | undefined {
  const match = DATE_ONLY.exec(text);
  if (match === null) return parseDateTime(text);
  const dayMs = civilDayMs(Number(match[1]), Number(match[2]), Number(match[3]));
  if (dayMs === undefined) return undefined;
  return dayMs - LOCAL_OFFSET_MS + (edge === 'end' ? DAY_MS : 0);
}

/** Epoch ms as `YYYY-MM-DDTHH:MM:SS.sssZ`, the form in which every instant in `data` is stored. */
export function formatInstant(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const rest = ms - days * DAY_MS;
  return `${civilDate(days)}T${pad(Math.floor(rest / 3_600_000), 2)}:${pad(
    Math.floor(rest / MINUTE_MS) % 60,
    2,
  )}:${pad(Math.floor(rest / 1000) % 60, 2)}.${pad(rest % 1000, 3)}Z`;
}

/** `YYYY-MM-DDThh:mm:ss`: the places between the numbers. */
function hasSeparators(text: string): boolean {
  return (
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    (text.charCodeAt(10) | 0x20) === LOWER_T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON
  );
}

function isDigit(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0x30 && unit <= 0x39;
}

/** The number that the digits from `start` to before `end` write; NaN where one of them is none. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) {
    if (!isDigit(text, index)) return NaN;
    value = value * 10 + (text.charCodeAt(index) - 0x30);
  }
  return value;
}

/** The number that two digits write; NaN where one of them is none. */
function pair(text: string, start: number): number {
  const tens = text.charCodeAt(start) - 0x30;
  const ones = text.charCodeAt(start + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** The first three digits of a fraction; digits that are not there are 0. */
function millisecondsOf(text: string, start: number, end: number): number {
  const given = Math.min(end, start + 3);
  return digits(text, start, given) * 10 ** (start + 3 - given);
}

function civilDayMs(year: number, month: number, day: number): number | undefined {
  if (!(year >= 1000 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  return day <= daysInMonth(year, month) ? daysBefore(year, month, day) * DAY_MS : undefined;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The offset that stands from `start` to the end of the text: `Z`, or `+hh:mm`. */
function parseOffsetMs(text: string, start: number): number | undefined {
  const sign = text.charCodeAt(start);
  if ((sign | 0x20) === LOWER_Z) return text.length === start + 1 ? 0 : undefined;
  if ((sign !== PLUS && sign !== DASH) || text.length !== start + 6) return undefined;
  if (text.charCodeAt(start + 3) !== COLON) return undefined;
  const hours = pair(text, start + 1);
  const minutes = pair(text, start + 4);
  if (!(hours <= 23 && minutes <= 59)) return undefined;
  const ms = hours * 3_600_000 + minutes * MINUTE_MS;
  return sign === DASH ? -ms : ms;
}

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years begin with March, so that leap days end them. */
function daysBefore(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

/** The proleptic Gregorian date of a day counted from 1970-01-01; eras of 400 years start on 1 March. */
function civilDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
