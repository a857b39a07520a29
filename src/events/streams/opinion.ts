// Public opinion (舆情).
import { z } from 'zod';
import { amount, commonFields, optional, personal, required, text } from './field.js';

export const opinionFields = {
  platform: required(text, '平台', 'platform'),
  title: optional(z.string(), '标题', 'title', { freeText: true }),
  topic: optional(text, '话题', 'topic'),
  sentiment: optional(
    z.number().min(-1, 'must lie between -1 and 1').max(1, 'must lie between -1 and 1'),
    '情感倾向',
    'sentiment, -1 to 1',
  ),
  heat: optional(amount, '热度', 'heat'),
  url: optional(text, '链接', 'link'),
  author: personal('name', '发布者', 'author'),
  ...commonFields,
};
