// Evaluate: reads the events log, steps the strata, writes what they say, and takes a checkpoint.
import type { Origin, WarningRecord } from '../alerts/inbox.js';
import type { EngineCounters } from '../engine/context.js';
import type { Derived } from '../engine/derived.js';
import { FIRST_GENERATION, type Generation } from '../engine/generation.js';
import { countersOf, gapFor, historyFor } from '../engine/strata.js';
import { instantOf, type Turn } from '../engine/turn.js';
import type { LogRecord } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { CheckpointCursor } from './checkpoint.js';
import { CheckpointPace } from './checkpoint-pace.js';
import { dueTimers, type DueTimers } from './due.js';
import { metaAfter, type EvaluateMeta, type Telling } from './evaluate-meta.js';
import type { EvaluateOptions } from './evaluate-options.js';
import { Freezer, hearing, InboxOrder } from './freezer.js';
import type { StateSize } from './key-cache.js';
import { KeyRoom } from './key-room.js';
import { Outputs } from './outputs.js';
import { RecentRecords } from './recent-records.js';
import { rulesNamed, runningRules } from './running-rules.js';
import { changesOf, keysOf, Stage, type StageMeta } from './stage.js';
import {
  isControl,
  Schedule,
  scheduledBy,
  turnOf,
  type ControlRecord,
  type Scheduled,
} from './wide/schedule.js';
import { markOf } from './wide/wide-records.js';

/** Of runs whose evidence is handed to nobody. */
const NO_KEY = new Uint8Array(32);

export class Evaluate {
  private readonly cursor: CheckpointCursor<EvaluateMeta>;
  private readonly pace: CheckpointPace;
  readonly room: KeyRoom;
  /** One for each stratum, 0 first; empty until opened. */
  private stages: readonly Stage[] = [];
  private running: RuleSet;
  private tellingNow: Telling | null = null;
  /** What engines of former rules counted. */
  private former: readonly EngineCounters[] = [];
  private inbox = new InboxOrder([]);
  private offset = 0;
  private committed = 0;
  private stepping = 0;
  private ordinal = 0;
  /** A tick was stepped since the last mark. */
  private ticked = false;
  /** What models that end with a turn say to strata that begin with it. */
  private ahead: Derived[] = [];
  /** Strata that there are, wherever they run. */
  private strata = 0;
  private schedule = new Schedule();
  private readonly recent: RecentRecords;
  private readonly freezer: Freezer;
  private readonly outputs: Outputs;

  constructor(private readonly options: EvaluateOptions) {
    const { logs, state, partition, nonce, evidenceKey = NO_KEY, standing, heard } = options;
    const recent = (this.recent = options.recent ?? new RecentRecords(heard && hearing(heard, partition)));
    this.freezer = new Freezer({ ...options, events: logs.events, recent, evidenceKey });
    this.outputs = new Outputs(logs, partition, this.freezer, standing);
    this.cursor = new CheckpointCursor<EvaluateMeta>(state, `evaluate/${partition}`, nonce);
    this.pace = new CheckpointPace(options.pace);
    this.running = options.rules;
    this.room = new KeyRoom(options.cachedKeys);
  }

  /** The rules in force at its position. */
  get rules(): RuleSet {
    return this.running;
  }

  /** The change of rules that waits for its history; null for none. */
  get telling(): Telling | null {
    return this.tellingNow;
  }

  /** Transitions that wait until every stratum has passed them. */
  get waiting(): readonly WarningRecord[] {
    return this.inbox.waiting;
  }

  /** What each stratum waits for, by stratum. */
  get generations(): readonly Generation[] {
    return this.stages.map(({ engine }) => engine.context.generation);
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
    return countersOf([...this.former, ...this.stages.map(({ engine }) => engine.counters)]);
  }

  /** Verdicts since the start, by `verdict code`; both from short lists of the engine. */
  get verdicts(): ReadonlyMap<string, number> {
    return this.outputs.verdicts;
  }

  /** How many keys each model holds, by its name. */
  get modelKeys(): ReadonlyMap<string, number> {
    return new Map(this.stages.flatMap(({ engine }) => [...engine.context.modelKeys.counts]));
  }

  /** What the store holds of keys, by stratum. */
  get stateSizes(): readonly StateSize[] {
    return this.stages.map(({ cache }) => cache.stateSize);
  }

  /** Goes on with what is at hand where nobody came in between; the last round must have ended well. */
  async resume(): Promise<void> {
    if (this.stages.length === 0 || !(await this.cursor.isCurrent())) await this.open();
  }

