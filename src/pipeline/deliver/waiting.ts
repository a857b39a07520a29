// How long a message waits: between attempts, and through the quiet hours.
import { DateTime } from 'luxon';
import type { ChannelPolicy, QuietHours } from '../../ports/channel.js';

/** Doublings beyond this change nothing: any bound is reached. */
const DOUBLINGS_MAX = 40;

/**
 * Exponential back-off with full jitter: a random wait between 0 and the bound, which doubles with each attempt
 * (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 * @param attempt the attempt that failed, from 1
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function backoffMs(
  attempt: number,
  { backoffFirstMs, backoffMaxMs }: Pick<ChannelPolicy, 'backoffFirstMs' | 'backoffMaxMs'>,
  random: number,
): number {
  const doublings = Math.min(attempt - 1, DOUBLINGS_MAX);
  return Math.floor(random * Math.min(backoffMaxMs, backoffFirstMs * 2 ** doublings));
}

/**
 * When a message of a level may be sent: now, or at the end of the quiet hours that now lies in. A red one never waits.
 * @param level of the message; of the end of a warning it is `none`, which waits with the others
 */
export function quietUntil(quiet: QuietHours | null, level: string, now: number, zone: string): number {
  if (quiet === null || level === 'red') return now;
  if (level !== 'none' && !quiet.levels.includes(level)) return now;
  const { fromMinute, toMinute } = quiet;
  const local = DateTime.fromMillis(now, { zone });
  const minute = local.hour * 60 + local.minute;
  const spansMidnight = toMinute <= fromMinute;
  const isQuiet = spansMidnight
    ? minute >= fromMinute || minute < toMinute
    : minute >= fromMinute && minute < toMinute;
  if (!isQuiet) return now;
  const day = spansMidnight && minute >= fromMinute ? local.plus({ days: 1 }) : local;
  const end = day.set({ hour: Math.floor(toMinute / 60), minute: toMinute % 60, second: 0, millisecond: 0 });
  return Math.max(now, end.toMillis());
}
