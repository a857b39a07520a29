// Places of those that step no log: the ticks go on behind the last that all partitions have, holders get all seals again.
import type { StateStore } from '../../ports/state.js';
import { HAND_OVER_PREFIX, type HandOverMeta } from '../hand-over.js';
import { CheckpointCursor, NO_CHANGES } from '../checkpoint.js';
import type { Origins } from '../origins.js';
import { NO_TICKS, TICKS_NAMESPACE, type TicksMeta } from '../wide/ticker.js';

/** @param tick the newest that every partition has, epoch ms; -Infinity for none */
export async function restoreTicks(state: StateStore, nonce: () => string, tick: number): Promise<void> {
  const cursor = new CheckpointCursor<TicksMeta>(state, TICKS_NAMESPACE, nonce);
  const kept = (await cursor.load()) ?? NO_TICKS;
  if (tick > (kept.tick ?? -Infinity)) await cursor.commit({ ...NO_TICKS, tick }, NO_CHANGES);
}

/**
 * Nothing says which seals a holder has, so that it gets all of them again, each under its number and id.
 * @param alerted the highest origin of each source in the log for operators: of holders, how often they failed
 */
export async function restoreHandOvers(
  state: StateStore,
  nonce: () => string,
  alerted: Origins,
): Promise<void> {
  for (const [source, { offset: outages }] of Object.entries(alerted)) {
    if (!source.startsWith(HAND_OVER_PREFIX)) continue;
    const cursor = new CheckpointCursor<HandOverMeta>(state, source, nonce);
    const kept = (await cursor.load()) ?? { next: 0, outages: 0 };
    if (outages > kept.outages) await cursor.commit({ ...kept, outages, failing: false }, NO_CHANGES);
  }
}
