// Places of those that step no log: the ticks go on behind the last that all partitions have, holders get all seals again.
import type { StateStore } from '../../ports/state.js';
import { HAND_OVER_PREFIX, type HandOverMeta } from '../hand-over.js';
import { CheckpointCursor, NO_CHANGES } from '../checkpoint.js';
import type { Origins } from '../origins.js';
import { announcedIn, NO_TICKS, TicksCursor } from '../wide/ticks-meta.js';
import type { Surveyed } from './survey.js';

/** Time goes on behind the last tick that all partitions have; a change that only some of them have is announced on. */
export async function restoreTicks(
  state: StateStore,
  nonce: () => string,
  { tick, announced, change }: Pick<Surveyed, 'tick' | 'announced' | 'change'>,
): Promise<void> {
  const cursor = new TicksCursor(state, nonce);
  const kept = await cursor.load();
  const isNewer = tick > (kept.tick ?? -Infinity) || announced.at > announcedIn(kept).at;
  if (!isNewer && change === null) return;
  const place = { tick: Number.isFinite(tick) ? Math.max(tick, kept.tick ?? tick) : kept.tick };
  await cursor.commit({ ...NO_TICKS, ...place, announced, change });
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
