// The registry of what is supervised (登记变更): subjects, devices, places.
import { z } from 'zod';
import { creditClass } from './credit-change.js';
import {
  amount,
  commonFields,
  deadline,
  industryCode,
  instant,
  optional,
  personal,
  required,
  subjectId,
  text,
  texts,
} from './field.js';

export const SUBJECT_KINDS = [
  'enterprise',
  'sole-trader',
  'cooperative',
  'institution',
  'facility',
  'device',
  'place',
  'project',
  'product',
  'area',
  'site',
] as const;

const degrees = (limit: number) =>
  z
    .number()
    .min(-limit, `must lie between -${limit} and ${limit}`)
    .max(limit, `must lie between -${limit} and ${limit}`);

export const registrationFields = {
  kind: required(z.enum(SUBJECT_KINDS), '对象类型', 'kind of object'),
  name: optional(text, '名称', 'name'),
  owner: optional(subjectId, '所属主体', 'subject to which the device or place belongs'),
  industry: optional(industryCode, '行业代码', 'industry code, GB/T 4754-2017'),
  tags: optional(texts, '标签', 'tags'),
  credit: optional(creditClass, '信用等级', 'credit class'),
  status: optional(
    z.enum(['active', 'suspended', 'revoked', 'cancelled', 'closed']),
    '登记状态',
    'status: active, suspended, revoked (吊销), cancelled (注销), closed',
  ),
  established: optional(instant, '成立日期', 'established'),
  licence_until: optional(
    deadline,
    '许可有效期至',
    'licence valid until; a date lasts to the end of that day',
  ),
  cadence: optional(z.number().positive('must be above 0'), '上报间隔（秒）', 'seconds between readings'),
  address: optional(z.string(), '地址', 'address'),
  longitude: optional(degrees(180), '经度', 'longitude, degrees'),
  latitude: optional(degrees(90), '纬度', 'latitude, degrees'),
  capacity: optional(amount, '容量', 'capacity'),
  legal_representative: personal('name', '法定代表人', 'legal representative'),
  phone: personal('phone', '联系电话', 'phone'),
  ...commonFields,
};
