// What came of warnings, added up: how often each model was right, how fast and how punctual departments were.
import type { Act } from '../events/act.js';
import { isMissed, isOpen as isDue } from './duty.js';
import { isOver, type AlertState } from './state.js';

/** A share of trials with its interval. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What came of the warnings of one model. */
export interface ModelOutcome {
  readonly model: string;
  /** Warnings raised; those of backfilled history are not among them. */
  readonly warnings: number;
  readonly confirmed: number;
  readonly notConfirmed: number;
  /** Confirmed ones among those confirmed or not, with its 95 % interval; null where there are none. */
  readonly precision: Share | null;
  /** Median hours from raised to the first signature, to a tenth; null where nobody signed. */
  readonly hoursToSign: number | null;
  /** Median hours from raised to the first feedback that says whether it is true, to a tenth. */
  readonly hoursToFeedback: number | null;
  /** Confirmed ones that harm came of, by what departments said. */
  readonly harms: number;
  /** Median hours from raised to the harm, to a tenth: how early departments knew; below 0 where it came first. */
  readonly hoursOfLead: number | null;
  /** As far as warnings remember them: the last thirty of each. */
  readonly deadlinesKept: number;
  /** Deadlines that were kept late, or have passed. */
  readonly deadlinesMissed: number;
}

/** How one department stands. */
export interface DepartmentOutcome {
  readonly department: string;
  /** Warnings that it must act on and that are not over, or on which it owes an answer to a transfer. */
  readonly open: number;
  /** Of those, the ones on which a deadline of its own has passed. */
  readonly overdue: number;
  /** Warnings on which it gave feedback. */
  readonly handled: number;
}

/** The 97.5 % quantile of the normal distribution: 95 % lie within. */
const Z = 1.959963984540054;

/**
 * The 95 % score interval of a share, without correction for continuity: E. B. Wilson, Probable inference, the law of
 * succession, and statistical inference, Journal of the American Statistical Association 22 (1927) 209-212; recommended
 * for small numbers by R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, as method 3.
 * @param successes 0 to trials
 * @returns null without trials
 */
export function wilson(successes: number, trials: number): Share | null {
  if (trials <= 0) return null;
  const value = successes / trials;
  const spread = Z * Math.sqrt((value * (1 - value)) / trials + (Z * Z) / (4 * trials * trials));
  const middle = value + (Z * Z) / (2 * trials);
  const scale = 1 + (Z * Z) / trials;
  // At 0 and 1 the bound is the share itself, which rounding may miss.
  const low = successes === 0 ? 0 : Math.min(value, (middle - spread) / scale);
  const high = successes === trials ? 1 : Math.max(value, (middle + spread) / scale);
  return { value, low, high };
}

const STEP_MS = 360_000;
const STEPS_PER_HOUR = 10;
/** Ten thousand hours: what took longer counts as so long. */
const STEPS_MAX = 100_000;

/** Durations in steps of a tenth of an hour, so that any number of them takes bounded memory. */
export class Durations {
  private readonly counts = new Map<number, number>();
  private total = 0;

  add(ms: number): void {
    const step = Math.min(STEPS_MAX, Math.max(-STEPS_MAX, Math.round(ms / STEP_MS)));
    this.counts.set(step, (this.counts.get(step) ?? 0) + 1);
    this.total += 1;
  }

  /** The median in hours, the middle of the two in the middle where their number is even; null for none. */
  get medianHours(): number | null {
    if (this.total === 0) return null;
    const steps = [...this.counts.keys()].sort((a, b) => a - b);
    const at = (rank: number): number => {
      let seen = 0;
      return steps.find((step) => (seen += this.counts.get(step) ?? 0) > rank) ?? 0;
    };
    const middle = (at(Math.floor((this.total - 1) / 2)) + at(Math.floor(this.total / 2))) / 2;
    return Math.round(middle) / STEPS_PER_HOUR;
  }
}

type FeedbackAct = Extract<Act, { type: 'feedback' }>;

/** What each department said last, without what was sent back. */
export function standing({ acts }: AlertState): FeedbackAct[] {
  const said = new Map<string, FeedbackAct>();
  for (const { actor, act } of acts) {
    if (act.type === 'feedback') said.set(actor.department ?? '', act);
    if (act.type === 'return') said.delete(act.department);
  }
  return [...said.values()];
}

/** When the harm came that departments confirmed, by the earliest that one of them names; null for none. */
export function harmOf(feedbacks: readonly FeedbackAct[]): number | null {
  const named = feedbacks.flatMap(({ result, harm }) =>
    result === 'confirmed' && harm !== undefined ? [harm] : [],
  );
  return named.length === 0 ? null : Math.min(...named);
}

