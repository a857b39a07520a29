// What a webhook channel can be told in the file of channels.
import { z } from 'zod';
import {
  addressSetting,
  byDepartment,
  secretSetting,
  switchSetting,
  type Resolved,
} from '../../events/settings.js';

export const WEBHOOK_SHAPE = {
  receivers: byDepartment(
    z.strictObject({
      url: addressSetting,
      /** Signs each message; shared with the receiver. */
      secret: secretSetting,
    }),
  ),
  /** Whether an address may be http, so that messages travel in the clear. */
  allow_http: switchSetting.default(false),
};

export type WebhookSettings = Resolved<z.output<z.ZodObject<typeof WEBHOOK_SHAPE>>>;
