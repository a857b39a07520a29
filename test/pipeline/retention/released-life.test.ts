// A system that lets events go says what one says that keeps them all: across restarts, changes of rules, and the histories
// that new models are told from what is left.
import { describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../../src/alerts/inbox.js';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import type { EventTerms } from '../../../src/catalogue/retention.js';
import { encodeRecord } from '../../../src/events/codec.js';
import { STREAMS, type LogRecord, type StreamName } from '../../../src/events/event.js';
import { needsOf } from '../../../src/model/reach.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { decodeJson } from '../../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../../src/pipeline/evaluate.js';
import { LoggedHistory } from '../../../src/pipeline/history/logged-history.js';
import { LogTelling, Primer } from '../../../src/pipeline/primer.js';
import { Holds } from '../../../src/pipeline/retention/holds.js';
import { ReleaseEvents } from '../../../src/pipeline/retention/release-events.js';
import type { Logs } from '../../../src/ports/log.js';
import { randomFrom } from '../../simulation/generate.js';
import { regionalLife, rulesOf, SETS } from '../../simulation/turning-sets.js';
import { LOG_NAMES } from '../losing-stores.js';

const REGISTERS: readonly StreamName[] = ['registration', 'credit-change'];

/** A life with changes of rules. */
function lifeOf(seed: number): LogRecord[] {
  const random = randomFrom(seed * 7_919);
  const log: LogRecord[] = [];
  let clock = -Infinity;
  for (const record of regionalLife(seed, random)) {
    clock = Math.max(clock, record.at);
    if (log.length === 0) log.push({ kind: 'revision', at: clock, revision: SETS[0]?.revision ?? '' });
    log.push({ ...record, at: clock });
    if (random() > 0.02) continue;
    clock += 2_000;
    log.push({
      kind: 'revision',
      at: clock,
      revision: (SETS[Math.floor(random() * SETS.length)] as RuleSet).revision,
    });
  }
  return log;
}

/** As short as they may be: a gap, in which nobody listened, lets an absence look back further. */
function termsOf(life: readonly LogRecord[]): EventTerms {
  const gapsMs = life.reduce((sum, one) => sum + (one.kind === 'gap' ? one.at - one.from : 0), 0);
  const streams = STREAMS.filter((stream) => !REGISTERS.includes(stream));
  return new Map(
    streams.map((stream) => {
      const needed = SETS.flatMap((set) => needsOf(set, stream).map(({ ms }) => ms));
      return [stream, Math.max(86_400_000, ...needed) + gapsMs];
    }),
  );
}

interface Lived {
  readonly said: unknown;
  readonly total: number;
  /** Events that were let go, those before a change of rules apart. */
  readonly released: number;
  readonly beforeChanges: number;
  readonly told: number;
}

/** Runs evaluate and primer over a life, opened anew now and then. @param terms empty to keep everything */
async function lived(life: readonly LogRecord[], seed: number, terms: EventTerms): Promise<Lived> {
  const [random, sweeping] = [randomFrom(seed), randomFrom(seed + 1_000)];
  const stores = openMemory();
  const names = [...LOG_NAMES, 'audit'] as const;
  const logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const { state } = stores;
  let [serial, newest, told, released, beforeChanges] = [0, 0, 0, 0, 0];
  const common = { logs, state, nonce: () => `n${serial++}`, probe: () => undefined };
  const tell = async (records: readonly ((at: number) => LogRecord)[]) => {
    told += records.length;
    await logs.events.append(
      0,
      records.map((at) => encodeRecord(at(newest))),
    );
  };
  const open = async (batch: number) => {
    const evaluate = new Evaluate({
      ...{ ...common, rules: SETS[0] as RuleSet, rulesOf: async (name: string) => rulesOf(name) },
      ...{ partition: 0, batch, cachedKeys: 2 },
    });
    await evaluate.open();
    const telling = new LogTelling({ logs, evaluate, ingest: { tell }, batch });
    const history = new LoggedHistory(logs.events, 1, batch);
    const primer = new Primer({ inbox: logs.inbox, history, telling, probe: () => undefined, batch });
    const limit = async () => Math.max(0, Math.min(evaluate.position, (await logs.events.end(0)) - 1));
    const release = new ReleaseEvents({
      ...{ ...common, partition: 0, events: stores.log('events'), limit, remove: null },
      holds: new Holds(common),
    });
    return { evaluate, primer, release };
  };
  let stages = await open(5);
  for (let next = 0; next < life.length;) {
    const some = life.slice(next, next + 1 + Math.floor(random() * 30));
    await logs.events.append(0, some.map(encodeRecord));
    newest = some[some.length - 1]?.at ?? newest;
    next += some.length;
    if (random() < 0.2) stages = await open(1 + Math.floor(random() * 20));
    const { evaluate, primer, release } = stages;
    while ((await evaluate.run()) + (await primer.run()) > 0);
    if (some.some(({ kind }) => kind === 'revision')) beforeChanges = released;
    // Nobody reads history any more.
    if (terms.size === 0 || evaluate.telling !== null || sweeping() < 0.5) continue;
    const stepsMost = sweeping() < 0.2 ? 3 : Infinity;
    for (let steps = 0; steps < stepsMost && (await release.step(terms, newest)); steps++);
    released = (await logs.events.end(0)) - (await logs.events.read(0, 0, 100_000)).length;
  }
  const stored = await logs.inbox.read(0, 0, 100_000);
  const said = stored.map(({ value }) => decodeJson<WarningRecord>(value).transition);
  return { said, total: said.length, released, beforeChanges, told };
}

describe('events that go at the end of their term', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('change nothing of what is said, seed %i', async (seed) => {
    const life = lifeOf(seed);
    const kept = await lived(life, seed, new Map());
    const released = await lived(life, seed, termsOf(life));
    expect(released.said).toEqual(kept.said);
    expect([released.told, kept.total]).toEqual([kept.told, released.total]);
    expect(kept.total).toBeGreaterThan(10);
    expect(released.released).toBeGreaterThan(5);
  });

  it('were many, and some were gone before rules changed and new models were told what was left', async () => {
    let [all, before, retold] = [0, 0, 0];
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const life = lifeOf(seed);
      const { released, beforeChanges, told } = await lived(life, seed, termsOf(life));
      all += released;
      before += beforeChanges;
      if (beforeChanges > 0) retold += told;
    }
    expect(all).toBeGreaterThan(200);
    expect(before).toBeGreaterThan(20);
    expect(retold).toBeGreaterThan(0);
  });
});
