// State larger than memory: a cache of one in a hundred keys changes nothing but the work.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLmdb, type LmdbStores } from '../../src/adapters/lmdb/lmdb.js';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { partsOf } from '../../src/engine/key-codec.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import { Strata } from '../../src/engine/strata.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import type { Logs } from '../../src/ports/log.js';
import { randomFrom } from '../simulation/generate.js';
import { CATALOGUE } from '../simulation/models.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 1);
const KEYS = 800;
const RECORDS = 4_000;

const RULES: Record<string, string> = {
  'sim/complaints': `
scope: subject
indicators:
  many: { from: complaint, count: '*', over: 7d }
  people: { from: complaint, distinct: 'event.complainant', over: 20d }
levels: { orange: 'many >= 4 && people >= 3', blue: 'many >= 2' }
hold: 1d
`,
  'sim/fines': `
scope: subject
indicators: { fined: { from: penalty, sum: 'event.amount', over: 15d } }
levels: { yellow: 'fined >= 120' }
for: 6h
`,
};
const HEAD = 'title: 题\nsummary: 述\nitem: item\nplan: plan\nadvise: 议\n';

function rulesOf() {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, text] of Object.entries(RULES))
    files.set(`${name}.yaml`, `model: ${name}\n${HEAD}${text}`);
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

let folder: string;
let stores: LmdbStores;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-cache-'));
  stores = await openLmdb({ path: folder });
});
afterEach(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

/** Complaints and penalties of many keys, a few of which are seen so often that their events lie in parts; 30 days. */
function* life(): Generator<LogRecord> {
  const random = randomFrom(17);
  const latest = new Map<string, string>();
  for (let index = 0; index < RECORDS; index++) {
    const at = START + Math.floor((index / RECORDS) * 30 * 24) * HOUR;
    const place = random() < 0.4 ? 4 * random() : KEYS * random() ** 2;
    const key = `subject:sim:${Math.floor(place)}`;
    const isPenalty = random() < 0.3;
    const data = isPenalty ? { amount: 60 } : { category: '食品', amount: 20, complainant: `p:${index % 7}` };
    const stream = isPenalty ? 'penalty' : 'complaint';
    const late = random() < 0.1 ? Math.floor(random() * 9 * 24) * HOUR : 0;
    const event = {
      kind: 'event',
      id: `s ${index}`,
      stream,
      source: 's',
      key,
      time: at - late,
      at,
      data,
    } as const;
    const before = latest.get(key);
    latest.set(key, event.id);
    // One in thirty takes back the one before it on its key, however long ago that was.
    if (before === undefined || random() > 0.03) yield event;
    else yield { ...event, time: at, revokes: before };
  }
  yield { kind: 'tick', at: START + 60 * 24 * HOUR };
}

/** Compares what is stored of keys with what evaluate says of it. @returns how many parts there are */
async function storedParts(evaluate: Evaluate): Promise<number> {
  const keys = await stores.state.keys('evaluate/0', 'k/', '', 10_000);
  const parts = await stores.state.keys('evaluate/0', 'c/', '', 10_000);
  const loaded = await stores.state.load('evaluate/0', [...keys, ...parts]);
  const bytes = loaded.reduce((total, one) => total + (one?.length ?? 0), 0);
  expect(evaluate.stateSizes[0]).toEqual({ keys: keys.length, bytes });
  // Nothing is stored that no record names.
  const named = keys.flatMap((name, index) =>
    partsOf(loaded[index] as Uint8Array).map((number) => `c/${number} ${name.slice(2)}`),
  );
  expect(named.sort()).toEqual([...parts].sort());
  return parts.length;
}

it('keeps fewer keys where those have many events', async () => {
  const names = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;
  const logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const complaint = (key: number, index: number): LogRecord => ({
    ...{
      kind: 'event',
      id: `s ${key} ${index}`,
      stream: 'complaint',
      source: 's',
      key: `subject:sim:${key}`,
    },
    ...{
      time: START + index,
      at: START + index,
      data: { complainant: `p:${index}`, category: '食品', amount: 1 },
    },
  });
  const records = (events: number) =>
    Array.from({ length: 20 * events }, (_unused, index) => complaint(index % 20, index));
  const kept: number[] = [];
  let from = 0;
  for (const events of [2, 200]) {
    const evaluate = new Evaluate({
      ...{ rules: rulesOf(), logs, state: stores.state, partition: 0, probe: () => undefined, batch: 100 },
      ...{ nonce: () => `${from++}`, cachedKeys: 20 },
    });
    await evaluate.open();
    const added = records(events).map((record) => ({ ...record, at: record.at + events * HOUR }));
    await logs.events.append(0, added.map(encodeRecord));
    while ((await evaluate.run()) > 0);
    kept.push(evaluate.room.size);
  }
  expect(kept[0]).toBe(20);
  expect(kept[1]).toBeLessThan(20);
  expect(kept[1]).toBeGreaterThan(0);
});

it('gives the same warnings, keeps to its bound, and knows what the store holds', async () => {
  const rules = rulesOf();
  const expected: string[] = [];
  const strata = new Strata(rules, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') expected.push(`${output.warning}/${output.ordinal} ${output.level}`);
    },
  });
  const names = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;
  const logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const records = [...life()];
  for (const [offset, record] of records.entries()) strata.step(record, offset);
  await logs.events.append(0, records.map(encodeRecord));

  let serial = 0;
  const options = { rules, logs, state: stores.state, partition: 0, probe: () => undefined, batch: 100 };
  const evaluate = new Evaluate({ ...options, nonce: () => `n${serial++}`, cachedKeys: KEYS / 100 });
  await evaluate.open();
  let most = 0;
  let mostParts = 0;
  for (let batches = 0; (await evaluate.run()) > 0; batches++) {
    most = Math.max(most, evaluate.room.size);
    if (batches % 8 === 0) mostParts = Math.max(mostParts, await storedParts(evaluate));
  }

  const inbox = await logs.inbox.read(0, 0, 200_000);
  const said = inbox.map(({ value }) => decodeJson<WarningRecord>(value).transition);
  expect(said.map(({ warning, ordinal, level }) => `${warning}/${ordinal} ${level}`)).toEqual(expected);
  expect(expected.length).toBeGreaterThan(500);
  // Marked keys wait for the clock, so they may stay over the bound.
  expect(most).toBeLessThanOrEqual(2 * (KEYS / 100));

  // While the run went on there were many. At its end all their events are forgotten, but keys stay as they were written
  // when they were woken up last.
  expect(await storedParts(evaluate)).toBeLessThan(10);
  expect(mostParts).toBeGreaterThan(30);
});
