// What people may do to a warning in each of its states, and what that changes.
import type { Catalogue, Plan } from '../catalogue/catalogue.js';
import { ACT_TYPES, type Act, type ActType } from '../events/act.js';
import type { ActEntry, ActRefusal, Actor } from './action.js';
import { faultOf, type OtherWarnings } from './act-fault.js';
import { mayAct } from './authority.js';
import { addDuty, beginDuty, fulfil, isOpen, planStep, type Duty } from './duty.js';
import { stageOf, withParty, type Party, type Stage, type Transfer } from './party.js';
import { isOver, leadOf, postponedTo, type AlertState } from './state.js';
import type { NoticeKind } from './notices.js';

/** What the rules say that a warning is handled by. */
export interface Rules {
  readonly catalogue: Catalogue;
  readonly plan: Plan | undefined;
}

/** A message that an action causes; `department` is who gets it. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly department: string;
  readonly text?: string;
}

/** Actions that one warning remembers. */
export const ACTS_MAX = 200;

/** How long a judicial organ has to answer a transfer, by the Provisions on transferring suspected crimes, article 8. */
const TRANSFER_TERM = '3 workdays';

/** How long a joint judgement may take where the plan does not say. */
const JUDGEMENT_TERM = '3 workdays';

/** The actions that a state allows to one actor. */
export function allowedTo(state: AlertState, actor: Actor, catalogue: Catalogue): ActType[] {
  const own = state.parties.find(({ department }) => department === actor.department);
  return ACT_TYPES.filter(
    (type) => mayAct(actor, type, state, catalogue) && fitsState(type, state, own?.stage),
  );
}

/** Whether a state allows an action, of a department that has come so far in it. */
function fitsState(type: ActType, state: AlertState, stage: Stage | undefined): boolean {
  const { transfers, suspended, withheld, status } = state;
  // What was handed over is answered whatever became of the warning.
  if (type === 'receipt')
    return transfers.some(({ answer, receipt }) => answer === undefined && receipt === undefined);
  if (type === 'accept' || type === 'refuse') return transfers.some(({ answer }) => answer === undefined);
  if (isOver(state) || withheld !== undefined || status === 'quiet') return false;
  if (suspended !== undefined) return type === 'resume';
  return fitsCourse(type, state, stage);
}

/** The same while a warning takes its course. */
function fitsCourse(
  type: Exclude<ActType, 'receipt' | 'accept' | 'refuse'>,
  { parties, judgement }: AlertState,
  stage: Stage | undefined,
): boolean {
  const acting = parties.filter((party) => party.acting);
  const isOpen = judgement !== undefined && judgement.concluded === undefined;
  const isJudging = isOpen && judgement.convened !== undefined;
  switch (type) {
    case 'sign':
      return stage === 'none';
    case 'start':
      return stage === 'signed';
    case 'feedback':
      return stage === 'signed' || stage === 'in-disposal';
    case 'hand-over':
      return stage !== undefined && stage !== 'none';
    case 'return':
      return acting.some((party) => party.stage === 'fed-back');
    case 'close':
      return stageOf(parties) === 'fed-back' && acting.length > 0 && !isOpen;
    case 'suspend':
      return true;
    case 'resume':
      return false;
    case 'convene':
      return !isJudging;
    case 'opinion':
    case 'conclude':
      return isJudging;
  }
}

/**
 * Takes an action.
 * @param others the warnings that it may name
 * @returns the state after it and whom it is to be told, or why it is not taken
 */
export function act(
  state: AlertState,
  entry: ActEntry,
  rules: Rules,
  others: OtherWarnings,
): { readonly state: AlertState; readonly notices: readonly Notice[] } | { readonly refusal: ActRefusal } {
  const { actor, act: asked } = entry;
  const allowed = allowedTo(state, actor, rules.catalogue);
  const refuse = (code: ActRefusal['code'], message: string) => ({ refusal: { code, message, allowed } });
  if (!mayAct(actor, asked.type, state, rules.catalogue))
    return refuse('ACTION_FORBIDDEN', '本账号无权对这条预警进行该操作。');
  if (!allowed.includes(asked.type)) return refuse('ACTION_ILLEGAL', '预警当前的状态不允许该操作。');
  if (state.acts.length >= ACTS_MAX) return refuse('ACTION_LIMIT', '这条预警的操作记录已达上限。');
  const fault = faultOf(state, entry, rules.catalogue, others);
  if (fault !== null) return refuse('ACTION_INVALID', fault);
  const { state: after, notices } = apply(state, entry, rules);
  return {
    state: { ...after, acts: [...after.acts, entry], updated: Math.max(after.updated, entry.at) },
    notices,
  };
}

