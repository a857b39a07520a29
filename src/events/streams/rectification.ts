// Rectification after an inspection (整改).
import { z } from 'zod';
import { commonFields, flag, optional, prose, required, text } from './field.js';

export const rectificationFields = {
  inspection: required(text, '检查记录编号', 'number of the inspection that asked for it'),
  result: optional(z.enum(['done', 'partial', 'refused']), '整改结果', 'result'),
  verified: optional(flag, '是否复核', 'whether it was verified'),
  content: prose('整改内容', 'what was done'),
  ...commonFields,
};
