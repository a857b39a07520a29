// What is wrong with the particulars of an action that the state of its warning allows.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Act } from '../events/act.js';
import type { ActEntry, Actor } from './action.js';
import { mayRead } from './authority.js';
import { isMissed, isOpen } from './duty.js';
import type { AlertState } from './state.js';

/** Warnings by id, as far as an action may name one; undefined for one that is not there. */
export type OtherWarnings = (warning: string) => AlertState | undefined;

/** What is wrong with the particulars of an action; null for nothing. */
export function faultOf(
  state: AlertState,
  { act: asked, actor, at }: ActEntry,
  catalogue: Catalogue,
  others: OtherWarnings,
): string | null {
  const known = (department: string) => catalogue.departments.has(department);
  switch (asked.type) {
    case 'feedback':
      if (asked.result === 'transferred' && (asked.department === undefined || !known(asked.department)))
        return '移交须写明部门名录中的接收部门。';
      if (asked.result === 'transferred' && asked.department === actor.department)
        return '不能移交给本部门。';
      if (asked.result === 'merged' && (asked.into === undefined || asked.into === state.warning))
        return '并案须写明并入的另一条预警。';
      if (asked.result === 'merged' && asked.into !== undefined)
        return mergeFault(state, actor, others(asked.into), catalogue);
      if (asked.harm !== undefined && (asked.result !== 'confirmed' || asked.harm > at))
        return '损害发生的时刻只在属实时填写，且不能晚于当前时间。';
      return null;
    case 'return':
      return state.parties.some(
        ({ department, acting, stage }) => department === asked.department && acting && stage === 'fed-back',
      )
        ? null
        : '该部门没有可以退回的反馈。';
    case 'suspend':
      if (asked.until <= at) return '中止期限须晚于当前时间。';
      return asked.until - at > SUSPENSION_MAX_MS ? '中止最长一百八十日，到期可以再次中止。' : null;
    case 'convene':
      return asked.participants.length > 0 && asked.participants.every(known)
        ? null
        : '参加研判的部门须在部门名录中。';
    case 'conclude':
      return isHeard(state, at) ? null : '参加研判的部门尚未全部提出意见，且未到研判期限。';
    case 'hand-over':
      return known(asked.organ) ? null : '接收移送的机关须在部门名录中。';
    case 'receipt':
    case 'accept':
    case 'refuse':
      return transferFault(state, asked, actor);
    default:
      return null;
  }
}

/** A warning is merged into one that is there, that who acts may read, and that was not merged into it. */
function mergeFault(
  { warning }: AlertState,
  actor: Actor,
  into: AlertState | undefined,
  catalogue: Catalogue,
): string | null {
  if (into === undefined || !mayRead(actor, into, catalogue))
    return '要并入的预警不存在，或者本账号无权查看。';
  const isCircular = into.parties.some(({ feedback }) => feedback?.into === warning);
  return isCircular ? '要并入的预警已并入本条预警。' : null;
}

const SUSPENSION_MAX_MS = 180 * 86_400_000;

/** Whether a judgement may come to its conclusion: everybody was heard, or had the time to be. */
function isHeard({ judgement, duties }: AlertState, at: number): boolean {
  const heard = new Set(judgement?.opinions.map(({ department }) => department));
  if (judgement?.participants.every((one) => heard.has(one)) === true) return true;
  return duties.some((duty) => duty.kind === 'judgement' && isOpen(duty) && isMissed(duty, at));
}

function transferFault(
  { transfers }: AlertState,
  asked: Extract<Act, { readonly transfer: number }>,
  { department }: Actor,
): string | null {
  const transfer = transfers[asked.transfer - 1];
  if (transfer?.organ !== department) return '没有移送给本机关的这一件。';
  if (transfer?.answer !== undefined) return '这一件移送已有答复。';
  return asked.type === 'receipt' && transfer?.receipt !== undefined ? '这一件移送已有回执。' : null;
}
