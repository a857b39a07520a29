// The quick look at an event never tells another arrival than the whole of it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalInText } from '../../src/events/arrival-in-text.js';
import { parseDateTime } from '../../src/events/timestamp.js';

/** As a reader finds it that parses all. */
function arrivalOf(line: string): number {
  const value = JSON.parse(line) as { readonly [name: string]: unknown };
  const text = value['recordedtime'] ?? value['time'];
  return typeof text === 'string' ? (parseDateTime(text) ?? NaN) : NaN;
}

const NAMES = ['time', 'recordedtime', 'data', 'id', 'x"time', '时间', 'recordedtime\\'];
const TIMES = [
  '2026-03-01T08:00:00Z',
  '2026-03-01T08:00:00.5+08:00',
  '2026-03-01',
  'time',
  '"recordedtime":"x',
  '{',
  '[',
];
const leaf = fc.oneof(fc.constantFrom(...TIMES), fc.constantFrom(...NAMES), fc.constant(null), fc.integer());
const { value: tree } = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }),
  ),
}));
/** An object as text, in which a name may come twice and blanks may stand. */
const lines = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.oneof(leaf, tree), fc.constantFrom('', ' ')), {
    maxLength: 6,
  })
  .map((fields) => {
    const texts = fields.map(
      ([name, value, blank]) => `${blank}${JSON.stringify(name)}${blank}:${JSON.stringify(value)}`,
    );
    return `{${texts.join(',')}}`;
  });
/** As most sources write them. */
const usual = fc
  .record(
    { id: leaf, time: fc.constantFrom(...TIMES), recordedtime: fc.constantFrom(...TIMES), data: tree },
    { requiredKeys: [] },
  )
  .map((event) => JSON.stringify(event));

describe('the arrival in the text of an event', () => {
  it('is that of the whole, or is left to it', () => {
    let told = 0;
    fc.assert(
      fc.property(fc.oneof(lines, usual), (line) => {
        const found = arrivalInText(line);
        if (found === undefined) return;
        told++;
        expect(found).toBe(arrivalOf(line));
      }),
      { numRuns: 3_000 },
    );
    expect(told).toBeGreaterThan(100);
  });

  it.each([
    ['{"time":"2026-03-01T08:00:00Z","data":{"time":3}}', undefined],
    ['{"data":{"recordedtime":"2026-03-01T08:00:00Z"},"time":"2026-03-02T08:00:00Z"}', undefined],
    ['{"recordedtime":"2026-03-01T08:00:00Z","recorded\\u0074ime":"2026-03-05T08:00:00Z"}', undefined],
    ['{"recordedtime":null,"time":"2026-03-01T08:00:00Z"}', undefined],
    ['{"id":"recordedtime","time":"2026-03-01T08:00:00Z"}', undefined],
    ['{"recordedtime":"soon","time":"2026-03-01T08:00:00Z"}', NaN],
    [
      '{"time":"2026-02-28T00:00:00Z","recordedtime":"2026-03-01T08:00:00Z","data":{"time":3}}',
      1_772_352_000_000,
    ],
    ['{"time":"2026-03-01T08:00:00Z","data":{}}', 1_772_352_000_000],
  ])('of %s is %s', (line, arrival) => {
    expect(arrivalInText(line)).toBe(arrival);
  });
});
