// What went at the end of its term, for those who read a log that still has it.
import type { Event } from '../../events/event.js';
import type { StateStore } from '../../ports/state.js';
import { checkpointOf } from '../checkpoint.js';
import { releaseNamespace, type ReleaseMeta } from './release-events.js';

/** What of a partition went. */
export class ReleasedEvents {
  private constructor(private readonly meta: ReleaseMeta | undefined) {}

  /** By the newest checkpoint of those that let go. */
  static async in(state: Pick<StateStore, 'checkpoint'>, partition: number): Promise<ReleasedEvents> {
    return new ReleasedEvents(await checkpointOf<ReleaseMeta>(state, releaseNamespace(partition)));
  }

  /** Offset at and above which nothing went. */
  get below(): number {
    const { next = {}, plan = null } = this.meta ?? {};
    return Math.max(0, ...Object.values(next), plan?.left === 'warehouse' ? plan.to : 0);
  }

  /** Whether an event went, or is just going. */
  has(offset: number, { stream, key }: Pick<Event, 'stream' | 'key'>): boolean {
    const { next = {}, stayed = {}, plan = null } = this.meta ?? {};
    const stays = offset >= (stayed[key]?.[stream] ?? Infinity);
    if (offset < (next[stream] ?? 0) && !stays) return true;
    if (plan?.left !== 'warehouse' || !plan.released.includes(stream)) return false;
    return offset >= plan.from && offset < plan.to && !plan.held.includes(key);
  }
}
