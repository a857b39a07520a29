// A delivery as one attempt hands it to a channel: its data, and its text on demand.
import { fitted, neutral, letterOf } from '../../alerts/letter.js';
import type { Delivery, Message } from '../../ports/channel.js';

/**
 * @param attempt 1 for the first
 * @param link where a person finds a warning; null where there is no such place
 */
export function messageOf(
  { id, department, channel, body }: Delivery,
  attempt: number,
  link: (warning: string) => string | null,
  isTest = false,
): Message {
  const warning = typeof body['warning'] === 'string' ? body['warning'] : null;
  const letter = () => letterOf(body, warning === null ? null : link(warning), attempt, isTest);
  return {
    id,
    department,
    channel,
    body,
    attempt,
    isTest,
    text: (layout, maxBytes) => fitted(letter(), layout, maxBytes),
    markdown: (layout, maxBytes) => fitted(neutral(letter()), layout, maxBytes),
  };
}
