// Evaluate above stratum 0: one partition of the derived log, read by every higher stratum that has keys there.
import type { Origin } from '../../alerts/inbox.js';
import type { GapSpan } from '../../engine/gaps.js';
import { FIRST_GENERATION } from '../../engine/generation.js';
import { countersOf } from '../../engine/strata.js';
import { generationAfter } from '../../engine/turn.js';
import type { EngineCounters } from '../../engine/context.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { WideLogs } from '../../ports/log.js';
import { CheckpointCursor, decodeJson } from '../checkpoint.js';
import { dueTimers } from '../due.js';
import type { EvaluateOptions } from '../evaluate-options.js';
import { Freezer } from '../freezer.js';
import type { StateSize } from '../key-cache.js';
import { KeyRoom } from '../key-room.js';
import { Outputs } from '../outputs.js';
import { rulesNamed, runningRules } from '../running-rules.js';
import { changesOf, emptyStage, Stage, type StageMeta } from '../stage.js';
import { InletPlace } from './inlet.js';
import type { Outlet } from './outlet.js';
import { sourcesOf, type PartitionCounts } from './partition.js';
import { Schedule, turnOf, type Scheduled, type StoredSchedule } from './schedule.js';
import {
  markOf,
  type DerivedLogRecord,
  type DerivedRecord,
  type Inlet,
  type TurnRecord,
} from './wide-records.js';

export interface EvaluateDerivedOptions extends Omit<EvaluateOptions, 'logs' | 'recent' | 'outlet'> {
  readonly logs: WideLogs;
  readonly outlet: Outlet;
  /** Of the events log and of the derived log. */
  readonly partitions: PartitionCounts;
}

/** What its checkpoint says. */
export interface DerivedMeta {
  readonly inlet: Inlet;
  readonly revision: string;
  /** How often the rules changed. */
  readonly epoch?: number;
  readonly gaps: readonly GapSpan[];
  /** Stratum 1 first. */
  readonly stages: readonly StageMeta[];
  /** By stratum: what is dated before was stepped; null before the first. */
  readonly stepped?: readonly (number | null)[];
  readonly schedule?: StoredSchedule;
}

/** Of runs whose evidence is handed to nobody. */
const NO_KEY = new Uint8Array(32);

export class EvaluateDerived {
  private readonly cursor: CheckpointCursor<DerivedMeta>;
  private readonly inlet = new InletPlace();
  private readonly freezer: Freezer;
  private readonly outputs: Outputs;
  readonly room: KeyRoom;
  /** Stratum 1 first. */
  private stages: readonly Stage[] = [];
  private isOpen = false;
  private running: RuleSet;
  private epoch = 0;
  private gaps: readonly GapSpan[] = [];
  private schedule = new Schedule();
  /** By stratum: what is dated before was stepped. */
  private stepped: number[] = [];
  /** What is for strata that begin with the next change. */
  private ahead: object[] = [];

  constructor(private readonly options: EvaluateDerivedOptions) {
    const { logs, state, partition, nonce, evidenceKey = NO_KEY, standing } = options;
    // Of the events log only what other workers of this process hear is at hand here.
    const none = { recent: null, partition: -1 };
    this.freezer = new Freezer({ ...options, events: logs.events, evidenceKey, ...none });
    this.outputs = new Outputs(logs, partition, this.freezer, standing);
    this.cursor = new CheckpointCursor<DerivedMeta>(state, `derived/${partition}`, nonce);
    this.running = options.rules;
    this.room = new KeyRoom(options.cachedKeys);
  }

  /** The clock of the slowest stratum here. */
  get clock(): number {
    return this.stages.reduce(
      (least, { engine }) => Math.min(least, engine.clock),
      this.stages[0]?.engine.clock ?? -Infinity,
    );
  }

  /** What the strata here counted; events are not stepped from the log here. */
  get counters(): EngineCounters {
    return countersOf(this.stages.map(({ engine }) => engine.counters));
  }

  /** How many keys each model holds, by its name. */
  get modelKeys(): ReadonlyMap<string, number> {
    return new Map(this.stages.flatMap(({ engine }) => [...engine.context.modelKeys.counts]));
  }

