// Requests to group robots: JSON there, and back a code that says what came of it.
import type { SendFailure, SendResult } from '../../ports/channel.js';
import type { HttpPost, PostAnswer, PostFailure } from '../../ports/http-post.js';
import type { RobotCodes, RobotPost, RobotRefusal } from '../../ports/robot-post.js';

const HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const UNREADABLE: SendFailure = { ok: false, reason: 'CHANNEL_ANSWER', retriable: true, inDoubt: true };

/** @param post the way out, which decides where it may lead */
export function openRobotPost(post: HttpPost): RobotPost {
  return async (request, codes) => resultOf(await post({ ...request, headers: HEADERS }), codes);
}

function resultOf(answer: PostAnswer | PostFailure, codes: RobotCodes): SendResult {
  const code = codeOf(answer.json, codes.fields);
  if (code === null) return answer.ok ? UNREADABLE : answer;
  if (code === 0 && answer.ok) return { ok: true };
  const detail = `${codes.fields[0]} ${code}`;
  const { limited, limitedMs, refused } = codes;
  if (limited.includes(code)) {
    const wait = limitedMs === undefined ? {} : { retryAfterMs: limitedMs };
    return { ok: false, reason: 'CHANNEL_LIMITED', detail, retriable: true, limited: true, ...wait };
  }
  const reasons = Object.keys(refused) as RobotRefusal[];
  const reason = reasons.find((one) => refused[one]?.includes(code));
  return { ok: false, detail, reason: reason ?? 'CHANNEL_FAILING', retriable: reason === undefined };
}

function codeOf(json: unknown, fields: readonly string[]): number | null {
  if (typeof json !== 'object' || json === null) return null;
  for (const field of fields) {
    const code: unknown = Object.hasOwn(json, field) ? json[field as keyof typeof json] : undefined;
    if (Number.isSafeInteger(code)) return code as number;
  }
  return null;
}
