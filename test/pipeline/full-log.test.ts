// A log that refuses: the sender learns of it, nothing is lost, and what is sent again counts once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openLmdb, type LmdbStores } from '../../src/adapters/lmdb/lmdb.js';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import { decodeRecord } from '../../src/events/codec.js';
import { loadRules } from '../../src/model/load.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import type { Logs } from '../../src/ports/log.js';
import { codeOf, opened, post } from '../adapters/http/opened.js';
import { rulesWith } from '../model/rules-fixture.js';

const AT = Date.UTC(2026, 2, 1, 2);
const EVENTS = 3_000;
const LOGS = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A data folder, its stores behind ingest, and a front over HTTP. */
async function serving(path: string, mapSizeBytes: number) {
  const stores = await openLmdb({ path, mapSizeBytes });
  const logs = Object.fromEntries(LOGS.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const siteKey = new Uint8Array(32).fill(7);
  const ingest = new Ingest({ logs, vault: stores.vault(siteKey), siteKey, probe: () => undefined });
  await ingest.open();
  const front = await opened({}, { accept: (body) => ingest.accept(body, AT) });
  undo.push(
    () => stores.close(),
    () => front.close(),
  );
  return { stores, logs, front };
}

function bodyOf(count: number): string {
  const events = Array.from({ length: count }, (_, index) => ({
    specversion: '1.0',
    id: `c-${index}`,
    source: '/12345/haidian',
    type: 'fenghuo.complaint',
    subject: '91110000802100433B',
    time: new Date(AT - index * 60_000).toISOString(),
    data: { category: '食品过期变质', content: '店内销售的熟食已过保质期。'.repeat(20) },
  }));
  return events.map((event) => JSON.stringify(event)).join('\n');
}

/** The figure of the complaints in the log, and how many of its records were duplicates. */
async function counted(stores: LmdbStores): Promise<{ complaints: unknown; duplicates: number }> {
  const model = `model: food/repeat-complaints
title: 投诉
summary: 投诉。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 30d }
levels:
  blue: 'complaints > 0'
advise: 核查。
`;
  const { rules } = loadRules(rulesWith({ 'food/repeat-complaints.yaml': model }), '2026-03-01');
  if (rules === null) throw new Error('the rules do not load');
  let complaints: unknown = 0;
  let duplicates = 0;
  const emit = (output: Output) => {
    if (output.kind === 'transition') complaints = output.indicators['complaints'];
    else if (output.kind === 'verdict' && output.verdict === 'duplicate') duplicates++;
  };
  const engine = new Engine(rules, { namespace: 'test', partition: 0, store: new MemoryKeyStore(), emit });
  const events = stores.log('events');
  const end = await events.end(0);
  for (let offset = 0; offset < end;) {
    for (const record of await events.read(0, offset, 1_000)) {
      engine.step(decodeRecord(record.value), record.offset);
      offset = record.offset + 1;
    }
  }
  engine.end();
  return { complaints, duplicates };
}

it('answers no 202, keeps nothing of the body, and counts it once when it is sent again, and again', async () => {
  const path = await mkdtemp(join(tmpdir(), 'fenghuo-full-'));
  undo.push(() => rm(path, { recursive: true, force: true }));
  const body = bodyOf(EVENTS);

  const full = await serving(path, 1_000_000);
  const refused = await post(full.front.url, body, 'application/x-ndjson');
  expect([refused.status, codeOf(refused)]).toEqual([503, 'HTTP_STORE']);
  expect(refused.headers['retry-after']).toBe('30');
  expect(full.front.failures.map(({ code }) => code)).toEqual(['STORE_FULL']);
  expect(refused.text).not.toContain('熟食');
  expect(await full.logs.events.end(0)).toBe(0);
  // What is small enough is still taken, and is the beginning of what comes again.
  expect((await post(full.front.url, bodyOf(10), 'application/x-ndjson')).status).toBe(202);
  await full.stores.close();

  const roomy = await serving(path, 100_000_000);
  expect((await post(roomy.front.url, body, 'application/x-ndjson')).status).toBe(202);
  expect((await post(roomy.front.url, body, 'application/x-ndjson')).status).toBe(202);
  expect(await counted(roomy.stores)).toEqual({ complaints: EVENTS, duplicates: EVENTS + 10 });
});
