// Local days of the catalogue's zone, and the one clock that commands read.
import { DateTime } from 'luxon';
import { isLocalDate, isZone } from '../catalogue/calendar.js';
import type { LocalDate } from '../catalogue/catalogue.js';
import { CodedError } from '../events/coded-error.js';
import { parseDateTime } from '../events/timestamp.js';
import { readFile } from '../model/report.js';

const DEFAULT_ZONE = 'Asia/Shanghai';
const CALENDAR = 'catalogue/calendar.yaml';

/** The zone that the files of a rule set name, even where the rest of them is faulty. */
export function zoneOf(files: ReadonlyMap<string, string>): string {
  const text = files.get(CALENDAR);
  const content = text === undefined ? null : readFile(CALENDAR, text).content;
  const zone: unknown =
    typeof content === 'object' && content !== null ? (content as { zone?: unknown }).zone : '';
  return typeof zone === 'string' && isZone(zone) ? zone : DEFAULT_ZONE;
}

/** An instant in the default zone, as RFC 3339 with its offset: for who asks without the catalogue at hand. */
export function localInstant(epochMs: number): string {
  return DateTime.fromMillis(epochMs, { zone: DEFAULT_ZONE }).toISO({ suppressMilliseconds: true }) ?? '';
}

/** The local day of now. */
export function localToday(zone: string): LocalDate {
  return DateTime.fromMillis(Date.now(), { zone }).toISODate() ?? '';
}

/**
 * RFC 3339, or a date, which is its local midnight; epoch ms.
 * @param option its name, for the message
 * @throws CodedError USAGE
 */
export function instantOf(option: string, text: string, zone: string): number {
  if (isLocalDate(text)) return DateTime.fromISO(text, { zone }).startOf('day').toMillis();
  const at = parseDateTime(text);
  if (at !== undefined) return at;
  const example = '2026-03-01 or 2026-03-01T09:30:00+08:00';
  throw new CodedError('USAGE', `${option} is ${JSON.stringify(text)}; an instant looks like ${example}.`);
}
