// Dates and times of foreign tables: their formats, read in one zone.
import { DateTime } from 'luxon';

/** Distinct texts remembered per format; tables repeat their dates. */
const MAX_REMEMBERED = 4_096;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}(?:$|T)/;
const EPOCH = /^-?\d{1,16}$/;
/** Other letters are macros of luxon, whose meaning hangs on the locale (`DD`), or mean nothing (`YYYY`). */
const FOREIGN_TOKEN = /[A-Za-z]/;
const TOKENS = /'[^']*'|[yMLdHhmsSuaZ]/g;
const PROBE_MS = Date.UTC(2011, 2, 4, 5, 6, 7, 0);

/** A text to epoch milliseconds, or undefined where it does not fit. */
export type DateReader = (text: string) => number | undefined;

/**
 * @param format `iso`, `epoch-s`, `epoch-ms`, or tokens of luxon such as `yyyy/MM/dd HH:mm`.
 * @param edge `end` for deadlines: the local midnight that ends the day which the text names.
 */
export function compileDate(format: string, zone: string, edge: 'exact' | 'end'): DateReader {
  const remembered = new Map<string, number | undefined>();
  const read = reader(format, zone);
  return (text) => {
    if (remembered.has(text)) return remembered.get(text);
    const exact = read(text);
    const instant = exact === undefined || edge === 'exact' ? exact : endOfDay(exact, zone);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(text, instant);
    return instant;
  };
}

function reader(format: string, zone: string): DateReader {
  switch (format) {
    case 'epoch-s':
      return (text) => (EPOCH.test(text) ? valid(Number(text) * 1000) : undefined);
    case 'epoch-ms':
      return (text) => (EPOCH.test(text) ? valid(Number(text)) : undefined);
    case 'iso':
      return (text) => (ISO_DAY.test(text) ? valid(DateTime.fromISO(text, { zone }).toMillis()) : undefined);
    default:
      return (text) => valid(DateTime.fromFormat(text, format, { zone }).toMillis());
  }
}

function valid(instant: number): number | undefined {
  return Number.isSafeInteger(instant) && Math.abs(instant) <= 8.64e15 ? instant : undefined;
}

/** Whether a format names year, month and day: what it writes, it reads back as the same day. */
export function isDateFormat(format: string, zone: string): boolean {
  if (format === 'iso' || format === 'epoch-s' || format === 'epoch-ms') return true;
  if (FOREIGN_TOKEN.test(format.replace(TOKENS, ''))) return false;
  const probe = DateTime.fromMillis(PROBE_MS, { zone });
  const back = DateTime.fromFormat(probe.toFormat(format), format, { zone });
  return back.isValid && back.toISODate() === probe.toISODate();
}

function endOfDay(instant: number, zone: string): number {
  return DateTime.fromMillis(instant, { zone }).startOf('day').plus({ days: 1 }).toMillis();
}
