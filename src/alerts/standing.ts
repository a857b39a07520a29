// How a warning stands among the departments, as statistics count it: where, how grave, how far, who owes what by when.
import type { Finding } from '../events/act.js';
import { rank, type Level } from '../model/model.js';
import { isMissed, isOpen, type DutyKind } from './duty.js';
import { findingOf, harmOf, standing } from './outcome.js';
import { taskItems } from './joint-task.js';
import { isOver, leadOf, type AlertState, type AlertStatus } from './state.js';

/** One deadline. Instants are epoch ms. */
export interface StandingDuty {
  readonly kind: DutyKind;
  readonly department: string;
  readonly began: number;
  /** Null beyond the calendar. */
  readonly due: number | null;
  readonly done: number | null;
  /** Since when its clock stands still; null while it runs, or where it was met. */
  readonly frozen: number | null;
  readonly outcome: 'open' | 'kept' | 'missed';
}

/** How one warning stands. Instants are epoch ms. */
export interface Standing {
  readonly warning: string;
  readonly raised: number;
  readonly revision: string;
  readonly model: string;
  readonly item: string;
  readonly scope: string;
  readonly key: string;
  readonly name: string;
  readonly region: string;
  readonly industry: string;
  readonly credit: string;
  readonly status: AlertStatus;
  readonly level: Level;
  /** The gravest so far. */
  readonly gravest: Level;
  readonly lead: string;
  /** That must act on it, or owe an answer. */
  readonly departments: readonly string[];
  readonly finding: Extract<Finding, 'confirmed' | 'not-confirmed'> | null;
  readonly harm: number | null;
  readonly signed: number | null;
  readonly closed: number | null;
  readonly joint: boolean;
  readonly drawn: boolean;
  readonly items: readonly string[];
  readonly duties: readonly StandingDuty[];
}

export function standingOf(state: AlertState): Standing {
  const { transition } = state.latest;
  const { profile, task, draw } = transition;
  const said = standing(state);
  const text = (name: string) => {
    const value = profile[name];
    return typeof value === 'string' ? value : '';
  };
  const signed = state.acts.find(({ act }) => act.type === 'sign')?.at ?? null;
  return {
    warning: state.warning,
    raised: state.raised,
    revision: transition.revision,
    model: transition.model,
    item: transition.item,
    scope: transition.scope,
    key: transition.key,
    name: text('name'),
    region: text('region'),
    industry: text('industry'),
    credit: text('credit'),
    status: state.status,
    level: state.level,
    gravest: gravestOf(state),
    lead: leadOf(state)?.department ?? '',
    departments: departmentsOf(state),
    finding: findingOf(said),
    harm: harmOf(said),
    signed,
    closed: state.closed?.at ?? null,
    joint: task !== undefined,
    drawn: draw !== undefined,
    items: task === undefined ? [] : taskItems(state).sort(),
    duties: dutiesOf(state),
  };
}

/** Whether two standings of a warning say the same. */
export function standsAlike(one: Standing, other: Standing): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function gravestOf({ level, asked, history, closed }: AlertState): Level {
  const levels = [level, asked, closed?.level ?? 'none', ...history.map((entry) => entry.level)];
  return levels.reduce((gravest, one) => (rank(one) > rank(gravest) ? one : gravest));
}

function departmentsOf(state: AlertState): string[] {
  const owed = state.duties.filter(isOpen).map(({ department }) => department);
  // Who had to act on what is over still had it.
  const acting = state.parties.filter((party) => party.acting).map(({ department }) => department);
  return [...new Set([...acting, ...owed])].sort();
}

function dutiesOf(state: AlertState): StandingDuty[] {
  const since = state.suspended?.since ?? null;
  return state.duties.map((duty) => {
    const { kind, department, from: began, due, done } = duty;
    const met = { kind, department, began, due };
    if (done === undefined) {
      const frozen = isOver(state) ? null : since;
      return { ...met, done: null, frozen, outcome: 'open' };
    }
    return { ...met, done, frozen: null, outcome: isMissed(duty, done) ? 'missed' : 'kept' };
  });
}
