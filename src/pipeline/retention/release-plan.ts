// What of a log of events may be let go: found before anything goes, so that it can be noted and done again after a crash.
import { decodeRecord, recordHead, type RecordHead } from '../../events/codec.js';
import type { Key, StreamName } from '../../events/event.js';
import type { EventTerms } from '../../catalogue/retention.js';
import type { Log } from '../../ports/log.js';
import { behind } from '../log-pages.js';

/** What has a term: streams, and the ticks between their events, which go with those of the shortest. */
export type Released = StreamName | 'tick';

/** Streams of one term. */
export interface TermGroup {
  readonly termMs: number;
  readonly released: readonly Released[];
}

export interface Found {
  readonly count: number;
  /** Arrivals of the first and of the last, epoch ms. */
  readonly first: number;
  readonly last: number;
}

/** What goes in one step: of the log the records that `goes` says, of the warehouse the same. */
export interface ReleasePlan {
  readonly released: readonly Released[];
  readonly termMs: number;
  /** Offsets, and the arrival up to which the term is over. */
  readonly from: number;
  readonly to: number;
  readonly before: number;
  /** Keys on hold when it was made: nothing of theirs goes. */
  readonly held: readonly Key[];
  /** By key on hold, the first of its records that stayed. */
  readonly stayed: { readonly [key: Key]: number };
  readonly found: { readonly [released in Released]?: Found };
  /** What is left to do. */
  readonly left: 'log' | 'warehouse';
}

/** What is looked for. */
export type SurveyAsked = Pick<ReleasePlan, 'released' | 'termMs' | 'from' | 'before' | 'held'>;

/** Groups in the order of their terms, the shortest first. */
export function groupsOf(terms: EventTerms): TermGroup[] {
  const byTerm = new Map<number, Released[]>();
  for (const [stream, termMs] of terms) byTerm.set(termMs, [...(byTerm.get(termMs) ?? []), stream]);
  const groups = [...byTerm].sort(([a], [b]) => a - b);
  return groups.map(([termMs, released], index) => ({
    termMs,
    released: index === 0 ? ['tick', ...released] : released,
  }));
}

/** What becomes of a record by a plan. */
interface Fate extends RecordHead {
  readonly goes: boolean;
  /** The key on hold for which it stays; null for none. */
  readonly heldBy: Key | null;
}

/** What becomes of a record by a plan; decoded is only what may be on hold. */
export function fateOf(
  { released, before }: Pick<ReleasePlan, 'released' | 'before'>,
  held: ReadonlySet<Key>,
  bytes: Uint8Array,
): Fate {
  const head = recordHead(bytes);
  const { kind, at } = head;
  if (kind === null || at > before || !released.includes(kind)) return { ...head, goes: false, heldBy: null };
  const record = kind === 'tick' || held.size === 0 ? null : decodeRecord(bytes);
  const heldBy = record?.kind === 'event' && held.has(record.key) ? record.key : null;
  return { ...head, goes: heldBy === null, heldBy };
}

/** Reads a log page by page for what may go, up to the first record whose term is not over. */
export class Survey {
  private readonly found = new Map<Released, Found>();
  private readonly stayed = new Map<Key, number>();
  private next: number;
  private isOver = false;

  constructor(
    private readonly plan: SurveyAsked,
    /** Offset at and above which nothing goes. */
    private readonly limit: number,
  ) {
    this.next = plan.from;
    this.isOver = this.next >= limit;
  }

  /** @returns the plan once it has come to its end; null before */
  async page(log: Pick<Log, 'read'>, partition: number, limit: number): Promise<ReleasePlan | null> {
    const held = new Set(this.plan.held);
    const page = this.isOver ? [] : await log.read(partition, this.next, limit);
    for (const { offset, value } of page) {
      if (offset >= this.limit) this.isOver = true;
      const { kind, at, goes, heldBy } = fateOf(this.plan, held, value);
      // What is announced is dated ahead.
      if (kind !== null && at > this.plan.before) this.isOver = true;
      if (this.isOver) break;
      this.next = offset + 1;
      if (goes && kind !== null) this.note(kind, at);
      if (heldBy !== null && !this.stayed.has(heldBy)) this.stayed.set(heldBy, offset);
    }
    if (!this.isOver && behind(page, this.next) >= this.limit) this.isOver = true;
    if (!this.isOver && page.length === limit) return null;
    return {
      ...{ ...this.plan, to: this.next, left: 'log' },
      found: Object.fromEntries(this.found),
      stayed: Object.fromEntries(this.stayed),
    };
  }

  private note(released: Released, at: number): void {
    const known = this.found.get(released) ?? { count: 0, first: at, last: at };
    this.found.set(released, {
      count: known.count + 1,
      first: Math.min(known.first, at),
      last: Math.max(known.last, at),
    });
  }
}
