// What went at the end of its term, for those who read a log that still has it.
import { STREAMS, type Event, type StreamName } from '../../events/event.js';
import { formatInstant } from '../../events/timestamp.js';
import type { RuleSet } from '../../model/ruleset.js';
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

  /** By stream, the arrival up to which events went, epoch ms. */
  get until(): ReleaseMeta['until'] {
    return this.meta?.until ?? {};
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

/** By stream, the arrival up to which its events went in some partition, epoch ms. */
export type ReleasedUntil = ReadonlyMap<StreamName, number>;

/** A stream whose events went. */
export interface ReleasedStream {
  readonly stream: StreamName;
  /** The arrival of the last of them, RFC 3339. */
  readonly until: string;
}

/** How far events went, by the newest checkpoints. */
export async function releasedUntil(
  state: Pick<StateStore, 'checkpoint'>,
  partitions: number,
): Promise<ReleasedUntil> {
  const latest = new Map<StreamName, number>();
  for (let partition = 0; partition < partitions; partition++) {
    const { until } = await ReleasedEvents.in(state, partition);
    for (const [stream, at] of Object.entries(until) as [StreamName, number][])
      latest.set(stream, Math.max(latest.get(stream) ?? -Infinity, at));
  }
  return latest;
}

/** Streams that models read and of which something went that arrived at an instant or later. @param sinceMs epoch ms */
export function releasedOf(
  until: ReleasedUntil,
  models: RuleSet['models'],
  sinceMs: number,
): ReleasedStream[] {
  const read = new Set(
    models.flatMap(({ indicators }) => indicators.flatMap((one) => (one.kind === 'window' ? one.from : []))),
  );
  return STREAMS.flatMap((stream) => {
    const last = until.get(stream) ?? -Infinity;
    return read.has(stream) && last > -Infinity && last >= sinceMs
      ? [{ stream, until: formatInstant(last) }]
      : [];
  });
}
