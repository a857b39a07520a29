// Freezes the evidence of transitions, and puts those of all strata into the one order of the alert inbox.
import { evidenceOf, type Origin, type WarningRecord } from '../alerts/inbox.js';
import { Merge } from '../engine/merge.js';
import type { Ordered } from '../engine/derived.js';
import type { Transition } from '../engine/output.js';
import { orderedTransition } from '../engine/strata.js';
import { linkRecord } from '../evidence/chain.js';
import { decodeRecord } from '../events/codec.js';
import type { Event } from '../events/event.js';
import type { Log } from '../ports/log.js';
import type { Stage } from './stage.js';

/** Events shown whole in the evidence of a transition. */
const SAMPLE_MAX = 20;

interface OrderedRecord extends Ordered {
  readonly record: WarningRecord;
}

/**
 * Freezes a transition: a sample of whole events, and its link in the chain of its stratum.
 * @param events the events log
 */
export async function freeze(
  stage: Stage,
  origin: Origin,
  transition: Transition,
  events: Log,
): Promise<WarningRecord> {
  const sample: Event[] = [];
  for (const { position } of transition.contributions.events.slice(-SAMPLE_MAX)) {
    if (position === null) continue;
    const [stored] = await events.read(position.partition, position.offset, 1);
    const record = stored === undefined ? undefined : decodeRecord(stored.value);
    if (record?.kind === 'event') sample.push(record);
  }
  const link = linkRecord(stage.chain, evidenceOf({ transition, sample }));
  stage.chain = { sequence: link.sequence, hash: link.hash };
  return { kind: 'warning', origin, at: transition.clock, transition, sample, link };
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
