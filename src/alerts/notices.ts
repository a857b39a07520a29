// The words of messages beside those of transitions: reminders, urging, and what departments ask of each other.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { DutyKind, Lapse } from './duty.js';
import { localTime } from './wording.js';

export const NOTICE_KINDS = [
  'remind',
  'urge',
  'repeat',
  'backup',
  'joined',
  'assigned',
  'returned',
  'suspended',
  'resumed',
  'judgement',
  'transfer',
  'transfer-accepted',
  'transfer-refused',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export const NOTICE_NAMES: { readonly [kind in NoticeKind]: string } = {
  remind: '催办',
  urge: '督办',
  repeat: '重复推送',
  backup: '备用渠道',
  joined: '联合检查',
  assigned: '移交接办',
  returned: '退回重办',
  suspended: '中止计时',
  resumed: '恢复计时',
  judgement: '综合研判',
  transfer: '线索移送',
  'transfer-accepted': '移送受理',
  'transfer-refused': '移送退回',
};

export const DUTY_NAMES: { readonly [kind in DutyKind]: string } = {
  sign: '签收',
  feedback: '反馈',
  close: '办结',
  judgement: '完成综合研判',
  transfer: '答复移送',
};

/** What a notice asks for, before the sentence of the warning itself. */
const REQUESTS: { readonly [kind in Exclude<NoticeKind, 'remind' | 'urge'>]: string } = {
  backup: '原推送渠道未能送达，改由备用渠道推送。',
  repeat: '本条预警尚未签收，再次推送。',
  joined: '联合检查任务新增事项，请一并检查、分别反馈。',
  assigned: '本条预警移交你单位办理，请按期签收、反馈。',
  returned: '反馈已被退回，请重新办理并反馈。',
  suspended: '本条预警中止计时。',
  resumed: '本条预警恢复计时，期限相应顺延。',
  judgement: '请参加综合研判并提出意见。',
  transfer: '现移送涉嫌犯罪线索，请查收材料并按期答复。',
  'transfer-accepted': '移送的线索已受理。',
  'transfer-refused': '移送的线索不予受理。',
};

/** The beginning of a notice; `text` is what somebody wrote with it. */
export function noticeText(kind: Exclude<NoticeKind, 'remind' | 'urge'>, text: string | undefined): string {
  return `【${NOTICE_NAMES[kind]}】${REQUESTS[kind]}${text === undefined || text === '' ? '' : `${text}。`}`;
}

/** The beginning of what follows a missed deadline: to the department itself, or to whom it is urged by. */
export function lapseText({ duty, step }: Lapse, toItself: boolean, catalogue: Catalogue): string {
  const due = duty.due === null ? '' : localTime(duty.due, catalogue.calendar.zone).slice(0, 16);
  const what = DUTY_NAMES[duty.kind];
  if (step === null) return `【催办】应于 ${due} 前${what}，现已到期，请尽快${what}。`;
  const name = catalogue.departments.get(duty.department)?.name ?? duty.department;
  return toItself
    ? `【督办】应于 ${due} 前${what}，至今未${what}，请立即办理。`
    : `【督办】${name}应于 ${due} 前${what}，至今未${what}，请督促办理。`;
}
