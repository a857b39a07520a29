// Matches of a sequence: what came, or did not come, one step after the other.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { Sequence, WindowIndicator } from '../../model/model.js';
import { compareReferences, type EventReference } from '../reference.js';
import { noEntries } from './entries.js';
import { Match, stepsOf, type Place, type SequenceEvents } from './sequence-match.js';
import { Window, type Instant } from './window.js';

/** A match that began and is not complete. */
export interface OpenMatch {
  readonly first: EventReference;
  /** Index of the step that it waits for; of a `not`, for it to complete. */
  readonly step: number;
  /** Until when an event can serve the step, or when it completes, epoch ms. */
  readonly until: number;
}

/** Listed matches that are gone, beyond as many as there are, before the lists are swept. */
const GONE_MAX = 32;

/**
 * Number of completed matches whose last step lies in `clock - over < t <= clock`. Every first event starts a match;
 * how it goes on is a function of the events alone, and decided anew only where an event that comes or is taken back
 * concerns it. The entries stay as long as they can be part of a match that counts.
 */
export class SequenceWindow extends Window implements SequenceEvents {
  private readonly sequence: Sequence;
  private readonly eventsOnly: boolean;
  /** By their first event. */
  private matches: Match[] = noEntries();
  /** The instants at which matches are complete, ascending. */
  private completions: number[] = noEntries();
  /** By step: matches of which an event later than all before may change that step; empty before the first match. */
  private open: Match[][] = noEntries();
  /** The latest event that was offered to the open matches. */
  private latest: EventReference | null = null;
  /** Entries and matches with an error. */
  private failures = 0;
  private lastAtEnd = true;

  constructor(indicator: WindowIndicator) {
    super(indicator);
    if (indicator.sequence === null) throw new Error(`the indicator ${indicator.name} has no steps`);
    this.sequence = indicator.sequence;
    this.eventsOnly = indicator.sequence.steps.every((step) => !step.not);
  }

  /** How long entries stay: longer than matches count. */
  override get overMs(): number {
    return this.indicator.keptMs;
  }

  override nextChange(instant: Instant): number {
    const { clock } = instant;
    const { completions } = this;
    const { overMs } = this.indicator;
    let next = completions[countUpTo(completions, clock)] ?? Infinity;
    const counted = completions[countUpTo(completions, clock - overMs)];
    if (counted !== undefined) next = Math.min(next, counted + overMs);
    const first = this.references[this.head];
    if (this.failures > 0 && first !== undefined) next = Math.min(next, first.time + this.overMs);
    return this.untilOverflow(next, instant);
  }

  override most(clock: number): number {
    if (this.failures > 0 || this.sizeAt(clock) === Infinity) return Infinity;
    return this.completions.length - this.departed(clock);
  }

  override get grewAtEnd(): boolean {
    return this.lastAtEnd;
  }

  /** Known where events alone complete matches. */
  override later(clock: number): number | undefined {
    if (!this.eventsOnly || this.failures > 0) return undefined;
    return countUpTo(this.completions, clock) - this.departed(clock);
  }

  override departures(clock: number): number {
    return this.completions.length - this.departed(clock);
  }

  override leavesAt(before: number, clock: number): number {
    return (this.completions[this.departed(clock) + before] as number) + this.indicator.overMs;
  }

  /** How many completions have left the window at a clock. */
  private departed(clock: number): number {
    return countUpTo(this.completions, clock - this.indicator.overMs);
  }

  /** The events of the matches that count. */
  override eachContributing(visit: (reference: EventReference) => void, clock: number): void {
    for (const { completion, places } of this.matches) {
      if (!(completion > clock - this.indicator.overMs && completion <= clock)) continue;
      for (const { reference } of places) if (reference !== null) visit(reference);
    }
  }

  /** Visits the matches that are not complete at a clock and may still be: which step, and until when at most. */
  eachOpen(clock: number, visit: (open: OpenMatch) => void): void {
    for (const { first, places, error } of this.matches) {
      const step = places.length - 1;
      const { done, time, limit, reference } = places[step] as Place;
      const isLast = step === this.sequence.steps.length - 1;
      // A `not` has been passed while nothing breaks it, and completes at its instant.
      const until = done && isLast && time > clock ? time : !done && reference === null ? limit : -Infinity;
      if (error === null && until > clock) visit({ first, step, until });
    }
  }

  protected joined(value: Value, atEnd: boolean, reference: EventReference): void {
    this.lastAtEnd = atEnd;
    if (value instanceof ExpressionError) {
      this.failures++;
      return;
    }
    const steps = stepsOf(value);
    if (steps > 1) this.offer(reference, value, steps);
    if ((steps & 1) !== 0) this.start(reference, value);
  }

  protected left(value: Value, oldest: boolean, reference: EventReference): void {
    if (value instanceof ExpressionError) {
      this.failures--;
      return;
    }
    const steps = stepsOf(value);
    if ((steps & 1) !== 0) this.drop(reference);
    // What rested on the oldest entry began with it or before it.
    if (oldest || steps <= 1) return;
    for (const match of this.matches) {
      if (compareReferences(match.first, reference) >= 0) break;
      const step = match.stepOf(reference);
      if (step < 0) continue;
      this.count(match, -1);
      match.decide(step, this);
      this.count(match, 1);
      this.list(match);
    }
  }

