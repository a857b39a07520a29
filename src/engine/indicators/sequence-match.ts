// One match of a sequence: how it goes on from its first event, whatever the order in which the others arrived.
import { STREAMS, type Event, type JsonObject } from '../../events/event.js';
import {
  ExpressionError,
  type EvaluationScope,
  type Expression,
  type Value,
} from '../../model/expression/expression.js';
import type { Sequence, SequenceStep } from '../../model/model.js';
import { compareReferences, type EventReference } from '../reference.js';

/** The events of a sequence's window, by (time, id). */
export interface SequenceEvents {
  /** Index of the first event later than an instant, or at it with a greater id; null is greater than any id. */
  after(time: number, id: string | null): number;
  /** Undefined past the last. */
  at(index: number): EventReference | undefined;
  valueAt(index: number): Value;
}

/** What serves a step, or what the match waits for there. */
export interface Place {
  /** Whether the match has passed the step. A `not` that may still be broken by an event to come has been passed. */
  readonly done: boolean;
  /** The event that serves the step or breaks a `not`, or the first on which the condition failed. */
  readonly reference: EventReference | null;
  /** When the step was served, or a `not` completes, epoch ms. */
  readonly time: number;
  /** The latest time of an event that concerns the step; -Infinity where none can. */
  readonly limit: number;
  readonly error: ExpressionError | null;
}

const NOTHING_NAMED = {};

/** A match with the places of its steps; the last is the only one that may not be done. */
export class Match {
  readonly places: Place[];
  /** What later steps read of the events so far, by the names of steps. */
  private named: { readonly [step: string]: JsonObject } = NOTHING_NAMED;
  /** The step that has been found not to go on for an error, or null. */
  error: ExpressionError | null = null;
  /** It was taken out of its window. */
  gone = false;
  /** Steps for whose next events it is listed, bit by bit. */
  listed = 0;

  constructor(
    readonly sequence: Sequence,
    readonly first: EventReference,
    value: Value,
  ) {
    this.places = [served(first)];
    this.name(0, value);
  }

  /** The instant of the last step; NaN while the match is not complete. */
  get completion(): number {
    const { length } = this.places;
    const last = this.places[length - 1] as Place;
    return last.done && length === this.sequence.steps.length ? last.time : NaN;
  }

  /** Whether an event to come may change what is said of a step. */
  isOpen(step: number): boolean {
    const place = this.places[step];
    if (place === undefined) return false;
    const { done, error, reference } = place;
    return this.stepAt(step).not ? done || error !== null : !done && error === null && reference === null;
  }

  /** Decides a step and all after it anew. */
  decide(from: number, events: SequenceEvents): void {
    const { places, sequence } = this;
    if (places.length > from) places.length = from;
    this.error = null;
    for (let step = from; step < sequence.steps.length; step++) {
      const place = this.stepAt(step).not ? this.guarded(step, events) : this.sought(step, events);
      places.push(place);
      this.error = place.error;
      if (!place.done) return;
    }
  }

  /**
   * Whether an event that came and can serve a step changes what was decided there before it came; an error where that
   * cannot be said.
   */
  concerns(step: number, reference: EventReference, value: Value): boolean | ExpressionError {
    const place = this.places[step];
    if (place === undefined || reference.time > place.limit) return false;
    if (!this.isAfter(step - 1, reference)) return false;
    const { not, join } = this.stepAt(step);
    const known = place.reference;
    if (not) {
      if (!place.done && place.error === null) return false;
    } else if (known !== null && compareReferences(known, reference) < 0) return false;
    if (join === null) return true;
    const fits = this.ask(join, reference, value);
    return fits === true || (fits instanceof ExpressionError && fits);
  }

  /** An event that concerns a step serves it, or breaks a `not`. */
  take(step: number, reference: EventReference, value: Value, events: SequenceEvents): void {
    const { places } = this;
    const place = places[step] as Place;
    if (places.length > step) places.length = step;
    this.error = null;
    if (this.stepAt(step).not) {
      places.push({ ...place, done: false, reference, error: null });
      return;
    }
    places.push(served(reference));
    this.name(step, value);
    this.decide(step + 1, events);
  }

  /** The step that rests on an event; -1 where none does. */
  stepOf(reference: EventReference): number {
    return this.places.findIndex((place) => place.reference === reference);
  }

  /** The earliest event after the step before that serves this one. */
  private sought(step: number, events: SequenceEvents): Place {
    const { join, withinMs } = this.stepAt(step);
    const before = this.places[step - 1] as Place;
    const limit = before.time + withinMs;
    for (let index = this.firstAfter(before, events); ; index++) {
      const reference = events.at(index);
      if (reference === undefined || reference.time > limit) break;
      const value = events.valueAt(index);
      if (!serves(value, step)) continue;
      const fits = join === null ? true : this.ask(join, reference, value);
      if (fits instanceof ExpressionError) return { done: false, reference, time: NaN, limit, error: fits };
      if (fits !== true) continue;
      this.name(step, value);
      return { ...served(reference), limit };
    }
    return { done: false, reference: null, time: NaN, limit, error: null };
  }

