// The history as the events log itself has it.
import { decodeRecord } from '../../events/codec.js';
import type { LogRecord } from '../../events/event.js';
import type { History, HistoryAsked, HistoryRecord } from '../../ports/history.js';
import type { Log } from '../../ports/log.js';
import { behind } from '../log-pages.js';
import { isControl } from '../wide/schedule.js';

/** Records a page. */
export const HISTORY_PAGE = 1_000;

export class LoggedHistory implements History {
  constructor(
    private readonly log: Pick<Log, 'read'>,
    readonly partitions: number,
    private readonly page = HISTORY_PAGE,
  ) {}

  async *read(partition: number, asked: HistoryAsked): AsyncGenerator<readonly HistoryRecord[]> {
    const wanted = wantedOf(asked);
    let clock = -Infinity;
    for (let offset = asked.begin; offset < asked.end;) {
      const read = await this.log.read(partition, offset, Math.min(this.page, asked.end - offset));
      if (read.length === 0) return;
      const records = read
        .filter((one) => one.offset < asked.end)
        .map((one) => ({ offset: one.offset, record: decodeRecord(one.value) }))
        // What is announced ahead says nothing of how far time came.
        .filter(({ record }) => !isControl(record))
        .map(({ offset, record }) => {
          clock = Math.max(clock, record.at);
          return { offset, clock, record };
        })
        .filter(({ record }) => wanted(record));
      offset = behind(read, offset);
      if (records.length > 0) yield records;
    }
  }
}

/** Whether the next record of a partition is wanted; to be asked for each in its order. */
export function wantedOf({ sinceMs, always }: HistoryAsked): (record: LogRecord) => boolean {
  let isBegun = sinceMs === -Infinity;
  return (record) => {
    isBegun ||= record.at >= sinceMs;
    return isBegun || record.kind === 'gap' || (record.kind === 'event' && always.includes(record.stream));
  };
}