  protected figure({ clock }: Instant): Value {
    if (this.failures > 0) {
      for (const { error } of this.matches) if (error !== null) return error;
    }
    return countUpTo(this.completions, clock) - countUpTo(this.completions, clock - this.indicator.overMs);
  }

  private start(reference: EventReference, value: Value): void {
    const match = new Match(this.sequence, reference, value);
    if (this.open.length === 0) this.open = this.sequence.steps.map(() => []);
    if (this.matches.length === 0) this.matches = [match];
    else this.matches.splice(this.placeOf(reference), 0, match);
    const { matches } = this;
    match.decide(1, this);
    this.count(match, 1);
    this.list(match);
    for (const [step, open] of this.open.entries()) {
      if (open.length <= 2 * matches.length + GONE_MAX) continue;
      this.open[step] = open.filter((one) => !one.gone);
    }
  }

  private drop(first: EventReference): void {
    const place = this.placeOf(first);
    const match = this.matches[place];
    if (match?.first !== first) return;
    this.count(match, -1);
    this.matches.splice(place, 1);
    match.gone = true;
  }

  /** Offers an event to the matches that it can concern. */
  private offer(reference: EventReference, value: Value, steps: number): void {
    const { latest } = this;
    if (latest !== null && compareReferences(reference, latest) <= 0) {
      this.offerLate(reference, value, steps);
      return;
    }
    this.latest = reference;
    for (let step = 1; steps >> step > 0; step++) {
      if ((steps & (1 << step)) !== 0) this.offerToOpen(step, reference, value);
    }
  }

  /** No match can rest on a later event: only those concern it that are open at the step. */
  private offerToOpen(step: number, reference: EventReference, value: Value): void {
    const open = this.open[step];
    if (open === undefined) return;
    let kept = 0;
    for (const match of open) {
      const { limit = -Infinity } = match.places[step] ?? {};
      if (!match.gone && limit >= reference.time && match.isOpen(step)) {
        this.offerTo(match, step, reference, value);
      }
      if (!match.gone && limit >= reference.time && match.isOpen(step)) open[kept++] = match;
      else match.listed &= ~(1 << step);
    }
    open.length = kept;
  }

  /** Matches that began too early for the event to lie within the limits of its steps are passed over. */
  private offerLate(reference: EventReference, value: Value, steps: number): void {
    const reachMs = reachesOf(this.sequence)[31 - Math.clz32(steps)] ?? 0;
    for (let place = this.placeAt(reference.time - reachMs); place < this.matches.length; place++) {
      const match = this.matches[place] as Match;
      if (compareReferences(match.first, reference) >= 0) break;
      for (let step = 1; steps >> step > 0; step++) {
        if ((steps & (1 << step)) === 0) continue;
        this.offerTo(match, step, reference, value);
      }
    }
  }

  private offerTo(match: Match, step: number, reference: EventReference, value: Value): void {
    const concerns = match.concerns(step, reference, value);
    if (concerns === false) return;
    this.count(match, -1);
    if (concerns === true) match.take(step, reference, value, this);
    else match.decide(step, this);
    this.count(match, 1);
    this.list(match);
  }

  /** Adds what a match says to the figures, or takes it away before it changes. */
  private count(match: Match, sign: 1 | -1): void {
    this.countAt(match.completion, sign);
    if (match.error !== null) this.failures += sign;
  }

  private countAt(instant: number, sign: 1 | -1): void {
    if (Number.isNaN(instant)) return;
    const place = countUpTo(this.completions, instant);
    if (sign === 1 && this.completions.length === 0) this.completions = [instant];
    else if (sign === 1) this.completions.splice(place, 0, instant);
    else this.completions.splice(place - 1, 1);
  }

  private list(match: Match): void {
    for (let step = 1; step < match.places.length; step++) {
      const bit = 1 << step;
      if ((match.listed & bit) !== 0 || !match.isOpen(step)) continue;
      match.listed |= bit;
      this.open[step]?.push(match);
    }
  }

  at(index: number): EventReference | undefined {
    return this.references[index];
  }

  override valueAt(index: number): Value {
    return super.valueAt(index);
  }

  /** Index of the first match that does not begin before an event. */
  private placeOf(first: EventReference): number {
    return indexWhere(this.matches.length, (index) => {
      return compareReferences((this.matches[index] as Match).first, first) >= 0;
    });
  }

  /** Index of the first match that does not begin before an instant. */
  private placeAt(instant: number): number {
    return indexWhere(this.matches.length, (index) => (this.matches[index] as Match).first.time >= instant);
  }

  after(time: number, id: string | null): number {
    const { references, head } = this;
    const found = indexWhere(references.length - head, (index) => {
      const reference = references[head + index] as EventReference;
      return reference.time > time || (reference.time === time && id !== null && reference.id > id);
    });
    return head + found;
  }
}

const REACHES = new WeakMap<Sequence, readonly number[]>();

/** How far the place before a step can lie after the first event, ms, and the step's own limit: by step. */
function reachesOf(sequence: Sequence): readonly number[] {
  let reaches = REACHES.get(sequence);
  if (reaches === undefined) {
    let reachMs = 0;
    reaches = sequence.steps.map(({ withinMs }) => (reachMs += withinMs));
    REACHES.set(sequence, reaches);
  }
  return reaches;
}

/** How many of the ascending instants are at or before one. */
function countUpTo(instants: readonly number[], instant: number): number {
  return indexWhere(instants.length, (index) => (instants[index] as number) > instant);
}

/** The first of `length` indices for which something holds that holds for all after it. */
function indexWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
