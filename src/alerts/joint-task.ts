// A joint inspection task while it is under way: later warnings on its key join it.
import type { Transition } from '../engine/output.js';
import { addDuty, beginDuty, planStep } from './duty.js';
import type { Notice, Rules } from './lifecycle.js';
import { partiesAfter } from './party.js';
import { routeOf } from './routing.js';
import { isOver, postponedTo, settled, type AlertState } from './state.js';

/** Warnings that one joint task takes in. */
const JOINED_MAX = 100;

/** Whether a joint task stands that others on its key can join, as soon as departments are told of it. */
export function isStandingTask(state: AlertState): boolean {
  const { task, quiet } = state.latest.transition;
  return task !== undefined && !quiet && !isOver(state) && state.level !== 'none';
}

/** Whether a joint task is under way: others on its key can join it. */
function isOpenTask(state: AlertState): boolean {
  return isStandingTask(state) && state.withheld === undefined;
}

/** The items of a joint task: those that it was called for, and those that joined it. */
export function taskItems({ latest, joined = [] }: AlertState): string[] {
  const { item, task } = latest.transition;
  return [...new Set([item, ...(task?.items ?? []), ...joined.map((one) => one.item)])];
}

/**
 * A task after a warning has joined it. Whoever is responsible for the item has to act as the others do; everybody is
 * told of it once.
 * @returns null where the warning brings no item that the task does not have, or the task is not under way
 */
export function join(
  before: AlertState,
  transition: Transition,
  at: number,
  { catalogue, plan }: Rules,
): { readonly state: AlertState; readonly notices: readonly Notice[] } | null {
  const { warning, item, quiet, level } = transition;
  const isNew = warning !== before.warning && !taskItems(before).includes(item);
  if (!isOpenTask(before) || !isNew || quiet || level === 'none') return null;
  const state = postponedTo(before, at, catalogue);
  const { task: _of, ...single } = transition;
  const { recipients } = routeOf(single, catalogue);
  const known = new Set(state.parties.map(({ department }) => department));
  const parties = partiesAfter(state, recipients, state.latest.transition, true);
  const step = planStep(plan, state.level);
  const added = parties.filter(({ department, acting }) => acting && !known.has(department));
  const duties = added.flatMap(({ department }) =>
    step === undefined
      ? []
      : [
          beginDuty(catalogue, 'sign', department, step.signWithin, at),
          beginDuty(catalogue, 'feedback', department, step.feedbackWithin, at),
        ],
  );
  const joined = [...(state.joined ?? []), { at, warning, item }].slice(-JOINED_MAX);
  const text = catalogue.items.get(item)?.title ?? item;
  return {
    state: settled({ ...state, parties, joined, duties: duties.reduce(addDuty, [...state.duties]) }),
    notices: parties.map(({ department }) => ({ kind: 'joined', department, text })),
  };
}
