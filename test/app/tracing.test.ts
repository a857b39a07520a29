// Traces beside what is decided: they change nothing of it, follow what the sender says, and cost nothing where they are off.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { Embedded } from '../../src/app/embedded.js';
import { OperatorAlerts } from '../../src/app/operators.js';
import { logsOf } from '../../src/app/stores.js';
import { Tracing } from '../../src/app/tracing.js';
import { CodedError } from '../../src/events/coded-error.js';
import { loadRules } from '../../src/model/load.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import { handOn } from '../../src/pipeline/recent-log.js';
import type { Channel, Message } from '../../src/ports/channel.js';
import type { FeedBatch } from '../../src/ports/feed.js';
import type { Row } from '../../src/ports/warehouse.js';
import type { FinishedSpan } from '../../src/ports/tracing.js';
import { NOW, RULE_FILES } from './office.js';

const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const SITE_KEY = new Uint8Array(32).fill(3);
const QUIET = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  failure: () => undefined,
};
const BODY = JSON.stringify(
  [1, 2, 3].flatMap((shop) => {
    const event = {
      specversion: '1.0',
      source: 'urn:example:test',
      subject: `shop:${shop}`,
      time: '2026-03-02T01:00:00Z',
    };
    return [
      { ...event, id: `r${shop}`, type: 'fenghuo.registration', data: { kind: 'enterprise', name: '某店' } },
      { ...event, id: `c${shop}`, type: 'fenghuo.complaint', data: { category: '食品', complainant: '甲' } },
    ];
  }),
);

const tracingInto = (spans: FinishedSpan[], ratio: number) =>
  new Tracing(
    { record: (span) => void spans.push(span), close: async () => undefined },
    SITE_KEY,
    ratio,
    () => NOW,
  );

const ORIGIN = { source: 'inbox/0', offset: 0, ordinal: 0 };
const delivery = (id: string, body: object) =>
  handOn({ origin: ORIGIN, delivery: { id, department: 'fire', channel: 'hook', kind: 'transition', body } });

/** Logs that are traced, and the spans of what is appended to them. */
function traced(ratio = 1) {
  const spans: FinishedSpan[] = [];
  const tracing = tracingInto(spans, ratio);
  const memory = openMemory();
  const logs = tracing.over(logsOf((name) => memory.log(name), new OperatorAlerts(undefined)));
  return { spans, tracing, logs };
}

/** Runs the same events. @returns every record of every log */
async function run(openTracing: ((siteKey: Uint8Array) => Tracing) | null): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fenghuo-traced-'));
  dirs.push(dataDir);
  const { rules } = loadRules(RULE_FILES);
  if (rules === null) throw new Error('the rules have faults');
  let now = NOW;
  const embedded = await Embedded.start({
    ...{ dataDir, siteKey: SITE_KEY, rules, files: RULE_FILES, now: () => now, log: QUIET, openTracing },
    ...{ probe: () => undefined, replay: null, warehouse: false, holders: { file: null, timestamps: null } },
  });
  const take = () => embedded.accept(BODY);
  const answered = embedded.tracing?.request(null, BODY, take) ?? take();
  expect((await answered).accepted).toBe(6);
  now += 60_000;
  await embedded.ingest.tick(now);
  await embedded.drain();
  const logs = Object.entries(embedded.folder.logs).filter(([name]) => name !== 'seals');
  const records: string[] = [];
  for (const [name, log] of logs)
    for (const { offset, value } of await log.read(0, 0, 10_000))
      records.push(`${name} ${offset} ${Buffer.from(value).toString('hex')}`);
  await embedded.stop();
  return records.join('\n');
}

