// Changes of credit class and of the lists of dishonesty (信用变更).
import { z } from 'zod';
import { commonFields, optional, prose, text } from './field.js';

export const creditClass = z.enum(['A', 'B', 'C', 'D']);

const KINDS = ['evaluation', 'dishonesty-listed', 'abnormal-listed', 'repaired'] as const;

export const creditChangeFields = {
  credit: optional(creditClass, '信用等级', 'credit class from now on'),
  previous: optional(creditClass, '原信用等级', 'credit class before'),
  kind: optional(
    z.enum(KINDS),
    '变更类型',
    'kind: evaluation, listed for dishonesty (失信), listed as abnormal (经营异常), repaired (信用修复)',
  ),
  list_name: optional(text, '名单名称', 'name of the list'),
  reason: prose('变更原因', 'reason'),
  ...commonFields,
};
