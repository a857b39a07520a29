// What decoding a record needs to know besides its bytes.
import type { Generation } from '../generation.js';
import { FIRST_GENERATION } from '../generation.js';
import { PrimingWindow } from '../indicators/priming-window.js';
import type { Window } from '../indicators/window.js';
import type { KeyState } from '../key-state.js';
import type { LedgerMemory } from '../ledger-memory.js';
import type { ScopePlan, WindowPlan } from '../plan.js';
import type { EventReference } from '../reference.js';
import type { NamesOf } from './names.js';

/** Takes the place of a reference that was read, for example by the same one as another state knows it. */
export type Unify = (reference: EventReference, known: boolean) => EventReference;

export interface Reading {
  /** What the record holds is found for this plan; the rest is left out. */
  readonly plan: ScopePlan;
  /** What belonged to a window or model of the same name that was removed since is left out as well. */
  readonly generation?: Generation | undefined;
  readonly unify?: Unify | undefined;
  /** Names of plans before this one. */
  readonly namesOf?: NamesOf | undefined;
  /** Where a key of few events may keep them as rows; left out for objects. */
  readonly ledgers?: LedgerMemory | undefined;
}

/** Whether what a record of an epoch holds under a name belongs to what has that name now. */
export function isOf({ generation }: Reading, name: string, epoch: number): boolean {
  return generation === undefined || generation.epoch === epoch || (generation.born[name] ?? 0) <= epoch;
}

/** Takes in the references of a record; the first `known` of them are known events. */
export function takeReferences(
  state: KeyState,
  references: EventReference[],
  known: number,
  unify: Unify | undefined,
): void {
  for (let index = 0; index < references.length; index++) {
    let reference = references[index] as EventReference;
    if (unify !== undefined) references[index] = reference = unify(reference, index < known);
    if (index < known) state.known.add(reference, -Infinity);
  }
}

/** Opens the window that a record holds of a plan. @param read reads it */
export function takeWindow(
  state: KeyState,
  plan: WindowPlan,
  isPriming: boolean,
  { generation = FIRST_GENERATION }: Reading,
  read: (window: Window) => void,
): void {
  if (!isPriming) {
    read(state.openWindow(plan));
    return;
  }
  const priming = new PrimingWindow(plan.indicator);
  read(priming);
  const waits = generation.unprimed.includes(plan.indicator.identity) && state.primedIn !== generation.epoch;
  if (waits) state.putWindow(plan, priming);
  // All history has been told, and there was none here.
  else priming.settleInto(state.openWindow(plan), -Infinity);
}
