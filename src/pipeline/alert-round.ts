// What the inbox says in one round, until its checkpoint: states, what falls due among them, messages and notes.
import type { DutyKind } from '../alerts/duty.js';
import type { AlertMachine, AlertOutputs, Stepped } from '../alerts/machine.js';
import type { PlannedDelivery } from '../alerts/messages.js';
import type { Posts } from '../alerts/posts.js';
import type { AlertState } from '../alerts/state.js';
import type { Origin } from '../alerts/inbox.js';
import { standingOf, standsAlike, type Standing } from '../alerts/standing.js';
import type { TakenAct } from '../alerts/taken.js';
import type { Withholding } from '../alerts/withholding.js';
import type { WarningLevel } from '../model/model.js';
import type { TimerEntry } from '../ports/state.js';
import { WARNING_LEVELS } from './alert-levels.js';
import { levelPrefix, namesOf, NO_NAMES, type Names } from './alert-names.js';
import { encodeJson } from './checkpoint.js';
import type { StoredCases } from './stored-cases.js';
import type { StoredQueues } from './stored-queues.js';

/** A delivery in its log, recorded before it is made. */
export interface DeliveryRecord {
  readonly origin: Origin;
  readonly delivery: PlannedDelivery;
}

/** An action that was taken in its log. */
export interface TakenRecord {
  readonly origin: Origin;
  readonly taken: TakenAct;
}

/** How a warning stands from an instant on in its log. */
export interface StandingRecord {
  readonly origin: Origin;
  /** Epoch ms. */
  readonly at: number;
  readonly standing: Standing;
}

/** What departments were not told at once in its log. */
export interface WithheldRecord {
  readonly origin: Origin;
  readonly withholding: Withholding;
}

/** What the alert side stores of a round. */
export interface RoundChanges {
  readonly records: ReadonlyMap<string, Uint8Array | null>;
  readonly timersSet: readonly TimerEntry[];
  readonly timersCleared: readonly TimerEntry[];
  /** How many more warnings stand, and how many more are withheld. */
  readonly current: number;
  readonly withheld: number;
  /** How many more stand at each level. */
  readonly levels: ReadonlyMap<WarningLevel, number>;
}

const LISTED = new Uint8Array([1]);
const TIMER = 'case';

export class Round {
  readonly deliveries: DeliveryRecord[] = [];
  readonly notes: unknown[] = [];
  readonly taken: TakenRecord[] = [];
  readonly withheld: WithheldRecord[] = [];
  /** The kinds of the deadlines that passed, one for each. */
  readonly missed: DutyKind[] = [];
  readonly standings: StandingRecord[] = [];
  /** When something follows by itself, of each warning at hand. */
  private readonly next = new Map<string, number>();
  private earliest = Infinity;
  private readonly before: ReadonlyMap<string, { readonly names: Names; readonly next: number }>;
  private readonly touched = new Set<string>();
  private readonly kept = new Map<string, Uint8Array | null>();

  /** @param ordinal of the next output */
  constructor(
    private readonly states: Map<string, AlertState | undefined>,
    private readonly machine: AlertMachine,
    private readonly posts: Posts,
    private readonly cases: StoredCases,
    private readonly queues: StoredQueues,
    public ordinal: number,
  ) {
    const before = new Map<string, { names: Names; next: number }>();
    for (const [warning, state] of states) {
      const next = state === undefined ? Infinity : machine.nextInstant(state);
      before.set(warning, { names: namesOf(state), next });
      this.await(warning, next);
    }
    this.before = before;
  }

  get known(): Iterable<AlertState> {
    return [...this.states.values()].filter((state) => state !== undefined);
  }

  /** The states that the round has changed. */
  get changed(): AlertState[] {
    return [...this.touched].flatMap((warning) => this.states.get(warning) ?? []);
  }

  state(warning: string): AlertState | undefined {
    return this.states.get(warning);
  }

  /** Does what falls due up to an instant, in the order of (instant, warning), messages that waited after them. */
  fallDue(until: number, offset: number): void {
    for (;;) {
      const due = Math.min(this.earliest, this.posts.next);
      if (due > until) return;
      if (this.earliest === due) this.fallAt(due, offset);
      for (const delivery of this.posts.flush(due)) this.deliver(delivery, offset);
      this.withholdPosts(offset);
    }
  }

  private fallAt(due: number, offset: number): void {
    const warnings = [...this.next].flatMap(([warning, next]) => (next === due ? [warning] : []));
    for (const warning of warnings.sort()) {
      const state = this.states.get(warning);
      if (state === undefined) continue;
      const fallen = this.machine.fall(state, due);
      this.missed.push(...missedIn(state, fallen.state));
      this.take(warning, fallen, { offset, at: due });
    }
    this.earliest = [...this.next.values()].reduce((least, next) => Math.min(least, next), Infinity);
  }

  /** Keeps something beside the warnings; null lets go of it. */
  keep(name: string, value: unknown): void {
    this.kept.set(name, value === null ? null : encodeJson(value));
  }

  /** Takes what a step gives. */
  take(
    warning: string,
    { state, outputs }: Stepped<AlertState | undefined>,
    place: { readonly offset: number; readonly at: number },
  ): void {
    const before = this.states.get(warning);
    this.states.set(warning, state);
    this.touched.add(warning);
    this.await(warning, state === undefined ? Infinity : this.machine.nextInstant(state));
    this.say(outputs, place);
    this.stand(warning, before, place);
  }

