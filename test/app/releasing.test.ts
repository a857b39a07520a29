// Events at the end of their term in a running system with its warehouse.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from '../../src/app/embedded.js';
import { openHistory } from '../../src/app/history-place.js';
import { releasingIn } from '../../src/app/releasing.js';
import { Retaining } from '../../src/app/retaining.js';
import { openMetrics } from '../../src/app/telemetry.js';
import { decodeRecord } from '../../src/events/codec.js';
import type { StreamName } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { mergedHistory } from '../../src/pipeline/history/merged-history.js';
import { chdbRuns } from '../support/warehouse.js';
import { NOW, RULE_FILES, TRIED } from './office.js';

const DAY_MS = 86_400_000;
const TERMS = 'events: { complaint: 40d, sensor-reading: 20d }';
const QUIET = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  failure: (_what: string, error: unknown) => {
    throw error;
  },
};
const FILES = new Map([...RULE_FILES, ['catalogue/retention.yaml', TERMS]]);
const runs = await chdbRuns();

let dir: string;
let now = NOW;
let embedded: Embedded;
let retaining: Retaining;
let serial = 0;

async function start(files = FILES): Promise<void> {
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  embedded = await Embedded.start({
    ...{ dataDir: dir, siteKey: new Uint8Array(32).fill(3), rules, files, now: () => now, log: QUIET },
    ...{ probe: () => undefined, replay: null, warehouse: true, holders: { file: null, timestamps: null } },
  });
  await embedded.catchUp();
  retaining = new Retaining({
    ...{ folder: embedded.folder, rules: () => embedded.rules, now: () => now, log: QUIET },
    underWay: () => embedded.ingest.underWay,
    releasing: (parts) => releasingIn(embedded, parts, () => undefined),
  });
}

async function stop(): Promise<void> {
  await retaining.stop();
  await embedded.stop();
}

/** A day in which each subject is complained about and a device speaks; it is not waited for what comes of it. */
async function day(subjects: readonly string[]): Promise<void> {
  const envelope = { specversion: '1.0', source: 'urn:example:test', time: new Date(now).toISOString() };
  const event = (type: string, subject: string, data: object, more: object = {}) => ({
    ...{ ...envelope, id: `e${++serial}`, type: `fenghuo.${type}`, subject, data },
    ...more,
  });
  const events = [
    ...subjects.map((subject) => event('complaint', subject, { category: '食品' })),
    event('registration', 'shop:1', { kind: 'enterprise', name: '某店', region: '330106' }),
    event(
      'sensor-reading',
      'device:1',
      { metric: 'temperature', value: 4, unit: 'Cel' },
      { subject: 'device:1' },
    ),
  ];
  const { accepted, rejected } = await embedded.accept(JSON.stringify(events));
  expect([accepted, rejected]).toEqual([events.length, 0]);
  now += DAY_MS;
  await embedded.ingest.tick(now);
}

async function pass(ms: number): Promise<void> {
  now += ms;
  await embedded.ingest.tick(now);
  await embedded.drain();
}

const warehouse = () => {
  const { stage } = embedded.archive;
  if (stage === null) throw new Error('there is no warehouse');
  return stage.warehouse;
};
const count = async (sql: string) =>
  Number((await warehouse().query(`SELECT ${sql} AS total`))[0]?.['total']);
const rows = (table: string, where: string) => count(`(SELECT count() FROM ${table} WHERE ${where})`);

