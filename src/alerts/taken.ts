// An action that was taken, with what it is told by later: the warning it was taken on, and whether it came in time.
import type { ActType, Finding } from '../events/act.js';
import type { Level } from '../model/model.js';
import type { ActEntry } from './action.js';
import { isMissed, isOpen, type DutyKind } from './duty.js';
import type { AlertState } from './state.js';

/** One action that was taken. Instants are epoch ms. */
export interface TakenAct {
  readonly id: string;
  readonly at: number;
  readonly warning: string;
  readonly raised: number;
  readonly model: string;
  readonly item: string;
  /** The level of the warning, or the gravest at which departments were asked where it is none by now. */
  readonly level: Level;
  readonly department: string | null;
  readonly type: ActType;
  /** What a feedback says; null for other actions. */
  readonly result: Finding | null;
  /** When the harm came that a feedback confirms; null where it says of none. */
  readonly harm: number | null;
  /** Whether a deadline that it met had passed; null where it met none. */
  readonly missed: boolean | null;
}

const EVERY_DUTY: readonly DutyKind[] = ['sign', 'feedback', 'close', 'judgement'];

/** The deadlines that an action may meet. */
const MEETS: { readonly [type in ActType]?: readonly DutyKind[] } = {
  sign: ['sign'],
  feedback: ['feedback'],
  close: EVERY_DUTY,
  conclude: ['judgement'],
  accept: ['transfer'],
  refuse: ['transfer'],
};

/**
 * The action that a step took; null where it took none, since it was refused or had come before.
 * @param before the state of the warning before the step; undefined where there was none
 * @param after the state that the step gave
 */
export function takenIn(before: AlertState | undefined, after: AlertState | undefined): TakenAct | null {
  if (before === undefined || after === undefined || after.acts.length <= before.acts.length) return null;
  const entry = after.acts[after.acts.length - 1];
  if (entry === undefined) return null;
  const { id, at, actor, act } = entry;
  const { transition } = after.latest;
  return {
    id,
    at,
    warning: after.warning,
    raised: after.raised,
    model: transition.model,
    item: transition.item,
    level: after.level === 'none' ? after.asked : after.level,
    department: actor.department,
    type: act.type,
    result: act.type === 'feedback' ? act.result : null,
    harm: act.type === 'feedback' ? (act.harm ?? null) : null,
    missed: missedBy(entry, before, after),
  };
}

function missedBy({ actor, act, at }: ActEntry, before: AlertState, after: AlertState): boolean | null {
  const kinds = MEETS[act.type] ?? [];
  // Who closes or concludes does it for all, else everybody meets deadlines of his own.
  const isForAll = act.type === 'close' || act.type === 'conclude';
  const left = new Set(after.duties.filter(isOpen));
  const met = before.duties.filter(
    (duty) =>
      isOpen(duty) &&
      !left.has(duty) &&
      kinds.includes(duty.kind) &&
      (isForAll || duty.department === actor.department),
  );
  return met.length === 0 ? null : met.some((duty) => isMissed(duty, at));
}