  /** Records how a warning stands, where that has changed. */
  private stand(
    warning: string,
    before: AlertState | undefined,
    { offset, at }: { readonly offset: number; readonly at: number },
  ): void {
    const after = this.states.get(warning);
    if (after === undefined || after === before) return;
    const standing = standingOf(after);
    if (before !== undefined && standsAlike(standingOf(before), standing)) return;
    this.standings.push({ origin: this.origin(offset), at, standing });
  }

  /** Sends messages, and notes what operators must know. */
  say({ deliveries, notes }: AlertOutputs, { offset, at }: { offset: number; at: number }): void {
    for (const planned of deliveries) {
      const { send, dropped } = this.posts.offer(planned);
      for (const delivery of send) this.deliver(delivery, offset);
      for (const { warning, id } of dropped) this.drop(warning, id, { offset, at });
      this.withholdPosts(offset);
    }
    for (const note of notes) {
      const alert = { kind: 'operator', ...note, clock: at, model: null, key: null, count: 1 };
      this.notes.push({ origin: this.origin(offset), alert });
    }
  }

  /** Records that departments are not told of something at once. */
  withhold(withholding: Withholding, offset: number): void {
    this.withheld.push({ origin: this.origin(offset), withholding });
  }

  private withholdPosts(offset: number): void {
    for (const withholding of this.posts.withheld.splice(0)) this.withhold(withholding, offset);
  }

  private deliver(delivery: PlannedDelivery, offset: number): void {
    this.deliveries.push({ origin: this.origin(offset), delivery });
  }

  /** A message that is not sent any more is waited for no longer; its warning is the one at hand. */
  private drop(warning: string, id: string, place: { readonly offset: number; readonly at: number }): void {
    const state = this.states.get(warning);
    if (state === undefined) return;
    this.states.set(warning, this.machine.settle(state, [id]));
    this.stand(warning, state, place);
  }

  private origin(offset: number): Origin {
    return { source: 'inbox/0', offset, ordinal: this.ordinal++ };
  }

  private await(warning: string, next: number): void {
    this.next.set(warning, next);
    if (next < this.earliest) this.earliest = next;
  }

  /** The records that changed, the lists of warnings among them, and the timers. */
  changes(): RoundChanges {
    const records = new Map<string, Uint8Array | null>(this.kept);
    const timersSet: TimerEntry[] = [];
    const timersCleared: TimerEntry[] = [];
    const levels = new Map<WarningLevel, number>();
    let current = 0;
    let withheld = 0;
    for (const warning of this.touched) {
      const state = this.states.get(warning);
      if (state === undefined) continue;
      const { names: was, next: due } = this.before.get(warning) ?? { names: NO_NAMES, next: Infinity };
      const now = namesOf(state);
      const next = this.next.get(warning) ?? Infinity;
      for (const [name, bytes] of this.cases.recordsOf(state)) records.set(name, bytes);
      // Under names that it had before it is listed already, unless a former build stored it.
      list(records, was, this.cases.isApart(state) ? was : NO_NAMES, now);
      if (next !== due) {
        if (due !== Infinity) timersCleared.push({ due, key: warning, name: TIMER });
        if (next !== Infinity) timersSet.push({ due: next, key: warning, name: TIMER });
      }
      current += now.current.length - was.current.length;
      for (const level of WARNING_LEVELS) {
        const more = atLevel(now, level) - atLevel(was, level);
        if (more !== 0) levels.set(level, (levels.get(level) ?? 0) + more);
      }
      withheld += Math.min(1, now.withheld.length) - Math.min(1, was.withheld.length);
    }
    for (const department of this.posts.changed) {
      const queue = this.posts.queue(department);
      if (queue === undefined) continue;
      for (const [name, bytes] of this.queues.recordsOf(queue)) records.set(name, bytes);
    }
    this.posts.changed.clear();
    return { records, timersSet, timersCleared, current, withheld, levels };
  }
}

/** How many warnings of a level names list: one or none. */
function atLevel({ current }: Names, level: WarningLevel): number {
  return current.filter((name) => name.startsWith(levelPrefix(level))).length;
}

/** The deadlines that passed between two states: what follows each first is its reminder. */
function missedIn(before: AlertState, after: AlertState): DutyKind[] {
  const reminded = (state: AlertState, kind: DutyKind) =>
    state.duties.filter((duty) => duty.kind === kind && duty.urged > 0).length;
  const kinds = new Set(after.duties.map(({ kind }) => kind));
  return [...kinds].flatMap((kind) =>
    Array.from({ length: Math.max(0, reminded(after, kind) - reminded(before, kind)) }, () => kind),
  );
}

/** Lists a warning under its names where it is not yet, and no more under those that it had. */
function list(records: Map<string, Uint8Array | null>, was: Names, listed: Names, now: Names): void {
  const present = new Set(allOf(listed));
  const names = new Set(allOf(now));
  for (const name of allOf(was)) if (!names.has(name)) records.set(name, null);
  for (const name of names) if (!present.has(name)) records.set(name, LISTED);
}

function allOf({ current, withheld, open }: Names): string[] {
  return [...current, ...withheld, ...open];
}
