// What an e-mail channel can be told in the file of channels.
import { z } from 'zod';
import { byDepartment, secretSetting, wholeSetting, type Resolved } from '../../events/settings.js';

/** An address without anything that could end a header or begin another address. */
const address = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    'an e-mail address, for example duty@example.gov.cn',
  );

export const MAIL_SHAPE = {
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9.:-]+$/, 'the name or address of the SMTP server'),
  port: wholeSetting(1, 65_535).default(465),
  /** From the first byte, by STARTTLS and not without, or not at all. */
  tls: z.enum(['implicit', 'starttls', 'none'], 'one of implicit, starttls, none').default('implicit'),
  user: z.string().min(1).max(254).optional(),
  password: secretSetting.optional(),
  from: address,
  from_name: z
    .string()
    .regex(/^[^\p{Cc}]{1,60}$/u, 'a name of at most 60 characters')
    .default('风险监测预警'),
  to: byDepartment(z.array(address).min(1, 'at least one address').max(50, 'at most 50 addresses')),
};

export type MailSettings = Resolved<z.output<z.ZodObject<typeof MAIL_SHAPE>>>;
