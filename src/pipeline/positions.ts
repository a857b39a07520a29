// How far consumers have come, as others read it from their checkpoints.
import type { StateStore } from '../ports/state.js';
import { checkpointOf } from './checkpoint.js';
import { DELIVER_NAMESPACE, ITEM_PREFIX } from './deliver/item.js';

/** Offset below which evaluate has decided everything of a partition of the events log. */
export async function decidedOf(state: StateStore, partition: number): Promise<number> {
  return (await checkpointOf<{ readonly offset: number }>(state, `evaluate/${partition}`))?.offset ?? 0;
}

/** Offset below which the warehouse has everything of a partition of the events log. */
export async function archivedOf(state: Pick<StateStore, 'checkpoint'>, partition: number): Promise<number> {
  return (await checkpointOf<{ readonly next: number }>(state, `archive/events/${partition}`))?.next ?? 0;
}

/** Offset below which every delivery is done: taken by its channel, or undeliverable. */
export async function deliveredOf(state: StateStore): Promise<number> {
  // What is read later waits behind, so the first that waits is looked for after the place of the reading.
  const read = (await checkpointOf<{ readonly offset: number }>(state, DELIVER_NAMESPACE))?.offset ?? 0;
  const [first] = await state.keys(DELIVER_NAMESPACE, ITEM_PREFIX, '', 1);
  return first === undefined ? read : Math.min(read, Number(first.slice(ITEM_PREFIX.length)));
}
