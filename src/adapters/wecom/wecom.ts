// The channel for groups of WeCom (企业微信): a group robot, Markdown, its key in the address.
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Letter } from '../../ports/channel.js';
import type { RobotCodes, RobotPost } from '../../ports/robot-post.js';
import type { WecomSettings } from './config.js';

export interface WecomOptions {
  readonly name: string;
  readonly settings: WecomSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: RobotPost;
}

/** The robot takes 20 messages a minute (developer.work.weixin.qq.com, document 91770). */
export const WECOM_RATES = [{ count: 20, perMs: 60_000 }] as const;

/** Of `markdown.content`. */
const CONTENT_MAX_BYTES = 4_096;

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
      const body = JSON.stringify({ msgtype: 'markdown', markdown: { content } });
      return post({ url: url.href, body, timeoutMs, signal }, CODES);
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

const CODES: RobotCodes = {
  fields: ['errcode'],
  refused: {
    // The address is wrong, or the robot was taken out of the group; it is stopped; it is not in the group.
    CHANNEL_CREDENTIALS: [93000, 93004, 93008],
    // Type, form and emptiness of the message.
    CHANNEL_REFUSED: [40008, 40058, 44004],
    CHANNEL_TOO_LARGE: [45002],
  },
  // Too many calls in a minute; too many at a time.
  limited: [45009, 45033],
  // The figures of the limit are minutes.
  limitedMs: 60_000,
};
