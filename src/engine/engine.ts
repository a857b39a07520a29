// The engine: a pure, synchronous function from records to outputs. It never waits and never reads a clock.
import { CodedError } from '../events/coded-error.js';
import type { Event, Key, LogRecord } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { arrive } from './arrival.js';
import { EngineContext, type EngineCounters, type Watch } from './context.js';
import type { Derived } from './derived.js';
import { evaluate } from './evaluation.js';
import { evaluateWatcher } from './feeds.js';
import { planFor, type KeyStore, type ModelState } from './key-state.js';
import type { Output } from './output.js';
import { takeHistory } from './history.js';
import { receive } from './receive.js';
import type { Generation } from './generation.js';
import { Timers } from './timers.js';

export interface EngineOptions {
  /** `live`, `shadow`, or the id of a run: part of every warning id. */
  readonly namespace: string;
  readonly partition: number;
  /** 0 reads the events log; higher ones what lower ones say. */
  readonly stratum?: number;
  /** Hears what is said to keys of higher strata; needed where the rules have such. */
  readonly forward?: (derived: Derived) => void;
  readonly store: KeyStore;
  /** Receives every output in order, during the step that causes it. */
  readonly emit: (output: Output) => void;
  /** Keys of one model beyond which the operators are told. */
  readonly modelKeys?: number | undefined;
  /** What was before these rules; the first where left out. */
  readonly generation?: Generation;
  /** Hears of every evaluation of a model that applies, with its figures in the scope. */
  readonly watch?: Watch | undefined;
}

/**
 * Steps one partition. A step first runs what falls due up to the record's arrival, each at its own instant, then
 * applies the record. Models marked at an instant are evaluated once, when the clock leaves it.
 */
export class Engine {
  readonly context: EngineContext;
  private readonly timers = new Timers();

  constructor(
    readonly rules: RuleSet,
    options: EngineOptions,
  ) {
    this.context = new EngineContext(
      rules,
      options.namespace,
      options.partition,
      options.store,
      options.emit,
      options.stratum ?? 0,
      options.forward ?? noStrata,
      options.generation,
      options.modelKeys,
    );
    this.context.watch = options.watch ?? null;
  }

  /** The largest arrival stepped so far, epoch ms; -Infinity before the first record. */
  get clock(): number {
    return this.context.clock;
  }

  get counters(): EngineCounters {
    return this.context;
  }

  /** Steps one record of the log. @throws CodedError on a revision that is not the one loaded */
  step(record: LogRecord, offset: number): void {
    if (record.kind === 'gap') this.context.gaps.add(record.from, record.at);
    this.advance(record.at);
    if (record.kind === 'event') arrive(this.context, arrivedBy(record, this.context.clock), offset);
    else if (record.kind === 'prime' && record.stratum === 0) {
      takeHistory(this.context, record.key, record.bytes);
    } else if (record.kind === 'revision' && record.revision !== this.rules.revision) {
      throw new CodedError(
        'RULES_CHANGED',
        `The log asks for ${record.revision}, loaded is ${this.rules.revision}.`,
      );
    }
  }

  /** Steps one derived record; they come in their order. */
  receive(derived: Derived): void {
    this.advance(derived.at);
    receive(this.context, derived);
  }

  /** Moves the clock: runs all that falls due at or before `until`, and stands there. An earlier `until` changes nothing. */
  advance(until: number): void {
    const { context, timers } = this;
    const target = Math.max(context.clock, until);
    for (;;) {
      const due = Math.min(timers.next, context.meters.due);
      if (due > target && context.marked.length === 0) break;
      if (context.marked.length > 0 && Math.min(due, target) > context.clock) this.leave();
      else if (due <= target) this.fallDue(due);
      else break;
    }
    context.passTo(target);
  }

  /** Runs all that falls due before an instant, leaves every earlier one, and stands there. */
  advanceBefore(instant: number): void {
    const { context, timers } = this;
    const target = Math.max(context.clock, instant);
    for (;;) {
      const due = Math.min(timers.next, context.meters.due);
      if (context.marked.length > 0 && context.clock < target && due > context.clock) this.leave();
      else if (due < target) this.fallDue(due);
      else break;
    }
    context.passTo(target);
  }