  /** Takes the place that the last checkpoint left. */
  async open(): Promise<void> {
    const meta = await this.cursor.load();
    this.running = await runningRules(this.options, meta?.revision, this.options.partition);
    this.outputs.clear();
    this.pace.restart();
    this.options.outlet?.clear();
    this.ticked = false;
    this.ahead = [];
    // A stratum that the rules need no more stays, and stands empty.
    this.strata = Math.max(this.running.strata, meta?.stages.length ?? 0, meta?.wide?.strata ?? 0);
    this.schedule = new Schedule(meta?.wide?.schedule);
    const here = this.isWide ? 1 : this.strata;
    this.room.clear();
    this.stages = Array.from({ length: here }, (_, index) => this.openStage(index, meta?.stages[index]));
    this.tellingNow = meta?.telling ?? null;
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
    const read = await this.recent.read(logs.events, partition, this.offset, batch);
    const [first] = read;
    if (first === undefined) return this.pace.isDue ? this.settle() : 0;
    const records = this.untilTurn(read);
    if (records.length === 0) return this.turn(first, this.offset);
    const { timers: due, until } = await this.dueBy(this.latestOf(records));
    // What falls due comes of the record that lets it, however many records one batch reads.
    const beyond = until === null ? -1 : records.findIndex((record) => this.instantOf(record) > until);
    const within = beyond < 0 ? records : records.slice(0, beyond);
    const horizon = Math.max(this.bottom.engine.clock, this.latestOf(within));
    const timers = within.length === 0 ? due : due.filter((timer) => timer.due <= horizon);
    await this.bottom.prepare(keysOf(within), timers);
    this.stepping = this.offset;
    if (within.length > 0) this.stepAll(within);
    else this.bottom.engine.advance(until ?? horizon);
    const last = within[within.length - 1];
    if (last !== undefined && this.announces(last)) await this.hear(scheduledBy(last));
    for (const stage of this.stages.slice(1)) {
      await stage.follow(this.stages.slice(0, stage.index), timers);
    }
    await this.write();
    this.pace.advance(within.length);
    // Timers that are too many for one batch are read from the store, which must not give the same ones again.
    if (until !== null || this.pace.isDue) await this.settle();
    return Math.max(1, within.length);
  }

  /** Keeps the place that it has come to, for whoever goes on; the last round must have ended well. @returns how much that did */
  async settle(): Promise<number> {
    if (!this.pace.isBehind) return 0;
    await this.checkpoint(() => this.meta());
    return 1;
  }

  /** The rules of a revision that the log names. @throws CodedError where they are not at hand */
  rulesNamed(revision: string): Promise<RuleSet> {
    return rulesNamed(this.options, revision);
  }

  /** Records up to the first that a turn comes before; an announcement is the last, since it says when one comes. */
  private untilTurn(records: readonly LogRecord[]): readonly LogRecord[] {
    this.schedule.skipStale(this.inForce);
    for (const [index, record] of records.entries()) {
      if (this.turns(record)) return records.slice(0, index);
      if (this.announces(record)) return records.slice(0, index + 1);
    }
    return records;
  }

  /** Whether other rules, or the end of their history, begin with a record. */
  private turns(record: LogRecord): boolean {
    if (this.isWide) return this.instantOf(record) >= this.schedule.nextAt;
    if (record.kind === 'revision') return record.revision !== this.running.revision;
    return record.kind === 'primed' && record.epoch === this.tellingNow?.epoch;
  }

  /** Whether a record says what comes at a later instant, and nothing of how far time has come. */
  private announces(record: LogRecord): record is ControlRecord {
    return this.isWide && isControl(record);
  }

  private instantOf(record: LogRecord): number {
    return this.announces(record) ? -Infinity : record.at;
  }

  private latestOf(records: readonly LogRecord[]): number {
    return records.reduce((latest, record) => Math.max(latest, this.instantOf(record)), -Infinity);
  }

  /** Hears of a change, and tells those above of it. @throws CodedError where its rules are not at hand */
  private async hear(scheduled: Scheduled): Promise<void> {
    if (!this.schedule.hear(scheduled, this.inForce)) return;
    const turn = await turnOf(scheduled.change, (revision) => this.rulesNamed(revision));
    if (turn.kind === 'revision') this.strata = Math.max(this.strata, turn.rules.strata);
    const { strata } = this;
    const gaps = this.bottom.engine.context.gaps.all;
    this.options.outlet?.announce({ kind: 'turn', ...scheduled, strata, gaps });
  }

  private get inForce() {
    return { revision: this.running.revision, epoch: this.bottom.engine.context.generation.epoch };
  }

