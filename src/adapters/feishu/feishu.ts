// The channel for groups of Feishu (飞书): a custom robot, a card with Markdown, its signature in the body.
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
import type { FeishuSettings } from './config.js';

export interface FeishuOptions {
  readonly name: string;
  readonly settings: FeishuSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: HttpPost;
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
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      return resultOf(await post({ url: url.href, headers, body, timeoutMs, signal }));
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

/** Older answers call it `StatusCode`. */
const ANSWER = z.union([
  z.object({ code: z.int() }).transform(({ code }) => code),
  z.object({ StatusCode: z.int() }).transform(({ StatusCode }) => StatusCode),
]);

const credentials = { reason: 'CHANNEL_CREDENTIALS', retriable: false } as const;
const refused = { reason: 'CHANNEL_REFUSED', retriable: false } as const;

interface Refusal {
  readonly reason: Code;
  readonly retriable: boolean;
}

/** What is not listed may pass; the number of attempts is bounded. */
const CODES: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  // No such robot; signature or timestamp; address of the sender; key word.
  [19001, credentials],
  [19021, credentials],
  [19022, credentials],
  [19024, credentials],
  // Form or size of the body; a parameter.
  [9499, refused],
  [19002, refused],
]);

const LIMITED: readonly number[] = [11232, 99991400];

/** The robot answers 200 whatever came of it; `code` says. */
function resultOf(answer: PostAnswer | PostFailure): SendResult {
  const parsed = ANSWER.safeParse(answer.json);
  if (!parsed.success) return answer.ok ? UNREADABLE : answer;
  const code = parsed.data;
  if (code === 0 && answer.ok) return { ok: true };
  const detail = `code ${code}`;
  if (LIMITED.includes(code)) {
    return { ok: false, reason: 'CHANNEL_LIMITED', detail, retriable: true, limited: true };
  }
  return { ok: false, detail, ...(CODES.get(code) ?? { reason: 'CHANNEL_FAILING', retriable: true }) };
}

const UNREADABLE: SendFailure = { ok: false, reason: 'CHANNEL_ANSWER', retriable: true, inDoubt: true };
