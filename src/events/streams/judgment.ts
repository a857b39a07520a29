// Judgments (司法裁判).
import { z } from 'zod';
import { amount, commonFields, flag, optional, personal, prose, required, text } from './field.js';

export const judgmentFields = {
  case_no: required(text, '案号', 'case number'),
  court: optional(text, '法院', 'court'),
  kind: optional(z.enum(['civil', 'criminal', 'administrative', 'enforcement']), '案件类型', 'kind of case'),
  cause: optional(text, '案由', 'cause of action'),
  role: optional(z.enum(['plaintiff', 'defendant', 'executed', 'third']), '诉讼地位', 'role of the subject'),
  result: prose('裁判结果', 'result'),
  amount: optional(amount, '涉案金额（元）', 'amount, yuan'),
  dishonest: optional(flag, '是否失信被执行人', 'whether listed as a dishonest judgment debtor'),
  person: personal('name', '涉案人员', 'person concerned'),
  ...commonFields,
};
