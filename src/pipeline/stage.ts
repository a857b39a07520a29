// One stratum as evaluate runs it: its engine, the keys that it has at hand, and what it said since the checkpoint.
import type { Derived } from '../engine/derived.js';
import type { Engine } from '../engine/engine.js';
import type { MeterEntry } from '../engine/error-meters.js';
import type { KeyState } from '../engine/key-state.js';
import type { WindowCounts } from '../engine/model-keys.js';
import type { Output } from '../engine/output.js';
import { sourcesBelow, Stratum } from '../engine/strata.js';
import type { Generation } from '../engine/generation.js';
import { leave, type Turn } from '../engine/turn.js';
import { CHAIN_START, type ChainHead } from '../evidence/chain.js';
import type { Key, LogRecord } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import type { StateStore, TimerEntry } from '../ports/state.js';
import type { Changes } from './checkpoint.js';
import { KeyCache, type StateSize } from './key-cache.js';
import type { KeyRoom } from './key-room.js';

export interface StageOptions {
  readonly rules: RuleSet;
  readonly state: StateStore;
  readonly namespace: string;
  readonly generation: Generation;
  readonly partition: number;
  /** Names of all partitions of all lower strata; where left out, all strata have this one. */
  readonly sources?: readonly string[];
  /** That all strata of one consumer share. */
  readonly room: KeyRoom;
  /** Keys of one model beyond which the operators are told. */
  readonly modelKeys?: number | undefined;
  /** Hears every output of the step under way. */
  readonly emit: (output: Output) => void;
  readonly forward: (derived: Derived) => void;
}

/** What a checkpoint holds of a stratum besides its keys and timers. */
export interface StageMeta {
  /** Null before the first record. */
  readonly clock: number | null;
  readonly meters: readonly MeterEntry[];
  readonly chain: ChainHead;
  /** Derived records that wait for the marks of the strata below. */
  readonly waiting: readonly Derived[];
  /** How many outputs it has made: the offset of the next one's origin. Not counted for stratum 0. */
  readonly outputs: number;
  readonly size: StateSize;
  /** By window, on how many keys it is kept. */
  readonly windowKeys?: WindowCounts;
  readonly generation: Generation;
}

/** A stratum of which nothing is stored yet. */
export function emptyStage(generation: Generation): StageMeta {
  const size = { keys: 0, bytes: 0 };
  return { clock: null, meters: [], chain: CHAIN_START, waiting: [], outputs: 0, size, generation };
}

export class Stage {
  readonly stratum: Stratum;
  readonly cache: KeyCache;
  chain: ChainHead = CHAIN_START;
  outputs = 0;

  constructor(
    readonly index: number,
    options: StageOptions,
  ) {
    const { rules, state, namespace, generation, partition, room, modelKeys, emit, forward } = options;
    // The plan belongs to the engine and the cache to the store, so the store is named through a holder.
    const holder: { cache: KeyCache | null } = { cache: null };
    const store = {
      get: (key: Key) => (holder.cache as KeyCache).get(key),
      create: (key: Key) => (holder.cache as KeyCache).create(key),
      touched: (touched: KeyState) => (holder.cache as KeyCache).touched(touched),
    };
    const sources = options.sources ?? sourcesBelow(index, 1);
    const told = { namespace: 'live', store, emit, forward, generation, modelKeys };
    this.stratum = new Stratum(rules, index, partition, sources, told);
    const { plan, ledgers } = this.engine.context;
    const prefix = prefixOf(index);
    const cache = new KeyCache(state, namespace, plan, generation, room, prefix, ledgers);
    this.cache = holder.cache = cache;
  }

  get engine(): Engine {
    return this.stratum.engine;
  }

