// The channel for groups of Feishu (飞书): a custom robot, a card with Markdown, its signature in the body.
import { createHmac } from 'node:crypto';
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Message, Letter } from '../../ports/channel.js';
import type { RobotCodes, RobotPost } from '../../ports/robot-post.js';
import type { FeishuSettings } from './config.js';

export interface FeishuOptions {
  readonly name: string;
  readonly settings: FeishuSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: RobotPost;
  /** Epoch ms; the robot refuses what is more than an hour off. */
  readonly now: () => number;
}

/** 100 messages a minute and 5 a second (open.feishu.cn, custom bots). */
export const FEISHU_RATES = [
  { count: 100, perMs: 60_000 },
  { count: 5, perMs: 1_000 },
] as const;

/** Of the whole body. */
const BODY_MAX_BYTES = 20 * 1024;
/** What is left of it besides the rest of the card. */
const TEXT_MAX_BYTES = 16 * 1024;
const TITLE_MAX_BYTES = 600;

/** A channel that sends to the robot of the department; the robot knows no key, so a repetition is a second message. */
export function openFeishu({ name, settings, policy, timeoutMs, post, now }: FeishuOptions): Channel {
  const endpointOf = endpointsOf(settings.robots, ({ hook }) => hook);
  return {
    name,
    policy,
    endpointOf,
    async send([message], signal) {
      const robot = settings.robots[endpointOf(message?.department ?? '') ?? ''];
      if (message === undefined || robot === undefined) {
        return { ok: false, reason: 'CHANNEL_NO_ADDRESS', retriable: false };
      }
      const timestamp = String(Math.floor(now() / 1_000));
      const sign = signatureOf(timestamp, robot.secret);
      const body = JSON.stringify({ timestamp, sign, msg_type: 'interactive', card: cardOf(message) });
      if (Buffer.byteLength(body) > BODY_MAX_BYTES) {
        return { ok: false, reason: 'CHANNEL_TOO_LARGE', retriable: false };
      }
      const url = new URL(`/open-apis/bot/v2/hook/${encodeURIComponent(robot.hook)}`, settings.base);
      return post({ url: url.href, body, timeoutMs, signal }, CODES);
    },
    preview: (message) =>
      `POST ${new URL(settings.base).host}\n\n${message.markdown(titleOf, TITLE_MAX_BYTES)}\n\n${message.markdown(layout, TEXT_MAX_BYTES)}`,
    close: async () => undefined,
  };
}

/** HMAC-SHA256 over nothing, under the timestamp, a line break and the secret; base64. */
export function signatureOf(timestamp: string, secret: string): string {
  return createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
}

const COLORS: { readonly [level: string]: string } = {
  red: 'red',
  orange: 'orange',
  yellow: 'yellow',
  blue: 'blue',
  none: 'green',
};

function cardOf(message: Message): object {
  let level = 'none';
  const title = message.markdown((letter) => {
    ({ level } = letter);
    return titleOf(letter);
  }, TITLE_MAX_BYTES);
  // Measured as it travels: JSON makes two characters of a quotation mark.
  const text = JSON.parse(
    message.markdown((letter) => JSON.stringify(layout(letter)), TEXT_MAX_BYTES),
  ) as string;
  return {
    config: { wide_screen_mode: true },
    header: { title: { tag: 'plain_text', content: title }, template: COLORS[level] ?? 'grey' },
    elements: [{ tag: 'markdown', content: text }],
  };
}

function titleOf({ title }: Letter): string {
  return title;
}

function layout({ lines, link }: Letter): string {
  const parts = lines.map(({ label, text }) => `**${label}**：${text}`);
  const seen = link === null ? [] : [`[查看详情](${link})`];
  return [...parts, ...seen].join('\n');
}

const CODES: RobotCodes = {
  // Older answers have the second.
  fields: ['code', 'StatusCode'],
  refused: {
    // No such robot; signature or timestamp; address of the sender; key word.
    CHANNEL_CREDENTIALS: [19001, 19021, 19022, 19024],
    // Form or size of the body; a parameter.
    CHANNEL_REFUSED: [9499, 19002],
  },
  limited: [11232, 99991400],
};
