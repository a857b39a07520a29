// The history as the warehouse has it, and behind what it has as the events log has it.
import { eventOf, type Event, type LogRecord, type StreamName } from '../../events/event.js';
import type { EventArchive, History, HistoryAsked, HistoryRecord } from '../../ports/history.js';
import type { Log } from '../../ports/log.js';
import type { Row, Warehouse } from '../../ports/warehouse.js';
import { LoggedHistory } from './logged-history.js';

export interface ArchivedHistoryOptions {
  readonly warehouse: Pick<Warehouse, 'query'>;
  readonly events: Pick<Log, 'read'>;
  readonly partitions: number;
  /** Offset of a partition below which the warehouse has all events and gaps. */
  readonly archived: (partition: number) => Promise<number>;
  /** Rows a page. */
  readonly page?: number;
}

const PAGE = 1_000;

/** Single events as the warehouse has them. */
export function archivedEvents(warehouse: Pick<Warehouse, 'query'>): EventArchive {
  const at = async (partition: number, offsets: readonly number[]) => {
    const rows = await warehouse.query(SINGLE, { partition, offsets: [...offsets] });
    return new Map(rows.map(eventAt).map(({ offset, record }) => [offset, record]));
  };
  return { at };
}

export class ArchivedHistory implements History {
  readonly partitions: number;

  constructor(private readonly options: ArchivedHistoryOptions) {
    this.partitions = options.partitions;
  }

  async *read(partition: number, asked: HistoryAsked): AsyncGenerator<readonly HistoryRecord[]> {
    const { events, partitions, archived } = this.options;
    const end = Math.min(asked.end, await archived(partition));
    let clock = -Infinity;
    for await (const page of this.inWarehouse(partition, { ...asked, end })) {
      const records = page.map((one) => {
        clock = Math.max(clock, one.record.at);
        return { ...one, clock };
      });
      if (records.length > 0) yield records;
    }
    const begin = Math.max(asked.begin, end);
    yield* new LoggedHistory(events, partitions).read(partition, { ...asked, begin });
  }

  /** Events and gaps in the order of their offsets; that of the ticks between them says nothing. */
  private async *inWarehouse(partition: number, { begin, end, sinceMs, always }: HistoryAsked) {
    const { warehouse, page: limit = PAGE } = this.options;
    if (begin >= end) return;
    const gaps = (await warehouse.query(GAPS, { partition, begin, end })).map(gapOf);
    const first = await this.firstSince(partition, sinceMs, begin, end);
    for (let next = begin; next < end;) {
      const asked = { partition, next, end, first, always: [...always], limit };
      const rows = await warehouse.query(EVENTS, asked);
      const isWhole = rows.length < limit;
      next = isWhole ? end : Number(rows[rows.length - 1]?.['offset']) + 1;
      const upTo = gaps.findIndex(({ offset }) => offset >= next);
      const before = gaps.splice(0, upTo < 0 ? gaps.length : upTo);
      yield [...rows.map(eventAt), ...before].sort((a, b) => a.offset - b.offset);
    }
  }

  /** The first offset whose event arrived at an instant or later. */
  private async firstSince(partition: number, sinceMs: number, begin: number, end: number): Promise<number> {
    if (sinceMs === -Infinity) return begin;
    if (sinceMs === Infinity) return end;
    const [row] = await this.options.warehouse.query(FIRST, { partition, begin, end, since: sinceMs });
    return Number(row?.['total'] ?? 0) === 0 ? end : Number(row?.['first']);
  }
}

const FIRST = `
SELECT min(offset) AS first, count() AS total FROM events
WHERE partition = {partition:UInt16} AND sign >= 0 AND offset >= {begin:UInt64} AND offset < {end:UInt64}
    AND at >= fromUnixTimestamp64Milli({since:Int64})`;

/** A row of sign -1 repeats a record that was taken back; the record itself has another. */
const COLUMNS = `
SELECT offset, id, stream, source, scope, key, revokes, amends, backfill, data,
    toUnixTimestamp64Milli(time) AS time_ms, toUnixTimestamp64Milli(at) AS at_ms
FROM events`;

const SINGLE = `${COLUMNS}
WHERE partition = {partition:UInt16} AND sign >= 0 AND offset IN {offsets:Array(UInt64)}
LIMIT 1 BY offset`;

const EVENTS = `${COLUMNS}
WHERE partition = {partition:UInt16} AND sign >= 0 AND offset >= {next:UInt64} AND offset < {end:UInt64}
    AND (offset >= {first:UInt64} OR stream IN {always:Array(String)})
ORDER BY offset
LIMIT 1 BY offset
LIMIT {limit:UInt32}`;

const GAPS = `
SELECT offset, toUnixTimestamp64Milli(began) AS from_ms, toUnixTimestamp64Milli(at) AS at_ms
FROM gaps
WHERE partition = {partition:UInt16} AND offset >= {begin:UInt64} AND offset < {end:UInt64}
ORDER BY offset
LIMIT 1 BY offset`;

interface Found {
  readonly offset: number;
  readonly record: LogRecord;
}

function gapOf(row: Row): Found {
  const record = { kind: 'gap', from: Number(row['from_ms']), at: Number(row['at_ms']) } as const;
  return { offset: Number(row['offset']), record };
}

function eventAt(row: Row): { readonly offset: number; readonly record: Event } {
  const text = (name: string) => String(row[name]);
  const event = eventOf(
    text('id'),
    text('stream') as StreamName,
    text('source'),
    `${text('scope')}:${text('key')}`,
    Number(row['time_ms']),
    Number(row['at_ms']),
    JSON.parse(text('data')) as never,
  );
  const [revokes, amends] = [text('revokes'), text('amends')];
  if (revokes !== '') event.revokes = revokes;
  if (amends !== '') event.amends = amends;
  if (row['backfill'] === true) event.backfill = true;
  return { offset: Number(row['offset']), record: event };
}
