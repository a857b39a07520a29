// A data folder that a build of a former layout left in the middle of a log goes on as if that build had gone on.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLmdb, type LmdbStores } from '../../src/adapters/lmdb/lmdb.js';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import type { Transition } from '../../src/engine/output.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import type { Logs } from '../../src/ports/log.js';
import type { StoredCheckpoint, StoredLife } from '../engine/layouts.js';

const life = JSON.parse(
  readFileSync(new URL('../golden/layout-3.json', import.meta.url), 'utf8'),
) as StoredLife;
const rules = life.sets.map((files) => loadRules(new Map(Object.entries(files))).rules as RuleSet);
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const NAMESPACE = 'evaluate/0';

let folder: string;
let stores: LmdbStores;
let logs: Logs;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-layout-'));
  stores = await openLmdb({ path: folder });
  const names = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;
  logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
  await logs.events.append(0, life.log.map(bytesOf));
});
afterEach(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

async function store({ meta, records, timers }: StoredCheckpoint): Promise<void> {
  await stores.state.commit(NAMESPACE, {
    base: 0,
    baseNonce: '',
    nonce: 'former',
    meta: bytesOf(meta),
    records: new Map(Object.entries(records).map(([name, base64]) => [name, bytesOf(base64)])),
    timersSet: timers,
    timersCleared: [],
  });
}

async function open(batch: number): Promise<Evaluate> {
  let serial = 0;
  const evaluate = new Evaluate({
    rules: rules[0] as RuleSet,
    rulesOf: (revision) => Promise.resolve(rules.find((one) => one.revision === revision)),
    logs,
    state: stores.state,
    partition: 0,
    nonce: () => `n${serial++}`,
    probe: () => undefined,
    batch,
    cachedKeys: 2,
  });
  await evaluate.open();
  return evaluate;
}

async function versions(): Promise<Map<string, number>> {
  const names = await stores.state.keys(NAMESPACE, '', '', 10_000);
  const keys = names.filter((name) => /^(\d+\/)?k\//.test(name));
  const loaded = await stores.state.load(NAMESPACE, keys);
  return new Map(keys.map((name, index) => [name, loaded[index]?.[0] ?? 0]));
}

/** Models that read warnings are told of those before a change of rules by now, which the build of then did not do. */
const isAsThen = (warning: string) => !/^sim\/(region-)?joint /.test(warning);

/** What a warning says and rests on, whatever else later builds tell of it. */
function coreOf(transition: Transition): string {
  const { warning, ordinal, level, previous, clock, raised, reason, indicators, contributions } = transition;
  const { total, hash } = contributions;
  const core = { warning, ordinal, level, previous, clock, raised, reason, indicators, total, hash };
  return canonicalize(core) ?? '';
}

describe('a data folder of layout 3', () => {
  it.each([0, 1])('goes on from checkpoint %i with the warnings of the build that left it', async (index) => {
    const checkpoint = life.checkpoints[index] as StoredCheckpoint;
    await store(checkpoint);
    expect(new Set((await versions()).values())).toEqual(new Set([3]));
    let evaluate = await open(7);
    for (let batches = 0; (await evaluate.run()) > 0; batches++) {
      // Opened anew in between, so that old and new records lie side by side.
      if (batches % 3 === 2) evaluate = await open(1 + (batches % 5));
    }
    const inbox = await logs.inbox.read(0, 0, 10_000);
    const said = inbox.map(({ value }) => {
      const { transition } = decodeJson<WarningRecord>(value);
      const hash = createHash('sha256').update(coreOf(transition)).digest('hex').slice(0, 16);
      return `${transition.model} ${transition.key} ${transition.level} ${transition.clock} ${hash}`;
    });
    expect(said.length).toBeGreaterThan(30);
    expect(said.filter(isAsThen)).toEqual(life.warnings.slice(-said.length).filter(isAsThen));
    // Whatever was touched has the present layout; what was not keeps its own.
    const after = [...(await versions()).values()];
    expect(after.filter((version) => version === 4).length).toBeGreaterThan(after.length / 2);
    const stored = await stores.state.keys(NAMESPACE, 'k/', '', 10_000);
    const parts = await stores.state.keys(NAMESPACE, 'c/', '', 1_000);
    const loaded = await stores.state.load(NAMESPACE, [...stored, ...parts]);
    const bytes = loaded.reduce((total, one) => total + (one?.length ?? 0), 0);
    expect(evaluate.stateSizes[0]).toEqual({ keys: stored.length, bytes });
  });

  it('of a layout that is to come is refused, with what to do', async () => {
    const checkpoint = life.checkpoints[0] as StoredCheckpoint;
    const newer = Object.fromEntries(
      Object.entries(checkpoint.records).map(([name, base64]) => {
        const bytes = bytesOf(base64);
        if (/^(\d+\/)?k\//.test(name)) bytes[0] = 5;
        return [name, Buffer.from(bytes).toString('base64')];
      }),
    );
    await store({ ...checkpoint, records: newer });
    const run = async () => {
      const evaluate = await open(50);
      while ((await evaluate.run()) > 0);
    };
    await expect(run()).rejects.toMatchObject({
      code: 'STATE_VERSION',
      message: expect.stringContaining('run the build that wrote it, or a newer one') as string,
    });
  });
});