type Applied = { readonly state: AlertState; readonly notices: readonly Notice[] };

function apply(state: AlertState, entry: ActEntry, rules: Rules): Applied {
  const { act: asked, actor, at } = entry;
  const own = actor.department ?? '';
  switch (asked.type) {
    case 'sign':
      return quietly({
        ...state,
        parties: withParty(state.parties, own, (party) => ({ ...party, stage: 'signed', signed: at })),
        duties: fulfil(state.duties, at, (duty) => duty.kind === 'sign' && duty.department === own),
      });
    case 'start':
      return quietly({
        ...state,
        parties: withParty(state.parties, own, (party) => ({ ...party, stage: 'in-disposal', started: at })),
      });
    case 'feedback':
      return feedBack(state, entry, asked, rules);
    case 'return':
      return sendBack(state, asked, at, rules);
    case 'close':
      return quietly({
        ...state,
        closed: { at, by: own, conclusion: asked.conclusion, level: state.level },
        duties: fulfil(state.duties, at, ({ kind }) => kind !== 'transfer'),
      });
    case 'suspend': {
      const { reason, until } = asked;
      return told({ ...state, suspended: { since: at, until, reason, by: own } }, 'suspended', reason);
    }
    case 'resume':
      return told(resumed(state, at, rules.catalogue), 'resumed', asked.reason);
    default:
      return applyBetweenDepartments(state, entry, asked, rules);
  }
}

/** The joint judgement, and transfers to judicial organs. */
function applyBetweenDepartments(
  state: AlertState,
  { actor, at }: ActEntry,
  asked: JudgementAct | TransferAct,
  rules: Rules,
): Applied {
  const own = actor.department ?? '';
  switch (asked.type) {
    case 'convene':
    case 'opinion':
    case 'conclude':
      return judge(state, own, at, asked, rules);
    default:
      return transfer(state, own, at, asked, rules);
  }
}

type JudgementAct = Extract<Act, { type: 'convene' | 'opinion' | 'conclude' }>;
type TransferAct = Extract<Act, { type: 'hand-over' | 'receipt' | 'accept' | 'refuse' }>;

function judge(
  state: AlertState,
  own: string,
  at: number,
  asked: JudgementAct,
  { catalogue, plan }: Rules,
): Applied {
  const judgement = state.judgement ?? { required: false, participants: [], opinions: [] };
  switch (asked.type) {
    case 'convene': {
      const participants = [...new Set(asked.participants)];
      const convened = { at, by: own, reason: asked.reason };
      const responsible = leadOf(state)?.department ?? own;
      const term = plan?.judgement?.within ?? JUDGEMENT_TERM;
      const duty = beginDuty(catalogue, 'judgement', responsible, term, at);
      return {
        state: {
          ...state,
          judgement: { required: judgement.required, convened, participants, opinions: [] },
          duties: addDuty(state.duties, duty),
        },
        notices: participants.map((department) => ({ kind: 'judgement', department, text: asked.reason })),
      };
    }
    case 'opinion': {
      const others = judgement.opinions.filter(({ department }) => department !== own);
      const opinion = { at, department: own, position: asked.position, text: asked.text };
      return quietly({ ...state, judgement: { ...judgement, opinions: [...others, opinion] } });
    }
    case 'conclude':
      return quietly({
        ...state,
        judgement: { ...judgement, concluded: { at, conclusion: asked.conclusion } },
        duties: fulfil(state.duties, at, ({ kind }) => kind === 'judgement'),
      });
  }
}

function transfer(
  state: AlertState,
  own: string,
  at: number,
  asked: TransferAct,
  { catalogue }: Rules,
): Applied {
  if (asked.type === 'hand-over') {
    const { organ, materials } = asked;
    const handed: Transfer = { number: state.transfers.length + 1, at, from: own, organ, materials };
    const duty = beginDuty(catalogue, 'transfer', organ, TRANSFER_TERM, at);
    return {
      state: { ...state, transfers: [...state.transfers, handed], duties: [...state.duties, duty] },
      notices: [{ kind: 'transfer', department: organ, text: materials.join('、') }],
    };
  }
  if (asked.type === 'receipt')
    return quietly(withTransfer(state, asked.transfer, { receipt: { at, number: asked.number } }));
  const answer =
    asked.type === 'accept'
      ? ({ at, accepted: true } as const)
      : ({ at, accepted: false, reason: asked.reason } as const);
  const after = withTransfer(state, asked.transfer, { answer });
  const from = state.transfers[asked.transfer - 1]?.from ?? '';
  const open = after.transfers.some(({ organ, answer: given }) => organ === own && given === undefined);
  const isAnswered = (duty: Duty) => duty.kind === 'transfer' && duty.department === own && !open;
  const notice: Notice =
    asked.type === 'accept'
      ? { kind: 'transfer-accepted', department: from }
      : { kind: 'transfer-refused', department: from, text: asked.reason };
  return { state: { ...after, duties: fulfil(after.duties, at, isAnswered) }, notices: [notice] };
}

