// What is to be known of the events log before its steps are done again: which rules it names, and how far time came.
import { decodeRecord } from '../../events/codec.js';
import type { Log } from '../../ports/log.js';
import { recordsFrom } from './standing-log.js';

export interface Surveyed {
  /** The revision that partitions begin with; undefined where no record names one. */
  readonly first: string | undefined;
  /** All revisions that records name. */
  readonly revisions: ReadonlySet<string>;
  /** The newest tick that every partition has, epoch ms; -Infinity for none. */
  readonly tick: number;
  readonly records: number;
}

/** @param begins the first offset that each partition of the log has */
export async function surveyEvents(events: Log, begins: readonly number[]): Promise<Surveyed> {
  const revisions = new Set<string>();
  const each = await Promise.all(
    begins.map(async (begin, partition) => {
      let [tick, records] = [-Infinity, 0];
      for await (const { value } of recordsFrom(events, partition, begin)) {
        const record = decodeRecord(value);
        records++;
        if (record.kind === 'revision') revisions.add(record.revision);
        else if (record.kind === 'tick') tick = Math.max(tick, record.at);
      }
      return { tick, records };
    }),
  );
  const [first] = revisions;
  const tick = Math.min(...each.map((one) => one.tick));
  return { first, revisions, tick, records: each.reduce((sum, one) => sum + one.records, 0) };
}