  /** That nothing came which serves the step; an event that does wins over one on which the condition failed. */
  private guarded(step: number, events: SequenceEvents): Place {
    const { join } = this.stepAt(step);
    const before = this.places[step - 1] as Place;
    const until = this.untilOf(step, before);
    if (until instanceof ExpressionError) {
      return { done: false, reference: null, time: NaN, limit: -Infinity, error: until };
    }
    if (until === null) return { done: false, reference: null, time: NaN, limit: -Infinity, error: null };
    const place = {
      done: false,
      reference: null,
      time: Math.max(until, before.time),
      limit: until,
      error: null,
    };
    let failed: Place | null = null;
    for (let index = this.firstAfter(before, events); ; index++) {
      const reference = events.at(index);
      if (reference === undefined || reference.time > until) break;
      const value = events.valueAt(index);
      if (!serves(value, step)) continue;
      const fits = join === null ? true : this.ask(join, reference, value);
      if (fits === true) return { ...place, reference };
      if (fits instanceof ExpressionError) failed ??= { ...place, reference, error: fits };
    }
    return failed ?? { ...place, done: true };
  }

  /** Until when nothing may come, epoch ms; null where that is not said. */
  private untilOf(step: number, before: Place): number | null | ExpressionError {
    const { until, withinMs } = this.stepAt(step);
    if (until === null) return before.time + withinMs;
    const value = until.run(this.scope(null));
    if (value === null || value instanceof ExpressionError) return value;
    if (typeof value !== 'number') return new ExpressionError('EXPR_TYPE', 'until is no instant');
    const instant = Math.round(value * 1000);
    if (instant <= before.time + withinMs) return instant;
    const days = Math.round(withinMs / 86_400_000);
    return new ExpressionError(
      'LIMIT_SEQUENCE',
      `until lies more than ${days} days after the step before it`,
    );
  }

  private ask(join: Expression, reference: EventReference, value: Value): Value {
    // One event after the other is asked about in many matches.
    if (reference !== askedReference || value !== askedValue) show(reference, value);
    return join.run(this.scope(asked));
  }

  private scope(event: Event | null): EvaluationScope {
    scope.event = event;
    scope.params = this.sequence.params;
    scope.steps = this.named;
    return scope;
  }

  /** Notes what later steps read of the event that serves a step. */
  private name(step: number, value: Value): void {
    const { as } = this.stepAt(step);
    if (as === null || !Array.isArray(value)) return;
    const fields = (value[2] as { [step: string]: JsonObject } | null)?.[as];
    if (fields !== undefined) this.named = { ...this.named, [as]: fields };
  }

  private firstAfter({ reference, time }: Place, events: SequenceEvents): number {
    return events.after(time, reference === null ? null : reference.id);
  }

  private isAfter(step: number, reference: EventReference): boolean {
    const place = this.places[step] as Place;
    if (place.reference === null) return reference.time > place.time;
    return compareReferences(place.reference, reference) < 0;
  }

  private stepAt(step: number): SequenceStep {
    return this.sequence.steps[step] as SequenceStep;
  }
}

/** Whether an entry can serve a step. */
export function serves(entry: Value, step: number): boolean {
  return (stepsOf(entry) & (1 << step)) !== 0;
}

/** The steps that an entry can serve, bit by bit; see `SequenceEntry`. */
export function stepsOf(entry: Value): number {
  const bits = Array.isArray(entry) ? entry[0] : entry;
  return typeof bits === 'number' ? bits : 0;
}

function served(reference: EventReference): Place {
  return { done: true, reference, time: reference.time, limit: Infinity, error: null };
}

/** Readies what conditions see for an event. */
function show(reference: EventReference, value: Value): void {
  const { id, time, at } = reference;
  askedReference = reference;
  askedValue = value;
  asked.id = id;
  asked.time = time;
  asked.at = at;
  asked.stream = STREAMS[reference.stream] ?? 'complaint';
  asked.source = id.slice(0, Math.max(0, id.indexOf(' ')));
  asked.data = Array.isArray(value) ? ((value[1] ?? {}) as JsonObject) : {};
}

let askedReference: EventReference | null = null;
let askedValue: Value = null;

/** What conditions see of an event while matching; reused for every one of them. */
const asked: { -readonly [Name in keyof Event]: Event[Name] } = {
  kind: 'event',
  id: '',
  stream: 'complaint',
  source: '',
  key: '',
  time: 0,
  at: 0,
  data: {},
};

/** Reused for every condition; a field that is missing was counted at arrival. */
const nothing = {
  event: null,
  profile: {},
  subject: {},
  params: {},
  values: [],
  anchors: [],
  now: 0,
  missing: () => undefined,
};
const scope: EvaluationScope = nothing;
