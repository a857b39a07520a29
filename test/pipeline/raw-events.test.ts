// What records of topics become: events in either mode of CloudEvents, rows by a mapping, dead letters with their place.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { EventDraft } from '../../src/events/event.js';
import { Intake } from '../../src/pipeline/intake.js';
import { parseMapping } from '../../src/pipeline/mapping/parse.js';
import { RawEvents, takeInto, type RawTopics } from '../../src/pipeline/raw-events.js';
import type { FeedRecord } from '../../src/ports/feed.js';
import type { Logs } from '../../src/ports/log.js';

const MAPPING = `mapping: complaints
format: json
zone: Asia/Shanghai
source: urn:example:hotline
stream: complaint
id: { column: NO }
subject: { column: SHOP, prefix: 'shop:' }
time: { column: DAY, format: yyyy-MM-dd }
skip: row.KIND == "praise"
data:
  category: { column: KIND }
`;
const parsed = parseMapping(MAPPING, 'complaints.yaml');
if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
const TOPICS: RawTopics = new Map([
  ['events', null],
  ['hotline', parsed.mapping.map],
]);
const NOW = Date.parse('2026-03-05T00:00:00Z');
const EVENT = {
  specversion: '1.0',
  id: 'c1',
  source: 'urn:example:hotline',
  type: 'fenghuo.complaint',
  subject: 'shop:1',
  time: '2026-03-02T12:00:00+08:00',
  data: { category: 'food' },
};

type Given = Partial<Omit<FeedRecord, 'value' | 'headers'>> & {
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A record; a value that is neither text nor bytes nor null is written as JSON. */
function record({ value = EVENT, headers = {}, ...more }: Given = {}): FeedRecord {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = value === null || value instanceof Uint8Array ? value : Buffer.from(text);
  const entries = new Map(Object.entries(headers));
  return {
    ...{ topic: 'events', partition: 3, offset: 7, timestamp: 0, key: null },
    ...more,
    value: bytes,
    headers: entries,
  };
}

/** Takes records of one topic, and says what came of them. */
async function take(records: readonly FeedRecord[]) {
  const stores = openMemory();
  const events: EventDraft[] = [];
  const sink = { append: async (drafts: readonly EventDraft[]) => void events.push(...drafts) };
  const logs = new Proxy({}, { get: (_, name) => stores.log(name as never) }) as Logs;
  const intake = new Intake({ logs, vault: stores.vault, siteKey: new Uint8Array(32), sink });
  const raw = new RawEvents(TOPICS);
  const topic = records[0]?.topic ?? 'events';
  await takeInto(intake, raw, () => NOW)({ topic, partition: 3, records });
  const letters = await stores.log('dead-letters').read(0, 0, 100);
  const dead = letters.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as Dead);
  const originals = await Promise.all(
    dead.map(async ({ original, length }) => {
      const pieces = Array.from(
        { length: Math.max(1, Math.ceil(length / 16_000)) },
        (_, index) => `${original}/${index}`,
      );
      return (await Promise.all(pieces.map((name) => stores.vault.reveal(name)))).join('');
    }),
  );
  return { events, dead, originals, skipped: raw.skipped };
}

interface Dead {
  readonly code: string;
  readonly message: string;
  readonly source: string;
  readonly original: string;
  readonly length: number;
}

describe('records that are CloudEvents', () => {
  it('are taken in structured mode, alone or in an array, said or not', async () => {
    const { events, dead } = await take([
      record({ headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' } }),
      record({ value: { ...EVENT, id: 'c2' } }),
      record({
        value: [
          { ...EVENT, id: 'c3' },
          { ...EVENT, id: 'c4' },
        ],
        headers: { 'content-type': 'application/cloudevents-batch+json' },
      }),
    ]);
    expect(dead).toEqual([]);
    expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4].map((n) => `urn:example:hotline c${n}`));
    expect(events[0]).toMatchObject({ key: 'subject:shop:1', stream: 'complaint' });
  });

  it('are taken in binary mode: attributes in headers, data in the value', async () => {
    const { data, ...attributes } = EVENT;
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, said]) => [`ce_${name}`, said]),
    );
    const more = {
      'content-type': 'application/json',
      ce___proto__: 'x',
      traceparent: '00-1',
      ce_backfill: 'true',
    };
    const { events, dead } = await take([
      record({ value: data, headers: { ...headers, ...more } }),
      record({ value: '', headers: { ...headers, ce_id: 'c9', ce_revokes: 'c1' } }),
    ]);
    expect(dead).toEqual([]);
    expect(events[0]).toMatchObject({
      id: 'urn:example:hotline c1',
      backfill: true,
      data: { category: 'food' },
    });
    expect(events[1]).toMatchObject({ revokes: 'urn:example:hotline c1', data: {} });
  });

  it('come from their topic where they name no source, and have the same id each time', async () => {
    const { id: _, source: __, ...bare } = EVENT;
    const [first, again, other] = (
      await take([
        record({ value: bare }),
        record({ value: bare, offset: 8 }),
        record({ value: { ...bare, subject: 'shop:2' } }),
      ])
    ).events;
    expect(first?.id).toMatch(/^events sha256:[0-9a-f]{32}$/);
    expect(again?.id).toBe(first?.id);
    expect(other?.id).not.toBe(first?.id);
  });
});

