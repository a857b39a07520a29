// What a channel of Feishu group robots can be told in the file of channels.
import { z } from 'zod';
import { addressSetting, byDepartment, secretSetting, type Resolved } from '../../events/settings.js';

export const FEISHU_SHAPE = {
  /** By department: what follows /hook/ in the robot's address, and the secret of its signature. */
  robots: byDepartment(z.strictObject({ hook: secretSetting, secret: secretSetting })),
  /** Of Lark, or of a server of one's own. */
  base: addressSetting.default('https://open.feishu.cn'),
};

export type FeishuSettings = Resolved<z.output<z.ZodObject<typeof FEISHU_SHAPE>>>;
