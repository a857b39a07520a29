// Freezes the evidence of transitions, and puts those of all strata into the one order of the alert inbox.
import type { Origin, WarningRecord } from '../alerts/inbox.js';
import { Merge } from '../engine/merge.js';
import type { Ordered } from '../engine/derived.js';
import type { Transition } from '../engine/output.js';
import { orderedTransition } from '../engine/strata.js';
import { saltOf } from '../evidence/blinding.js';
import { canonical } from '../evidence/canonical-form.js';
import { linkText } from '../evidence/chain.js';
import type { Hashing } from '../evidence/hashing.js';
import { decodeRecord } from '../events/codec.js';
import { isGone } from '../events/coded-error.js';
import type { Event, Key, LogRecord, Position } from '../events/event.js';
import { Recent } from '../events/recent.js';
import type { EventArchive } from '../ports/history.js';
import type { Log } from '../ports/log.js';
import { encodeJson, encodeText } from './checkpoint.js';
import { chainOf } from './origins.js';
import { handOnAs } from './recent-log.js';
import type { KeyEvents } from './key-events.js';
import { behind } from './log-pages.js';
import type { RecentRecords } from './recent-records.js';
import type { Stage } from './stage.js';

/** Events shown whole in the evidence of a transition. */
const SAMPLE_MAX = 20;
/** Samples kept at hand: an event mostly stands in several transitions of its key, of one model or of more. */
const SAMPLES_KEPT = 1_024;
/** Larger samples are read again. */
const SAMPLE_CHARACTERS = 4_096;
/** Transitions whose events are read in one go. */
const FROZEN_TOGETHER = 64;
/** Reads of the log under way at once; what lies between two wanted events is read with them up to so many records. */
const READS_MAX = 8;
const BETWEEN_MAX = 32;
const RUN_RECORDS = 1_000;

interface OrderedRecord extends Ordered {
  readonly record: WarningRecord;
}

interface Sample {
  readonly event: Event;
  /** Its canonical form. */
  readonly text: string;
}

/** A transition as a stage said it. */
export interface Said {
  readonly stage: Stage;
  readonly origin: Origin;
  readonly transition: Transition;
}

export interface FreezerOptions {
  /** The events log. */
  readonly events: Log;
  /** Those records of its partition that are at hand; null for none. */
  readonly recent: RecentRecords | null;
  readonly partition: number;
  /** Of the salts. */
  readonly evidenceKey: Uint8Array;
  /** In JavaScript where left out. */
  readonly hashing?: Hashing | undefined;
  /** Events at hand by their keys. */
  readonly heard?: KeyEvents | undefined;
  /** What the log has let go of; without it everything is in the log. */
  readonly archive?: EventArchive | undefined;
}

export class Freezer {
  private readonly samples = new Recent<number, Sample>(SAMPLES_KEPT);
  /** Those that were read for the transitions under way. */
  private readonly found = new Map<number, Sample>();
  /** What the hash of a record covers, as text, for as long as the record is in memory. */
  private readonly texts = new WeakMap<WarningRecord, string>();

  constructor(private readonly options: FreezerOptions) {}

  /** Freezes transitions, each with a sample of whole events and its link in the chain of its stratum. */
  async freezeAll(said: readonly Said[]): Promise<WarningRecord[]> {
    const frozen: WarningRecord[] = [];
    for (let from = 0; from < said.length; from += FROZEN_TOGETHER) {
      const some = said.slice(from, from + FROZEN_TOGETHER);
      this.found.clear();
      await this.find(some);
      for (const one of some) frozen.push(this.freeze(one));
    }
    this.found.clear();
    return frozen;
  }

  private freeze({ stage, origin, transition }: Said): WarningRecord {
    const { evidenceKey, hashing } = this.options;
    const sample: Event[] = [];
    const texts: string[] = [];
    for (const position of shownBy(transition)) {
      const one = this.found.get(placeOf(position));
      if (one === undefined) continue;
      sample.push(one.event);
      texts.push(one.text);
    }
    // The canonical form of sample and transition together, put together from those of their parts.
    const form = canonical(transition);
    const text = `{"sample":[${texts.join(',')}],"transition":${form.text}}`;
    const salt = saltOf(evidenceKey, chainOf(origin), stage.chain.sequence + 1, hashing);
    const link = linkText(stage.chain, salt, text, hashing);
    stage.chain = { sequence: link.sequence, hash: link.hash };
    // As its bytes say it, in their order, for those who get it without them.
    const frozen = { sample, transition: form.value as Transition };
    const record: WarningRecord = { kind: 'warning', origin, at: transition.clock, link, ...frozen };
    this.texts.set(record, text);
    return record;
  }

  /** The record as its log holds it. */
  encode(record: WarningRecord): Uint8Array {
    const text = this.texts.get(record);
    if (text === undefined) return encodeJson(record);
    const { transition: _, sample: __, ...rest } = record;
    return handOnAs(record, encodeText(`${JSON.stringify(rest).slice(0, -1)},${text.slice(1)}`));
  }

