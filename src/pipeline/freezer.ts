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
import type { Event, Position } from '../events/event.js';
import { Recent } from '../events/recent.js';
import type { Log } from '../ports/log.js';
import { encodeJson, encodeText } from './checkpoint.js';
import { chainOf } from './origins.js';
import { handOnAs } from './recent-log.js';
import type { RecentRecords } from './recent-records.js';
import type { Stage } from './stage.js';

/** Events shown whole in the evidence of a transition. */
const SAMPLE_MAX = 20;
/** Samples kept at hand: an event mostly stands in several transitions of its key, of one model or of more. */
const SAMPLES_KEPT = 4_096;
/** Events of the log kept at hand that nobody showed yet, where reading one again is dear. */
const HEARD_KEPT = 5_000;
/** Larger samples are read again. */
const SAMPLE_CHARACTERS = 4_096;

interface OrderedRecord extends Ordered {
  readonly record: WarningRecord;
}

interface Sample {
  readonly event: Event;
  /** Its canonical form. */
  readonly text: string;
}

export class Freezer {
  private readonly samples = new Recent<number, Sample>(SAMPLES_KEPT);
  private readonly heard = new Recent<number, Event>(HEARD_KEPT);
  /** What the hash of a record covers, as text, for as long as the record is in memory. */
  private readonly texts = new WeakMap<WarningRecord, string>();

  /**
   * @param events the events log
   * @param recent those records of its partition that are at hand
   * @param evidenceKey of the salts
   * @param hashing in JavaScript where left out
   */
  constructor(
    private readonly events: Log,
    private readonly recent: RecentRecords,
    private readonly partition: number,
    private readonly evidenceKey: Uint8Array,
    private readonly hashing?: Hashing,
  ) {}

  /** Takes note of an event of the log that may be shown soon. */
  hear(position: Position, event: Event): void {
    this.heard.set(placeOf(position), event);
  }

  /** Freezes a transition: a sample of whole events, and its link in the chain of its stratum. */
  async freeze(stage: Stage, origin: Origin, transition: Transition): Promise<WarningRecord> {
    const sample: Event[] = [];
    const texts: string[] = [];
    for (const { position } of transition.contributions.events.slice(-SAMPLE_MAX)) {
      if (position === null) continue;
      const one = this.atHand(position) ?? (await this.read(position));
      if (one === undefined) continue;
      sample.push(one.event);
      texts.push(one.text);
    }
    // The canonical form of sample and transition together, put together from those of their parts.
    const form = canonical(transition);
    const text = `{"sample":[${texts.join(',')}],"transition":${form.text}}`;
    const salt = saltOf(this.evidenceKey, chainOf(origin), stage.chain.sequence + 1, this.hashing);
    const link = linkText(stage.chain, salt, text, this.hashing);
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

  private atHand(position: Position): Sample | undefined {
    const kept = this.samples.get(placeOf(position));
    if (kept !== undefined) return kept;
    const record = position.partition === this.partition ? this.recent.get(position.offset) : undefined;
    const event = record ?? this.heard.get(placeOf(position));
    return event?.kind === 'event' ? this.keep(position, event) : undefined;
  }

  private async read(position: Position): Promise<Sample | undefined> {
    const [stored] = await this.events.read(position.partition, position.offset, 1);
    const record = stored === undefined ? undefined : decodeRecord(stored.value);
    return record?.kind === 'event' ? this.keep(position, record) : undefined;
  }

  private keep(position: Position, event: Event): Sample {
    const sample = sampleOf(event);
    if (sample.text.length <= SAMPLE_CHARACTERS) this.samples.set(placeOf(position), sample);
    return sample;
  }
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
