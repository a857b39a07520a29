import { expect, test } from 'vitest';
import { parseDuration, parseSignedDuration, parseTerm } from '../../src/catalogue/duration.js';

test.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['4w', 2_419_200_000],
  ['1d12h', 129_600_000],
  ['0s', 0],
])('%s is a duration of %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '7', '7 d', '-7d', '12h1d', '1d1d', '1.5h', '1y', 'P7D', '9999999999d'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

test('an offset may have a sign', () => {
  expect(parseSignedDuration('-400d')).toBe(-34_560_000_000);
  expect(parseSignedDuration('+1h')).toBe(3_600_000);
  expect(Object.is(parseSignedDuration('-0d'), 0)).toBe(true);
  expect(parseSignedDuration('--1d')).toBeNull();
});

test('a term is elapsed time or working days', () => {
  expect(parseTerm('2h')).toEqual({ unit: 'seconds', seconds: 7200 });
  expect(parseTerm('1 workdays')).toEqual({ unit: 'workdays', days: 1 });
  expect(parseTerm('1 workday')).toEqual({ unit: 'workdays', days: 1 });
  expect(parseTerm('workdays')).toBeNull();
  expect(parseTerm('4000d')).toBeNull();
});
