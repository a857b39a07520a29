// What is to be known of the events log before its steps are done again: which rules it names, and how far time came.
import { decodeRecord } from '../../events/codec.js';
import type { Log } from '../../ports/log.js';
import { isControl, scheduledBy, type Change, type Scheduled } from '../wide/schedule.js';
import { announcedAfter, announcedIn, NO_TICKS, type Announced } from '../wide/ticks-meta.js';
import { recordsFrom } from './standing-log.js';

export interface Surveyed {
  /** The revision that partitions begin with; undefined where no record names one. */
  readonly first: string | undefined;
  /** All revisions that records name. */
  readonly revisions: ReadonlySet<string>;
  /** The newest tick that every partition has, epoch ms; -Infinity for none. */
  readonly tick: number;
  readonly records: number;
  /** What every partition was told last of changes of rules. */
  readonly announced: Announced;
  /** A change that only some partitions were told of; null for none. */
  readonly change: { readonly change: Change; readonly at: number } | null;
}

/** @param begins the first offset that each partition of the log has */
export async function surveyEvents(events: Log, begins: readonly number[]): Promise<Surveyed> {
  const revisions = new Set<string>();
  const each = await Promise.all(
    begins.map(async (begin, partition) => {
      let [tick, records] = [-Infinity, 0];
      const changes: Scheduled[] = [];
      for await (const { value } of recordsFrom(events, partition, begin)) {
        const record = decodeRecord(value);
        records++;
        if (isControl(record)) changes.push(scheduledBy(record));
        if (record.kind === 'revision') revisions.add(record.revision);
        else if (record.kind === 'tick') tick = Math.max(tick, record.at);
      }
      return { tick, records, changes };
    }),
  );
  const [first] = revisions;
  const tick = Math.min(...each.map((one) => one.tick));
  const records = each.reduce((sum, one) => sum + one.records, 0);
  const changes = changesIn(
    each.map((one) => one.changes),
    first,
  );
  return { first, revisions, tick, records, ...changes };
}

/** Changes are announced one after another, so only the last can be one that not all have heard of. */
function changesIn(
  heard: readonly (readonly Scheduled[])[],
  first: string | undefined,
): Pick<Surveyed, 'announced' | 'change'> {
  const all = new Map(heard.flat().map((one) => [one.at, one]));
  const ordered = [...all.values()].sort((a, b) => a.at - b.at);
  // Partitions begin with the first rules, each at an instant of its own.
  while (ordered[0]?.change.kind === 'revision' && ordered[0].change.revision === first) ordered.shift();
  const last = ordered[ordered.length - 1];
  const isHeard = last === undefined || heard.every((changes) => changes.some(({ at }) => at === last.at));
  if (!isHeard) ordered.pop();
  const announced = ordered.reduce(
    (meta, { change, at }) => ({ ...meta, announced: announcedAfter(meta, change, at) }),
    NO_TICKS,
  );
  return { announced: announcedIn(announced), change: isHeard ? null : last };
}