  /** What the store holds of keys, by stratum; of stratum 0 there is nothing here. */
  get stateSizes(): readonly StateSize[] {
    return [{ keys: 0, bytes: 0 }, ...this.stages.map(({ cache }) => cache.stateSize)];
  }

  /** Offset of the next record to read. */
  get position(): number {
    return this.inlet.next;
  }

  /** Goes on with what is at hand where nobody came in between; the last round must have ended well. */
  async resume(): Promise<void> {
    if (!this.isOpen || !(await this.cursor.isCurrent())) await this.open();
  }

  /** Takes the place that the last checkpoint left. */
  async open(): Promise<void> {
    const meta = await this.cursor.load();
    this.running = await runningRules(this.options, meta?.revision, 0);
    this.outputs.clear();
    this.options.outlet.clear();
    this.inlet.open(meta?.inlet);
    this.epoch = meta?.epoch ?? 0;
    this.gaps = meta?.gaps ?? [];
    this.schedule = new Schedule(meta?.schedule);
    this.ahead = [];
    // A stratum that the rules need no more stays, and stands empty.
    const strata = Math.max(this.running.strata, (meta?.stages.length ?? 0) + 1);
    this.room.clear();
    this.stages = Array.from({ length: strata - 1 }, (_, index) =>
      this.openStage(index + 1, meta?.stages[index]),
    );
    for (const [index, stage] of this.stages.entries()) {
      const stored = meta?.stages[index];
      if (stored !== undefined) await stage.restore(stored, this.gaps);
      for (const [source, at] of this.inlet.marks) this.markStage(stage, source, at);
    }
    // A checkpoint of a former build does not say it: there the clock has left what was stepped.
    const former = this.stages.map(({ engine }) => engine.clock + 1);
    this.stepped = former.map((at, index) =>
      meta?.stepped === undefined ? at : (meta.stepped[index] ?? -Infinity),
    );
    this.isOpen = true;
  }

  /** Reads one batch and steps what all sources have passed. @returns 0 when there is nothing to do */
  async run(): Promise<number> {
    const { logs, partition, batch, outlet } = this.options;
    const read = await logs.derived.read(partition, this.inlet.next, batch);
    for (const { offset, value } of read) this.take(decodeJson<DerivedLogRecord>(value), offset);
    this.inlet.next += read.length;
    if (!this.inlet.isWhole) return read.length;
    this.schedule.skipStale(this.inForce);
    const before = this.stages.map(({ engine }) => engine.clock);
    const isWhole = await this.follow();
    const turned = this.isAtTurn ? await this.leave() : null;
    const moved = this.stages.filter(({ engine }, index) => engine.clock !== before[index]);
    if (moved.length > 0 || turned !== null) {
      await this.cursor.verify();
      const frozen = await this.outputs.write();
      const transitions = frozen.map((record) => this.freezer.encode(record));
      await outlet.write(transitions, moved.map(markOf), this.strata);
      this.options.probe('after-output');
      await this.checkpoint(turned ?? (() => this.meta()));
      if (turned !== null) await this.open();
    }
    return isWhole && turned === null ? read.length : read.length + 1;
  }

  private take(record: DerivedLogRecord, offset: number): void {
    if (record.kind === 'mark') {
      this.inlet.mark(record.source, record.at);
      for (const stage of this.stages) this.markStage(stage, record.source, record.at);
    } else if (record.kind === 'turn') this.hear(record);
    else this.receive(record, offset);
  }

  private hear({ at, change, gaps }: TurnRecord): void {
    if (this.schedule.hear({ at, change }, this.inForce) && this.stages.length === 0) this.gaps = gaps;
  }

  private receive({ derived, origin }: DerivedRecord, offset: number): void {
    const stage = this.stages[derived.stratum - 1];
    // What is dated before what was stepped came again.
    if (derived.at < (this.stepped[derived.stratum - 1] ?? -Infinity)) return;
    if (!this.inlet.admit(derived, origin, offset)) return;
    if (stage === undefined) this.ahead.push(derived);
    else stage.stratum.merge.push(derived);
  }

  private markStage({ index, stratum }: Stage, source: string, at: number): void {
    if (Number(source.slice(0, source.indexOf('/'))) < index) stratum.merge.mark(source, at);
  }

  /** Strata that there are. */
  private get strata(): number {
    return Math.max(this.running.strata, this.stages.length + 1);
  }

