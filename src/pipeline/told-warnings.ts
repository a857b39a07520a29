// The warnings of the history, from the alert inbox: each once, in order, with the rules under which it was raised.
import type { InboxRecord, WarningRecord } from '../alerts/inbox.js';
import type { Transition } from '../engine/output.js';
import { isBefore } from '../engine/past-warnings.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Log } from '../ports/log.js';
import { decodeJson } from './checkpoint.js';
import { OriginFilter } from './origins.js';

export class ToldWarnings {
  private readonly filter = new OriginFilter({});
  private readonly revisions = new Map<string, RuleSet>();
  private readonly queue: Transition[] = [];
  private offset = 0;
  private ended = false;

  /**
   * @param turn the instant of a change of rules, epoch ms: only what was said before it counts
   * @param waiting what evaluate has not written to the inbox yet
   * @param rulesNamed the rules of a revision that the log named
   */
  constructor(
    private readonly inbox: Log,
    private readonly turn: number,
    private readonly waiting: readonly WarningRecord[],
    private readonly batch: number,
    private readonly rulesNamed: (revision: string) => Promise<RuleSet>,
  ) {}

  /** The rules of a revision that some transition taken out so far names. */
  rulesOf(revision: string): RuleSet | undefined {
    return this.revisions.get(revision);
  }

  /** Takes out the transitions before an instant that were not taken out yet. */
  async takeUntil(instant: number): Promise<Transition[]> {
    const { queue } = this;
    while (!this.ended && !((queue[queue.length - 1]?.clock ?? -Infinity) >= instant)) await this.read();
    const end = queue.findIndex(({ clock }) => clock >= instant);
    return queue.splice(0, end < 0 ? queue.length : end);
  }

  private async read(): Promise<void> {
    const page = await this.inbox.read(0, this.offset, this.batch);
    this.offset += page.length;
    this.ended = page.length < this.batch;
    for (const { value } of page) await this.take(decodeJson<InboxRecord>(value));
    if (this.ended) for (const record of this.waiting) await this.take(record);
  }

  private async take(record: InboxRecord): Promise<void> {
    if (record.kind !== 'warning' || !this.filter.admit(record.origin)) return;
    const { transition } = record;
    // What a draw called for is no warning of a model.
    if (transition.draw !== undefined || !isBefore(transition, this.turn)) return;
    const { revision } = transition;
    if (!this.revisions.has(revision)) this.revisions.set(revision, await this.rulesNamed(revision));
    this.queue.push(transition);
  }
}
