// The kinds of channels: what each can be told, how it is treated, and how it is opened.
import { DINGTALK_SHAPE } from '../adapters/dingtalk/config.js';
import { DINGTALK_RATES, openDingtalk } from '../adapters/dingtalk/dingtalk.js';
import { openKafkaChannel } from '../adapters/kafka/channel.js';
import { KAFKA_CHANNEL_SHAPE } from '../adapters/kafka/config.js';
import { FEISHU_SHAPE } from '../adapters/feishu/config.js';
import { FEISHU_RATES, openFeishu } from '../adapters/feishu/feishu.js';
import { MAIL_SHAPE } from '../adapters/mail/config.js';
import { openMail } from '../adapters/mail/mail.js';
import { openOutbound } from '../adapters/outbound/outbound.js';
import { openRobotPost } from '../adapters/outbound/robot-post.js';
import { WEBHOOK_SHAPE } from '../adapters/webhook/config.js';
import { openWebhook } from '../adapters/webhook/webhook.js';
import { WECOM_SHAPE } from '../adapters/wecom/config.js';
import { openWecom, WECOM_RATES } from '../adapters/wecom/wecom.js';
import { checkShape, type Fault } from '../catalogue/fault.js';
import { channelSchema, policyOf, type CommonSettings, type KindPolicy } from '../pipeline/deliver/policy.js';
import type { Resolved } from '../events/settings.js';
import type { Channel, ChannelPolicy } from '../ports/channel.js';
import { withSecrets } from './secrets.js';

/** One channel of the file, its form checked. */
export interface CheckedChannel {
  /** Names that its map of departments has, and under which key. */
  readonly departmentKey: string;
  readonly departments: readonly string[];
  readonly allowAddresses: readonly string[];
  /** Reads its secrets and opens it. @throws CodedError CHANNEL_SECRET */
  open(name: string, now: () => number): Promise<Channel>;
}

type Checked =
  | { readonly channel: CheckedChannel; readonly faults: null }
  | { readonly channel: null; readonly faults: Fault[] };

interface Opening<Settings> {
  readonly name: string;
  readonly settings: Settings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly outbound: ReturnType<typeof openOutbound>;
}

const ROBOT = { knowsKey: false, concurrent: 8 } as const;

/** By the word in `kind`. */
export const KINDS: ReadonlyMap<string, (content: unknown) => Checked> = new Map([
  ['webhook', webhook],
  ['mail', mail],
  ['wecom', wecom],
  ['dingtalk', dingtalk],
  ['feishu', feishu],
  ['kafka', kafka],
]);

function webhook(content: unknown): Checked {
  const shape = checkShape(channelSchema('webhook', WEBHOOK_SHAPE), content);
  if (shape.faults !== null) return { channel: null, faults: shape.faults };
  const policy: KindPolicy = { knowsKey: true, rates: [], concurrent: 32 };
  return checked(shape.value, 'receivers', shape.value.receivers, policy, ({ outbound, ...given }) =>
    openWebhook({ ...given, post: outbound.post }),
  );
}

function mail(content: unknown): Checked {
  const shape = checkShape(channelSchema('mail', MAIL_SHAPE), content);
  if (shape.faults !== null) return { channel: null, faults: shape.faults };
  const policy: KindPolicy = { knowsKey: false, rates: [{ count: 60, perMs: 60_000 }], concurrent: 4 };
  return checked(shape.value, 'to', shape.value.to, policy, ({ outbound, ...given }) =>
    openMail({ ...given, connect: outbound.connect }),
  );
}

function wecom(content: unknown): Checked {
  const shape = checkShape(channelSchema('wecom', WECOM_SHAPE), content);
  if (shape.faults !== null) return { channel: null, faults: shape.faults };
  const policy = { ...ROBOT, rates: WECOM_RATES };
  return checked(shape.value, 'robots', shape.value.robots, policy, ({ outbound, ...given }) =>
    openWecom({ ...given, post: openRobotPost(outbound.post) }),
  );
}

function dingtalk(content: unknown): Checked {
  const shape = checkShape(channelSchema('dingtalk', DINGTALK_SHAPE), content);
  if (shape.faults !== null) return { channel: null, faults: shape.faults };
  const policy = { ...ROBOT, rates: DINGTALK_RATES };
  return checked(shape.value, 'robots', shape.value.robots, policy, ({ outbound, ...given }) =>
    openDingtalk({ ...given, post: openRobotPost(outbound.post) }),
  );
}

function feishu(content: unknown): Checked {
  const shape = checkShape(channelSchema('feishu', FEISHU_SHAPE), content);
  if (shape.faults !== null) return { channel: null, faults: shape.faults };
  const policy = { ...ROBOT, rates: FEISHU_RATES };
  return checked(shape.value, 'robots', shape.value.robots, policy, ({ outbound, ...given }) =>
    openFeishu({ ...given, post: openRobotPost(outbound.post) }),
  );
}

function kafka(content: unknown): Checked {
  const shape = checkShape(channelSchema('kafka', KAFKA_CHANNEL_SHAPE), content);
  if (shape.faults !== null) return { channel: null, faults: shape.faults };
  const policy: KindPolicy = { knowsKey: true, rates: [], concurrent: 8 };
  return checked(shape.value, 'topics', shape.value.topics, policy, ({ outbound, ...given }) =>
    openKafkaChannel({ ...given, dial: outbound.dial }),
  );
}

function checked<Settings extends CommonSettings>(
  given: Settings,
  departmentKey: string,
  byDepartment: Readonly<Record<string, unknown>>,
  kind: KindPolicy,
  open: (opening: Opening<Resolved<Settings>>) => Channel,
): Checked {
  return {
    faults: null,
    channel: {
      departmentKey,
      departments: Object.keys(byDepartment),
      allowAddresses: given.allow_addresses,
      async open(name, now) {
        const settings = await withSecrets(given, name);
        const outbound = openOutbound({ allowAddresses: given.allow_addresses });
        const policy = policyOf(given, kind);
        return open({ name, settings, policy, timeoutMs: given.timeout, now, outbound });
      },
    },
  };
}
