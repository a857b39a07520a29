import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { isLocalDate, isWorkday, isZone, workdaysBetween } from '../../src/catalogue/calendar.js';
import type { Calendar } from '../../src/catalogue/catalogue.js';

const calendar: Calendar = {
  zone: 'Asia/Shanghai',
  firstYear: 2020,
  lastYear: 2026,
  holidays: new Set(['2025-09-15']),
  workdays: new Set(['2025-09-20']),
  hours: [],
};

const seconds = (text: string) => Date.parse(text) / 1000;

describe('working days', () => {
  test.each([
    ['2024-02-04', true, 'a Sunday made up for the Spring Festival'],
    ['2024-02-12', false, 'the Spring Festival, a Monday'],
    ['2024-03-04', true, 'an ordinary Monday'],
    ['2024-03-09', false, 'an ordinary Saturday'],
    ['2025-09-15', false, 'a local holiday'],
    ['2025-09-20', true, 'a local make-up day'],
    ['2026-10-01', false, 'National Day of the last year known'],
  ])('%s: %s (%s)', (date, works) => {
    expect(isWorkday(calendar, date)).toBe(works);
  });

  test('a day outside the years that the calendar knows is neither', () => {
    expect(isWorkday(calendar, '2019-12-31')).toBeNull();
    expect(isWorkday(calendar, '2027-01-01')).toBeNull();
    expect(isWorkday(calendar, '2024-02-30')).toBeNull();
  });

  test.each([
    ['2024-03-04T09:00:00+08:00', '2024-03-04T17:00:00+08:00', 0],
    ['2024-03-04T09:00:00+08:00', '2024-03-05T00:00:00+08:00', 1],
    ['2024-03-08T23:59:59+08:00', '2024-03-11T00:00:00+08:00', 1],
    // Working: Sunday 4 February (made up) to Friday 9 February; then the 18th and the 19th.
    ['2024-02-03T12:00:00+08:00', '2024-02-19T12:00:00+08:00', 8],
    ['2024-03-05T09:00:00+08:00', '2024-03-04T09:00:00+08:00', -1],
    // 16:00 in London is midnight in Shanghai.
    ['2024-03-04T15:59:59Z', '2024-03-04T16:00:00Z', 1],
    ['2020-01-01T00:00:00+08:00', '2020-01-02T00:00:00+08:00', 1],
  ])('from %s to %s there are %i', (from, to, days) => {
    expect(workdaysBetween(calendar, seconds(from), seconds(to))).toBe(days);
  });

  test('a span that leaves the known years has no answer', () => {
    expect(
      workdaysBetween(calendar, seconds('2026-12-31T00:00:00+08:00'), seconds('2027-01-01T00:00:00+08:00')),
    ).toBeNull();
    expect(
      workdaysBetween(calendar, seconds('2019-12-31T23:59:59+08:00'), seconds('2020-01-02T00:00:00+08:00')),
    ).toBeNull();
    expect(workdaysBetween(calendar, Number.NaN, 0)).toBeNull();
    expect(workdaysBetween(calendar, 0, Number.POSITIVE_INFINITY)).toBeNull();
  });

  test('spans add up, and turn their sign with their direction', () => {
    const instant = fc.integer({
      min: seconds('2020-01-02T00:00:00Z'),
      max: seconds('2026-12-30T00:00:00Z'),
    });
    fc.assert(
      fc.property(instant, instant, instant, (a, b, c) => {
        const ab = workdaysBetween(calendar, a, b) ?? Number.NaN;
        const bc = workdaysBetween(calendar, b, c) ?? Number.NaN;
        expect(workdaysBetween(calendar, a, c)).toBe(ab + bc);
        expect(workdaysBetween(calendar, b, a)).toBe(0 - ab);
      }),
    );
  });

  test('daylight saving of another zone moves the local day', () => {
    const london = { ...calendar, zone: 'Europe/London' };
    expect(workdaysBetween(london, seconds('2024-07-01T22:59:59Z'), seconds('2024-07-01T23:00:00Z'))).toBe(1);
    expect(workdaysBetween(london, seconds('2024-01-08T22:59:59Z'), seconds('2024-01-08T23:00:00Z'))).toBe(0);
  });
});

test('dates and zones are checked for being real', () => {
  expect(isLocalDate('2024-02-29')).toBe(true);
  expect(isLocalDate('2023-02-29')).toBe(false);
  expect(isLocalDate('2024-2-9')).toBe(false);
  expect(isZone('Asia/Shanghai')).toBe(true);
  expect(isZone('Asia/Shanghi')).toBe(false);
});