describe('traces', () => {
  it('leave every log as it is without them, byte by byte', async () => {
    const spans: FinishedSpan[] = [];
    const [without, traced] = [await run(null), await run(() => tracingInto(spans, 1))];
    expect(traced).toBe(without);
    expect(without).toContain('deliveries 0 ');
    const names = new Set(spans.map(({ name }) => name));
    for (const name of ['ingest', 'event', 'evaluate', 'alert', 'deliver'])
      expect(names).toContain(`fenghuo.${name}`);
  });

  it('are the same in whatever process they are named, and differ under another site key', async () => {
    const [first, second]: [FinishedSpan[], FinishedSpan[]] = [[], []];
    await run(() => tracingInto(first, 1));
    await run(() => tracingInto(second, 1));
    const roots = (spans: FinishedSpan[]) =>
      spans
        .filter(({ name, parent }) => name === 'fenghuo.evaluate' && parent === null)
        .map(({ traceId }) => traceId);
    expect(roots(first)).toHaveLength(3);
    expect(roots(second)).toEqual(roots(first));
  });

  it('are none where the ratio is 0 and the sender asks for none, and follow a sender who does', async () => {
    const spans: FinishedSpan[] = [];
    await run(() => tracingInto(spans, 0));
    expect(spans).toEqual([]);
    const tracing = tracingInto(spans, 0);
    const take = async () => ({ accepted: 0, rejected: 0, errors: [] });
    const parent = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
    await tracing.request(`00-${parent}-00`, '[]', take);
    for (const wrong of [
      '',
      'x',
      `01-${parent}-01`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${parent}-01-x`,
    ])
      await tracing.request(wrong, '[]', take);
    expect(spans).toEqual([]);
    await tracing.request(`00-${parent}-01`, '[]', take);
    expect(spans).toMatchObject([{ name: 'fenghuo.ingest', traceId: parent.slice(0, 32) }]);
  });

  it('have the acts of people in the trace of their warning, and no word of who acted', async () => {
    const { spans, logs } = traced();
    const taken = { id: 'a', at: NOW, warning: 'w1', department: 'market', type: 'sign', by: '张三' };
    await logs.actions.append(0, [encodeJson({ origin: ORIGIN, taken })]);
    await logs.deliveries.append(0, [delivery('d1', { warning: 'w1' })]);
    const [act, alert] = spans;
    expect(act).toMatchObject({ name: 'fenghuo.act', traceId: alert?.traceId, parent: alert?.parent });
    expect(act?.attributes).toEqual({
      ...{ 'fenghuo.warning': 'w1', 'fenghuo.act': 'sign', 'fenghuo.department': 'market' },
    });
  });

  it('follow a message that stands for many warnings from the first of them to its attempts', async () => {
    const { spans, logs, tracing } = traced();
    const many = Array.from({ length: 100 }, (_, index) => `w${index}`);
    await logs.deliveries.append(
      0,
      many.slice(0, 3).map((warning) => delivery(warning, { warning })),
    );
    const roots = spans.splice(0).map(({ parent }) => parent);
    await logs.deliveries.append(0, [delivery('all', { warnings: many }), delivery('bulletin', {})]);
    const channel = { name: 'hook', send: async () => ({ ok: true }) } as unknown as Channel;
    const message = { id: 'all', attempt: 1, body: { warnings: many } } as unknown as Message;
    await tracing.channel(channel).send([message], new AbortController().signal);
    const [alert, deliver, ...more] = spans;
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ name: 'fenghuo.alert', parent: roots[0] });
    expect(alert?.links.slice(0, 2)).toEqual(roots.slice(1));
    expect(alert?.links).toHaveLength(32);
    expect(deliver).toMatchObject({ name: 'fenghuo.deliver', traceId: roots[0]?.traceId });
    expect(deliver?.parent).toEqual({ traceId: alert?.traceId, spanId: alert?.spanId });
  });

  const batch = (...headers: Record<string, string>[]): FeedBatch => ({
    ...{ topic: 'inspections.raw', partition: 2 },
    records: headers.map((one, index) => ({
      ...{ topic: 'inspections.raw', partition: 2, offset: 70 + index, timestamp: NOW, key: null },
      ...{ value: new Uint8Array(), headers: new Map(Object.entries(one)) },
    })),
  });

  it('go on from the records of topics of others by their headers, and lead to their events', async () => {
    const { spans, logs, tracing } = traced(0);
    const take = async () => void (await logs.events.append(1, [new Uint8Array([1])]));
    const parent = (index: number) => `${index}`.padStart(32, '4') + '-00f067aa0ba902b7';
    await tracing.feed(batch({}, { other: 'x' }), take);
    await tracing.feed(batch({ traceparent: `00-${parent(1)}-00` }), take);
    expect(spans).toEqual([]);
    await tracing.feed(
      batch({}, { traceparent: `00-${parent(1)}-01` }, { ce_traceparent: `00-${parent(2)}-00` }),
      take,
    );
    const [ingest, event] = spans;
    expect(ingest).toMatchObject({ name: 'fenghuo.ingest', kind: 'consumer', parent: null });
    expect(ingest?.links.map(({ traceId }) => traceId)).toEqual(
      [1, 2].map((one) => parent(one).slice(0, 32)),
    );
    expect(ingest?.attributes).toEqual({
      ...{ 'fenghuo.topic': 'inspections.raw', 'fenghuo.topic.partition': 2 },
      ...{ 'fenghuo.topic.offset': 70, 'fenghuo.topic.records': 3 },
    });
    const { traceId, spanId } = ingest ?? {};
    expect(event).toMatchObject({ name: 'fenghuo.event', links: [{ traceId, spanId }] });
    expect(event?.attributes).toEqual({ 'fenghuo.log.partition': 1, 'fenghuo.log.offset': 2 });
  });

  it('link the blocks of the warehouse to the warnings and events in them, as many as one may look at', async () => {
    const { spans, logs, tracing } = traced();
    const inserted: string[] = [];
    const warehouse = tracing.warehouse({
      insert: async (table: string, _token: string, _rows: readonly Row[]) => {
        inserted.push(table);
        if (table === 'gone') throw new CodedError('WAREHOUSE_UNAVAILABLE');
      },
      query: async () => [],
      ready: async () => true,
    });
    const take = async () => ({
      accepted: await logs.events.append(0, [new Uint8Array([1])]),
      ...{ rejected: 0, errors: [] },
    });
    await tracing.request(null, '[]', take);
    const event = spans.find(({ name }) => name === 'fenghuo.event');
    await logs.deliveries.append(0, [delivery('d', { warning: 'w0' })]);
    const warning = spans.at(-1)?.parent;
    spans.length = 0;
    const rows = Array.from({ length: 200 }, (_, index) => ({ warning: `w${index >> 1}` }));
    await warehouse.insert('warnings', 'inbox/0/0-9/warnings', rows);
    await warehouse.insert('events', 'events/0/0-9/events', [
      { partition: 0, offset: 0 },
      { partition: 0, offset: 1 },
    ]);
    await expect(warehouse.insert('gone', 'x', rows)).rejects.toThrow();
    expect(inserted).toEqual(['warnings', 'events', 'gone']);
    const [block, events, gone] = spans;
    expect(block).toMatchObject({ name: 'fenghuo.archive', kind: 'client', failed: null });
    expect(block?.attributes).toEqual({
      ...{ 'fenghuo.table': 'warnings', 'fenghuo.block': 'inbox/0/0-9/warnings', 'fenghuo.rows': 200 },
    });
    expect(block?.links).toHaveLength(32);
    expect(block?.links[0]).toEqual(warning);
    expect(events?.links).toEqual([{ traceId: event?.traceId, spanId: event?.spanId }]);
    expect(gone?.failed).toBe('WAREHOUSE_UNAVAILABLE');
  });

  it('have a bounded number of spans and links for one request', async () => {
    const { spans, tracing, logs } = traced();
    const body = JSON.stringify(
      Array.from({ length: 1_000 }, (_, index) => ({
        traceparent: `00-${String(index + 1).padStart(32, '0')}-00f067aa0ba902b7-01`,
      })),
    );
    await tracing.request(null, body, async () => {
      await logs.events.append(
        0,
        Array.from({ length: 1_000 }, () => new Uint8Array([1])),
      );
      return { accepted: 1_000, rejected: 0, errors: [] };
    });
    expect(spans).toHaveLength(101);
    expect(spans[0]?.links).toHaveLength(32);
  });
});
