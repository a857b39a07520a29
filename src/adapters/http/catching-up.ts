// While the start is under way nothing is taken or shown.
import type { Front } from '../../ports/front.js';
import { Refusal } from './refusal.js';

/** A replay takes a minute or so; senders need not ask more often. */
const CATCHING_UP_SECONDS = 5;

/** @throws Refusal 503 while the start is under way */
export function refuseCatchingUp(front: Front): void {
  if (!front.catchingUp()) return;
  throw new Refusal(503, 'HTTP_CATCHING_UP', '', { 'retry-after': String(CATCHING_UP_SECONDS) });
}