/** What departments found: true, not true, or neither said. */
export function findingOf(feedbacks: readonly FeedbackAct[]): 'confirmed' | 'not-confirmed' | null {
  const found = feedbacks.map(({ result }) => result as string);
  if (found.includes('confirmed')) return 'confirmed';
  return found.includes('not-confirmed') ? 'not-confirmed' : null;
}

interface ModelTally {
  warnings: number;
  confirmed: number;
  notConfirmed: number;
  harms: number;
  readonly toSign: Durations;
  readonly toFeedback: Durations;
  readonly toHarm: Durations;
  kept: number;
  missed: number;
}

interface DepartmentTally {
  open: number;
  overdue: number;
  handled: number;
}

/** Adds warnings up one by one; what it holds grows with models and departments, not with warnings. */
export class OutcomeTally {
  private readonly byModel = new Map<string, ModelTally>();
  private readonly byDepartment = new Map<string, DepartmentTally>();
  /** Up to when the figures hold by themselves: the next deadline; epoch ms. */
  holdsUntil = Infinity;

  /** @param now epoch ms: what is due before and not done is missed */
  constructor(private readonly now: number) {}

  /** Adds one warning; each only once. */
  add(state: AlertState): void {
    if (state.latest.transition.quiet && state.asked === 'none') return;
    const tally = this.modelOf(state.latest.transition.model);
    tally.warnings += 1;
    const feedbacks = standing(state);
    const finding = findingOf(feedbacks);
    const harm = harmOf(feedbacks);
    if (harm !== null) {
      tally.harms += 1;
      tally.toHarm.add(harm - state.raised);
    }
    if (finding === 'confirmed') tally.confirmed += 1;
    if (finding === 'not-confirmed') tally.notConfirmed += 1;
    const signed = state.acts.find(({ act }) => act.type === 'sign');
    if (signed !== undefined) tally.toSign.add(signed.at - state.raised);
    const found = state.acts.find(({ act }) => act.type === 'feedback' && saysWhether(act.result));
    if (found !== undefined) tally.toFeedback.add(found.at - state.raised);
    // While its clocks stand still nothing more falls due.
    const now = state.suspended?.since ?? this.now;
    for (const duty of state.duties) {
      if (isMissed(duty, now)) tally.missed += 1;
      else if (!isDue(duty)) tally.kept += 1;
      else if (state.suspended === undefined && duty.due !== null)
        this.holdsUntil = Math.min(this.holdsUntil, duty.due);
    }
    this.addDepartments(state, now);
  }

  private addDepartments(state: AlertState, now: number): void {
    const owed = state.duties.filter(isDue);
    const late = new Set(owed.filter((duty) => isMissed(duty, now)).map(({ department }) => department));
    const isTold = !isOver(state) && state.status !== 'withheld';
    const acting = state.parties.filter((party) => party.acting && isTold);
    for (const department of new Set([...acting, ...owed].map((one) => one.department))) {
      const tally = this.departmentOf(department);
      tally.open += 1;
      if (late.has(department)) tally.overdue += 1;
    }
    const answered = state.acts.flatMap(({ actor, act }) =>
      act.type === 'feedback' && actor.department !== null ? [actor.department] : [],
    );
    for (const department of new Set(answered)) this.departmentOf(department).handled += 1;
  }

  /** By name. */
  get models(): ModelOutcome[] {
    return sorted(this.byModel).map(([model, tally]) => ({
      model,
      warnings: tally.warnings,
      confirmed: tally.confirmed,
      notConfirmed: tally.notConfirmed,
      precision: wilson(tally.confirmed, tally.confirmed + tally.notConfirmed),
      hoursToSign: tally.toSign.medianHours,
      hoursToFeedback: tally.toFeedback.medianHours,
      harms: tally.harms,
      hoursOfLead: tally.toHarm.medianHours,
      deadlinesKept: tally.kept,
      deadlinesMissed: tally.missed,
    }));
  }

  /** By id. */
  get departments(): DepartmentOutcome[] {
    return sorted(this.byDepartment).map(([department, tally]) => ({ department, ...tally }));
  }

  private modelOf(model: string): ModelTally {
    const fresh = (): ModelTally => ({
      warnings: 0,
      confirmed: 0,
      notConfirmed: 0,
      toSign: new Durations(),
      toFeedback: new Durations(),
      toHarm: new Durations(),
      harms: 0,
      kept: 0,
      missed: 0,
    });
    return entryOf(this.byModel, model, fresh);
  }

  private departmentOf(department: string): DepartmentTally {
    return entryOf(this.byDepartment, department, () => ({ open: 0, overdue: 0, handled: 0 }));
  }
}

function saysWhether(result: string): boolean {
  return result === 'confirmed' || result === 'not-confirmed';
}

function entryOf<T>(map: Map<string, T>, key: string, fresh: () => T): T {
  const known = map.get(key) ?? fresh();
  map.set(key, known);
  return known;
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
