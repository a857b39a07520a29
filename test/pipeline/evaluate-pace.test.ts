// Checkpoints that come less often than batches: what is said does not tell, and what none of them has is done again.
import { expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { checkpointOf, decodeJson } from '../../src/pipeline/checkpoint.js';
import type { Pace } from '../../src/pipeline/checkpoint-pace.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import type { EvaluateMeta } from '../../src/pipeline/evaluate-meta.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { eventAt, HOUR, setOf, START } from '../engine/turns.js';
import { recordsOf } from '../support/servers/oracle.js';
import { openLosingStores } from './losing-stores.js';

const rules = setOf({
  'sim/many': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 1h } }
levels: { blue: 'many >= 1', yellow: 'many >= 2' }
`,
});
const BATCH = 4;
const PACE = { records: 10, ms: 1_000 };

/** Complaints of three subjects, 20 minutes apart, most of which a tick lets go of before the next one comes. */
function life(): LogRecord[] {
  const log: LogRecord[] = [];
  for (let index = 0; index < 30; index++) {
    const at = START + (index * HOUR) / 3;
    log.push({ ...eventAt(0, 'complaint'), id: `s c${index}`, key: `subject:s${index % 3}`, time: at, at });
    if (index % 5 === 4) log.push({ kind: 'tick', at: at + HOUR / 6 });
  }
  log.push({ kind: 'tick', at: START + 20 * HOUR });
  return log;
}

async function opened(log: readonly LogRecord[]) {
  const stores = openLosingStores();
  await stores.logs.events.append(0, log.map(encodeRecord));
  const clock = { now: 0 };
  let serial = 0;
  const start = async (pace: Omit<Pace, 'elapsed'> | null): Promise<Evaluate> => {
    const evaluate = new Evaluate({
      rules,
      logs: stores.logs,
      state: stores.state,
      partition: 0,
      nonce: () => `n${serial++}`,
      probe: () => undefined,
      batch: BATCH,
      cachedKeys: 1,
      pace: pace === null ? undefined : { ...pace, elapsed: () => clock.now },
    });
    await evaluate.open();
    return evaluate;
  };
  const keptTo = async () => (await checkpointOf<EvaluateMeta>(stores.state, 'evaluate/0'))?.offset ?? 0;
  const said = async () => {
    const filter = new OriginFilter({});
    const stored = (await recordsOf(stores.logs.inbox, 0)).map((value) => decodeJson<WarningRecord>(value));
    return stored
      .filter(({ origin }) => filter.admit(origin))
      .map(({ origin, link, transition }) => [origin, link.hash, transition] as const);
  };
  return { ...stores, clock, start, keptTo, said };
}

async function saidAtEveryBatch(log: readonly LogRecord[]) {
  const { start, said } = await opened(log);
  const evaluate = await start(null);
  while ((await evaluate.run()) > 0);
  return said();
}

it('writes what is said with every batch, and its place when so many records were stepped', async () => {
  const log = life();
  const { start, said, keptTo } = await opened(log);
  const evaluate = await start(PACE);
  await evaluate.run();
  expect((await said()).length).toBeGreaterThan(0);
  expect(await keptTo()).toBe(0);
  await evaluate.run();
  expect([await keptTo(), evaluate.position]).toEqual([0, 0]);
  await evaluate.run();
  expect([await keptTo(), evaluate.position]).toEqual([3 * BATCH, 3 * BATCH]);
  while ((await evaluate.run()) > 0);
  expect(await said()).toEqual(await saidAtEveryBatch(log));
});

it('keeps its place after some time, though nothing more comes', async () => {
  const { start, keptTo, clock } = await opened(life().slice(0, BATCH));
  const evaluate = await start(PACE);
  expect(await evaluate.run()).toBe(BATCH);
  clock.now += PACE.ms - 1;
  expect([await evaluate.run(), await keptTo()]).toEqual([0, 0]);
  clock.now += 1;
  expect([await evaluate.run(), await keptTo()]).toEqual([1, BATCH]);
  clock.now += PACE.ms;
  expect(await evaluate.run()).toBe(0);
});

it('does again what no checkpoint has, and says it with the same origins and links', async () => {
  const log = life();
  const { start, said } = await opened(log);
  for (let rounds = 1; rounds < 9; rounds++) {
    const evaluate = await start(PACE);
    for (let round = 0; round < rounds; round++) await evaluate.run();
  }
  const last = await start(PACE);
  while ((await last.run()) > 0);
  expect(await said()).toEqual(await saidAtEveryBatch(log));
});

it('keeps its place where others are to go on', async () => {
  const { start, keptTo } = await opened(life());
  const evaluate = await start(PACE);
  await evaluate.run();
  expect(await evaluate.settle()).toBe(1);
  expect(await keptTo()).toBe(BATCH);
  expect(await evaluate.settle()).toBe(0);
  expect((await start(PACE)).position).toBe(BATCH);
});
