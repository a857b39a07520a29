// What a channel of DingTalk group robots can be told in the file of channels.
import { z } from 'zod';
import { addressSetting, byDepartment, secretSetting, type Resolved } from '../../events/settings.js';

export const DINGTALK_SHAPE = {
  /** By department: the access_token of the robot's address, and the secret that its security settings show (SEC...). */
  robots: byDepartment(z.strictObject({ token: secretSetting, secret: secretSetting })),
  /** Of a server of one's own. */
  base: addressSetting.default('https://oapi.dingtalk.com'),
};

export type DingtalkSettings = Resolved<z.output<z.ZodObject<typeof DINGTALK_SHAPE>>>;
