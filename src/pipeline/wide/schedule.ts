// Changes of rules as the partitions hear of them: announced ahead, and in force from one instant on, everywhere the same.
import type { Turn } from '../../engine/turn.js';
import type { LogRecord, PrimedRecord, RevisionRecord } from '../../events/event.js';
import type { RuleSet } from '../../model/ruleset.js';

/** Other rules, by their hash, or the end of the telling of the history that belongs to a change of rules. */
export type Change =
  | { readonly kind: 'revision'; readonly revision: string }
  | { readonly kind: 'primed'; readonly epoch: number };

export interface Scheduled {
  /** Epoch ms: what comes to this clock or later comes after the change. */
  readonly at: number;
  readonly change: Change;
}

export interface StoredSchedule {
  /** The instant of the last change that is in force; null before the first. */
  readonly passed: number | null;
  readonly waiting: readonly Scheduled[];
}

/** What is in force where the next change comes. */
export interface InForce {
  readonly revision: string;
  /** How often the rules changed. */
  readonly epoch: number;
}

export type ControlRecord = RevisionRecord | PrimedRecord;

/** Whether a record announces a change; it says nothing of how far time has come. */
export function isControl(record: LogRecord): record is ControlRecord {
  return record.kind === 'revision' || record.kind === 'primed';
}

/** The change that a record of the events log announces. */
export function scheduledBy(record: ControlRecord): Scheduled {
  const { at } = record;
  return record.kind === 'revision'
    ? { at, change: { kind: 'revision', revision: record.revision } }
    : { at, change: { kind: 'primed', epoch: record.epoch } };
}

/** Announcements may come again at any time, in whole: the instant tells one from another. */
export class Schedule {
  private passed: number;
  private waiting: Scheduled[];

  constructor(stored?: StoredSchedule) {
    this.passed = stored?.passed ?? -Infinity;
    this.waiting = [...(stored?.waiting ?? [])];
  }

  /** Hears of a change. @returns whether it is new, and changes anything */
  hear(scheduled: Scheduled, inForce: InForce): boolean {
    const { at, change } = scheduled;
    if (at <= this.passed || this.waiting.some((one) => one.at === at)) return false;
    const before = this.waiting.filter((one) => one.at < at).reduce(after, inForce);
    if (change.kind === 'revision' && change.revision === before.revision) return false;
    this.waiting = [...this.waiting, scheduled].sort((a, b) => a.at - b.at);
    return true;
  }

  /** The next change; undefined for none. */
  get next(): Scheduled | undefined {
    return this.waiting[0];
  }

  /** The instant of the next change; Infinity for none. */
  get nextAt(): number {
    return this.waiting[0]?.at ?? Infinity;
  }

  /** Passes over what changes nothing any more: the history of rules that others have followed since. */
  skipStale({ epoch }: InForce): void {
    for (
      let { next } = this;
      next?.change.kind === 'primed' && next.change.epoch !== epoch;
      { next } = this
    ) {
      this.pass();
    }
  }

  /** The next change is in force. */
  pass(): void {
    const passed = this.waiting.shift();
    if (passed !== undefined) this.passed = passed.at;
  }

  get plain(): StoredSchedule {
    return { passed: Number.isFinite(this.passed) ? this.passed : null, waiting: this.waiting };
  }
}

/** The turn that a change asks for. @param rulesNamed the rules of a revision */
export async function turnOf(
  change: Change,
  rulesNamed: (revision: string) => Promise<RuleSet>,
): Promise<Turn> {
  if (change.kind === 'primed') return { kind: 'primed' };
  return { kind: 'revision', rules: await rulesNamed(change.revision) };
}

function after(inForce: InForce, { change }: Scheduled): InForce {
  if (change.kind === 'primed') return inForce;
  return { revision: change.revision, epoch: inForce.epoch + 1 };
}
