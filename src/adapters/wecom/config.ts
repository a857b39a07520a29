// What a channel of WeCom group robots can be told in the file of channels.
import { z } from 'zod';
import { addressSetting, byDepartment, secretSetting, type Resolved } from '../../events/settings.js';

export const WECOM_SHAPE = {
  /** By department, the key at the end of the robot's address. */
  robots: byDepartment(z.strictObject({ key: secretSetting })),
  /** Of a server of one's own. */
  base: addressSetting.default('https://qyapi.weixin.qq.com'),
};

export type WecomSettings = Resolved<z.output<z.ZodObject<typeof WECOM_SHAPE>>>;
