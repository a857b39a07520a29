// Legal holds, and which events went at the end of their term: both are told again from the audit log.
import type { Key, StreamName } from '../../events/event.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { AuditEntry } from '../audit.js';
import { CheckpointCursor, decodeJson, NO_CHANGES } from '../checkpoint.js';
import { HOLD_LIMITS, HOLDS_NAMESPACE, type Hold, type HoldsMeta } from '../retention/holds.js';
import { after, NOTHING_RELEASED, releaseNamespace, type ReleaseMeta } from '../retention/release-events.js';
import type { ReleasePlan } from '../retention/release-plan.js';
import { recordsFrom } from './standing-log.js';

export interface RetentionRestoringOptions {
  readonly logs: Pick<Logs, 'audit'>;
  readonly state: StateStore;
  readonly nonce: () => string;
  readonly partitions: { readonly events: number };
  /** The offset of the first record that a partition of the audit log still has. */
  readonly begin: (name: 'audit', partition: number) => Promise<number>;
  /** Epoch ms of this machine's clock. */
  readonly now: () => number;
}

/** An entry about events of one stream that went. */
interface ReleaseEntry extends AuditEntry {
  readonly stream: StreamName;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** What is known of one partition. */
class Partition {
  private readonly cursor: CheckpointCursor<ReleaseMeta>;
  private meta: ReleaseMeta = NOTHING_RELEASED;
  /** Of the copy that was put back. */
  private known: ReleaseMeta = NOTHING_RELEASED;

  constructor({ state, nonce }: RetentionRestoringOptions, partition: number) {
    this.cursor = new CheckpointCursor(state, releaseNamespace(partition), nonce);
  }

  async load(): Promise<void> {
    this.known = (await this.cursor.load()) ?? NOTHING_RELEASED;
    this.meta = this.known;
  }

  /** @param held keys on hold then */
  hear(entry: ReleaseEntry, held: readonly Key[]): void {
    const { at, stream, last, from, below: to } = entry;
    const { until } = this.meta;
    this.meta = { ...this.meta, until: { ...until, [stream]: Math.max(until[stream] ?? -Infinity, last) } };
    // Builds of before did not note offsets.
    if (from === undefined || to === undefined || this.knows(stream, from, to)) return;
    const { plan } = this.meta;
    const isSame = plan !== null && plan.from === from && plan.to === to && plan.held.join() === held.join();
    const { count, first } = entry;
    const found = { ...(isSame ? plan.found : {}), [stream]: { count, first, last } };
    const released = isSame ? [...new Set([...plan.released, stream])] : [stream];
    const asked: Omit<ReleasePlan, 'termMs'> = {
      ...{ released, from, to, held, found, stayed: entry.stayed ?? {} },
      // The oldest that could be meant; whether it was carried out nobody knows, so it is done again.
      ...{ before: Math.max(last, isSame ? plan.before : -Infinity), left: 'warehouse' },
    };
    this.finishUnless(isSame);
    this.meta = { ...this.meta, plan: { ...asked, termMs: at - asked.before } };
  }

  async keep(): Promise<void> {
    await this.cursor.commit(this.meta, NO_CHANGES);
  }

  /** What a copy of the state says stands. */
  private knows(stream: StreamName, from: number, to: number): boolean {
    const { next, plan } = this.known;
    if (to <= (next[stream] ?? -1)) return true;
    return plan?.from === from && plan.to === to && plan.released.includes(stream);
  }

  /** Whoever noted the next had carried out the one before. */
  private finishUnless(isSame: boolean): void {
    const { plan } = this.meta;
    if (!isSame && plan !== null) this.meta = { ...after(this.meta, plan), plan: null };
  }
}

/**
 * Brings back the holds that stand, and by partition what went: what is gone from the warehouse does not come back into it. A
 * hold of which the log does not say when it ends is in force for the longest time that one may be ordered for.
 * @returns how many holds stand
 */
export async function restoreRetention(options: RetentionRestoringOptions): Promise<number> {
  const { logs, state, nonce, partitions, begin, now } = options;
  const cursor = new CheckpointCursor<HoldsMeta>(state, HOLDS_NAMESPACE, nonce);
  const known = new Map((await cursor.load())?.holds.map((hold) => [hold.id, hold]));
  const holds = new Map(known);
  const all = Array.from({ length: partitions.events }, (_, partition) => new Partition(options, partition));
  for (const partition of all) await partition.load();
  for await (const { value } of recordsFrom(logs.audit, 0, await begin('audit', 0))) {
    const entry = decodeJson<AuditEntry>(value);
    if (entry.what === 'hold') heldBy(entry, known, holds);
    else if (entry.what === 'end-hold') holds.delete(entry.hold ?? '');
    else if (entry.what === 'release-events') {
      const inForce = [...holds.values()].filter(({ since, until }) => since <= entry.at && entry.at < until);
      const held = inForce.map(({ subject }) => subject);
      const heard = entry.partition === undefined ? all : all.slice(entry.partition, entry.partition + 1);
      for (const partition of heard) partition.hear(entry as ReleaseEntry, [...new Set(held)]);
    }
  }
  for (const partition of all) await partition.keep();
  const standing = [...holds.values()].filter(({ until }) => now() < until);
  await cursor.commit({ holds: standing }, NO_CHANGES);
  return standing.length;
}

function heldBy(entry: AuditEntry, known: ReadonlyMap<string, Hold>, holds: Map<string, Hold>): void {
  const { at, hold: id = '', subject, by = '', reason = '', until } = entry;
  const last = known.get(id)?.until ?? at + HOLD_LIMITS.longestMs;
  const hold = { id, subject: subject as Key, reason, by, since: at, until: until ?? last };
  holds.set(id, hold);
}