  /** Ends a run: evaluates what is marked at the clock, and says what was still to be said. */
  end(): void {
    while (this.context.marked.length > 0) this.leave();
    this.context.meters.sayRest(this.clock);
  }

  /** The next instant at which something may fall due; Infinity for never. */
  get nextDue(): number {
    return this.timers.next;
  }

  /** Models that wait for the clock to leave this instant, for the checkpoint. */
  get marked(): readonly ModelState[] {
    this.context.markSpared();
    return this.context.marked;
  }

  /** Arms a timer that the state store holds. @returns false where nothing on the key waits for it any more */
  arm(due: number, key: Key, model: string): boolean {
    const plan = planFor(this.context.plan, key).byName.get(model);
    const modelState = plan === undefined ? undefined : this.context.store.get(key)?.model(plan);
    if (modelState !== undefined) this.timers.arm(due, modelState);
    return modelState?.storedDue === due;
  }

  /** Forgets armed timers, to be armed again from the state store. */
  disarm(): void {
    this.timers.clear();
  }

  /** Restores a mark of the checkpoint. */
  restoreMark(key: Key, model: string, withdrawn: boolean, live: boolean): void {
    const plan = planFor(this.context.plan, key).byName.get(model);
    const state = this.context.store.get(key);
    if (plan !== undefined && state !== undefined) this.context.mark(state, plan, withdrawn, live);
  }

  /** Takes over from an engine of other rules over the same keys: its clock, what it counted, what it marked. */
  follow({ context: before }: Engine): void {
    const { context } = this;
    context.clock = before.clock;
    context.events = before.events;
    context.evaluations = before.evaluations;
    for (const { from, to } of before.gaps.all) context.gaps.add(from, to);
    context.meters.restore(before.meters.entries);
    context.modelKeys.restore(before.modelKeys.stored);
    for (const [model, count] of before.late) context.late.set(model, count);
    for (const [field, count] of before.missing) context.missing.set(field, count);
    before.markSpared();
    for (const { state, plan, withdrawn, live, marked } of before.marked) {
      if (marked) this.restoreMark(state.key, plan.model.name, withdrawn, live);
    }
  }

  /** Says what is to be said at one instant, and marks everything that falls due at it. */
  private fallDue(due: number): void {
    const { context, timers } = this;
    context.passTo(due);
    context.meters.say(due);
    while (timers.next === due) {
      const modelState = timers.pop();
      if (modelState === undefined) break;
      if (modelState.due === due) context.mark(modelState.state, modelState.plan, false, true);
      // It was put off: the one timer it has is set again when it rings.
      else if (modelState.due !== Infinity) timers.arm(modelState.due, modelState);
    }
  }

  /** The clock leaves an instant: evaluates what is marked, in the order (model, key). */
  private leave(): void {
    const { context } = this;
    const batch = context.marked;
    context.marked = [];
    if (batch.length > 1) batch.sort(compareMarked);
    for (const modelState of batch) this.evaluate(modelState);
  }

  private evaluate(modelState: ModelState): void {
    const { context } = this;
    const { state, plan } = modelState;
    if (!modelState.marked) return;
    context.store.touched(state);
    const watches = plan.model.feed?.kind === 'key';
    const next = watches ? evaluateWatcher(context, modelState) : evaluate(context, modelState);
    modelState.marked = modelState.withdrawn = modelState.live = false;
    const due = next > context.clock ? next : Infinity;
    if (due !== modelState.due) {
      modelState.due = due;
      if (due !== Infinity) this.timers.arm(due, modelState);
    }
    if (due === Infinity) state.settle(modelState);
  }
}

/**
 * An event that arrived before the clock of its partition arrives at the clock: nothing else may follow from what was
 * stamped, or results would depend on what else lies in the partition.
 */
function arrivedBy(event: Event, clock: number): Event {
  return event.at < clock ? { ...event, at: clock } : event;
}

function noStrata(): void {
  throw new CodedError('INTERNAL', 'The rules have higher strata, and nobody hears what is said to them.');
}

function compareMarked(a: ModelState, b: ModelState): number {
  if (a.plan !== b.plan) return a.plan.order - b.plan.order;
  return a.state.key < b.state.key ? -1 : a.state.key > b.state.key ? 1 : 0;
}