  /** Decides everything before a turn, ends what does not go on, and opens every stratum anew after it. */
  private async turn(record: LogRecord, offset: number): Promise<number> {
    const scheduled = this.schedule.next ?? scheduledBy(record as ControlRecord);
    const turn = await turnOf(scheduled.change, (revision) => this.rulesNamed(revision));
    const instant = instantOf(turn, this.bottom.engine.clock, scheduled.at);
    const { timers, until } = await this.dueBy(instant);
    const ready = until === null || until >= instant;
    await this.bottom.prepare([], timers);
    this.stepping = offset;
    if (ready) this.bottom.engine.advanceBefore(instant);
    else this.bottom.engine.advance(until);
    for (const stage of this.stages.slice(1)) {
      await stage.follow(this.stages.slice(0, stage.index), timers);
      if (ready) stage.engine.advanceBefore(instant);
    }
    if (ready) {
      for (const stage of this.stages) await stage.leave(turn);
      this.schedule.pass();
      // Where the turn was announced, the record is still to be stepped.
      if (!this.isWide) this.offset = offset + 1;
    }
    await this.write();
    if (ready && !this.isWide) this.ordinal = 0;
    await this.checkpoint(() => (ready ? this.metaAfter(turn, offset, instant) : this.meta()));
    if (!ready) return 1;
    this.former = [this.counters ?? countersOf([])];
    await this.open();
    return 1;
  }

  /** Whether the strata above run elsewhere, and changes come at an instant that is announced. */
  private get isWide(): boolean {
    return this.options.outlet !== undefined;
  }

  private get bottom(): Stage {
    return this.stages[0] as Stage;
  }

  private openStage(index: number, stored: StageMeta | undefined): Stage {
    const { state, partition, modelKeys } = this.options;
    const stage: Stage = new Stage(index, {
      rules: this.running,
      generation: stored?.generation ?? FIRST_GENERATION,
      ...{ state, partition, modelKeys, room: this.room },
      namespace: this.cursor.namespace,
      emit: (output) => this.outputs.push(stage, this.originAt(stage), output),
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
    const { outlet } = this.options;
    if (outlet !== undefined) return outlet.derive(this.originAt(this.bottom), derived);
    const stage = this.stages[derived.stratum];
    if (stage === undefined) this.ahead.push(derived);
    else stage.stratum.merge.push(derived);
  }

  private dueBy(instant: number): Promise<DueTimers> {
    const horizon = Math.max(this.bottom.engine.clock, instant);
    return dueTimers(this.options.state, this.cursor.namespace, horizon);
  }

  private stepAll(records: readonly LogRecord[]): void {
    const { engine } = this.bottom;
    for (const record of records) {
      this.stepping = this.offset;
      if (this.announces(record)) {
        this.offset = this.stepping + 1;
        continue;
      }
      if (record.kind === 'gap') {
        for (let stratum = 1; stratum < this.strata; stratum++) {
          this.deliver(gapFor(stratum, engine.clock, record.from, record.at));
        }
      }
      if (record.kind === 'tick') this.ticked = true;
      engine.step(record, this.stepping);
      if (record.kind === 'prime' && record.stratum > 0) this.deliver(historyFor(record, engine.clock));
      this.offset = this.stepping + 1;
      this.ordinal = 0;
    }
  }

  /** Writes outputs to their logs; each is durable before the checkpoint that says so. */
  private async write(): Promise<void> {
    const { logs, probe, outlet } = this.options;
    await this.cursor.verify();
    const frozen = await this.outputs.write();
    if (outlet !== undefined) {
      const marks = this.ticked ? [markOf(this.bottom)] : [];
      await outlet.write(
        frozen.map((record) => this.freezer.encode(record)),
        marks,
        this.strata,
      );
      this.ticked = false;
      return probe('after-output');
    }
    let inbox: readonly WarningRecord[] = frozen;
    if (this.stages.length > 1) {
      for (const record of frozen) this.inbox.push(record);
      inbox = this.inbox.release();
    }
    if (inbox.length > 0) {
      await logs.inbox.append(
        0,
        inbox.map((record) => this.freezer.encode(record)),
      );
    }
    if (inbox.length > 0) probe('after-output');
  }

  private async checkpoint(metaOf: () => EvaluateMeta): Promise<void> {
    const { probe } = this.options;
    const changes = changesOf(this.stages);
    probe('before-checkpoint');
    // After the changes, whose size is part of it.
    await this.cursor.commit(metaOf(), changes);
    this.committed = this.offset;
    this.pace.restart();
    this.recent.release(this.offset);
    this.outputs.committed();
    for (const stage of this.stages) stage.committed();
    probe('after-checkpoint');
  }

  private meta(): EvaluateMeta {
    return {
      offset: this.offset,
      ordinal: this.ordinal,
      revision: this.running.revision,
      gaps: this.bottom.engine.context.gaps.all,
      stages: this.stages.map((stage) => stage.meta()),
      inbox: this.inbox.waiting,
      telling: this.tellingNow,
      ...(this.isWide && { wide: { strata: this.strata, schedule: this.schedule.plain } }),
    };
  }

  /** What the strata begin with after a turn. */
  private metaAfter(turn: Turn, cut: number, at: number): EvaluateMeta {
    const { running, ahead, isWide } = this;
    return metaAfter(this.meta(), { turn, running, ahead, isWide, cut, at });
  }
}
