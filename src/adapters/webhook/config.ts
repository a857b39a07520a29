// What webhooks can be told in the file of channels: those that departments hear by, and those that hold seals.
import { z } from 'zod';
import {
  addressSetting,
  byDepartment,
  secretSetting,
  switchSetting,
  type Resolved,
} from '../../events/settings.js';

const RECEIVER_SHAPE = {
  url: addressSetting,
  /** Signs each message; shared with the receiver. */
  secret: secretSetting,
};

/** Whether an address may be http, so that messages travel in the clear. */
const allow_http = switchSetting.default(false);

export const WEBHOOK_SHAPE = {
  receivers: byDepartment(z.strictObject(RECEIVER_SHAPE)),
  allow_http,
};

export const SEAL_WEBHOOK_SHAPE = { ...RECEIVER_SHAPE, allow_http };

export type WebhookSettings = Resolved<z.output<z.ZodObject<typeof WEBHOOK_SHAPE>>>;
export type SealWebhookSettings = Resolved<z.output<z.ZodObject<typeof SEAL_WEBHOOK_SHAPE>>>;
