// Spans of time as files write them: durations such as `7d` and `1d12h`, and terms in working days.

const UNIT_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
const DURATION = /^(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/;
const TERM_WORKING = /^(\d{1,4}) (workday|workhour)s?$/;

/** The form of a duration as a regular expression, and of one longer than 0: for schemas, which editors read. */
export const DURATION_PATTERN = `^(?!$)${DURATION.source.slice(1)}`;
export const POSITIVE_DURATION_PATTERN = `^(?=.*[1-9])${DURATION.source.slice(1)}`;
/** The same with an optional sign. */
export const SIGNED_DURATION_PATTERN = `^[-+]?(?!$)${DURATION.source.slice(1)}`;

/** The longest span that any file may name: ten years. */
export const LONGEST_SPAN_MS = 3660 * UNIT_MS.d;

/** What to write where a duration is expected. */
export const DURATION_FORM = 'a duration such as 90s, 15m, 12h, 7d, 4w or 1d12h';

/**
 * Reads `90s`, `15m`, `12h`, `7d`, `4w` and combinations from the largest unit down (`1d12h`).
 * @returns milliseconds, or null where the text is no duration.
 */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null || text === '') return null;
  const units = [UNIT_MS.w, UNIT_MS.d, UNIT_MS.h, UNIT_MS.m, UNIT_MS.s];
  let totalMs = 0;
  units.forEach((unitMs, index) => {
    totalMs += Number(match[index + 1] ?? 0) * unitMs;
  });
  return Number.isSafeInteger(totalMs) ? totalMs : null;
}

/** Reads a duration with an optional sign, for example `-400d`: milliseconds, or null. */
export function parseSignedDuration(text: string): number | null {
  const negative = text.startsWith('-');
  const spanMs = parseDuration(negative || text.startsWith('+') ? text.slice(1) : text);
  if (spanMs === null) return null;
  return negative && spanMs !== 0 ? -spanMs : spanMs;
}

/** How long a department has: elapsed time, or working days or hours of the catalogue's calendar. */
export type Term =
  | { readonly unit: 'seconds'; readonly seconds: number }
  | { readonly unit: 'workdays'; readonly days: number }
  | { readonly unit: 'workhours'; readonly hours: number };

/** What to write where a term is expected. */
export const TERM_FORM =
  'a duration such as 2h, working hours such as 4 workhours, or working days such as 10 workdays';

/** Reads the term of a response plan (`2h`, `4 workhours`, `1 workdays`), or null where the text is none. */
export function parseTerm(text: string): Term | null {
  const [, count, unit] = TERM_WORKING.exec(text) ?? [];
  if (unit === 'workday') return { unit: 'workdays', days: Number(count) };
  if (unit === 'workhour') return { unit: 'workhours', hours: Number(count) };
  const spanMs = parseDuration(text);
  return spanMs === null || spanMs > LONGEST_SPAN_MS ? null : { unit: 'seconds', seconds: spanMs / 1000 };
}

/** Reads a time of day, `00:00` to `24:00`: milliseconds since the day began, or NaN where the text is none. */
export function parseDayTime(text: string): number {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const ms = Number(hours) * UNIT_MS.h + Number(minutes) * UNIT_MS.m;
  return Number(minutes) < 60 && ms <= UNIT_MS.d ? ms : NaN;
}

const SHOWN_UNITS = [
  ['d', UNIT_MS.d],
  ['h', UNIT_MS.h],
  ['m', UNIT_MS.m],
  ['s', UNIT_MS.s],
  ['ms', 1],
] as const;

/** An offset as authors write it: `-1d12h`, `0d`. */
export function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return '0d';
  let rest = Math.abs(offsetMs);
  let text = offsetMs < 0 ? '-' : '';
  for (const [unit, ms] of SHOWN_UNITS) {
    const count = Math.floor(rest / ms);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * ms;
  }
  return text;
}
