// The channel for groups of DingTalk (钉钉): a custom robot, Markdown, its signature in the address.
import { createHmac } from 'node:crypto';
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Message, Letter } from '../../ports/channel.js';
import type { RobotCodes, RobotPost } from '../../ports/robot-post.js';
import type { DingtalkSettings } from './config.js';

export interface DingtalkOptions {
  readonly name: string;
  readonly settings: DingtalkSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: RobotPost;
  /** Epoch ms; the robot refuses what is more than an hour off. */
  readonly now: () => number;
}

/** The robot takes 20 messages a minute, and none for ten minutes after more (open.dingtalk.com, custom robots). */
export const DINGTALK_RATES = [{ count: 20, perMs: 60_000 }] as const;

/** Of the whole body. */
const BODY_MAX_BYTES = 20_000;
/** What is left of it besides type and title. */
const TEXT_MAX_BYTES = 18_000;
const TITLE_MAX_BYTES = 600;

/** A channel that sends to the robot of the department; the robot knows no key, so a repetition is a second message. */
export function openDingtalk({ name, settings, policy, timeoutMs, post, now }: DingtalkOptions): Channel {
  const endpointOf = endpointsOf(settings.robots, ({ token }) => token);
  return {
    name,
    policy,
    endpointOf,
    async send([message], signal) {
      const robot = settings.robots[endpointOf(message?.department ?? '') ?? ''];
      if (message === undefined || robot === undefined) {
        return { ok: false, reason: 'CHANNEL_NO_ADDRESS', retriable: false };
      }
      const timestamp = String(now());
      const url = new URL('/robot/send', settings.base);
      url.searchParams.set('access_token', robot.token);
      url.searchParams.set('timestamp', timestamp);
      url.searchParams.set('sign', signatureOf(timestamp, robot.secret));
      const body = bodyOf(message);
      if (Buffer.byteLength(body) > BODY_MAX_BYTES) {
        return { ok: false, reason: 'CHANNEL_TOO_LARGE', retriable: false };
      }
      return post({ url: url.href, body, timeoutMs, signal }, CODES);
    },
    preview: (message) =>
      `POST ${new URL(settings.base).host}\n\n${message.markdown(layout, TEXT_MAX_BYTES)}`,
    close: async () => undefined,
  };
}

/** HMAC-SHA256 over the timestamp, a line break and the secret, under the secret; base64. */
export function signatureOf(timestamp: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
}

function bodyOf(message: Message): string {
  const title = message.markdown((letter) => letter.title, TITLE_MAX_BYTES);
  // Measured as it travels: JSON makes two characters of a quotation mark.
  const text = JSON.parse(
    message.markdown((letter) => JSON.stringify(layout(letter)), TEXT_MAX_BYTES),
  ) as string;
  return JSON.stringify({ msgtype: 'markdown', markdown: { title, text } });
}

/** A single line break is none in this dialect. */
function layout({ title, lines, link }: Letter): string {
  const parts = lines.map(({ label, text }) => `**${label}**：${text}`);
  const seen = link === null ? [] : [`[查看详情](${link})`];
  return [`### ${title}`, ...parts, ...seen].join('\n\n');
}

const CODES: RobotCodes = {
  fields: ['errcode'],
  refused: {
    // Key word, timestamp, signature or address of the sender do not pass the security settings; the group was
    // disbanded; no such token; the robot is stopped; it is not in the group.
    CHANNEL_CREDENTIALS: [310000, 400013, 400101, 400102, 400106],
    // A parameter is missing; type of content; type of message; unsafe link, unsuitable text, picture, content.
    CHANNEL_REFUSED: [40035, 43004, 400105, 430101, 430102, 430103, 430104],
    CHANNEL_TOO_LARGE: [101002, 460101],
  },
  limited: [130101, 410100],
  limitedMs: 10 * 60_000,
};
