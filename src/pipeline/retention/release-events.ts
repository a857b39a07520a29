// The end of the term of events: planned, noted, then let go in the log and in the warehouse, so that a crash at any
// point between leaves what the next sweep goes on with.
import { offsetText } from '../../catalogue/duration.js';
import type { EventTerms } from '../../catalogue/retention.js';
import type { Key, StreamName } from '../../events/event.js';
import type { LettingGo } from '../../ports/letting-go.js';
import type { Log, Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { appendAudit } from '../audit.js';
import { CheckpointCursor, NO_CHANGES, type Probe } from '../checkpoint.js';
import { behind } from '../log-pages.js';
import type { Holds } from './holds.js';
import {
  fateOf,
  groupsOf,
  Survey,
  type Found,
  type Released,
  type ReleasePlan,
  type SurveyAsked,
  type TermGroup,
} from './release-plan.js';
import { ReleasableRows } from './release-rows.js';

/** Events that go from the tables of the warehouse that hold single events. */
export interface RemovedRange {
  readonly partition: number;
  /** Offsets, the last one excluded. */
  readonly from: number;
  readonly to: number;
  readonly streams: readonly StreamName[];
  /** Nothing of theirs goes. */
  readonly held: readonly Key[];
}

export interface ReleaseOptions {
  readonly partition: number;
  /** The log; or the rows of the warehouse, where the log lets go by itself. */
  readonly events: (Log & LettingGo) | ReleasableRows;
  readonly logs: Pick<Logs, 'audit'>;
  readonly state: StateStore;
  readonly holds: Holds;
  readonly nonce: () => string;
  readonly probe: Probe;
  /** Offset at and above which somebody may still read single records. */
  readonly limit: () => Promise<number>;
  /**
   * Removes rows; those that are gone are passed over. Null where no warehouse has any.
   * @returns false where it is under way, and is to be asked for again a little later
   */
  readonly remove: ((range: RemovedRange) => Promise<boolean>) | null;
}

/** Offsets by what has a term. */
type Place = { readonly [one in Released]?: number };

export interface ReleaseMeta {
  /** Offset below which nothing is left that might go, but for holds. */
  readonly next: Place;
  /** By key that was on hold, and what stayed for it: the first of its records. */
  readonly stayed: { readonly [key: Key]: Place };
  /** By stream, the arrival of the last event that went, or was to go by a plan; epoch ms. */
  readonly until: { readonly [stream in StreamName]?: number };
  readonly plan: ReleasePlan | null;
}

/** Where the checkpoint of a partition is. */
export const releaseNamespace = (partition: number) => `retention/events/${partition}`;

/** How much was let go, by stream. */
export type ReleasedCounts = ReadonlyMap<StreamName, number>;

const PAGE = 1_000;
export const NOTHING_RELEASED: ReleaseMeta = { next: {}, stayed: {}, until: {}, plan: null };

/** One owner at a time calls it, one call after the other. */
export class ReleaseEvents {
  private readonly cursor: CheckpointCursor<ReleaseMeta>;
  private readonly counts = new Map<StreamName, number>();
  private terms: EventTerms | null = null;
  private survey: Survey | null = null;
  /** Groups of the sweep under way that are still to be looked at. */
  private groups: TermGroup[] | null = null;
  /** How far the log of the plan was gone through here. */
  private gone = 0;
  private removing = false;

  constructor(private readonly options: ReleaseOptions) {
    this.cursor = new CheckpointCursor<ReleaseMeta>(
      options.state,
      releaseNamespace(options.partition),
      options.nonce,
    );
  }

  /** Since the start of the process. */
  get released(): ReleasedCounts {
    return this.counts;
  }

  /** Whether the last step found the warehouse still at what it was asked to remove. */
  get waits(): boolean {
    return this.removing;
  }

  /** Leaves off: the next step begins a sweep, with what a crash would leave. */
  reset(): void {
    [this.survey, this.groups, this.gone, this.removing] = [null, null, 0, false];
  }

  /** Does one bounded step of a sweep at an instant. @returns false once there is nothing left to do */
  async step(terms: EventTerms, now: number): Promise<boolean> {
    const meta = (await this.cursor.load()) ?? NOTHING_RELEASED;
    if (terms !== this.terms) this.reset();
    this.terms = terms;
    this.groups ??= groupsOf(terms);
    if (meta.plan !== null) {
      if (stands(meta.plan, terms, now)) await this.carryOut(meta, meta.plan, now);
      // Other rules keep longer what it would take.
      else await this.cursor.commit({ ...meta, plan: null }, NO_CHANGES);
      return true;
    }
    const [group] = this.groups;
    if (group === undefined) {
      this.reset();
      return false;
    }
    const plan = await this.look(meta, group, now);
    if (plan === null) return true;
    this.groups = this.groups.slice(1);
    this.survey = null;
    await this.begin(meta, plan, now);
    return true;
  }

  private async look(meta: ReleaseMeta, group: TermGroup, now: number): Promise<ReleasePlan | null> {
    const { events, partition, limit } = this.options;
    if (events instanceof ReleasableRows)
      return events.plan(await this.asked(meta, group, now), await limit());
    this.survey ??= new Survey(await this.asked(meta, group, now), await limit());
    return this.survey.page(events, partition, PAGE);
  }

  private async asked(meta: ReleaseMeta, group: TermGroup, now: number): Promise<SurveyAsked> {
    const inForce = await this.options.holds.inForce(now);
    const held = [...new Set(inForce.map(({ subject }) => subject))];
    return { ...group, from: startOf(meta, group, held), before: now - group.termMs, held };
  }

  /** Noted before anything goes; after a crash between the two the same may be noted twice. */
  private async begin(meta: ReleaseMeta, plan: ReleasePlan, now: number): Promise<void> {
    const { logs, probe, partition } = this.options;
    if (Object.keys(plan.found).length === 0)
      return this.cursor.commit({ ...after(meta, plan), plan: null }, NO_CHANGES);
    const nobody = { account: null, role: null, department: null };
    const entries = plan.released.flatMap((stream) => {
      const found = plan.found[stream];
      if (found === undefined || stream === 'tick') return [];
      const reason = `catalogue/retention.yaml: events.${stream} ${offsetText(plan.termMs)}`;
      const place = { partition, from: plan.from, below: plan.to, stayed: plan.stayed };
      return [
        { at: now, ...nobody, what: 'release-events', stream, reason, ...found, ...place, outcome: 'done' },
      ];
    });
    await appendAudit(logs, entries);
    probe('before-release');
    await this.cursor.commit({ ...meta, until: untilBy(meta, plan), plan }, NO_CHANGES);
    this.gone = plan.from;
  }

  private async carryOut(meta: ReleaseMeta, plan: ReleasePlan, now: number): Promise<void> {
    const { partition, remove, probe } = this.options;
    const ordered = (await this.options.holds.inForce(now)).map(({ subject }) => subject);
    const since = [...new Set(ordered)].filter((key) => !plan.held.includes(key));
    // A hold ordered once the warehouse is at it comes too late for what goes.
    if (since.length > 0 && !this.removing) {
      // Ordered after the plan was made: what is left of theirs stays, and is looked for from where the plan begins.
      const stayed = { ...plan.stayed, ...Object.fromEntries(since.map((key) => [key, plan.from])) };
      const held = [...plan.held, ...since];
      return this.cursor.commit({ ...meta, plan: { ...plan, held, stayed } }, NO_CHANGES);
    }
    if (plan.left === 'log') {
      if (await this.letGoPage(plan)) return;
      // First the log, from which a revocation could bring a row that takes off what is not there any more.
      await this.cursor.commit({ ...meta, plan: { ...plan, left: 'warehouse' } }, NO_CHANGES);
      return;
    }
    const streams = plan.released.filter((one): one is StreamName => one !== 'tick');
    const isAny = streams.some((stream) => plan.found[stream] !== undefined);
    const range = { partition, from: plan.from, to: plan.to, streams, held: plan.held };
    this.removing = isAny && remove !== null && !(await remove(range));
    if (this.removing) return;
    probe('after-release');
    await this.cursor.commit({ ...after(meta, plan), plan: null }, NO_CHANGES);
    for (const stream of streams)
      this.counts.set(stream, (this.counts.get(stream) ?? 0) + (plan.found[stream]?.count ?? 0));
  }

  /** @returns whether there is more */
  private async letGoPage(plan: ReleasePlan): Promise<boolean> {
    const { events, partition, probe } = this.options;
    const from = Math.max(this.gone, plan.from);
    if (from >= plan.to || events instanceof ReleasableRows) return false;
    const page = (await events.read(partition, from, PAGE)).filter(({ offset }) => offset < plan.to);
    const held = new Set(plan.held);
    const gone = page.filter(({ value }) => fateOf(plan, held, value).goes);
    const next = page.length < PAGE ? plan.to : behind(page, from);
    if (gone.length > 0) {
      const offsets = gone.map(({ offset }) => offset);
      await events.letGo(partition, offsets, next);
      probe('after-release');
    }
    this.gone = next;
    return next < plan.to;
  }
}

/** Where the sweep of a group begins: where the last ended, or before that with what stayed for a hold that has ended. */
function startOf({ next, stayed }: ReleaseMeta, { released }: TermGroup, held: readonly Key[]): number {
  let from = Infinity;
  for (const one of released) {
    from = Math.min(from, next[one] ?? 0);
    for (const [key, first] of Object.entries(stayed))
      if (!held.includes(key)) from = Math.min(from, first[one] ?? Infinity);
  }
  return from;
}

function untilBy({ until }: ReleaseMeta, { found }: ReleasePlan): ReleaseMeta['until'] {
  const later = { ...until };
  for (const [one, { last }] of Object.entries(found) as [Released, Found][])
    if (one !== 'tick') later[one] = Math.max(later[one] ?? -Infinity, last);
  return later;
}

/** What is known once a plan has been carried out. */
export function after(
  meta: ReleaseMeta,
  plan: Pick<ReleasePlan, 'released' | 'held' | 'to' | 'stayed'>,
): Omit<ReleaseMeta, 'plan'> {
  const { released, held, to } = plan;
  const next = { ...meta.next };
  for (const one of released) next[one] = Math.max(next[one] ?? 0, to);
  const stayed: { [key: Key]: { [one in Released]?: number } } = {};
  const note = (key: Key, one: Released, offset: number) => {
    stayed[key] = { ...stayed[key], [one]: Math.min(stayed[key]?.[one] ?? Infinity, offset) };
  };
  for (const [key, first] of Object.entries(meta.stayed)) {
    for (const [one, offset] of Object.entries(first) as [Released, number][]) {
      // It may have come to the limit before the place where it ended before.
      const isLooked = released.includes(one) && !held.includes(key);
      const left = isLooked ? Math.max(offset, to) : offset;
      if (left < (next[one] ?? 0)) note(key, one, left);
    }
  }
  for (const [key, offset] of Object.entries(plan.stayed)) for (const one of released) note(key, one, offset);
  return { next, stayed, until: meta.until };
}

/** Whether the terms of now would let go of all that a plan lets go of. */
function stands({ released, before }: ReleasePlan, terms: EventTerms, now: number): boolean {
  if (terms.size === 0) return false;
  const least = Math.min(...terms.values());
  return released.every((one) => before <= now - (one === 'tick' ? least : (terms.get(one) ?? Infinity)));
}