  private get inForce() {
    return { revision: this.running.revision, epoch: this.epoch };
  }

  /** Whether every stratum here has decided all that is before the next change. */
  private get isAtTurn(): boolean {
    const { next } = this.schedule;
    return next !== undefined && this.stages.every((_, index) => this.hasCome(index, next));
  }

  private hasCome(index: number, { at }: Scheduled): boolean {
    return (this.stepped[index] as number) >= at && (this.stages[index] as Stage).engine.clock >= at;
  }

  /** Steps every stratum as far as its sources have come. @returns false where there is more to do than one batch takes */
  private async follow(): Promise<boolean> {
    const { state } = this.options;
    const { nextAt } = this.schedule;
    const ends = this.stages.map(({ stratum }) => Math.min(stratum.merge.least, nextAt));
    if (ends.every((end, index) => end <= (this.stepped[index] as number))) return true;
    const { timers, until } = await dueTimers(state, this.cursor.namespace, Math.max(...ends) - 1);
    const limit = until === null ? Infinity : until + 1;
    for (const [index, stage] of this.stages.entries()) {
      const end = Math.min(stage.stratum.merge.least, nextAt, limit);
      await stage.run(timers, end);
      // What falls due up to a change does so before it, and nothing else at it.
      if (end === nextAt) stage.engine.advanceBefore(end);
      this.stepped[index] = Math.max(this.stepped[index] as number, end);
    }
    return until === null;
  }

  /** Ends what does not go on with the next change. @returns what the checkpoint says then */
  private async leave(): Promise<() => DerivedMeta> {
    const { running, epoch } = this;
    const { change } = this.schedule.next as Scheduled;
    const turn = await turnOf(change, (revision) => rulesNamed(this.options, revision));
    for (const stage of this.stages) await stage.leave(turn);
    this.schedule.pass();
    const rules = turn.kind === 'revision' ? turn.rules : running;
    return () => {
      const meta = this.meta();
      const strata = Math.max(meta.stages.length + 1, rules.strata);
      const stages = Array.from({ length: strata - 1 }, (_, index) => {
        const stage = meta.stages[index] ?? emptyStage({ ...FIRST_GENERATION, epoch });
        return { ...stage, generation: generationAfter(stage.generation, running, turn, index + 1) };
      });
      return {
        ...meta,
        revision: rules.revision,
        epoch: turn.kind === 'revision' ? epoch + 1 : epoch,
        stages,
      };
    };
  }

  private async checkpoint(metaOf: () => DerivedMeta): Promise<void> {
    const { probe } = this.options;
    const changes = changesOf(this.stages);
    probe('before-checkpoint');
    // After the changes, whose size is part of it.
    await this.cursor.commit(metaOf(), changes);
    this.outputs.committed();
    for (const stage of this.stages) stage.committed();
    probe('after-checkpoint');
  }

  private meta(): DerivedMeta {
    const waiting = this.stages.flatMap(({ stratum }): readonly object[] => stratum.merge.waiting);
    return {
      inlet: this.inlet.place([...waiting, ...this.ahead]),
      revision: this.running.revision,
      epoch: this.epoch,
      gaps: this.stages[0]?.engine.context.gaps.all ?? this.gaps,
      // What waits is in the log.
      stages: this.stages.map((stage) => ({ ...stage.meta(), waiting: [] })),
      stepped: this.stepped.map((at) => (Number.isFinite(at) ? at : null)),
      schedule: this.schedule.plain,
    };
  }

  private openStage(index: number, stored: StageMeta | undefined): Stage {
    const { state, partition, partitions, modelKeys, outlet } = this.options;
    const stage: Stage = new Stage(index, {
      rules: this.running,
      generation: stored?.generation ?? FIRST_GENERATION,
      state,
      namespace: this.cursor.namespace,
      partition,
      sources: sourcesOf(index, partitions),
      room: this.room,
      modelKeys,
      emit: (output) => this.outputs.push(stage, this.originAt(stage), output),
      forward: (derived) => outlet.derive(this.originAt(stage), derived),
    });
    return stage;
  }

  private originAt(stage: Stage): Origin {
    return { source: `strata/${stage.index}/${this.options.partition}`, offset: stage.outputs++, ordinal: 0 };
  }
}
