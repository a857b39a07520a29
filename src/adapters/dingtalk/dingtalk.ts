// The channel for groups of DingTalk (钉钉): a custom robot, Markdown, its signature in the address.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Code } from '../../events/codes.js';
import { endpointsOf } from '../../events/settings.js';
import type {
  Channel,
  ChannelPolicy,
  Message,
  Letter,
  SendFailure,
  SendResult,
} from '../../ports/channel.js';
import type { HttpPost, PostAnswer, PostFailure } from '../../ports/http-post.js';
import type { DingtalkSettings } from './config.js';

export interface DingtalkOptions {
  readonly name: string;
  readonly settings: DingtalkSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: HttpPost;
  /** Epoch ms; the robot refuses what is more than an hour off. */
  readonly now: () => number;
}

/** The robot takes 20 messages a minute, and none for ten minutes after more (open.dingtalk.com, custom robots). */
export const DINGTALK_RATES = [{ count: 20, perMs: 60_000 }] as const;
const LIMITED_MS = 10 * 60_000;

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
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      return resultOf(await post({ url: url.href, headers, body, timeoutMs, signal }));
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

const ANSWER = z.object({ errcode: z.int() });

const credentials = { reason: 'CHANNEL_CREDENTIALS', retriable: false } as const;
const refused = { reason: 'CHANNEL_REFUSED', retriable: false } as const;
const tooLarge = { reason: 'CHANNEL_TOO_LARGE', retriable: false } as const;

interface Refusal {
  readonly reason: Code;
  readonly retriable: boolean;
}

/** What is not listed may pass; the number of attempts is bounded. */
const CODES: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  // The system is busy.
  [-1, { reason: 'CHANNEL_FAILING', retriable: true }],
  // Key word, timestamp, signature or address of the sender do not pass the security settings.
  [310000, credentials],
  // The group was disbanded; no such token; the robot is stopped; it is not in the group.
  [400013, credentials],
  [400101, credentials],
  [400102, credentials],
  [400106, credentials],
  // A parameter is missing; type of content; type of message.
  [40035, refused],
  [43004, refused],
  [400105, refused],
  // Unsafe link, unsuitable text, picture, content.
  [430101, refused],
  [430102, refused],
  [430103, refused],
  [430104, refused],
  [101002, tooLarge],
  [460101, tooLarge],
]);

const LIMITED: readonly number[] = [130101, 410100];

/** The robot answers 200 whatever came of it; `errcode` says. */
function resultOf(answer: PostAnswer | PostFailure): SendResult {
  const parsed = ANSWER.safeParse(answer.json);
  if (!parsed.success) return answer.ok ? UNREADABLE : answer;
  const { errcode } = parsed.data;
  if (errcode === 0 && answer.ok) return { ok: true };
  const detail = `errcode ${errcode}`;
  if (LIMITED.includes(errcode)) {
    const limited = { retriable: true, limited: true, retryAfterMs: LIMITED_MS } as const;
    return { ok: false, reason: 'CHANNEL_LIMITED', detail, ...limited };
  }
  return { ok: false, detail, ...(CODES.get(errcode) ?? { reason: 'CHANNEL_FAILING', retriable: true }) };
}

const UNREADABLE: SendFailure = { ok: false, reason: 'CHANNEL_ANSWER', retriable: true, inDoubt: true };
