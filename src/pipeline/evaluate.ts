// Evaluate: reads the events log, steps the strata, writes what they say, and takes a checkpoint.
import type { Origin, WarningRecord } from '../alerts/inbox.js';
import type { EngineCounters } from '../engine/context.js';
import type { Derived } from '../engine/derived.js';
import type { Output, Verdict } from '../engine/output.js';
import { countersOf, gapFor } from '../engine/strata.js';
import { decodeRecord } from '../events/codec.js';
import type { LogRecord } from '../events/event.js';
import { STORE_LIMITS } from '../events/store-limits.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Logs, StoredRecord } from '../ports/log.js';
import type { StateStore, TimerEntry } from '../ports/state.js';
import { CheckpointCursor, encodeJson, type Changes, type Probe } from './checkpoint.js';
import { freeze, InboxOrder } from './freezer.js';
import type { StateSize } from './key-cache.js';
import { Stage, type StageMeta } from './stage.js';

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
  readonly revision: string;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Stratum 0 first. */
  readonly stages: readonly StageMeta[];
  /** Frozen transitions that wait until every stratum has passed them. */
  readonly inbox: readonly WarningRecord[];
}

interface Emitted {
  readonly stage: Stage;
  readonly origin: Origin;
  readonly output: Output;
}

export class Evaluate {
  private readonly cursor: CheckpointCursor<Meta>;
  /** One for each stratum, 0 first; empty until opened. */
  private stages: readonly Stage[] = [];
  private inbox = new InboxOrder([]);
  private offset = 0;
  private committed = 0;
  private stepping = 0;
  private ordinal = 0;
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

  /** The clock of the highest stratum, which is the last to come. */
  get clock(): number {
    return this.stages[this.stages.length - 1]?.engine.clock ?? -Infinity;
  }

  get counters(): EngineCounters | undefined {
    if (this.stages.length === 0) return undefined;
    return countersOf(this.stages.map(({ engine }) => engine.counters));
  }

  /** Verdicts since the start, by `verdict code`; both from short lists of the engine. */
  get verdicts(): ReadonlyMap<string, number> {
    return this.verdictCounts;
  }

  get cachedKeys(): number {
    return this.stages.reduce((total, { cache }) => total + cache.size, 0);
  }

  /** What the store holds of keys, by stratum. */
  get stateSizes(): readonly StateSize[] {
    return this.stages.map(({ cache }) => cache.stateSize);
  }

  /** Takes the place that the last checkpoint left. */
  async open(): Promise<void> {
    const { rules } = this.options;
    const meta = await this.cursor.load();
    this.emitted = [];
    this.written = [];
    this.stages = Array.from({ length: rules.strata }, (_, index) => this.openStage(index));
    this.inbox = new InboxOrder(this.stages);
    this.offset = this.committed = meta?.offset ?? 0;
    this.ordinal = meta?.ordinal ?? 0;
    if (meta === undefined) return;
    for (const record of meta.inbox) this.inbox.push(record);
    for (const [index, stage] of this.stages.entries()) {
      const stored = meta.stages[index];
      if (stored !== undefined) await stage.restore(stored, meta.gaps);
    }
  }

  /** Steps one batch. @returns the number of records stepped; 0 when there is nothing to do */
  async run(): Promise<number> {
    const { logs, partition, batch } = this.options;
    const stored = await logs.events.read(partition, this.offset, batch);
    if (stored.length === 0) return 0;
    const records = stored.map(({ value }) => decodeRecord(value));
    const { timers, until } = await this.dueBy(records);
    const keys =
      until === null ? records.flatMap((record) => (record.kind === 'event' ? record.key : [])) : [];
    await this.bottom.prepare(keys, timers);
    const stepped = until === null ? this.stepAll(stored, records) : this.advance(until);
    for (const stage of this.stages.slice(1)) {
      await stage.follow(this.stages.slice(0, stage.index), timers);
    }
    await this.write();
    await this.checkpoint();
    return stepped === 0 ? 1 : stepped;
  }

  private get bottom(): Stage {
    return this.stages[0] as Stage;
  }

  private openStage(index: number): Stage {
    const { rules, state, partition, cachedKeys } = this.options;
    const stage: Stage = new Stage(index, {
      rules,
      state,
      namespace: this.cursor.namespace,
      partition,
      cachedKeys,
      emit: (output) => this.emitted.push({ stage, origin: this.originAt(stage), output }),
      forward: (derived) => this.deliver(derived),
    });
    return stage;
  }

  /** The outputs of stratum 0 follow from a record; those of the others from the order of all that is below them. */
  private originAt(stage: Stage): Origin {
    const { partition } = this.options;
    if (stage.index > 0) {
      return { source: `strata/${stage.index}/${partition}`, offset: stage.outputs++, ordinal: 0 };
    }
    return { source: `events/${partition}`, offset: this.stepping, ordinal: this.ordinal++ };
  }

