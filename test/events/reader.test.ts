// The short way of reading events ends where the long way ends, whatever arrives.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import { STREAMS } from '../../src/events/event.js';
import { arriveAt, EventReader, faultOnArrival } from '../../src/events/reader.js';
import { cloudEvent, EXAMPLES, USCC } from './examples.js';

const AT = Date.UTC(2026, 2, 1, 2);

/** Values of attributes that schemas are picky about, right and wrong. */
const CHANGES: { readonly [attribute: string]: readonly unknown[] } = {
  specversion: ['1.1', null],
  id: ['a', 'a 1', '投-1', '', 'x\u200b', '\ud800', 7, null, 'y'.repeat(257)],
  source: ['/12345', '/iot', '/a b', '', null],
  type: [...STREAMS.map((stream) => `fenghuo.${stream}`), 'fenghuo.no', 'fenghuo.opinioo', 'complaint', 1],
  subject: ['shop:1', USCC, 'meter-1', '91110000802100433A', '', '市场', 'a'.repeat(100), null, 5],
  time: ['2026-03-01T09:30:00Z', '2026-03-01T10:04:00+08:00', '2026-02-01T10:04:00Z', '2026-03-01', 5, null],
  datacontenttype: ['application/json', 'application/json; x', 'text/plain', null],
  data: [
    { metric: '甲烷', value: 1 },
    { credit: 'A', more: -0 },
    { kind: 'device', name: 'a' },
    { kind: 'place', name: 'a', place: 'b' },
    { category: 'a', place: '市场' },
    { category: '\ud800' },
    {},
    [],
    null,
    'x',
  ],
  recordedtime: ['2026-03-01T09:30:00Z', 'x', null],
  revokes: ['b', '', null],
  revokessource: ['/other', null],
  amends: ['b', 3, null],
  amendssource: ['/other', '', null],
  backfill: [true, 'true', false, 'yes', null],
  data_base64: ['YQ==', null],
  traceparent: ['00-1', 1, {}],
};

const change = fc
  .constantFrom(...Object.entries(CHANGES))
  .chain(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values, undefined)));

/** A usual event of any stream, with some attributes set otherwise or left out. */
const events = fc
  .tuple(fc.constantFrom(...STREAMS), fc.array(change, { maxLength: 3 }))
  .map(([stream, changes]) => cloudEvent(stream, Object.fromEntries(changes)));

/** What the long way makes of a value that arrives at `AT`. */
function long(input: unknown): unknown {
  const parsed = parseCloudEvent(input);
  return parsed.ok ? stamp(parsed.event, AT) : parsed;
}

function short(reader: EventReader, input: unknown): unknown {
  const read = reader.read(input);
  if (!read.ok) return read;
  const fault = faultOnArrival(read.event, AT);
  if (fault !== undefined) return fault;
  arriveAt(read.event, AT);
  return { ok: true, event: read.event };
}

describe('a reader of events', () => {
  it('takes and refuses as the long way does, with the same result, whatever it remembers', () => {
    const reader = new EventReader();
    let taken = 0;
    fc.assert(
      fc.property(events, (input) => {
        const expected = long(input) as { ok: boolean };
        expect(short(reader, input)).toEqual(expected);
        expect(short(reader, input)).toEqual(expected);
        if (expected.ok) taken++;
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(2_000);
  });

  it('knows when the data was recorded', () => {
    const recordedtime = '2026-03-01T09:30:00.5+08:00';
    const at = Date.parse(recordedtime);
    const reader = new EventReader();
    expect(reader.read(cloudEvent('opinion', { recordedtime }))).toMatchObject({ ok: true, recordedAt: at });
    expect(reader.read(cloudEvent('opinion'))).toMatchObject({ ok: true, recordedAt: NaN });
    const revoking = cloudEvent('opinion', { recordedtime, revokes: 'b' });
    expect(reader.read(revoking)).toMatchObject({ ok: true, recordedAt: at, event: { at: NaN } });
  });

  it.each(STREAMS)('reads a usual event of %s without the schema, but for its instants', (stream) => {
    const reader = new EventReader();
    const shown = Object.entries(EXAMPLES[stream]).filter(
      ([, value]) => !(typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)),
    );
    const event = cloudEvent(stream, { id: 'a', data: Object.fromEntries(shown) });
    const read = reader.read(event);
    expect(read.ok).toBe(true);
    // The schema makes a new object of the data; the short way gives it as it came.
    expect(read.ok && read.event.data).toBe(event['data']);
  });

  it('remembers keys within bounds, and gives the same text for the same key', () => {
    const reader = new EventReader();
    const keyOf = (subject: string) => {
      const read = reader.read(cloudEvent('opinion', { subject }));
      return read.ok ? read.event.key : read.code;
    };
    for (let index = 0; index < 100_000; index++)
      expect(keyOf(`shop:${index}`)).toBe(`subject:shop:${index}`);
    expect(keyOf('shop:5')).toBe('subject:shop:5');
    expect(keyOf('91110000802100433A')).toBe('EVENT_USCC');
  }, 30_000);
});
