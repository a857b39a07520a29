// Complaints and reports (投诉举报).
import { z } from 'zod';
import { amount, commonFields, flag, optional, personal, prose, required, text } from './field.js';

const CHANNELS = ['12345', '12315', 'online', 'visit', 'media', 'association', 'superior', 'other'] as const;

export const complaintFields = {
  category: required(text, '投诉类别', 'category'),
  content: prose('投诉内容', 'what was said'),
  channel: optional(z.enum(CHANNELS), '来源渠道', 'channel through which it came'),
  complainant: personal('name', '投诉人', 'who complained'),
  complainant_phone: personal('phone', '投诉人电话', 'phone of the complainant'),
  amount: optional(amount, '涉及金额（元）', 'amount concerned, yuan'),
  demand: prose('诉求', 'what is demanded'),
  injured: optional(amount, '受伤人数', 'persons injured'),
  anonymous: optional(flag, '是否匿名', 'whether anonymous'),
  ...commonFields,
};
