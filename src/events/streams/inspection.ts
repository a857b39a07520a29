// Results of inspections (检查结果).
import { z } from 'zod';
import { commonFields, deadline, number, optional, personal, prose, required, text } from './field.js';

const problem = z.looseObject({
  code: required(text, '问题代码', 'code of the problem'),
  description: prose('问题描述', 'description'),
  severity: optional(z.enum(['minor', 'major', 'critical']), '严重程度', 'severity'),
});

export const inspectionFields = {
  inspection: required(text, '检查记录编号', 'number of the record'),
  result: required(
    z.enum(['pass', 'fail', 'absent']),
    '检查结果',
    'result; absent: could not be found (查无下落)',
  ),
  method: optional(
    z.enum(['daily', 'random', 'special', 'followup', 'joint']),
    '检查方式',
    'method: daily, double random, special, follow-up, joint',
  ),
  item: optional(text, '监管事项', 'supervision item'),
  problems: optional(z.array(problem), '发现问题', 'problems found'),
  score: optional(number, '得分', 'score'),
  inspector: personal('name', '检查人员', 'who inspected'),
  deadline: optional(deadline, '整改期限', 'deadline for rectification; a date lasts to the end of that day'),
  ...commonFields,
};
