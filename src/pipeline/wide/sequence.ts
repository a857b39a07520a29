// The one order of the alert inbox: what all partitions of all strata say is merged by their marks and appended there.
import type { RulesRecord, WarningRecord } from '../../alerts/inbox.js';
import type { Cause, Ordered } from '../../engine/derived.js';
import { Merge } from '../../engine/merge.js';
import { orderedTransition, sourceName } from '../../engine/strata.js';
import type { WideLogs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, decodeJson, NO_CHANGES, type Probe } from '../checkpoint.js';
import { handOn, handOnAs } from '../recent-log.js';
import { InletPlace } from './inlet.js';
import type { Inlet, TransitionLogRecord, TurnRecord } from './wide-records.js';

export interface SequenceOptions {
  readonly logs: WideLogs;
  readonly state: StateStore;
  /** All partitions of all strata, as the deployment began. */
  readonly sources: readonly string[];
  /** Of the derived log: where a change of rules brings a stratum, so many sources come with it. */
  readonly partitions: number;
  readonly nonce: () => string;
  readonly probe: Probe;
  /** Records a batch. */
  readonly batch: number;
}

export const SEQUENCE_NAMESPACE = 'sequence';

/** What its checkpoint says. */
export interface SequenceMeta {
  readonly inlet: Inlet;
  /** Everything before this instant is in the inbox; null before the first. */
  readonly done: number | null;
}

interface Waiting extends Ordered {
  readonly bytes: Uint8Array;
}

export class Sequence {
  private readonly cursor: CheckpointCursor<SequenceMeta>;
  private readonly inlet = new InletPlace();
  private merge = new Merge<Waiting>([]);
  private done = -Infinity;

  constructor(private readonly options: SequenceOptions) {
    this.cursor = new CheckpointCursor<SequenceMeta>(options.state, SEQUENCE_NAMESPACE, options.nonce);
  }

  /** Every transition before this instant, epoch ms, is in the inbox. */
  get clock(): number {
    return this.done;
  }

  /** Offset of the next record to read. */
  get position(): number {
    return this.inlet.next;
  }

  /** Goes on with what is at hand where nobody came in between. */
  async resume(): Promise<void> {
    if (this.done === -Infinity || !(await this.cursor.isCurrent())) await this.open();
  }

  /** Takes the place that the last checkpoint left. */
  async open(): Promise<void> {
    const meta = await this.cursor.load();
    this.inlet.open(meta?.inlet);
    this.done = meta?.done ?? -Infinity;
    // Those that came with a change of rules have marks.
    this.merge = new Merge([...new Set([...this.options.sources, ...this.inlet.marks.keys()])]);
    for (const [source, at] of this.inlet.marks) this.merge.mark(source, at);
  }

  /** Reads one batch and appends what all sources have passed. @returns 0 when there is nothing to do */
  async run(): Promise<number> {
    const { logs, batch, probe } = this.options;
    const read = await logs.transitions.read(0, this.inlet.next, batch);
    for (const { offset, value } of read) this.take(decodeJson<TransitionLogRecord>(value), value, offset);
    this.inlet.next += read.length;
    const { least } = this.merge;
    if (!(least > this.done)) return read.length;
    const released = this.merge.release();
    if (released.length > 0) {
      await logs.inbox.append(
        0,
        released.map(({ bytes }) => bytes),
      );
      probe('after-output');
    }
    const inlet = this.inlet.place(this.merge.waiting);
    await this.cursor.commit({ inlet, done: least }, NO_CHANGES);
    this.done = least;
    probe('after-checkpoint');
    return read.length;
  }

  private take(record: TransitionLogRecord, bytes: Uint8Array, offset: number): void {
    if (record.kind === 'mark') {
      this.inlet.mark(record.source, record.at);
      this.merge.mark(record.source, record.at);
      return;
    }
    if (record.kind === 'turn') return this.turn(record, offset);
    // What is dated before what was released is in the inbox: it came again.
    if (record.at < this.done) return;
    const waiting: Waiting = { ...place(record), bytes: handOnAs(record, bytes) };
    if (this.inlet.admit(waiting, record.origin, offset)) this.merge.push(waiting);
  }

  /** The inbox is told which rules are in force, first thing at the instant, and hears the strata that come with them. */
  private turn({ at, change, strata }: TurnRecord, offset: number): void {
    if (at < this.done) return;
    for (let stratum = 1; stratum < strata; stratum++) {
      for (let partition = 0; partition < this.options.partitions; partition++) {
        const source = sourceName(stratum, partition);
        // Before, there was nothing to be said there.
        if (!this.merge.reads(source)) this.hears(source, at);
      }
    }
    if (change.kind === 'primed') return;
    const origin = { source: 'rules', offset: at, ordinal: 0 };
    const record: RulesRecord = { kind: 'rules', origin, at, revision: change.revision };
    const waiting: Waiting = { at, cause: FIRST_CAUSE, bytes: handOn(record) };
    if (this.inlet.admit(waiting, origin, offset)) this.merge.push(waiting);
  }

  private hears(source: string, at: number): void {
    this.inlet.mark(source, at);
    this.merge.addSource(source);
    this.merge.mark(source, at);
  }
}

/** Before all that is said at an instant. */
const FIRST_CAUSE: Cause = { kind: 0, name: '', ordinal: 0 };

function place({ transition }: WarningRecord): Ordered {
  const { at, cause } = orderedTransition(transition);
  return { at, cause };
}
