// Evaluate: reads the events log, steps the engine, writes what it says, and takes a checkpoint.
import type { Origin, WarningRecord } from '../alerts/inbox.js';
import { evidenceOf } from '../alerts/inbox.js';
import { Engine } from '../engine/engine.js';
import type { KeyState } from '../engine/key-state.js';
import type { Output, Transition, Verdict } from '../engine/output.js';
import { CHAIN_START, linkRecord, type ChainHead } from '../evidence/chain.js';
import { decodeRecord } from '../events/codec.js';
import type { Event, Key, LogRecord } from '../events/event.js';
import { STORE_LIMITS } from '../events/store-limits.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Logs, StoredRecord } from '../ports/log.js';
import type { StateStore, TimerEntry } from '../ports/state.js';
import { CheckpointCursor, encodeJson, type Probe } from './checkpoint.js';
import { KeyCache } from './key-cache.js';

/** Events shown whole in the evidence of a transition. */
const SAMPLE_MAX = 20;
const TIMERS_PER_BATCH = 20_000;

export interface EvaluateOptions {
  readonly rules: RuleSet;
  readonly logs: Logs;
  readonly state: StateStore;
  readonly partition: number;
  readonly nonce: () => string;
  readonly probe: Probe;
  /** Records a batch. */
  readonly batch: number;
  /** Keys kept in memory between batches. */
  readonly cachedKeys: number;
}

/** A verdict as the archive reads it. */
export interface VerdictRecord {
  readonly origin: Origin;
  readonly verdict: Verdict;
}

interface Meta {
  /** Offset of the next record to step. */
  readonly offset: number;
  /** Ordinal of the next output of that record's step; above 0 where what fell due was split over batches. */
  readonly ordinal: number;
  /** Null before the first record. */
  readonly clock: number | null;
  readonly revision: string;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  readonly meters: readonly (readonly [string, number, number])[];
  readonly chain: ChainHead;
}

interface Emitted {
  readonly origin: Origin;
  readonly output: Output;
}

export class Evaluate {
  private readonly cursor: CheckpointCursor<Meta>;
  private cache: KeyCache | null = null;
  private engine: Engine | null = null;
  private offset = 0;
  private committed = 0;
  private stepping = 0;
  private ordinal = 0;
  private chain: ChainHead = CHAIN_START;
  private emitted: Emitted[] = [];
  /** Verdicts written since the last checkpoint, and those before it since the start, by `verdict code`. */
  private written: Verdict[] = [];
  private readonly verdictCounts = new Map<string, number>();

