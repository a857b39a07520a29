// What departments are asked to do, and by when, once a warning reaches a level at which they were not asked before.
import type { PushLevel } from '../catalogue/push.js';
import type { Transition } from '../engine/output.js';
import { rank } from '../model/model.js';
import { addDuty, beginDuty, planStep, type Duty } from './duty.js';
import type { Rules } from './lifecycle.js';
import { askedAnew } from './party.js';
import { leadOf, postponedTo, type AlertState } from './state.js';

/** How often a warning is pushed again at most. */
const REPEATS_MAX = 50;

/**
 * Asks departments to act where the level is graver than any at which they were asked before.
 * @returns the state, and whether a deadline lies in a year that the calendar does not know
 */
export function ask(
  known: AlertState,
  { level, task, draw }: Transition,
  at: number,
  { catalogue, plan }: Rules,
): { readonly state: AlertState; readonly isBeyondCalendar: boolean } {
  if (rank(level) <= rank(known.asked)) return { state: known, isBeyondCalendar: false };
  const state = postponedTo(known, at, catalogue);
  const { closed: _opened, ...open } = state;
  const parties = state.parties.map((party) => (party.acting ? askedAnew(party) : party));
  const step = planStep(plan, level);
  const lead = leadOf(state)?.department;
  const begun: Duty[] = [];
  const begin = (kind: Duty['kind'], department: string, term: string) =>
    begun.push(beginDuty(catalogue, kind, department, term, at));
  for (const { department, acting } of step === undefined ? [] : parties) {
    if (!acting || step === undefined) continue;
    begin('sign', department, step.signWithin);
    begin('feedback', department, step.feedbackWithin);
    // A joint task is done by its own date; one that was drawn is closed by the last feedback.
    const close = task === undefined ? step.closeWithin : `${task.withinWorkdays} workdays`;
    if (department === lead && draw === undefined) begin('close', department, close);
  }
  const rule = plan?.judgement;
  const isJudged = rule !== undefined && rank(level) >= rank(rule.from) && state.judgement === undefined;
  if (isJudged && lead !== undefined) begin('judgement', lead, rule.within);
  return {
    state: {
      ...open,
      parties,
      asked: level,
      duties: begun.reduce(addDuty, state.duties as Duty[]),
      ...repeatFrom(catalogue.push.repeat.get(level as PushLevel), at),
      ...(isJudged ? { judgement: { required: true, participants: [], opinions: [] } } : {}),
    },
    isBeyondCalendar: begun.some(({ due }) => due === null),
  };
}

function repeatFrom(everyMs: number | undefined, at: number): Pick<AlertState, 'repeat'> {
  return everyMs === undefined ? {} : { repeat: { next: at + everyMs, everyMs, left: REPEATS_MAX } };
}
