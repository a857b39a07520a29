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

  test('a date-time is what the pattern of RFC 3339 and the platform say, whatever stands in its place', () => {
    const pattern =
      /^(?!0)\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:(\d\d)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
    const expected = (text: string) => {
      const seconds = pattern.exec(text)?.[1];
      if (seconds === undefined || seconds > '60' || text.slice(11, 13) > '23') return undefined;
      const rolls = seconds === '60';
      const plain = `${text.slice(0, 17)}${rolls ? '59' : seconds}${text.slice(19)}`.toUpperCase();
      const day = new Date(`${plain.slice(0, 10)}T00:00:00Z`);
      if (Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(plain.slice(8, 10))) return undefined;
      const ms = Date.parse(plain.replace(/(\.\d{1,3})\d*/, '$1'));
      return Number.isNaN(ms) ? undefined : ms + (rolls ? 1000 : 0);
    };
    const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const dateTime = fc
      .tuple(
        fc.integer({ min: 1001, max: 9998 }),
        two(13),
        two(32),
        two(25),
        two(61),
        two(61),
        fc.constantFrom('', '.', '.5', '.12', '.123', '.1239', '.123456789', '.1234567890'),
        fc.oneof(
          fc.constantFrom('Z', 'z', '', '+8', '+08:00x'),
          fc.tuple(two(25), two(61)).map((at) => `-${at.join(':')}`),
        ),
      )
      .map(([y, mo, d, h, mi, s, fraction, zone]) => `${y}-${mo}-${d}T${h}:${mi}:${s}${fraction}${zone}`);
    const mutated = fc
      .tuple(
        dateTime,
        fc.nat(34),
        fc.constantFrom('', '0', '9', ':', '-', '.', 'T', 't', 'Z', '+', '/', ' ', '\n', '\u0661'),
      )
      .map(([text, index, other]) => text.slice(0, index) + other + text.slice(index + 1));
    fc.assert(
      fc.property(fc.oneof(dateTime, mutated), (text) => {
        expect(parseDateTime(text), text).toBe(expected(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