  constructor(private readonly options: EvaluateOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, `evaluate/${options.partition}`, options.nonce);
  }

  /** Everything below this offset is decided, written and part of the checkpoint. */
  get position(): number {
    return this.committed;
  }

  get clock(): number {
    return this.engine?.clock ?? -Infinity;
  }

  get counters(): Engine['counters'] | undefined {
    return this.engine?.counters;
  }

  /** Verdicts since the start, by `verdict code`; both from short lists of the engine. */
  get verdicts(): ReadonlyMap<string, number> {
    return this.verdictCounts;
  }

  get cachedKeys(): number {
    return this.cache?.size ?? 0;
  }

  /** Takes the place that the last checkpoint left. */
  async open(): Promise<void> {
    const { rules, state, partition, cachedKeys } = this.options;
    const meta = await this.cursor.load();
    const emit = (output: Output) => {
      const origin = { source: `events/${partition}`, offset: this.stepping, ordinal: this.ordinal++ };
      this.emitted.push({ origin, output });
    };
    // The plan belongs to the engine and the cache to the store, so the store is named through a holder.
    const holder: { cache: KeyCache | null } = { cache: null };
    const store = {
      get: (key: Key) => (holder.cache as KeyCache).get(key),
      create: (key: Key) => (holder.cache as KeyCache).create(key),
      touched: (touched: KeyState) => (holder.cache as KeyCache).touched(touched),
    };
    const engine = new Engine(rules, { namespace: 'live', partition, store, emit });
    holder.cache = new KeyCache(state, this.cursor.namespace, engine.context.plan, cachedKeys);
    this.engine = engine;
    this.cache = holder.cache;
    this.emitted = [];
    this.written = [];
    this.offset = this.committed = meta?.offset ?? 0;
    this.ordinal = meta?.ordinal ?? 0;
    this.chain = meta?.chain ?? CHAIN_START;
    if (meta !== undefined) await this.restore(engine, meta);
  }

  /** Steps one batch. @returns the number of records stepped; 0 when there is nothing to do */
  async run(): Promise<number> {
    const { logs, partition, batch } = this.options;
    const stored = await logs.events.read(partition, this.offset, batch);
    if (stored.length === 0) return 0;
    const records = stored.map(({ value }) => decodeRecord(value));
    const ready = await this.prepare(records);
    const stepped = ready === null ? this.stepAll(stored, records) : this.advance(ready);
    await this.write();
    await this.checkpoint();
    return stepped === 0 ? 1 : stepped;
  }

  /**
   * Loads every key that the batch can touch.
   * @returns null, or the instant up to which all due timers are at hand where there are too many for one batch
   */
  private async prepare(records: readonly LogRecord[]): Promise<number | null> {
    const { state } = this.options;
    const engine = this.engine as Engine;
    const horizon = records.reduce((latest, record) => Math.max(latest, record.at), engine.clock);
    const due = await state.due(this.cursor.namespace, horizon, TIMERS_PER_BATCH);
    const last = due[due.length - 1];
    const isSplit = due.length === TIMERS_PER_BATCH && last !== undefined;
    const timers = isSplit ? await this.wholeInstants(due, last) : due;
    const keys = timers.map((timer) => timer.key);
    if (!isSplit) for (const record of records) if (record.kind === 'event') keys.push(record.key);
    await (this.cache as KeyCache).prepare(keys);
    engine.disarm();
    for (const timer of timers) engine.arm(timer.due, timer.key, timer.name);
    return isSplit ? Math.min(timers[timers.length - 1]?.due ?? last.due, horizon) : null;
  }

  /** Cuts a list of timers at the last instant that it holds whole. */
  private async wholeInstants(due: TimerEntry[], last: TimerEntry): Promise<TimerEntry[]> {
    const whole = due.filter((timer) => timer.due < last.due);
    if (whole.length > 0) return whole;
    // More timers at one instant than a batch holds: they must be decided together all the same.
    return this.options.state.due(this.cursor.namespace, last.due, STORE_LIMITS.readEntries);
  }

  private stepAll(stored: readonly StoredRecord[], records: readonly LogRecord[]): number {
    const engine = this.engine as Engine;
    for (const [index, record] of records.entries()) {
      this.stepping = (stored[index] as StoredRecord).offset;
      engine.step(record, this.stepping);
      this.offset = this.stepping + 1;
      this.ordinal = 0;
    }
    return records.length;
  }

  private advance(until: number): number {
    this.stepping = this.offset;
    (this.engine as Engine).advance(until);
    return 0;
  }

  /** Writes outputs to their logs; each is durable before the checkpoint that says so. */
  private async write(): Promise<void> {
    const { logs, partition, probe } = this.options;
    const emitted = this.emitted.splice(0);
    const inbox: Uint8Array[] = [];
    const verdicts: Uint8Array[] = [];
    const operator: Uint8Array[] = [];
    for (const { origin, output } of emitted) {
      if (output.kind === 'transition') inbox.push(encodeJson(await this.freeze(origin, output)));
      else if (output.kind === 'verdict') {
        verdicts.push(encodeJson({ origin, verdict: output }));
        this.written.push(output);
      } else operator.push(encodeJson({ origin, alert: output }));
    }
    if (verdicts.length > 0) await logs.verdicts.append(partition, verdicts);
    if (operator.length > 0) await logs.operator.append(partition, operator);
    if (inbox.length > 0) await logs.inbox.append(0, inbox);
    if (inbox.length > 0) probe('after-output');
  }

  /** Freezes the evidence of a transition: a sample of whole events, and its link in the chain. */
  private async freeze(origin: Origin, transition: Transition): Promise<WarningRecord> {
    const sample: Event[] = [];
    for (const { position } of transition.contributions.events.slice(-SAMPLE_MAX)) {
      const [stored] = await this.options.logs.events.read(position.partition, position.offset, 1);
      const record = stored === undefined ? undefined : decodeRecord(stored.value);
      if (record?.kind === 'event') sample.push(record);
    }
    const link = linkRecord(this.chain, evidenceOf({ transition, sample }));
    this.chain = { sequence: link.sequence, hash: link.hash };
    return { kind: 'warning', origin, at: transition.clock, transition, sample, link };
  }

  private async checkpoint(): Promise<void> {
    const engine = this.engine as Engine;
    const cache = this.cache as KeyCache;
    const { probe } = this.options;
    const changes = cache.changes();
    probe('before-checkpoint');
    await this.cursor.commit(this.meta(engine), changes);
    this.committed = this.offset;
    // What a failed checkpoint decides again is not counted again.
    for (const { verdict, code } of this.written.splice(0)) {
      const name = `${verdict} ${code}`;
      this.verdictCounts.set(name, (this.verdictCounts.get(name) ?? 0) + 1);
    }
    cache.committed(new Set(engine.marked.map((marked) => marked.state)));
    probe('after-checkpoint');
  }

  private meta(engine: Engine): Meta {
    const { context } = engine;
    return {
      offset: this.offset,
      ordinal: this.ordinal,
      clock: engine.clock === -Infinity ? null : engine.clock,
      revision: this.options.rules.revision,
      gaps: context.gaps.all,
      meters: [...context.meters].map(([name, meter]) => [name, meter.alertedAt, meter.count] as const),
      chain: this.chain,
    };
  }

  private async restore(engine: Engine, meta: Meta): Promise<void> {
    const { context } = engine;
    context.clock = meta.clock ?? -Infinity;
    for (const gap of meta.gaps) context.gaps.add(gap.from, gap.to);
    for (const [name, alertedAt, count] of meta.meters) context.meters.set(name, { alertedAt, count });
    for (const mark of await (this.cache as KeyCache).restoreMarks()) {
      engine.restoreMark(mark.key, mark.model, mark.withdrawn, mark.live);
    }
  }
}