function feedBack(
  state: AlertState,
  { actor, at }: ActEntry,
  asked: Extract<Act, { type: 'feedback' }>,
  rules: Rules,
): Applied {
  const own = actor.department ?? '';
  const { result, findings, measures, department, into, harm } = asked;
  const feedback = {
    at,
    result,
    findings,
    measures,
    ...(department === undefined ? {} : { department }),
    ...(into === undefined ? {} : { into }),
    ...(harm === undefined ? {} : { harm }),
  };
  const isOwn = (duty: Duty) => duty.kind === 'feedback' && duty.department === own;
  const after = {
    ...state,
    parties: withParty(state.parties, own, (party) => ({ ...party, stage: 'fed-back', feedback })),
    duties: fulfil(state.duties, at, isOwn),
  };
  return result === 'transferred' && department !== undefined
    ? passOn(after, own, department, at, rules)
    : quietly(after);
}

/** Another department takes the place of the one that passes the warning on, with deadlines of its own. */
function passOn(state: AlertState, from: string, to: string, at: number, rules: Rules): Applied {
  // Who leads already leads on, whoever it takes over from.
  const isLead = state.parties.some((one) => [from, to].includes(one.department) && one.role === 'lead');
  const role = isLead ? 'lead' : 'cooperating';
  const next: Party = { department: to, role, acting: true, stage: 'none' };
  const others = state.parties.filter(({ department }) => department !== to);
  const parties = [...withParty(others, from, (party) => ({ ...party, acting: false })), next];
  const closes = state.duties.some(
    (duty) => isOpen(duty) && duty.kind === 'close' && duty.department === from,
  );
  const kept = state.duties.filter(
    (duty) => !(isOpen(duty) && duty.kind === 'close' && duty.department === from),
  );
  const step = planStep(rules.plan, state.level);
  let duties: readonly Duty[] = kept;
  if (step !== undefined) {
    duties = addDuty(duties, beginDuty(rules.catalogue, 'sign', to, step.signWithin, at));
    duties = addDuty(duties, beginDuty(rules.catalogue, 'feedback', to, step.feedbackWithin, at));
    if (closes) duties = addDuty(duties, beginDuty(rules.catalogue, 'close', to, step.closeWithin, at));
  }
  return { state: { ...state, parties, duties }, notices: [{ kind: 'assigned', department: to }] };
}

function sendBack(
  state: AlertState,
  { department, reason }: Extract<Act, { type: 'return' }>,
  at: number,
  { catalogue, plan }: Rules,
): Applied {
  const step = planStep(plan, state.level === 'none' ? state.asked : state.level);
  const parties = withParty(state.parties, department, ({ feedback: _former, ...party }) => ({
    ...party,
    stage: 'in-disposal',
  }));
  const duties =
    step === undefined
      ? state.duties
      : addDuty(state.duties, beginDuty(catalogue, 'feedback', department, step.feedbackWithin, at));
  return { state: { ...state, parties, duties }, notices: [{ kind: 'returned', department, text: reason }] };
}

/** The state after a pause, whoever ended it. */
export function resumed(state: AlertState, at: number, catalogue: Catalogue): AlertState {
  const { suspended: _over, ...rest } = postponedTo(state, at, catalogue);
  return rest;
}

function withTransfer(state: AlertState, number: number, change: Partial<Transfer>): AlertState {
  const transfers = state.transfers.map((one) => (one.number === number ? { ...one, ...change } : one));
  return { ...state, transfers };
}

function quietly(state: AlertState): Applied {
  return { state, notices: [] };
}

/** Tells everybody who must act. */
function told(state: AlertState, kind: NoticeKind, text: string): Applied {
  const acting = state.parties.filter((party) => party.acting);
  return { state, notices: acting.map(({ department }) => ({ kind, department, text })) };
}