describe('records that a mapping reads', () => {
  it('become events, one of each row, and are passed over where it says so', async () => {
    const row = { NO: 'a1', SHOP: 1, DAY: '2026-03-02', KIND: 'food' };
    const { events, dead, skipped } = await take([
      record({ topic: 'hotline', value: row }),
      record({
        topic: 'hotline',
        value: [
          { ...row, NO: 'a2' },
          { ...row, KIND: 'praise' },
        ],
      }),
    ]);
    expect(dead).toEqual([]);
    expect(events.map(({ id }) => id)).toEqual(['urn:example:hotline a1', 'urn:example:hotline a2']);
    expect(skipped).toBe(1);
  });

  it('are dead letters where they do not fit, each alone', async () => {
    const good = { NO: 'a1', SHOP: 1, DAY: '2026-03-02', KIND: 'food' };
    const bad = { NO: 'a2', SHOP: 1, DAY: 'yesterday', KIND: 'food' };
    const { events, dead, originals } = await take([
      record({ topic: 'hotline', value: [bad, good] }),
      record({ topic: 'hotline', value: [17], offset: 8 }),
    ]);
    expect(events.length).toBe(1);
    expect(dead.map(({ code }) => code)).toEqual([expect.stringMatching(/^ROW_/), 'RECORD_NOT_ROWS']);
    expect(dead[0]?.message).toMatch(/^hotline\/3@7: time: /);
    // The cell is in the original alone: it may be of a person.
    expect(dead[0]?.message).not.toContain('yesterday');
    expect(originals).toEqual([JSON.stringify(bad), '[17]']);
  });
});

describe('records that are no events', () => {
  it('are dead letters with their place and their bytes, and hold up none behind them', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe]);
    const large = 'x'.repeat(600_000);
    const { events, dead, originals } = await take([
      record({ value: null, key: Buffer.from('shop:1'), offset: 1 }),
      record({ value: bytes, offset: 2 }),
      record({ value: large, offset: 3 }),
      record({ value: '{"specversion":', offset: 4 }),
      record({ value: { ...EVENT, type: 'fenghuo.unheard-of' }, offset: 5 }),
      record({ value: bytes, unreadable: 'COMPRESSION_DAMAGED', offset: 6 }),
      record({
        value: 'no data',
        headers: { ce_specversion: '1.0', 'content-type': 'text/plain' },
        offset: 7,
      }),
      record({ value: { ...EVENT, type: 'fenghuo.action' }, offset: 8 }),
      record({ value: null, offset: 9 }),
      record({ offset: 10 }),
    ]);
    expect(events.length).toBe(1);
    expect(dead.map(({ code }) => code)).toEqual([
      'RECORD_EMPTY',
      'RECORD_NOT_UTF8',
      'BODY_TOO_LARGE',
      'BODY_NOT_JSON',
      'EVENT_UNKNOWN_STREAM',
      'COMPRESSION_DAMAGED',
      'BODY_NOT_JSON',
      expect.any(String) as string,
      'RECORD_EMPTY',
    ]);
    expect(dead.map(({ message }) => message.split(':')[0])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((offset) => `events/3@${offset}`),
    );
    expect(originals[0]).toBe('shop:1');
    expect(originals[1]).toBe(`base64:${bytes.toString('base64')}`);
    expect(originals[2]).toBe(large);
    expect(originals[3]).toBe('{"specversion":');
    expect(originals[5]).toBe(originals[1]);
    expect(originals[6]).toBe('no data');
    expect(dead[4]?.source).toBe('urn:example:hotline');
  });

  it('come in several bodies where there are more of them than one may hold', () => {
    const raw = new RawEvents(TOPICS);
    const value = Array.from({ length: 6_000 }, (_, index) => ({ id: index }));
    const records = [record({ value }), record({ value, offset: 8 })];
    const bodies = [...raw.bodies({ topic: 'events', partition: 3, records })];
    expect(bodies.map(({ values }) => values.length)).toEqual([10_000, 2_000]);
    expect(bodies[1]?.part(1_999).place).toBe('events/3@8');
    const tooMany = Array.from({ length: 10_001 }, () => 1);
    const [refused] = [
      ...raw.bodies({ topic: 'events', partition: 3, records: [record({ value: tooMany })] }),
    ];
    expect(refused?.part(0)).toMatchObject({ ok: false, code: 'BODY_TOO_LARGE' });
  });
});
