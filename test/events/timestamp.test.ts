import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInstant, parseDateTime, parseTimestamp } from '../../src/events/timestamp.js';

const iso = (text: string, edge?: 'start' | 'end') => {
  const ms = parseTimestamp(text, edge);
  return ms === undefined ? undefined : formatInstant(ms);
};

describe('timestamps', () => {
  test.each([
    ['2026-03-01T09:30:00+08:00', '2026-03-01T01:30:00.000Z'],
    ['2026-03-01t01:30:00z', '2026-03-01T01:30:00.000Z'],
    ['2026-03-01T01:30:00.1239Z', '2026-03-01T01:30:00.123Z'],
    ['2026-03-01T01:30:00.5-03:30', '2026-03-01T05:00:00.500Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  test('a bare date is local midnight in Shanghai, and as a deadline the next one', () => {
    expect(iso('2026-03-01')).toBe('2026-02-28T16:00:00.000Z');
    expect(iso('2026-03-01', 'end')).toBe('2026-03-01T16:00:00.000Z');
    expect(iso('9999-12-31', 'end')).toBe('9999-12-31T16:00:00.000Z');
  });

  test.each([
    '2026-03-01T09:30:00',
    '2026-03-01 09:30:00+08:00',
    '2026-02-29',
    '2026-02-30T00:00:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-01-01T24:00:00Z',
    '2026-01-01T10:60:00Z',
    '2026-01-01T10:00:00+24:00',
    '0026-01-01',
    '2026/01/01',
    ' 2026-01-01',
    '2026-01-01\n',
    '20260101',
    '',
  ])('%j is refused', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test('a date-time is never a bare date', () => {
    expect(parseDateTime('2026-03-01')).toBeUndefined();
  });

  test('formatting agrees with the platform and parsing undoes it', () => {
    const instant = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(10000, 0, 1) - 1 });
    fc.assert(
      fc.property(instant, (ms) => {
        expect(formatInstant(ms)).toBe(new Date(ms).toISOString());
        expect(parseTimestamp(formatInstant(ms))).toBe(ms);
      }),
    );
  });
});
