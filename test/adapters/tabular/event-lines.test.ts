// Bytes of event files on the fast way, against the decoder of the platform and the reading of whole lines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineArrivals } from '../../../src/adapters/tabular/line-arrivals.js';
import { objectLines } from '../../../src/adapters/tabular/tabular.js';
import { decodeText } from '../../../src/adapters/tabular/text.js';
import type { Event } from '../../../src/events/event.js';
import { inOrderOfArrival, type EventSource, type RefusedEvent } from '../../../src/pipeline/arrivals.js';
import { SortRoom } from '../../../src/pipeline/event-buffer.js';
import { complaint } from '../../pipeline/backtest-fixture.js';

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let turn = 0; from < bytes.length; turn++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[turn % sizes.length] as number);
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 5 });
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', '\n', '食', '\u{1f525}', '\ufeff', '\ufffd', 'é').map((text) => Buffer.from(text)),
      fc.uint8Array({ minLength: 1, maxLength: 2 }).filter(([first]) => first !== 0x1f),
    ),
    { maxLength: 20 },
  )
  .map((parts) => Buffer.concat(parts));

describe('text of UTF-8', () => {
  it('is that of the decoder of the platform, valid or not, wherever chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, sizes, async (content, cuts) => {
        let text = '';
        for await (const piece of decodeText(chunked(content, cuts), 'utf-8', 'file')) text += piece;
        expect(text).toBe(new TextDecoder().decode(content));
      }),
      { numRuns: 1_000 },
    );
  });
});

const LINES = [
  ...Array.from({ length: 8 }, (_, index) => JSON.stringify(complaint(`c${index}`, index))),
  JSON.stringify(complaint('c3', 3, {}, { content: '已过保质期"\\' })),
  JSON.stringify({ ...complaint('n', 5), recordedtime: null }),
  JSON.stringify({ ...complaint('t', 2), recordedtime: 'soon' }),
  JSON.stringify(
    complaint('d', 4, {}, { time: '1999-01-01T00:00:00Z', recordedtime: '1999-01-01T00:00:00Z' }),
  ),
  JSON.stringify(complaint('bad', 1, { specversion: '0.3' })),
  `{"recordedtime":"2020-01-01T00:00:00Z"`,
  '[]',
  ' ',
  '',
  '\ufeff{}',
  JSON.stringify(complaint('r', 6, {}, { category: '\ufffd' })),
  JSON.stringify(complaint('x\ufffd', 6)),
];

describe('the order of a file', () => {
  it('is found by a quick look as by reading it whole, and nothing is refused otherwise', async () => {
    const read = async (source: EventSource) => {
      const refused: RefusedEvent[] = [];
      const events: Event[] = [];
      const room = new SortRoom(100);
      const onRefused = (one: RefusedEvent) => void refused.push(one);
      for await (const batch of inOrderOfArrival([source], { toMs: Infinity, room, onRefused }))
        events.push(...batch);
      return { events, refused };
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...LINES), { maxLength: 12 }),
        fc.array(fc.integer({ min: 20, max: 400 }), { maxLength: 3 }),
        fc.constantFrom('\n', '\r\n'),
        async (lines, cuts, ending) => {
          const content = Buffer.from(lines.join(ending));
          const open = () => chunked(content, cuts);
          const whole = { name: 'file', rereadable: true, batches: () => objectLines(open(), 'file') };
          const quick = { ...whole, arrivals: () => lineArrivals(open(), 'file') };
          const found = await read(quick);
          expect(found).toEqual(await read(whole));
          const ats = found.events.map(({ at }) => at);
          expect(ats).toEqual([...ats].sort((a, b) => a - b));
        },
      ),
      { numRuns: 200 },
    );
  });
});
