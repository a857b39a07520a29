// The words of the pages for what the API names by codes.
import { ACT_SCHEMA, type ActType, type Finding } from '../../../events/act.js';
import type { StreamName } from '../../../events/event.js';
import { STREAM_SHAPES } from '../../../events/streams.js';

type Words = { readonly [code: string]: string };

export const STATUS_NAMES: Words = {
  raised: '待推送',
  withheld: '暂缓推送',
  quiet: '历史补录，不推送',
  pushed: '已推送，待签收',
  signed: '已签收',
  'in-disposal': '处置中',
  'fed-back': '已反馈，待办结',
  closed: '已办结',
  suspended: '中止计时',
  cleared: '已解除',
  withdrawn: '依据撤回，已撤销',
};

export const LEVEL_NAMES: Words = {
  none: '解除',
  blue: '蓝色预警',
  yellow: '黄色预警',
  orange: '橙色预警',
  red: '红色预警',
};

export const REASON_NAMES: Words = {
  raised: '新发预警',
  escalated: '预警升级',
  'de-escalated': '预警降级',
  cleared: '预警解除',
  withdrawn: '依据撤回',
  'not-applicable': '不再适用',
  'model-removed': '模型停用',
  drawn: '随机抽中',
};

export const WITHHELD_NAMES: Words = {
  'source-silent': '数据源中断',
  muted: '已设静默',
  inhibited: '同一对象已有红色预警',
};

/** Why something was not told at once. */
export const UNTOLD_NAMES: Words = {
  ...WITHHELD_NAMES,
  grouped: '同类合并',
  digested: '定时汇总',
  capped: '超过每小时推送上限',
  overtaken: '推送前已经解除或者复原，不再推送',
};

export const DUTY_NAMES: Words = {
  sign: '签收',
  feedback: '反馈',
  close: '办结',
  judgement: '完成综合研判',
  transfer: '答复移送',
};

export const STAGE_NAMES: Words = {
  none: '未签收',
  signed: '已签收',
  'in-disposal': '处置中',
  'fed-back': '已反馈',
};

export const PARTY_NAMES: Words = { lead: '牵头', cooperating: '配合' };

export const FINDING_NAMES: { readonly [finding in Finding]: string } = {
  confirmed: '情况属实',
  'not-confirmed': '情况不属实',
  transferred: '移交其他部门办理',
  merged: '并入另一条预警办理',
};

export const POSITION_NAMES: Words = { agree: '同意', disagree: '不同意', abstain: '弃权' };

/** What a field of an event is called; fields that are not declared go by their own name. */
export function labelOf(stream: string, field: string): string {
  const shape = Object.hasOwn(STREAM_SHAPES, stream) ? STREAM_SHAPES[stream as StreamName] : {};
  // Descriptions are Chinese first, then English.
  const [label = ''] = (Object.hasOwn(shape, field) ? (shape[field]?.description ?? '') : '').split(' ');
  return label === '' ? field : label;
}

export const STREAM_NAMES: Words = {
  complaint: '投诉举报',
  inspection: '检查结果',
  penalty: '行政处罚',
  'credit-change': '信用变更',
  'sensor-reading': '感知数据',
  opinion: '舆情',
  judgment: '司法裁判',
  registration: '登记变更',
  rectification: '整改',
};

export const ROLE_NAMES: Words = {
  department: '经办人员',
  lead: '督办人员',
  author: '模型维护人员',
  operator: '系统运行人员',
  auditor: '审计人员',
};

/** 签收, 反馈 and so on, as the actions themselves say. */
export const ACT_NAMES = Object.fromEntries(
  ACT_SCHEMA.options.map(({ shape }) => [[...shape.type.values][0], shape.type.description ?? '']),
) as { readonly [type in ActType]: string };

/** A term of a plan, such as `2h`, in words. */
export function termText(term: string): string {
  return term.replace(/(\d+)\s*(workdays|workhours|d|h|m|s)/g, (_all, count: string, unit: string) => {
    const units: Words = {
      workdays: '个工作日',
      workhours: '个工作小时',
      d: '日',
      h: '小时',
      m: '分钟',
      s: '秒',
    };
    return `${count} ${units[unit] ?? unit}`;
  });
}

/** A figure as people read it; what could not be computed says so. */
export function figureText(value: unknown): string {
  if (value === null || value === undefined) return '无数据';
  if (typeof value === 'number')
    return new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 3 }).format(value);
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(figureText).join('、');
  if (typeof value === 'object' && 'error' in value) return '无法计算';
  return JSON.stringify(value);
}

/** Of what an error code means on a page. */
export const REFUSALS: Words = {
  HTTP_NOT_FOUND: '没有这条预警，或者本账号无权查看。',
  HTTP_FORBIDDEN: '本账号的角色不能进行该操作。',
  HTTP_FORM: '表单已失效，请返回后刷新页面再提交。',
  HTTP_PARAMETER: '网址中的参数不正确。',
  HTTP_RATE: '请求过于频繁，请稍后再试。',
  HTTP_BUSY: '系统繁忙，请稍后再试。',
  HTTP_CATCHING_UP: '系统正在启动，请稍后刷新。',
  HTTP_STORE: '系统暂时无法保存，请稍后再提交。',
  HTTP_STOPPING: '系统正在停止，请稍后再试。',
  HTTP_OVERDUE: '处理时间过长，请刷新页面查看结果。',
  BODY_TOO_LARGE: '提交的内容过长。',
};
