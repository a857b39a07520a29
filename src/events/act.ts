// What people do to a warning: the actions as they are sent, and the roles of those who send them.
import { z } from 'zod';
import { parseDateTime } from './timestamp.js';

export const ROLES = ['department', 'lead', 'author', 'operator', 'auditor'] as const;
/**
 * `department` acts for its department; `lead` supervises, for its department and those below it; the others act on no
 * warning: `author` edits models, `operator` runs the system, `auditor` reads everything and changes nothing.
 */
export type Role = (typeof ROLES)[number];

/** What a department found out. */
export const FINDINGS = ['confirmed', 'not-confirmed', 'transferred', 'merged'] as const;
export type Finding = (typeof FINDINGS)[number];

const TEXT_MAX = 2_000;
const prose = z.string().trim().min(1, 'must say something').max(TEXT_MAX, `at most ${TEXT_MAX} characters`);
const departmentId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be the id of a department');
const warningId = z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of a warning, 32 hex digits');
const transferNumber = z.int().min(1).max(1_000);

const instant = z
  .string()
  .transform((text) => parseDateTime(text) ?? NaN)
  .refine((ms) => !Number.isNaN(ms), 'must be an RFC 3339 time with offset')
  .meta({ type: 'string', format: 'date-time' });

/** Each kind of action with what belongs to it. Instants are RFC 3339 as sent, and epoch ms here. */
export const ACT_SCHEMA = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sign').describe('签收') }),
  z.strictObject({ type: z.literal('start').describe('开始处置'), measures: prose.optional() }),
  z.strictObject({
    type: z.literal('feedback').describe('反馈'),
    result: z.enum(FINDINGS),
    findings: prose,
    measures: prose,
    department: departmentId.optional().describe('接收移交的部门 who takes over, where transferred'),
    into: warningId.optional().describe('并入的预警 the warning it is merged with, where merged'),
    harm: instant.optional().describe('损害发生的时刻 when the harm came, where confirmed'),
  }),
  z.strictObject({
    type: z.literal('return').describe('退回重办'),
    department: departmentId,
    reason: prose,
  }),
  z.strictObject({ type: z.literal('close').describe('办结'), conclusion: prose }),
  z.strictObject({ type: z.literal('suspend').describe('中止计时'), reason: prose, until: instant }),
  z.strictObject({ type: z.literal('resume').describe('恢复计时'), reason: prose }),
  z.strictObject({
    type: z.literal('convene').describe('发起综合研判'),
    participants: z.array(departmentId).min(1).max(50),
    reason: prose,
  }),
  z.strictObject({
    type: z.literal('opinion').describe('研判意见'),
    position: z.enum(['agree', 'disagree', 'abstain']),
    text: prose,
  }),
  z.strictObject({ type: z.literal('conclude').describe('研判结论'), conclusion: prose }),
  z.strictObject({
    type: z.literal('hand-over').describe('移送涉嫌犯罪线索'),
    organ: departmentId,
    materials: z.array(prose).min(1).max(50),
  }),
  z.strictObject({
    type: z.literal('receipt').describe('移送回执'),
    transfer: transferNumber,
    number: prose,
  }),
  z.strictObject({ type: z.literal('accept').describe('受理移送'), transfer: transferNumber }),
  z.strictObject({
    type: z.literal('refuse').describe('不予受理'),
    transfer: transferNumber,
    reason: prose,
  }),
]);

export type Act = z.output<typeof ACT_SCHEMA>;
export type ActType = Act['type'];

export const ACT_TYPES: readonly ActType[] = ACT_SCHEMA.options.map(
  ({ shape }) => [...shape.type.values][0] as ActType,
);
