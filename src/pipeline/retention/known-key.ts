// Whether anything is known of a key that somebody names.
import type { Key } from '../../events/event.js';
import type { StateStore } from '../../ports/state.js';
import { partitionOf } from '../wide/partition.js';

/**
 * Whether an event of a key was evaluated: what evaluate keeps of a key never goes as a whole.
 * @param partitions of the events log
 */
export async function isKnownKey(
  state: Pick<StateStore, 'load'>,
  key: Key,
  partitions = 1,
): Promise<boolean> {
  const [record] = await state.load(`evaluate/${partitionOf(key, partitions)}`, [`k/${key}`]);
  return record !== undefined;
}
