// The way of an event whose key has few: into a row of its ledger, without an object of its own.
import type { Event } from '../events/event.js';
import { ExpressionError } from '../model/expression/expression.js';
import type { EngineContext } from './context.js';
import { entryOf } from './entry.js';
import { forwardEvent, isForwarded } from './forward.js';
import { stepsOf } from './indicators/sequence-match.js';
import type { KeyState } from './key-state.js';
import { countLate } from './late.js';
import { markOfId, markOfReading } from './known-events.js';
import { Entries, type Ledger } from './ledger.js';
import { longestWindowMs, readersOf, type ModelPlan, type ScopePlan, type WindowPlan } from './plan.js';
import { factsOf } from './profile-history.js';
import { isFactual, keepUntil, referenceTo } from './reference.js';

/** Reused for every event. */
const entries = new Entries();

/**
 * Takes in an event of a key whose events lie in a ledger.
 * @param metric of a reading; null for every other event
 * @returns false where it must be taken in as an object; nothing has happened then
 */
export function arriveInLedger(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  ledger: Ledger,
  event: Event,
  stream: number,
  metric: string | null,
  offset: number,
): boolean {
  if (!suits(context, plan, state, event, stream)) return false;
  const { clock } = context;
  const mark = metric === null ? markOfId(event.id) : markOfReading(event.time);
  const known =
    metric === null ? ledger.findId(event.id, mark, clock) : ledger.findReading(metric, event.time, clock);
  if (known >= 0) {
    context.verdict(offset, 'duplicate', 'EVENT_DUPLICATE', ledger.offset(known));
    return true;
  }
  const windows = readersOf(plan, stream);
  context.beginReading();
  const isLate = readEntries(context, state, windows, event);
  const inOrder = ledger.comesBefore(event.time);
  const longestMs = longestWindowMs(plan, stream);
  const until = keepUntil(event, stream, longestMs);
  const isTaken = isLate !== null && ledger.add(event, stream, mark, metric, offset, until, entries, clock);
  context.endReading(isTaken);
  if (!isTaken) return false;
  const opened = entries.members & ~(ledger.kept.bits[stream] as number);
  for (let place = 0; opened >>> place !== 0; place++) {
    if ((opened & (1 << place)) === 0) continue;
    ledger.kept = ledger.kept.with(windows[place] as WindowPlan);
    context.modelKeys.opened(windows[place] as WindowPlan, state.key);
  }
  const live = event.backfill !== true;
  const reference =
    isLate || isFactual(stream) || isForwarded(context, state, stream)
      ? referenceTo(event, stream, metric, offset, longestMs)
      : null;
  if (reference !== null && isFactual(stream)) {
    state.openHistory().add(reference, factsOf(event), event.stream === 'registration');
    for (const model of plan.profileReaders) context.mark(state, model, false, live);
  }
  for (let place = 0; entries.members >>> place !== 0; place++) {
    if ((entries.members & (1 << place)) === 0) continue;
    for (const reader of (windows[place] as WindowPlan).readers)
      context.markJoined(state, reader, live, inOrder);
  }
  if (reference === null) return true;
  if (isLate) countLate(context, windows, reference, lateModels(windows, event, clock));
  forwardEvent(context, state, event, reference, offset, 0);
  return true;
}

/** Whether a ledger may hold what the event does. */
function suits(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  event: Event,
  stream: number,
): boolean {
  return (
    plan.fitsLedger[stream] === true &&
    // Rows lie in the order of arrival, and nothing happened after it arrived.
    event.at === context.clock &&
    event.time <= event.at &&
    event.revokes === undefined &&
    event.amends === undefined &&
    event.backfill !== true &&
    state.tombstones === null &&
    !context.awaitsHistory
  );
}

/**
 * Reads with which values an event joins the windows.
 * @returns whether it came too late for one of them; null where a value is an error
 */
function readEntries(
  context: EngineContext,
  state: KeyState,
  windows: readonly WindowPlan[],
  event: Event,
): boolean | null {
  const { clock } = context;
  let isLate = false;
  entries.members = 0;
  entries.starts = false;
  for (let place = 0; place < windows.length; place++) {
    const window = windows[place] as WindowPlan;
    if (!admits(window, event, clock)) {
      isLate = true;
      continue;
    }
    const value = entryOf(context, state, window, event);
    if (value === undefined) continue;
    if (value instanceof ExpressionError) return null;
    entries.members |= 1 << place;
    entries.values[place] = value;
    if (window.indicator.sequence !== null && (stepsOf(value) & 1) !== 0) entries.starts = true;
  }
  return isLate;
}

function admits({ indicator }: WindowPlan, { time, at }: Event, clock: number): boolean {
  return (indicator.basis === 'arrival' ? at : time) > clock - indicator.keptMs;
}

function lateModels(windows: readonly WindowPlan[], event: Event, clock: number): Set<ModelPlan> {
  return new Set(windows.filter((window) => !admits(window, event, clock)).flatMap(({ readers }) => readers));
}