  /** Finds the events that transitions show: at hand, else in the log. */
  private async find(said: readonly Said[]): Promise<void> {
    const missing = new Map<number, Position>();
    for (const { transition } of said) {
      const key = `${transition.scope}:${transition.key}`;
      for (const position of shownBy(transition)) {
        const place = placeOf(position);
        if (this.found.has(place) || missing.has(place)) continue;
        const sample = this.samples.get(place) ?? this.atHand(key, position);
        if (sample === undefined) missing.set(place, position);
        else this.found.set(place, sample);
      }
    }
    const runs = runsOf([...missing.values()]);
    for (let from = 0; from < runs.length; from += READS_MAX) {
      await Promise.all(runs.slice(from, from + READS_MAX).map((run) => this.read(run, missing)));
    }
  }

  private atHand(key: Key, position: Position): Sample | undefined {
    const { recent, partition, heard } = this.options;
    const record = position.partition === partition ? recent?.get(position.offset) : undefined;
    if (record !== undefined) return record.kind === 'event' ? this.keep(position, record) : undefined;
    const bytes = heard?.get(key, placeOf(position));
    return bytes === undefined ? undefined : this.decode(position, bytes);
  }

  private async read(run: Run, wanted: ReadonlyMap<number, Position>): Promise<void> {
    try {
      await this.readLog(run, wanted);
    } catch (error) {
      const { archive } = this.options;
      if (archive === undefined || !isGone(error)) throw error;
      await this.readArchive(run, wanted, archive);
    }
  }

  /** The log begins behind the first of them. */
  private async readArchive(run: Run, wanted: ReadonlyMap<number, Position>, archive: EventArchive) {
    const { partition, first, last } = run;
    const within = ({ offset, ...one }: Position) =>
      one.partition === partition && offset >= first && offset <= last;
    const positions = [...wanted.values()].filter(within);
    const archived = await archive.at(
      partition,
      positions.map(({ offset }) => offset),
    );
    for (const position of positions) {
      const event = archived.get(position.offset);
      if (event !== undefined) this.found.set(placeOf(position), this.keep(position, event));
      // Younger ones may not have come to the archive yet, and are in the log.
      else await this.readLog({ partition, first: position.offset, last: position.offset }, wanted);
    }
  }

  private async readLog(
    { partition, first, last }: Run,
    wanted: ReadonlyMap<number, Position>,
  ): Promise<void> {
    let next = first;
    while (next <= last) {
      const stored = await this.options.events.read(partition, next, last - next + 1);
      if (stored.length === 0) return;
      for (const { offset, value } of stored) {
        const position = wanted.get(placeOf({ partition, offset }));
        const sample = position === undefined ? undefined : this.decode(position, value);
        if (position !== undefined && sample !== undefined) this.found.set(placeOf(position), sample);
      }
      next = behind(stored, next);
    }
  }

  private decode(position: Position, bytes: Uint8Array): Sample | undefined {
    const record = decodeRecord(bytes);
    return record.kind === 'event' ? this.keep(position, record) : undefined;
  }

  private keep(position: Position, event: Event): Sample {
    const sample = sampleOf(event);
    if (sample.text.length <= SAMPLE_CHARACTERS) this.samples.set(placeOf(position), sample);
    return sample;
  }
}

/** Hears the events that are read from a partition, for those who show them soon. */
export function hearing(heard: KeyEvents, partition: number) {
  return (offset: number, record: LogRecord, bytes: Uint8Array): void => {
    if (record.kind === 'event') heard.put(record.key, placeOf({ partition, offset }), bytes);
  };
}

function shownBy({ contributions }: Transition): Position[] {
  return contributions.events
    .slice(-SAMPLE_MAX)
    .flatMap(({ position }) => (position === null ? [] : [position]));
}

/** Records of one partition that are read together. */
interface Run {
  readonly partition: number;
  readonly first: number;
  last: number;
}

function runsOf(positions: readonly Position[]): Run[] {
  const runs: Run[] = [];
  const sorted = [...positions].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  for (const { partition, offset } of sorted) {
    const run = runs[runs.length - 1];
    const joins =
      run?.partition === partition && offset - run.last <= BETWEEN_MAX && offset - run.first < RUN_RECORDS;
    if (run !== undefined && joins) run.last = offset;
    else runs.push({ partition, first: offset, last: offset });
  }
  return runs;
}

/** A position as one whole number: there are at most 2^16 partitions, and fewer than 2^37 records in one. */
function placeOf({ partition, offset }: Position): number {
  return partition * 2 ** 37 + offset;
}

function sampleOf(event: Event): Sample {
  const { text, value } = canonical(event);
  return { event: value as Event, text };
}

/** Holds frozen transitions until every stratum has passed their instant. */
export class InboxOrder {
  private readonly merge: Merge<OrderedRecord>;

  constructor(private readonly stages: readonly Stage[]) {
    this.merge = new Merge(stages.map(({ stratum }) => stratum.name));
  }

  push(record: WarningRecord): void {
    this.merge.push({ ...orderedTransition(record.transition), record });
  }

  /** Takes out what may be delivered, in order. */
  release(): WarningRecord[] {
    for (const { stratum, engine } of this.stages) this.merge.mark(stratum.name, engine.clock);
    return this.merge.release().map(({ record }) => record);
  }

  /** What waits, for the checkpoint. */
  get waiting(): readonly WarningRecord[] {
    return this.merge.waiting.map(({ record }) => record);
  }
}
