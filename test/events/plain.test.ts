// The quick yes of the schemas: it may be missing, but never wrong.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATA_LIMITS, dataFault } from '../../src/events/data-limits.js';
import { STREAMS, type StreamName } from '../../src/events/event.js';
import {
  PLAIN_DATA,
  STREAM_SCHEMAS,
  STREAM_SHAPES,
  streamFields,
  valuesOf,
} from '../../src/events/streams.js';
import { EXAMPLES } from './examples.js';

/** Values that schemas are picky about, right and wrong. */
const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    0.5,
    1,
    2,
    181,
    2 ** 53,
    -(2 ** 60),
    1e300,
    NaN,
    Infinity,
  ),
  fc.constantFrom<unknown>(
    '',
    ' ',
    'a',
    '110108',
    '1101',
    '99',
    'F5211',
    'gas-meter-1',
    '2026-03-01',
    '\ud800',
  ),
  fc.constantFrom<unknown>('91110000802100433B', '91110000802100433A', 'shop:1', '2026-03-01T09:30:00+08:00'),
  fc.constantFrom<unknown>(
    'a'.repeat(64),
    'x'.repeat(16_385),
    [],
    ['a'],
    [1],
    [null],
    [''],
    {},
    { code: 'a' },
  ),
  fc.constantFrom<unknown>(
    [{ code: 'a', severity: 'minor', more: 1 }],
    [{ code: '' }],
    [{ severity: 'x', code: 'a' }],
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.double(),
  fc.constant(undefined),
);
const extras = fc.dictionary(
  fc.oneof(fc.constantFrom('__proto__', 'constructor', 'x'.repeat(129), '\udc00', 'note'), fc.string()),
  values,
  { maxKeys: 2, noNullPrototype: true },
);

/** An example of a stream, without the instants, which the schema changes, and with some fields set otherwise. */
function dataOf(stream: StreamName): fc.Arbitrary<Record<string, unknown>> {
  const fields = streamFields(stream);
  const base = Object.entries(EXAMPLES[stream]).filter(([name]) => fields[name]?.type.type !== 'timestamp');
  const change = fc.constantFrom(...Object.keys(STREAM_SHAPES[stream])).chain((name) => {
    const usual = fc.constantFrom<unknown>(...(valuesOf(stream, name) ?? ['a', '110108', 1]), null);
    return fc.tuple(fc.constant(name), fc.oneof(usual, values));
  });
  return fc
    .tuple(fc.array(change, { maxLength: 3 }), fc.oneof(fc.constant({}), extras))
    .map(([changes, extra]) => ({ ...Object.fromEntries([...base, ...changes]), ...extra }));
}

describe('data that is plain', () => {
  it.each(STREAMS)('of %s passes the schema, which leaves it as it is', (stream) => {
    let plain = 0;
    fc.assert(
      fc.property(dataOf(stream), (data) => {
        if (!PLAIN_DATA[stream](data, false)) return;
        plain++;
        expect(dataFault(data, 'data', DATA_LIMITS)).toBeUndefined();
        expect(STREAM_SCHEMAS[stream].parse(data)).toEqual(data);
      }),
      { numRuns: 2_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it('is never an object with a prototype of its own', () => {
    expect(PLAIN_DATA.complaint({ category: 'a' }, false)).toBe(true);
    expect(PLAIN_DATA.complaint(Object.create({ category: 'a' }), false)).toBe(false);
  });
});
