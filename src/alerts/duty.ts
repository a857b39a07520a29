// Deadlines: what a department owes by when, and what follows where it does not.
import type { Catalogue, Plan, PlanStep } from '../catalogue/catalogue.js';
import type { UrgeStep } from '../catalogue/urging.js';
import { parseTerm, type Term } from '../catalogue/duration.js';
import { deadline, postponed } from '../catalogue/working-time.js';
import { rank, type Level } from '../model/model.js';

export type DutyKind = 'sign' | 'feedback' | 'close' | 'judgement' | 'transfer';

/** One deadline of one department. Instants are epoch ms. */
export interface Duty {
  readonly kind: DutyKind;
  readonly department: string;
  readonly term: string;
  readonly from: number;
  /** Null where it would need a year that the calendar does not know. */
  readonly due: number | null;
  /** When something follows next: the reminder at the deadline, then each step of urging; null for nothing more. */
  readonly next: number | null;
  /** 1 after the reminder, one more after each step of urging. */
  readonly urged: number;
  /** Where what follows next lies beyond the calendar: `next` is when it is reckoned anew, by the calendar of then. */
  readonly unknown?: true;
  readonly done?: number;
}

/** Something that follows a missed deadline now. */
export interface Lapse {
  readonly duty: Duty;
  /** Null for the reminder of the department itself. */
  readonly step: UrgeStep | null;
}

/** How often it is looked whether the calendar has learned a year that a deadline lies in. */
const RECKONED_MS = 86_400_000;

/** Old deadlines that a warning still lists. */
const DONE_MAX = 30;

/** The step of a plan for a level, or for the gravest level below it that has one. */
export function planStep(plan: Plan | undefined, level: Level): PlanStep | undefined {
  if (plan === undefined || level === 'none') return undefined;
  const named = Object.entries(plan.levels).filter(([name]) => rank(name as Level) <= rank(level));
  return named.sort(([a], [b]) => rank(b as Level) - rank(a as Level))[0]?.[1];
}

/** A deadline that begins now. The term was checked when the plan was loaded. */
export function beginDuty(
  { calendar }: Catalogue,
  kind: DutyKind,
  department: string,
  term: string,
  from: number,
): Duty {
  const due = deadline(calendar, from, termOf(term));
  const duty = { kind, department, term, from, due, urged: 0 };
  return due === null ? { ...duty, next: from + RECKONED_MS, unknown: true } : { ...duty, next: due };
}

export function isOpen(duty: Duty): boolean {
  return duty.done === undefined;
}

/** Whether the deadline passed before what was owed was done. */
export function isMissed({ due, done }: Duty, now: number): boolean {
  return due !== null && (done ?? now) > due;
}

/** The duties with those that match done. */
export function fulfil(
  duties: readonly Duty[],
  at: number,
  matches: (duty: Duty) => boolean,
): readonly Duty[] {
  const after = duties.map((duty) =>
    isOpen(duty) && matches(duty) ? { ...known(duty), done: at, next: null } : duty,
  );
  const done = after.filter((duty) => !isOpen(duty));
  const surplus = new Set(done.slice(0, Math.max(0, done.length - DONE_MAX)));
  return surplus.size === 0 ? after : after.filter((duty) => !surplus.has(duty));
}

/** The duties with one more; of two open ones of a kind and department the earlier deadline counts. */
export function addDuty(duties: readonly Duty[], duty: Duty): Duty[] {
  const same = duties.find(
    (other) => isOpen(other) && other.kind === duty.kind && other.department === duty.department,
  );
  if (same === undefined) return [...duties, duty];
  const isEarlier = duty.due !== null && (same.due === null || duty.due < same.due);
  return isEarlier ? duties.map((other) => (other === same ? duty : other)) : [...duties];
}

/** The earliest instant at which something follows; Infinity for never. */
export function nextOf(duties: readonly Duty[]): number {
  let next = Infinity;
  for (const duty of duties) if (duty.next !== null && duty.next < next) next = duty.next;
  return next;
}

/** What follows at an instant, and the duties after it. */
export function lapse(
  duties: readonly Duty[],
  at: number,
  { catalogue, urge }: { readonly catalogue: Catalogue; readonly urge: readonly UrgeStep[] },
): { readonly duties: readonly Duty[]; readonly lapses: readonly Lapse[] } {
  const lapses: Lapse[] = [];
  const after = duties.map((duty) => {
    if (duty.next === null || duty.next > at) return duty;
    if (duty.unknown === true) return reckoned(duty, at, catalogue, urge);
    lapses.push({ duty, step: duty.urged === 0 ? null : (urge[duty.urged - 1] ?? null) });
    const following = urge[duty.urged];
    // Counted from the deadline, so that a step that comes late moves none of those after it.
    const urged = duty.urged + 1;
    if (following === undefined || duty.due === null) return { ...duty, urged, next: null };
    return followed({ ...duty, urged }, deadline(catalogue.calendar, duty.due, termOf(following.after)), at);
  });
  return { duties: after, lapses };
}

/** A duty whose next instant is reckoned anew, for it lay beyond the calendar. */
function reckoned(duty: Duty, at: number, { calendar }: Catalogue, urge: readonly UrgeStep[]): Duty {
  const due = duty.due ?? deadline(calendar, duty.from, termOf(duty.term));
  const step = urge[duty.urged - 1];
  const next = due === null || step === undefined ? due : deadline(calendar, due, termOf(step.after));
  return followed({ ...known(duty), due }, next, at);
}

/** A duty after which something follows at an instant, but not before now; null where that lies beyond the calendar. */
function followed(duty: Duty, next: number | null, at: number): Duty {
  if (next === null) return { ...duty, next: at + RECKONED_MS, unknown: true };
  return { ...duty, next: Math.max(next, at) };
}

function known({ unknown: _unknown, ...duty }: Duty): Duty {
  return duty;
}

/** The duties after a pause: what was not due before it is due as much later as the term stood still. */
export function postpone(
  duties: readonly Duty[],
  { calendar }: Catalogue,
  pause: { readonly fromMs: number; readonly toMs: number },
): readonly Duty[] {
  return duties.map((duty) => {
    if (duty.next === null) return duty;
    const later = (instant: number) => postponed(calendar, termOf(duty.term), instant, pause);
    const due = duty.due === null ? null : later(duty.due);
    // What lies beyond the calendar is reckoned from a beginning that is as much later.
    if (due === null) {
      const from = duty.from + pause.toMs - pause.fromMs;
      return { ...duty, from, due, next: pause.toMs + RECKONED_MS, unknown: true };
    }
    return duty.unknown === true
      ? { ...duty, due }
      : followed({ ...duty, due }, later(duty.next), pause.toMs);
  });
}

function termOf(text: string): Term {
  return parseTerm(text) ?? { unit: 'workdays', days: 1 };
}
