// Evaluate above stratum 0: one partition of the derived log, read by every higher stratum that has keys there.
import type { Origin } from '../../alerts/inbox.js';
import { FIRST_GENERATION } from '../../engine/generation.js';
import { sourceName } from '../../engine/strata.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { WideLogs } from '../../ports/log.js';
import { CheckpointCursor, decodeJson } from '../checkpoint.js';
import { dueTimers } from '../due.js';
import type { EvaluateOptions } from '../evaluate-options.js';
import { Freezer } from '../freezer.js';
import { Outputs } from '../outputs.js';
import { runningRules } from '../running-rules.js';
import { changesOf, Stage, type StageMeta } from '../stage.js';
import { InletPlace } from './inlet.js';
import type { Outlet } from './outlet.js';
import { markOf, type DerivedLogRecord, type Inlet } from './wide-records.js';

export interface EvaluateDerivedOptions extends Omit<EvaluateOptions, 'logs' | 'recent' | 'outlet'> {
  readonly logs: WideLogs;
  readonly outlet: Outlet;
  /** Of the events log and of the derived log. */
  readonly partitions: { readonly events: number; readonly derived: number };
}

interface Meta {
  readonly inlet: Inlet;
  readonly revision: string;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Stratum 1 first. */
  readonly stages: readonly StageMeta[];
}

/** Of runs whose evidence is handed to nobody. */
const NO_KEY = new Uint8Array(32);

export class EvaluateDerived {
  private readonly cursor: CheckpointCursor<Meta>;
  private readonly inlet = new InletPlace();
  private readonly freezer: Freezer;
  private readonly outputs: Outputs;
  /** Stratum 1 first. */
  private stages: readonly Stage[] = [];
  private running: RuleSet;

  constructor(private readonly options: EvaluateDerivedOptions) {
    const { logs, partition, evidenceKey = NO_KEY, hashing, heard } = options;
    // Of the events log only what other workers of this process hear is at hand here.
    this.freezer = new Freezer({
      events: logs.events,
      recent: null,
      partition: -1,
      evidenceKey,
      hashing,
      heard,
    });
    this.outputs = new Outputs(logs, partition, this.freezer);
    this.cursor = new CheckpointCursor<Meta>(options.state, `derived/${partition}`, options.nonce);
    this.running = options.rules;
  }

  /** The clock of the slowest stratum here. */
  get clock(): number {
    return Math.min(...this.stages.map(({ engine }) => engine.clock));
  }

  /** Offset of the next record to read. */
  get position(): number {
    return this.inlet.next;
  }

  /** Goes on with what is at hand where nobody came in between; the last round must have ended well. */
  async resume(): Promise<void> {
    if (this.stages.length === 0 || !(await this.cursor.isCurrent())) await this.open();
  }

  /** Takes the place that the last checkpoint left. */
  async open(): Promise<void> {
    const meta = await this.cursor.load();
    this.running = await runningRules(this.options, meta?.revision, 0);
    this.outputs.clear();
    this.options.outlet.clear();
    this.inlet.open(meta?.inlet);
    const strata = Math.max(this.running.strata, (meta?.stages.length ?? 0) + 1);
    this.stages = Array.from({ length: strata - 1 }, (_, index) =>
      this.openStage(index + 1, meta?.stages[index]),
    );
    for (const [index, stage] of this.stages.entries()) {
      const stored = meta?.stages[index];
      if (stored !== undefined) await stage.restore(stored, meta?.gaps ?? []);
      for (const [source, at] of this.inlet.marks) this.markStage(stage, source, at);
    }
  }

  /** Reads one batch and steps what all sources have passed. @returns 0 when there is nothing to do */
  async run(): Promise<number> {
    const { logs, partition, batch, outlet } = this.options;
    const read = await logs.derived.read(partition, this.inlet.next, batch);
    for (const { offset, value } of read) this.take(decodeJson<DerivedLogRecord>(value), offset);
    this.inlet.next += read.length;
    const before = this.stages.map(({ engine }) => engine.clock);
    const isWhole = await this.follow();
    const moved = this.stages.filter(({ engine }, index) => engine.clock !== before[index]);
    if (moved.length > 0) {
      await this.cursor.verify();
      const frozen = await this.outputs.write();
      const transitions = frozen.map((record) => this.freezer.encode(record));
      await outlet.write(transitions, moved.map(markOf), this.running.strata);
      this.options.probe('after-output');
      await this.checkpoint();
    }
    return isWhole ? read.length : read.length + 1;
  }

  private take(record: DerivedLogRecord, offset: number): void {
    if (record.kind === 'mark') {
      this.inlet.mark(record.source, record.at);
      for (const stage of this.stages) this.markStage(stage, record.source, record.at);
      return;
    }
    const { derived, origin } = record;
    const stage = this.stages[derived.stratum - 1];
    // What is dated where the clock has left was stepped: it came again.
    if (stage === undefined || derived.at <= stage.engine.clock) return;
    if (this.inlet.admit(derived, origin, offset)) stage.stratum.merge.push(derived);
  }

  private markStage({ index, stratum }: Stage, source: string, at: number): void {
    if (Number(source.slice(0, source.indexOf('/'))) < index) stratum.merge.mark(source, at);
  }

  /** Steps every stratum as far as its sources have come. @returns false where there is more to do than one batch takes */
  private async follow(): Promise<boolean> {
    const { state } = this.options;
    const ends = this.stages.map(({ stratum }) => stratum.merge.least);
    if (this.stages.every(({ engine }, index) => (ends[index] as number) - 1 <= engine.clock)) return true;
    const { timers, until } = await dueTimers(state, this.cursor.namespace, Math.max(...ends) - 1);
    const limit = until === null ? Infinity : until + 1;
    for (const stage of this.stages) await stage.run(timers, limit);
    return until === null;
  }

  private async checkpoint(): Promise<void> {
    const { probe } = this.options;
    const changes = changesOf(this.stages);
    probe('before-checkpoint');
    await this.cursor.commit(this.meta(), changes);
    this.outputs.committed();
    for (const stage of this.stages) stage.committed();
    probe('after-checkpoint');
  }

  private meta(): Meta {
    const waiting = this.stages.flatMap(({ stratum }) => stratum.merge.waiting);
    return {
      inlet: this.inlet.place(waiting),
      revision: this.running.revision,
      gaps: this.stages[0]?.engine.context.gaps.all ?? [],
      // What waits is in the log.
      stages: this.stages.map((stage) => ({ ...stage.meta(), waiting: [] })),
    };
  }

  private openStage(index: number, stored: StageMeta | undefined): Stage {
    const { state, partition, cachedKeys, modelKeys, outlet } = this.options;
    const stage: Stage = new Stage(index, {
      rules: this.running,
      generation: stored?.generation ?? FIRST_GENERATION,
      state,
      namespace: this.cursor.namespace,
      partition,
      sources: this.sourcesOf(index),
      cachedKeys,
      modelKeys,
      emit: (output) => this.outputs.push(stage, this.originAt(stage), output),
      forward: (derived) => outlet.derive(this.originAt(stage), derived),
    });
    return stage;
  }

  /** All partitions of all strata below one. */
  private sourcesOf(stratum: number): string[] {
    const { events, derived } = this.options.partitions;
    return Array.from({ length: stratum }, (_, below) =>
      Array.from({ length: below === 0 ? events : derived }, (__, partition) => sourceName(below, partition)),
    ).flat();
  }

  private originAt(stage: Stage): Origin {
    return { source: `strata/${stage.index}/${this.options.partition}`, offset: stage.outputs++, ordinal: 0 };
  }
}
