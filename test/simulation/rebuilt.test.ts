// A state that was lost whole, at any instant, is made anew from the logs: what is said after it is what would have been.
import { describe, expect, it } from 'vitest';
import type { InboxRecord } from '../../src/alerts/inbox.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import type { Placed } from '../../src/pipeline/rebuild/standing-log.js';
import { Sealing } from '../../src/pipeline/sealing.js';
import type { SignedSeal } from '../../src/evidence/seal.js';
import type { Log, WideLogs } from '../../src/ports/log.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { SIGNER } from '../pipeline/sealed-run.js';
import { expectedDeliveries, recordsOf, saidDeliveries } from '../support/servers/oracle.js';
import { EVIDENCE_KEY, RebuiltRun } from './rebuilt.js';
import { batchesOf, FIRST, SEEDS } from './seeds.js';
import { generateStrataLog } from './strata-generate.js';
import { strataRules } from './strata-models.js';
import { split } from './strata-runs.js';

const rules = strataRules();
const happened = { between: 0, amid: 0, interrupted: 0, copies: 0, retries: 0, delivered: 0, dead: 0 };

/** What steps said in a partition of a log, by where it comes from; that of the inbox's own records is left out. */
async function saidIn(log: Log, partition: number): Promise<Record<string, string[]>> {
  const said: Record<string, string[]> = {};
  for (const value of await recordsOf(log, partition)) {
    const { origin } = decodeJson<Placed>(value);
    if (origin === undefined || !/^(?:events|strata)\//.test(origin.source)) continue;
    (said[origin.source] ??= []).push(Buffer.from(value).toString());
  }
  return said;
}

async function sealIds(logs: WideLogs): Promise<string[]> {
  return (await recordsOf(logs.seals, 0)).map((value) => decodeJson<SignedSeal>(value).id);
}

/** The seals that one undisturbed sealing makes of an inbox. */
async function expectedSeals(inbox: Log, clock: number): Promise<string[]> {
  const stores = openMemory();
  const logs = { inbox, seals: stores.log('seals') } as unknown as WideLogs;
  let serial = 0;
  const sealing = new Sealing({
    logs,
    state: stores.state,
    nonce: () => `n${serial++}`,
    batch: 100,
    signer: SIGNER,
    evidenceKey: EVIDENCE_KEY,
    manifestDigest: async () => undefined,
  });
  await sealing.open();
  while ((await sealing.run(clock)) > 0);
  return sealIds(logs);
}

/** Ids of messages that the inbox was told of. */
async function toldOf(inbox: Log, kind: 'delivered' | 'undeliverable'): Promise<string[]> {
  const records = (await recordsOf(inbox, 0)).map((value) => decodeJson<InboxRecord>(value));
  return records.flatMap((record) => (record.kind === kind ? record.deliveries : []));
}

async function judgeDeliveries(run: RebuiltRun, knowsKey: boolean, name: string): Promise<void> {
  const { logs } = run.stores;
  const expected = await expectedDeliveries([rules], logs.inbox);
  expect(await saidDeliveries(logs.deliveries), name).toEqual(expected);
  expect(await logs.deliveries.end(0), name).toBe(expected.length);
  const delivered = new Set(await toldOf(logs.inbox, 'delivered'));
  const dead = new Set(await toldOf(logs.inbox, 'undeliverable'));
  const received = new Map<string, number[]>();
  for (const { id, attempt } of run.received) received.set(id, [...(received.get(id) ?? []), attempt]);
  for (const text of expected) {
    const { id } = JSON.parse(text) as { id: string };
    const attempts = received.get(id) ?? [];
    // Each has an end; nothing that was lost on the way counts as delivered, and none is both.
    expect([delivered.has(id), dead.has(id)].filter(Boolean).length, `${name} ${id}`).toBe(1);
    if (delivered.has(id)) expect(attempts.length, `${name} ${id}`).toBeGreaterThan(0);
    // What comes again says that it does, and comes only where it is known again.
    if (!knowsKey) expect(attempts.length, `${name} ${id}`).toBeLessThan(2);
    expect(attempts.filter((attempt) => attempt === 1).length, `${name} ${id}`).toBeLessThan(2);
    happened.retries += Math.max(0, attempts.length - 1);
  }
  happened.dead += dead.size;
  happened.delivered += delivered.size;
}

async function judge(seed: number): Promise<void> {
  const name = `seed ${seed}`;
  const whole = generateStrataLog(seed);
  const partitionLogs = split(whole, 1 + (seed % 3));
  const last = Math.max(...whole.map(({ at }) => at));
  for (const log of partitionLogs) log.push({ kind: 'tick', at: last + 1 }, { kind: 'tick', at: last + 2 });
  const given = { rules, partitionLogs, derived: 1 + (seed % 2), knowsKey: seed % 4 < 2 };
  const expected = new RebuiltRun({ ...given, seed: seed + 1_000, lossRate: 0 });
  const run = new RebuiltRun({ ...given, seed, lossRate: 0.06 });
  await expected.run();
  await run.run();
  const [is, was] = [run.stores.logs, expected.stores.logs];
  for (let partition = 0; partition < 3; partition++) {
    for (const log of ['verdicts', 'derived', 'transitions', 'operator', 'inbox'] as const) {
      const where = `${name} ${log}/${partition}`;
      expect(await saidIn(is[log], partition), where).toEqual(await saidIn(was[log], partition));
    }
  }
  expect(run.clock, name).toBe(expected.clock);
  await judgeDeliveries(run, given.knowsKey, name);
  const seals = await sealIds(is);
  expect(seals.length, name).toBeGreaterThan(5);
  expect(seals, name).toEqual(await expectedSeals(is.inbox, run.clock));
  for (const what of ['between', 'amid', 'interrupted', 'copies'] as const)
    happened[what] += run.losses[what];
}

describe(`simulated losses of the whole state, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  // A life with its losses takes a few times as long as one without, so it is one of three.
  it.each(batchesOf(3))('leave no trace in what is said: the first of %s', async (_name, seeds) => {
    await judge(seeds[0] ?? FIRST);
  });

  it('leave nothing writing behind where a rebuild of several partitions is cut off', () => judge(199));

  it.runIf(SEEDS >= 30)('came between rounds and amid them, and rebuilds were cut off', () => {
    for (const what of ['between', 'amid', 'interrupted', 'copies', 'retries', 'dead', 'delivered'] as const)
      expect(happened[what], what).toBeGreaterThan(SEEDS / 6);
  });
});
