// Waiting, but not for ever.
import { setTimeout as delay } from 'node:timers/promises';

/** What a promise gives, or `otherwise` where it takes longer. */
export async function within<T>(limitMs: number, promise: Promise<T>, otherwise: T): Promise<T> {
  const limit = new AbortController();
  const late = delay(limitMs, otherwise, { signal: limit.signal }).catch(() => otherwise);
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
  }
}