  /** Loads keys, and those of the timers that are of this stratum, and arms these. */
  async prepare(keys: readonly Key[], timers: readonly TimerEntry[]): Promise<void> {
    const prefix = prefixOf(this.index);
    const own = timers.filter(({ key }) => stratumOf(key) === this.index);
    const armed = own.map(({ due, key, name }) => ({ due, key: key.slice(prefix.length), name }));
    await this.cache.prepare([...keys, ...armed.map(({ key }) => key)]);
    // What no checkpoint has is armed here alone.
    if (!this.cache.isChanged) this.engine.disarm();
    for (const { due, key, name } of armed) {
      // What a model set that is gone falls due for nobody.
      if (!this.engine.arm(due, key, name)) this.cache.dropTimer({ due, key, name });
    }
  }

  /** Hears how far the strata below have come; steps what they all have passed. */
  async follow(below: readonly Stage[], timers: readonly TimerEntry[]): Promise<void> {
    for (const { stratum, engine } of below) this.stratum.merge.mark(stratum.name, engine.clock);
    await this.run(timers);
  }

  /** Steps what all sources have passed, up to an instant at the most, which is not stepped. */
  async run(timers: readonly TimerEntry[], limit = Infinity): Promise<void> {
    const { merge } = this.stratum;
    const least = Math.min(merge.least, limit);
    const keys = merge.waiting.filter(({ at, key }) => at < least && key !== '').map(({ key }) => key);
    await this.prepare(keys, timers);
    this.stratum.run(limit);
  }

  meta(): StageMeta {
    const { engine, stratum, chain, outputs } = this;
    return {
      clock: engine.clock === -Infinity ? null : engine.clock,
      meters: engine.context.meters.entries,
      chain,
      waiting: stratum.merge.waiting,
      outputs,
      size: this.cache.stateSize,
      windowKeys: engine.context.modelKeys.stored,
      generation: engine.context.generation,
    };
  }

  /** Readies the stratum to be opened anew after a turn: it stands at the instant, and what holds there is marked. */
  async leave(turn: Turn): Promise<void> {
    leave(this.engine, turn, await this.cache.prepareHoldings());
  }

  async restore(
    meta: StageMeta,
    gaps: readonly { readonly from: number; readonly to: number }[],
  ): Promise<void> {
    const { context } = this.engine;
    context.clock = meta.clock ?? -Infinity;
    for (const gap of gaps) context.gaps.add(gap.from, gap.to);
    context.meters.restore(meta.meters);
    context.modelKeys.restore(meta.windowKeys ?? []);
    for (const derived of meta.waiting) this.stratum.merge.push(derived);
    this.chain = meta.chain;
    this.outputs = meta.outputs;
    this.cache.restoreSize(meta.size);
    await this.cache.restoreNames();
    for (const mark of await this.cache.restoreMarks()) {
      this.engine.restoreMark(mark.key, mark.model, mark.withdrawn, mark.live);
    }
  }

  /** The checkpoint stands. */
  committed(): void {
    this.cache.committed(new Set(this.engine.marked.map((marked) => marked.state)));
  }
}

/** What the stages of one consumer changed since its checkpoint. */
export function changesOf(stages: readonly Stage[]): Changes {
  for (const { engine } of stages) engine.context.markSpared();
  const all = stages.map(({ cache, engine }) => cache.changes(engine.clock));
  return {
    records: new Map(all.flatMap(({ records }) => [...records])),
    timersSet: all.flatMap(({ timersSet }) => timersSet ?? []),
    timersCleared: all.flatMap(({ timersCleared }) => timersCleared ?? []),
  };
}

/** The keys of stratum 0 that records touch. */
export function keysOf(records: readonly LogRecord[]): Key[] {
  return records.flatMap((record) =>
    record.kind === 'event' || (record.kind === 'prime' && record.stratum === 0) ? record.key : [],
  );
}

/** Before the names of records and keys of timers: nothing for stratum 0, so that one namespace holds all strata. */
function prefixOf(stratum: number): string {
  return stratum === 0 ? '' : `${stratum}/`;
}

/** No key of stratum 0 begins with a digit: its scope does not. */
function stratumOf(key: string): number {
  const digits = /^\d+(?=\/)/.exec(key);
  return digits === null ? 0 : Number(digits[0]);
}
