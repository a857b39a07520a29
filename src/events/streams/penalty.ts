// Administrative penalties (行政处罚).
import { z } from 'zod';
import { amount, commonFields, deadline, instant, optional, personal, text, texts } from './field.js';

const KINDS = ['warning', 'fine', 'confiscation', 'suspension', 'revocation', 'detention', 'other'] as const;

export const penaltyFields = {
  document: optional(text, '处罚决定文号', 'number of the decision'),
  kind: optional(z.enum(KINDS), '处罚种类', 'kind of penalty'),
  amount: optional(amount, '罚没金额（元）', 'amount, yuan'),
  law: optional(text, '违反法律', 'law that was broken'),
  article: optional(text, '违反条款', 'article that was broken'),
  articles: optional(texts, '全部条款', 'all articles'),
  act_time: optional(instant, '违法行为发生时间', 'when the act happened'),
  deadline: optional(deadline, '履行期限', 'deadline to comply; a date lasts to the end of that day'),
  responsible: personal('name', '责任人', 'who is responsible'),
  ...commonFields,
};
