// Deadlines in office hours and working days, against counting them minute by minute.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWorkday } from '../../src/catalogue/calendar.js';
import type { Calendar } from '../../src/catalogue/catalogue.js';
import { parseTerm, type Term } from '../../src/catalogue/duration.js';
import { deadline, postponed } from '../../src/catalogue/working-time.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const calendar: Calendar = {
  zone: 'Asia/Shanghai',
  firstYear: 2025,
  lastYear: 2026,
  holidays: new Set(),
  workdays: new Set(),
  hours: [
    [9 * HOUR, 12 * HOUR],
    [14 * HOUR, 18 * HOUR],
  ],
};

const at = (local: string) => Date.parse(`${local.replace(' ', 'T')}:00+08:00`);
const text = (instant: number | null) =>
  instant === null ? null : new Date(instant + 8 * HOUR).toISOString().slice(0, 16).replace('T', ' ');
const due = (from: string, term: string) =>
  text(deadline(calendar, at(from), parseTerm(term) ?? expect.fail(`${term} is no term`)));

describe('deadlines', () => {
  test.each([
    ['2026-09-16 10:00', '2h', '2026-09-16 12:00'],
    ['2026-09-16 23:00', '2h', '2026-09-17 01:00'],
    ['2026-09-16 10:00', '1 workdays', '2026-09-17 18:00'],
    ['2026-09-16 23:59', '1 workday', '2026-09-17 18:00'],
    ['2026-09-16 10:00', '0 workdays', '2026-09-16 18:00'],
    // Sunday 2026-09-20 is a make-up day, National Day is from Thursday 10-01 to Wednesday 10-07, Saturday 10-10 works.
    ['2026-09-18 17:00', '1 workdays', '2026-09-20 18:00'],
    ['2026-09-30 17:00', '1 workdays', '2026-10-08 18:00'],
    ['2026-10-02 08:00', '0 workdays', '2026-10-08 18:00'],
    ['2026-09-30 17:00', '3 workdays', '2026-10-10 18:00'],
    ['2026-09-30 17:00', '2 workhours', '2026-10-08 10:00'],
    ['2026-09-30 17:00', '1 workhours', '2026-09-30 18:00'],
    ['2026-09-16 11:30', '1 workhours', '2026-09-16 14:30'],
    ['2026-09-16 12:30', '1 workhours', '2026-09-16 15:00'],
    ['2026-09-16 20:00', '7 workhours', '2026-09-17 18:00'],
    ['2026-09-16 20:00', '8 workhours', '2026-09-18 10:00'],
  ])('%s and %s is %s', (from, term, expected) => expect(due(from, term)).toBe(expected));

  test('a year whose notice is not known has no working days, but elapsed time', () => {
    expect(due('2026-12-31 10:00', '0 workdays')).toBe('2026-12-31 18:00');
    expect(due('2026-12-31 10:00', '1 workdays')).toBeNull();
    expect(due('2026-12-31 17:30', '1 workhours')).toBeNull();
    expect(due('2027-01-04 10:00', '1 workhours')).toBeNull();
    expect(due('2026-12-31 23:00', '2h')).toBe('2027-01-01 01:00');
  });
});

const working = new Map<number, boolean>();

/** Whether an office is open in the minute that begins at an instant. */
function isOpen(instant: number): boolean {
  const hours = ((instant + 8 * HOUR) / HOUR) % 24;
  if (!((hours >= 9 && hours < 12) || (hours >= 14 && hours < 18))) return false;
  const day = Math.floor((instant + 8 * HOUR) / (24 * HOUR));
  const known = working.get(day);
  if (known !== undefined) return known;
  const works = isWorkday(calendar, (text(instant) ?? '').slice(0, 10)) === true;
  working.set(day, works);
  return works;
}

function openMinutes(from: number, to: number): number {
  let open = 0;
  for (let minute = from; minute < to; minute += MINUTE) if (isOpen(minute)) open += 1;
  return open;
}

const FIRST = at('2026-09-14 00:00');
const minutes = fc.integer({ min: 0, max: 30 * 24 * 60 });

describe('against counting minutes', () => {
  test('so many office hours lie between the beginning and the end of a term, and none after it', () => {
    fc.assert(
      fc.property(minutes, fc.integer({ min: 1, max: 40 }), (offset, hours) => {
        const from = FIRST + offset * MINUTE;
        const end = deadline(calendar, from, { unit: 'workhours', hours }) ?? expect.fail('has no end');
        expect(openMinutes(from, end)).toBe(hours * 60);
        expect(isOpen(end - MINUTE)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('a pause leaves as much of a term as there was before it', () => {
    const hours = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(minutes, hours, minutes, minutes, (offset, length, before, pause) => {
        const term: Term = { unit: 'workhours', hours: length };
        const from = FIRST + offset * MINUTE;
        const end = deadline(calendar, from, term) ?? expect.fail('has no end');
        const fromMs = from + (before % 3_000) * MINUTE;
        const toMs = fromMs + (pause % 6_000) * MINUTE;
        const later = postponed(calendar, term, end, { fromMs, toMs }) ?? expect.fail('has no end');
        if (fromMs >= end) expect(later).toBe(end);
        else expect(openMinutes(from, fromMs) + openMinutes(toMs, later)).toBe(length * 60);
      }),
      { numRuns: 60 },
    );
  });

  test('a pause of whole working days moves the end by as many', () => {
    const term: Term = { unit: 'workdays', days: 2 };
    const end = at('2026-09-30 18:00');
    const pause = { fromMs: at('2026-09-29 10:00'), toMs: at('2026-10-09 15:00') };
    expect(text(postponed(calendar, term, end, pause))).toBe('2026-10-10 18:00');
    expect(text(postponed(calendar, { unit: 'seconds', seconds: 60 }, end, pause))).toBe('2026-10-10 23:00');
  });
});
