// What an event does to its key: duplicates, revocations, amendments and tombstones first, then windows and profile.
import { keyScope, type Event, type Position } from '../events/event.js';
import { ExpressionError, type EvaluationScope, type Value } from '../model/expression/expression.js';
import type { WindowOperator } from '../model/model.js';
import type { EngineContext } from './context.js';
import { planFor, type KeyState } from './key-state.js';
import { IDS_KEPT_MS, WINDOW_NUMBER_MAX, WINDOW_NUMBER_MIN } from './limits.js';
import type { Verdict } from './output.js';
import { longestWindowMs, readersOf, type ModelPlan, type ScopePlan, type WindowPlan } from './plan.js';
import { factsOf } from './profile-history.js';
import { identityOf, referenceTo, streamIndex, type EventReference } from './reference.js';

/** Operators whose entries are numbers; a value of another type is an error. */
const NUMERIC: ReadonlySet<WindowOperator> = new Set([
  'sum',
  'avg',
  'min',
  'max',
  'stddev',
  'quantile',
  'trend',
  'increase',
]);

/** Takes in one event at the context's clock. */
export function arrive(context: EngineContext, event: Event, offset: number): void {
  const { store, clock } = context;
  context.events++;
  const state = store.get(event.key) ?? createKey(context, event);
  store.touched(state);
  state.sweep(clock);
  const plan = planFor(context.plan, event.key);
  const longestMs = longestWindowMs(plan, event.stream);
  const known = state.find(identityOf(event), clock);
  if (known !== undefined) {
    verdict(context, offset, 'duplicate', 'EVENT_DUPLICATE', known.offset);
    return;
  }
  const reference = referenceTo(event, offset, longestMs);
  state.known.set(reference.identity, reference);
  const target = event.revokes ?? event.amends;
  const live = event.backfill !== true;
  const taken = target === undefined ? null : takeBack(context, plan, state, target, longestMs, live);
  const original = taken?.original ?? null;
  if (taken !== null && (event.revokes !== undefined || taken.verdict === 'refused')) {
    reference.revoked = true;
    verdict(context, offset, taken.verdict === 'taken' ? 'revokes' : taken.verdict, taken.code, original);
    return;
  }
  if ((state.tombstones.get(event.id) ?? -Infinity) > clock) {
    reference.revoked = true;
    verdict(context, offset, 'tombstoned', 'EVENT_REVOKED_BEFORE', original);
    return;
  }
  if (taken !== null) verdict(context, offset, 'amends', taken.code, original);
  count(context, plan, state, event, reference);
}

function createKey(context: EngineContext, event: Event): KeyState {
  const state = context.store.create(event.key);
  for (const plan of context.unasked[keyScope(event.key)])
    context.mark(state, plan, false, event.backfill !== true);
  return state;
}

interface Taken {
  readonly verdict: 'taken' | 'tombstone' | 'refused';
  readonly code: string;
  readonly original: number | null;
}

/** Takes an earlier event out of everything that it counted in, or leaves a tombstone for it. */
function takeBack(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  id: string,
  longestMs: number,
  live: boolean,
): Taken {
  const original = state.find(id, context.clock);
  if (original === undefined) {
    state.tombstones.set(id, context.clock + Math.max(IDS_KEPT_MS, longestMs));
    return { verdict: 'tombstone', code: 'REVOKED_UNKNOWN', original: null };
  }
  if (original.revocation)
    return { verdict: 'refused', code: 'REVOKES_REVOCATION', original: original.offset };
  if (original.revoked) return { verdict: 'refused', code: 'REVOKED_TWICE', original: original.offset };
  original.revoked = true;
  for (const window of readersOf(plan, original.stream)) {
    if (state.windows[window.index]?.remove(original, context.clock) !== true) continue;
    for (const reader of window.readers) context.mark(state, reader, true, live);
  }
  if (state.history.remove(original)) {
    for (const model of plan.models) context.mark(state, model, true, live);
  }
  return { verdict: 'taken', code: 'REVOKED', original: original.offset };
}

/** Lets an event count: in the profile, if it states facts, and in every window that reads its stream. */
function count(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  event: Event,
  reference: EventReference,
): void {
  const live = event.backfill !== true;
  const registration = event.stream === 'registration';
  if (registration || event.stream === 'credit-change') {
    state.history.add(reference, factsOf(event), registration);
    for (const model of plan.models) context.mark(state, model, false, live);
  }
  let late: Set<ModelPlan> | null = null;
  const windows = readersOf(plan, streamIndex(event.stream));
  for (const window of windows) {
    const kept = state.window(window);
    if (!kept.admits(reference, context.clock)) {
      late ??= new Set();
      for (const reader of window.readers) late.add(reader);
      continue;
    }
    const value = entryOf(context, state, window, event);
    if (value === undefined) continue;
    kept.add(reference, value, context.clock);
    for (const reader of window.readers) context.mark(state, reader, false, live);
  }
  if (late !== null) countLate(context, state, windows, reference, late);
}

/** Counts an event as late for the models that have no window left for it. */
function countLate(
  context: EngineContext,
  state: KeyState,
  windows: readonly WindowPlan[],
  reference: EventReference,
  late: ReadonlySet<ModelPlan>,
): void {
  for (const model of late) {
    const open = windows.some(
      (window) => window.readers.includes(model) && state.window(window).admits(reference, context.clock),
    );
    if (!open) context.lateFor(model);
  }
}

/** The value with which an event enters a window; undefined where it does not. Decided once, at arrival. */
function entryOf(
  context: EngineContext,
  state: KeyState,
  window: WindowPlan,
  event: Event,
): Value | undefined {
  const { indicator, owner } = window;
  if (indicator.where === null && indicator.argument === null) return true;
  const scope = context.enter(state, owner);
  scope.event = event;
  const value = entryValue(window, scope);
  scope.event = null;
  if (value instanceof ExpressionError) {
    for (const reader of window.readers) context.failed(reader, indicator.name, state.key, value);
  }
  return value;
}

function entryValue(window: WindowPlan, scope: EvaluationScope): Value | undefined {
  const { where, argument, operator } = window.indicator;
  if (where !== null) {
    const applies = where.run(scope);
    if (applies instanceof ExpressionError) return applies;
    if (applies !== true) return undefined;
  }
  if (argument === null) return true;
  const value = argument.run(scope);
  if (value instanceof ExpressionError) return value;
  if (operator === 'last' || operator === 'first') return value;
  if (operator === 'streak' || operator === 'share') return value === true;
  if (value === null) return undefined;
  return NUMERIC.has(operator) ? numberOf(value, operator) : value;
}

function numberOf(value: Value, operator: WindowOperator): Value {
  if (typeof value !== 'number') {
    return new ExpressionError('EXPR_TYPE', `${operator} needs a number, got ${typeof value}`);
  }
  const magnitude = Math.abs(value);
  if (magnitude < WINDOW_NUMBER_MIN) return 0;
  if (magnitude <= WINDOW_NUMBER_MAX) return value;
  return new ExpressionError('EXPR_NUMBER', `${operator} needs numbers of at most ${WINDOW_NUMBER_MAX}`);
}

function verdict(
  context: EngineContext,
  offset: number,
  kind: Verdict['verdict'],
  code: string,
  original: number | null,
): void {
  const { partition } = context;
  const position: Position = { partition, offset };
  const at = original === null ? null : { partition, offset: original };
  context.emit({ kind: 'verdict', position, verdict: kind, code, original: at });
}