async function inLog(stream: StreamName, key?: string): Promise<number> {
  let found = 0;
  for (const { value } of await embedded.folder.logs.events.read(0, 0, 50_000)) {
    const record = decodeRecord(value);
    if (record.kind === 'event' && record.stream === stream && (key ?? record.key) === record.key) found++;
  }
  return found;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fenghuo-releasing-'));
  if (runs) await start();
}, 120_000);
afterAll(async () => {
  if (runs) await stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!runs)('events at the end of their term', () => {
  it('go from log and warehouse, and totals, warnings and what has no term stay', async () => {
    for (let today = 0; today < 60; today++) await day(['shop:1', 'shop:2']);
    await embedded.drain();
    const totals = () => count('(SELECT sum(total) FROM events_by_region)');
    const before = { totals: await totals(), warnings: (await embedded.book.list(0, 1_000)).length };
    expect(await rows('events', "stream = 'complaint'")).toBe(120);
    expect(await retaining.releaseDaily()).toBe(true);
    // Sixty days have passed since the first: those of the first twenty days, and of the twentieth itself, are over.
    expect([await inLog('complaint'), await inLog('sensor-reading'), await inLog('registration')]).toEqual([
      78, 19, 60,
    ]);
    expect(await rows('events', "stream = 'complaint'")).toBe(78);
    expect(await rows('events_by_key', "stream = 'complaint'")).toBe(78);
    expect(await rows('events', "stream = 'sensor-reading'")).toBe(19);
    expect(await rows('events', "stream = 'registration'")).toBe(60);
    expect(await count('(SELECT sum(samples) FROM readings_per_hour)')).toBe(60);
    expect({ totals: await totals(), warnings: (await embedded.book.list(0, 1_000)).length }).toEqual(before);
    const text = await openMetrics(embedded, new Map(), () => retaining.released).metrics();
    expect(text).toContain('fenghuo_events_released_total{stream="complaint"} 42');
    const audit = await embedded.folder.logs.audit.read(0, 0, 100);
    const noted = audit.map(({ value }) =>
      decodeJson<{ what: string; stream: string; count: number }>(value),
    );
    expect(noted.map(({ what, stream, count: total }) => `${what} ${stream} ${total}`)).toEqual([
      'release-events sensor-reading 41',
      'release-events complaint 42',
    ]);
    expect(await retaining.releaseDaily()).toBe(false);
  }, 240_000);

  it('stay for a key on hold in both, until the sweep after its end', async () => {
    const [hold] = await retaining.hold({
      ...{ do: 'add', subject: 'subject:shop:2', reason: '行政复议', by: '张三', until: now + 90 * DAY_MS },
    });
    await pass(10 * DAY_MS);
    expect(await retaining.releaseDaily()).toBe(true);
    const held = "stream = 'complaint' AND key = 'shop:2'";
    expect([await inLog('complaint', 'subject:shop:2'), await inLog('complaint', 'subject:shop:1')]).toEqual([
      39, 29,
    ]);
    expect([await rows('events', held), await rows('events_by_key', held)]).toEqual([39, 39]);
    await retaining.hold({ do: 'end', id: hold?.id ?? '', by: '张三', reason: '结案' });
    await pass(DAY_MS);
    expect(await retaining.releaseDaily()).toBe(true);
    expect([await inLog('complaint', 'subject:shop:2'), await rows('events', held)]).toEqual([28, 28]);
  }, 240_000);

  it('are missed by nobody: a start, a history read beside it, and rules that come later', async () => {
    const kept = await inLog('complaint');
    await stop();
    await start(new Map([...FILES, ['food/tried.yaml', TRIED]]));
    await pass(10_000);
    await embedded.drain();
    expect((await embedded.models.status()).unprimed).toBe(0);
    // The newest complaints lie eleven days back, within the thirty that the new model looks at.
    expect(
      (await embedded.book.list(0, 1_000)).filter(({ latest }) => latest.transition.model === 'food/tried'),
    ).not.toEqual([]);
    const place = await openHistory({ dataDir: dir });
    try {
      let complaints = 0;
      const asked = { sinceMs: -Infinity, always: [], beforeMs: Infinity, ends: place.ends, page: 7 };
      for await (const page of mergedHistory(place.history, asked))
        for (const { record } of page)
          if (record.kind === 'event' && record.stream === 'complaint') complaints++;
      expect(complaints).toBe(kept);
    } finally {
      await place.close();
    }
  }, 240_000);

  it('stay while the warehouse is not open', async () => {
    await pass(DAY_MS);
    const before = await inLog('complaint');
    const { stage } = embedded.archive;
    embedded.archive.stage = null;
    try {
      expect(await retaining.releaseDaily()).toBe(false);
      expect(await inLog('complaint')).toBe(before);
    } finally {
      embedded.archive.stage = stage;
    }
    expect(await retaining.releaseDaily()).toBe(true);
    expect(await inLog('complaint')).toBeLessThan(before);
  }, 60_000);
});
