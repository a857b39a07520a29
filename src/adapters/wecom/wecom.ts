// The channel for groups of WeCom (企业微信): a group robot, Markdown, its key in the address.
import { z } from 'zod';
import type { Code } from '../../events/codes.js';
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Letter, SendFailure, SendResult } from '../../ports/channel.js';
import type { HttpPost, PostAnswer, PostFailure } from '../../ports/http-post.js';
import type { WecomSettings } from './config.js';

export interface WecomOptions {
  readonly name: string;
  readonly settings: WecomSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: HttpPost;
}

/** The robot takes 20 messages a minute (developer.work.weixin.qq.com, document 91770). */
export const WECOM_RATES = [{ count: 20, perMs: 60_000 }] as const;

/** Of `markdown.content`. */
const CONTENT_MAX_BYTES = 4_096;
/** The figures of the limit are minutes. */
const LIMITED_MS = 60_000;

/** A channel that sends to the robot of the department; the robot knows no key, so a repetition is a second message. */
export function openWecom({ name, settings, policy, timeoutMs, post }: WecomOptions): Channel {
  const endpointOf = endpointsOf(settings.robots, ({ key }) => key);
  return {
    name,
    policy,
    endpointOf,
    async send([message], signal) {
      const robot = settings.robots[endpointOf(message?.department ?? '') ?? ''];
      if (message === undefined || robot === undefined) {
        return { ok: false, reason: 'CHANNEL_NO_ADDRESS', retriable: false };
      }
      const url = new URL('/cgi-bin/webhook/send', settings.base);
      url.searchParams.set('key', robot.key);
      const content = message.markdown(layout, CONTENT_MAX_BYTES);
      const answer = await post({
        url: url.href,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }),
        timeoutMs,
        signal,
      });
      return resultOf(answer);
    },
    preview: (message) =>
      `POST ${new URL(settings.base).host}\n\n${message.markdown(layout, CONTENT_MAX_BYTES)}`,
    close: async () => undefined,
  };
}

function layout({ title, level, lines, link }: Letter): string {
  const color = level === 'red' || level === 'orange' ? 'warning' : level === 'none' ? 'comment' : 'info';
  const parts = lines.map(({ label, text }) => `>${label}：${text}`);
  const seen = link === null ? [] : [`[查看详情](${link})`];
  return [`<font color="${color}">**${title}**</font>`, ...parts, ...seen].join('\n');
}

const ANSWER = z.object({ errcode: z.int() });

interface Refusal {
  readonly reason: Code;
  readonly retriable: boolean;
}

/** What is not listed may pass; the number of attempts is bounded. */
const CODES: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  // The system is busy.
  [-1, { reason: 'CHANNEL_FAILING', retriable: true }],
  // The address is wrong, or the robot was taken out of the group; it is stopped; it is not in the group.
  [93000, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
  [93004, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
  [93008, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
  // Type, form, emptiness and size of the message.
  [40008, { reason: 'CHANNEL_REFUSED', retriable: false }],
  [40058, { reason: 'CHANNEL_REFUSED', retriable: false }],
  [44004, { reason: 'CHANNEL_REFUSED', retriable: false }],
  [45002, { reason: 'CHANNEL_TOO_LARGE', retriable: false }],
]);

/** Too many calls in a minute; too many at a time. */
const LIMITED: readonly number[] = [45009, 45033];

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
