// Deadlines: elapsed time, office hours and working days from an instant on, and the same around a pause.
import { dayAfterWorkdays, instantOf, localMoment, workdaysBefore, type LocalMoment } from './calendar.js';
import type { Calendar } from './catalogue.js';
import type { Term } from './duration.js';

const HOUR_MS = 3_600_000;

/**
 * When a term that begins at an instant ends; instants are epoch ms.
 *
 * Working days follow the Civil Code, articles 201 to 203: the day of the beginning does not count, and the term ends
 * with the office hours of its last working day. Office hours count from the beginning on, on working days only.
 * @returns null where the term would need a year whose holiday notice the calendar does not know
 */
export function deadline(calendar: Calendar, fromMs: number, term: Term): number | null {
  if (term.unit === 'seconds') return fromMs + term.seconds * 1000;
  const start = localMoment(calendar, fromMs);
  if (start === null) return null;
  return term.unit === 'workdays'
    ? endOfWorkday(calendar, start.day, term.days)
    : afterOffice(calendar, start, term.hours * HOUR_MS);
}

/** The next beginning of office hours after an instant; null beyond the calendar. */
export function nextMorning(calendar: Calendar, afterMs: number): number | null {
  const now = localMoment(calendar, afterMs);
  const start = calendar.hours[0]?.[0];
  if (now === null || start === undefined) return null;
  const from = now.ms < start ? now.day : now.day + 1;
  const before = workdaysBefore(calendar, from);
  const after = before === null ? null : dayAfterWorkdays(calendar, before + 1);
  return after === null ? null : instantOf(calendar, { day: after - 1, ms: start });
}

/**
 * A deadline that stood still for a while: as much of the term is left after the pause as was before it.
 * @param dueMs when it would have ended
 * @returns null where that lies beyond the calendar; `dueMs` itself where it had passed before the pause
 */
export function postponed(
  calendar: Calendar,
  term: Term,
  dueMs: number,
  pause: { readonly fromMs: number; readonly toMs: number },
): number | null {
  if (dueMs <= pause.fromMs) return dueMs;
  if (term.unit === 'seconds') return dueMs + (pause.toMs - pause.fromMs);
  const from = localMoment(calendar, pause.fromMs);
  const to = localMoment(calendar, pause.toMs);
  const due = localMoment(calendar, dueMs);
  if (from === null || to === null || due === null) return null;
  if (term.unit === 'workdays') return endOfWorkday(calendar, due.day, workdays(calendar, from.day, to.day));
  const missed = officeBefore(calendar, to) - officeBefore(calendar, from);
  return afterOffice(calendar, due, missed);
}

/** Working days after one day up to and with another. */
function workdays(calendar: Calendar, fromDay: number, toDay: number): number {
  return (workdaysBefore(calendar, toDay + 1) ?? 0) - (workdaysBefore(calendar, fromDay + 1) ?? 0);
}

/** The end of office hours of a working day: the first one from `day` on for 0, else so many after `day`. */
function endOfWorkday(calendar: Calendar, day: number, count: number): number | null {
  const before = workdaysBefore(calendar, count === 0 ? day : day + 1);
  const after = before === null ? null : dayAfterWorkdays(calendar, before + Math.max(count, 1));
  const end = calendar.hours[calendar.hours.length - 1]?.[1];
  return after === null || end === undefined ? null : instantOf(calendar, { day: after - 1, ms: end });
}

/** Office time of one working day. */
function officeOfDay(calendar: Calendar): number {
  return calendar.hours.reduce((total, [from, to]) => total + to - from, 0);
}

/** Office time from the first day of the calendar until a moment. */
function officeBefore(calendar: Calendar, { day, ms }: LocalMoment): number {
  const before = workdaysBefore(calendar, day) ?? 0;
  const works = (workdaysBefore(calendar, day + 1) ?? before) > before;
  const today = calendar.hours.reduce(
    (total, [from, to]) => total + Math.min(Math.max(ms - from, 0), to - from),
    0,
  );
  return before * officeOfDay(calendar) + (works ? today : 0);
}

/** The first instant at which so much office time has passed since a moment. */
function afterOffice(calendar: Calendar, start: LocalMoment, officeMs: number): number | null {
  const ofDay = officeOfDay(calendar);
  const wanted = officeBefore(calendar, start) + officeMs;
  if (officeMs === 0) return instantOf(calendar, start);
  // The end of a day's office hours rather than the beginning of the next day's.
  const whole = Math.ceil(wanted / ofDay) - 1;
  const after = dayAfterWorkdays(calendar, whole + 1);
  if (after === null) return null;
  let left = wanted - whole * ofDay;
  for (const [from, to] of calendar.hours) {
    if (left <= to - from) return instantOf(calendar, { day: after - 1, ms: from + left });
    left -= to - from;
  }
  return null;
}