  private deliver(derived: Derived): void {
    (this.stages[derived.stratum] as Stage).stratum.merge.push(derived);
  }

  /**
   * The timers of all strata that fall due in a batch.
   * @returns `until` the instant up to which all of them are at hand where they are too many for one batch, else null
   */
  private async dueBy(
    records: readonly LogRecord[],
  ): Promise<{ timers: TimerEntry[]; until: number | null }> {
    const { state } = this.options;
    const { clock } = this.bottom.engine;
    const horizon = records.reduce((latest, record) => Math.max(latest, record.at), clock);
    const due = await state.due(this.cursor.namespace, horizon, TIMERS_PER_BATCH);
    const last = due[due.length - 1];
    if (due.length < TIMERS_PER_BATCH || last === undefined) return { timers: due, until: null };
    const timers = await this.wholeInstants(due, last);
    return { timers, until: Math.min(timers[timers.length - 1]?.due ?? last.due, horizon) };
  }

  /** Cuts a list of timers at the last instant that it holds whole. */
  private async wholeInstants(due: TimerEntry[], last: TimerEntry): Promise<TimerEntry[]> {
    const whole = due.filter((timer) => timer.due < last.due);
    if (whole.length > 0) return whole;
    // More timers at one instant than a batch holds: they must be decided together all the same.
    return this.options.state.due(this.cursor.namespace, last.due, STORE_LIMITS.readEntries);
  }

  private stepAll(stored: readonly StoredRecord[], records: readonly LogRecord[]): number {
    const { engine } = this.bottom;
    for (const [index, record] of records.entries()) {
      this.stepping = (stored[index] as StoredRecord).offset;
      if (record.kind === 'gap') {
        for (const { index: stratum } of this.stages.slice(1)) {
          this.deliver(gapFor(stratum, engine.clock, record.from, record.at));
        }
      }
      engine.step(record, this.stepping);
      this.offset = this.stepping + 1;
      this.ordinal = 0;
    }
    return records.length;
  }

  private advance(until: number): number {
    this.stepping = this.offset;
    this.bottom.engine.advance(until);
    return 0;
  }

  /** Writes outputs to their logs; each is durable before the checkpoint that says so. */
  private async write(): Promise<void> {
    const { logs, partition, probe } = this.options;
    const emitted = this.emitted.splice(0);
    const inbox: WarningRecord[] = [];
    const verdicts: Uint8Array[] = [];
    const operator: Uint8Array[] = [];
    for (const { stage, origin, output } of emitted) {
      if (output.kind === 'transition') {
        const record = await freeze(stage, origin, output, logs.events);
        if (this.stages.length === 1) inbox.push(record);
        else this.inbox.push(record);
      } else if (output.kind === 'verdict') {
        verdicts.push(encodeJson({ origin, verdict: output }));
        this.written.push(output);
      } else operator.push(encodeJson({ origin, alert: output }));
    }
    if (this.stages.length > 1) inbox.push(...this.inbox.release());
    if (verdicts.length > 0) await logs.verdicts.append(partition, verdicts);
    if (operator.length > 0) await logs.operator.append(partition, operator);
    if (inbox.length > 0) await logs.inbox.append(0, inbox.map(encodeJson));
    if (inbox.length > 0) probe('after-output');
  }

  private async checkpoint(): Promise<void> {
    const { probe } = this.options;
    const changes = this.changes();
    probe('before-checkpoint');
    await this.cursor.commit(this.meta(), changes);
    this.committed = this.offset;
    // What a failed checkpoint decides again is not counted again.
    for (const { verdict, code } of this.written.splice(0)) {
      const name = `${verdict} ${code}`;
      this.verdictCounts.set(name, (this.verdictCounts.get(name) ?? 0) + 1);
    }
    for (const stage of this.stages) stage.committed();
    probe('after-checkpoint');
  }

  private changes(): Changes {
    const all = this.stages.map(({ cache }) => cache.changes());
    return {
      records: new Map(all.flatMap(({ records }) => [...records])),
      timersSet: all.flatMap(({ timersSet }) => timersSet ?? []),
      timersCleared: all.flatMap(({ timersCleared }) => timersCleared ?? []),
    };
  }

  private meta(): Meta {
    return {
      offset: this.offset,
      ordinal: this.ordinal,
      revision: this.options.rules.revision,
      gaps: this.bottom.engine.context.gaps.all,
      stages: this.stages.map((stage) => stage.meta()),
      inbox: this.inbox.waiting,
    };
  }
}
