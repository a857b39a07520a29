// What the form of each action asks for, and reading an action out of what such a form sent.
import { ACT_SCHEMA, type Act, type ActType } from '../../../events/act.js';
import { instantOf } from './local-time.js';
import { ACT_NAMES, FINDING_NAMES, POSITION_NAMES } from './words.js';

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly optional?: true;
  readonly hint?: string;
} & (
  | {
      readonly kind:
        'text' | 'line' | 'lines' | 'department' | 'departments' | 'instant' | 'past' | 'transfer';
    }
  | { readonly kind: 'choice'; readonly choices: { readonly [value: string]: string } }
  /** A department that has given feedback. */
  | { readonly kind: 'returned' }
);

const reason: Field = { name: 'reason', label: '理由', kind: 'text' };
const transfer: Field = { name: 'transfer', label: '移送件', kind: 'transfer' };

/** The fields of each action, in their order. */
export const FIELDS: { readonly [type in ActType]: readonly Field[] } = {
  sign: [],
  start: [{ name: 'measures', label: '拟采取的措施', kind: 'text', optional: true }],
  feedback: [
    { name: 'result', label: '核查结论', kind: 'choice', choices: FINDING_NAMES },
    { name: 'findings', label: '核查情况', kind: 'text' },
    { name: 'measures', label: '处置措施', kind: 'text' },
    {
      name: 'department',
      label: '接收部门',
      kind: 'department',
      optional: true,
      hint: '仅移交其他部门时选择',
    },
    { name: 'into', label: '并入的预警编号', kind: 'line', optional: true, hint: '仅并入另一条预警时填写' },
    { name: 'harm', label: '损害发生时刻', kind: 'past', optional: true, hint: '仅属实且已发生损害时填写' },
  ],
  return: [{ name: 'department', label: '退回给', kind: 'returned' }, reason],
  close: [{ name: 'conclusion', label: '办结结论', kind: 'text' }],
  suspend: [reason, { name: 'until', label: '中止至', kind: 'instant' }],
  resume: [reason],
  convene: [{ name: 'participants', label: '参加部门', kind: 'departments' }, reason],
  opinion: [
    { name: 'position', label: '意见', kind: 'choice', choices: POSITION_NAMES },
    { name: 'text', label: '说明', kind: 'text' },
  ],
  conclude: [{ name: 'conclusion', label: '研判结论', kind: 'text' }],
  'hand-over': [
    { name: 'organ', label: '接收机关', kind: 'department' },
    { name: 'materials', label: '移送材料', kind: 'lines', hint: '每行一件' },
  ],
  receipt: [transfer, { name: 'number', label: '回执编号', kind: 'line' }],
  accept: [transfer],
  refuse: [transfer, reason],
};

/** The action that a form sent, or what is wrong with it, in Chinese. */
export type ReadForm = { readonly act: Act } | { readonly fault: string };

/** Reads an action out of a form. */
export function readForm(form: URLSearchParams, zone: string): ReadForm {
  const type = form.get('type') ?? '';
  if (!isActType(type)) return { fault: '没有这种操作。' };
  const fields = FIELDS[type];
  const raw: { [name: string]: unknown } = { type };
  for (const field of fields) {
    const value = valueOf(field, form, zone);
    if (value !== undefined) raw[field.name] = value;
  }
  const parsed = ACT_SCHEMA.safeParse(raw);
  if (parsed.success) return { act: parsed.data };
  const name = parsed.error.issues[0]?.path[0];
  const label = fields.find((field) => field.name === name)?.label ?? ACT_NAMES[type];
  const isGiven = typeof name === 'string' && form.getAll(name).some((text) => text.trim() !== '');
  return { fault: isGiven ? `「${label}」的内容不符合要求。` : `请填写「${label}」。` };
}

function valueOf({ name, kind, optional }: Field, form: URLSearchParams, zone: string): unknown {
  const texts = form.getAll(name).map((text) => text.replace(/\r\n/g, '\n').trim());
  const [text = ''] = texts;
  switch (kind) {
    case 'departments':
      return texts.filter((one) => one !== '');
    case 'lines':
      return text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    case 'transfer':
      return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
    case 'past':
      return text === '' ? undefined : instantOf(text, zone);
    case 'instant':
      return instantOf(text, zone);
    case 'text':
    case 'line':
    case 'department':
    case 'returned':
    case 'choice':
      return text === '' && optional === true ? undefined : text;
  }
}

function isActType(type: string): type is ActType {
  return Object.hasOwn(FIELDS, type);
}
