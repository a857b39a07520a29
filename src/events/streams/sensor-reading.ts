// Readings and findings of sensors, cameras and patrols (感知数据); the subject attribute is the device.
import { z } from 'zod';
import { commonFields, number, optional, required, text } from './field.js';

export const sensorReadingFields = {
  metric: required(text, '指标', 'what is measured'),
  value: optional(number, '数值', 'value'),
  unit: optional(z.string(), '单位', 'unit'),
  quality: optional(z.enum(['good', 'uncertain', 'bad']), '数据质量', 'quality'),
  finding: optional(text, '识别结果代码', 'code of what was recognised'),
  media: optional(text, '影像地址', 'URI of the picture or film'),
  media_hash: optional(
    z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 as 64 lower-case hex digits'),
    '影像哈希',
    'SHA-256 of the picture or film, hex',
  ),
  confidence: optional(
    z.number().min(0, 'must lie between 0 and 1').max(1, 'must lie between 0 and 1'),
    '置信度',
    'confidence, 0 to 1',
  ),
  ...commonFields,
};
