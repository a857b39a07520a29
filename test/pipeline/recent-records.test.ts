// Records that ingest leaves at hand are those of the log, and no more of them are kept than there is room for.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { decodeRecord, encodeRecord } from '../../src/events/codec.js';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import type { LogRecord } from '../../src/events/event.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import { RecentRecords } from '../../src/pipeline/recent-records.js';
import type { Logs } from '../../src/ports/log.js';
import { cloudEvent } from '../events/examples.js';
import { STREAMS } from '../../src/events/event.js';

const AT = Date.UTC(2026, 2, 1, 2);
const NAMES = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;

describe('recent records', () => {
  it('are those of the log, whichever are missing', async () => {
    const log = openMemory().log('events');
    const records: LogRecord[] = Array.from({ length: 50 }, (_, at) => ({ kind: 'tick', at }));
    await log.append(0, records.map(encodeRecord));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(49)),
        fc.nat(60),
        fc.integer({ min: 1, max: 60 }),
        async (kept, offset, limit) => {
          const recent = new RecentRecords();
          for (const at of kept) recent.put(at, records[at] as LogRecord, 10);
          expect(await recent.read(log, 0, offset, limit)).toEqual(records.slice(offset, offset + limit));
        },
      ),
    );
  });

  it('go on to the tick that ends an instant, as far as they are here, up to as many again', async () => {
    const log = openMemory().log('events');
    const recent = new RecentRecords();
    const event = (at: number): LogRecord => {
      const parsed = parseCloudEvent(cloudEvent('opinion'));
      const stamped = parsed.ok ? stamp(parsed.event, AT + at) : parsed;
      if (!stamped.ok) throw new Error(stamped.message);
      return stamped.event;
    };
    const instants: readonly number[] = [1, 1, 1, 1, 3, 4, 4, 4, 4, 4, 4];
    const records = instants.map(event);
    records.splice(4, 0, { kind: 'tick', at: AT + 2 });
    await log.append(0, records.map(encodeRecord));
    const readFrom = async (offset: number, limit: number) =>
      (await recent.read(log, 0, offset, limit)).length;
    expect(await readFrom(0, 3)).toBe(3);
    // The first four are of one instant, which the tick behind them ends.
    for (const [offset, record] of records.entries()) recent.put(offset, record, 10);
    expect(await readFrom(0, 3)).toBe(5);
    expect(await readFrom(0, 5)).toBe(5);
    // The next event comes at another instant, with no tick before it.
    expect(await readFrom(5, 1)).toBe(1);
    expect(await readFrom(6, 2)).toBe(4);
    expect(await readFrom(6, 5)).toBe(6);
  });

  it('that are released are gone, and do not come again', () => {
    const recent = new RecentRecords();
    const tick = (at: number): LogRecord => ({ kind: 'tick', at });
    for (let at = 0; at < 200_000; at++) recent.put(at, tick(at), 1);
    expect(recent.get(0)).toBeUndefined();
    expect(recent.get(199_999)).toEqual(tick(199_999));
    recent.release(199_999);
    recent.put(5, tick(5), 1);
    expect([5, 150_000, 199_998, 199_999].map((at) => recent.get(at)?.at)).toEqual([
      undefined,
      undefined,
      undefined,
      199_999,
    ]);
  });

  it('are not kept where there is no room', () => {
    const recent = new RecentRecords();
    const megabytes = 1024 * 1024;
    for (let at = 0; at < 40; at++) recent.put(at, { kind: 'tick', at }, megabytes);
    expect(recent.get(31)?.at).toBe(31);
    expect(recent.get(32)).toBeUndefined();
    recent.release(10);
    recent.put(40, { kind: 'tick', at: 40 }, 10 * megabytes);
    expect(recent.get(40)?.at).toBe(40);
  });

  it('of ingest are what comes out of the log again, to the last bit', async () => {
    const stores = openMemory();
    const logs = Object.fromEntries(NAMES.map((name) => [name, stores.log(name)])) as unknown as Logs;
    const recent = new RecentRecords();
    const siteKey = new Uint8Array(32).fill(7);
    const ingest = new Ingest({ logs, vault: stores.vault, siteKey, probe: () => undefined, recent });
    const time = '2026-03-01T10:00:00+08:00';
    const data = [{ credit: 'A', more: -0 }, { credit: 'A', list: [-0, { deep: -0 }] }, { credit: 'A' }];
    const usual = STREAMS.map((stream, index) => cloudEvent(stream, { id: `u-${index}`, time }));
    const odd = data.map((one, index) => cloudEvent('credit-change', { id: `o-${index}`, time, data: one }));
    const early = cloudEvent('opinion', { id: 'e', time: '2026-03-01T10:04:00+08:00' });
    const untimed = cloudEvent('opinion', { id: 'n', time: undefined });
    const revoking = cloudEvent('opinion', { id: 'r', revokes: 'n', time, data: undefined });
    await ingest.tick(AT);
    const events = [...usual, ...odd, early, untimed, revoking];
    const { accepted } = await ingest.accept(events.map((event) => JSON.stringify(event)).join('\n'), AT);
    expect(accepted).toBe(events.length);
    await ingest.tick(AT + 3_600_000);
    let kept = 0;
    for (const { offset, value } of await logs.events.read(0, 0, 100)) {
      const record = recent.get(offset);
      if (record === undefined) continue;
      kept++;
      expect(record).toStrictEqual(decodeRecord(value));
    }
    expect(kept).toBeGreaterThan(10);
  });
});
