// Takes rows out of tables that are no archive of a log.
import { CLICKHOUSE_SCHEMA, type ClickHouseInput } from './config.js';
import { WarehouseError } from './failure.js';
import type { OpenWarehouse } from './warehouse.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Removes from tables what other runs of a replay left, those that never ended among them; resolves once it is gone.
 * @param options those that the warehouse was opened with
 * @throws WarehouseError WAREHOUSE_REQUEST for a name that is none, which could mean anything in a statement
 */
export async function removeFormerRuns(
  warehouse: OpenWarehouse,
  options: ClickHouseInput,
  tables: readonly ('shadow_warnings' | 'shadow_replays')[],
  replay: string,
  run: string,
): Promise<void> {
  const { cluster } = CLICKHOUSE_SCHEMA.parse(options);
  if (!NAME.test(replay) || !NAME.test(run)) {
    throw new WarehouseError(
      'WAREHOUSE_REQUEST',
      'A replay and its run have small letters, digits and -.',
      false,
    );
  }
  for (const table of tables) {
    const place = cluster === undefined ? table : `${table}_local ON CLUSTER '${cluster}'`;
    const sql = `ALTER TABLE ${place} DELETE WHERE replay = '${replay}' AND run != '${run}' SETTINGS mutations_sync = 2`;
    await warehouse.command(sql, `removing former runs of the replay ${replay}`);
  }
}

/** Rows that go with the events of one partition of the log. */
export interface RemovedEvents {
  readonly partition: number;
  /** Offsets, the last one excluded. */
  readonly from: number;
  readonly to: number;
  readonly streams: readonly string[];
  /** Keys with their scope, of which nothing goes. */
  readonly held: readonly string[];
}

/** Tables that hold single events, and how they are parted. Readings are not among those by key. */
const EVENT_TABLES = [
  { table: 'events', part: 'toYYYYMM(at)', has: () => true },
  { table: 'events_by_key', part: 'toYear(time)', has: (stream: string) => stream !== 'sensor-reading' },
] as const;
const STREAM = /^[a-z][a-z-]{0,63}$/;

/**
 * Removes single events, with the rows that took them back; rollups keep what they counted. Only parts that have some of
 * them are touched, and nothing is done where they are gone already. Resolves once every replica has done it.
 * @param options those that the warehouse was opened with
 * @throws WarehouseError WAREHOUSE_REQUEST for what could mean anything in a statement
 */
export async function removeEvents(
  warehouse: Pick<OpenWarehouse, 'query' | 'command'>,
  options: ClickHouseInput,
  { partition, from, to, streams, held }: RemovedEvents,
): Promise<void> {
  const { cluster } = CLICKHOUSE_SCHEMA.parse(options);
  if (![partition, from, to].every(Number.isSafeInteger) || !streams.every((stream) => STREAM.test(stream)))
    throw new WarehouseError('WAREHOUSE_REQUEST', 'A range of events has whole numbers and streams.', false);
  for (const { table, part, has } of EVENT_TABLES) {
    const named = streams.filter(has);
    if (named.length === 0) continue;
    const where = [
      `partition = ${partition} AND offset >= ${from} AND offset < ${to}`,
      `stream IN (${named.map((stream) => `'${stream}'`).join(', ')})`,
      ...(held.length === 0 ? [] : [`(scope, key) NOT IN (${held.map(pairOf).join(', ')})`]),
    ].join(' AND ');
    const place = cluster === undefined ? table : `${table}_local ON CLUSTER '${cluster}'`;
    for (const row of await warehouse.query(`SELECT DISTINCT ${part} AS part FROM ${table} WHERE ${where}`)) {
      const sql = `ALTER TABLE ${place} DELETE IN PARTITION ${Number(row['part'])} WHERE ${where} SETTINGS mutations_sync = 2`;
      await warehouse.command(sql, `letting events go from ${table}`);
    }
  }
}

/** A key as its two columns, in digits, so that nothing in it can be taken for something else. */
function pairOf(key: string): string {
  const colon = key.indexOf(':');
  const text = (part: string) => `unhex('${Buffer.from(part).toString('hex')}')`;
  return `(${text(key.slice(0, colon))}, ${text(key.slice(colon + 1))})`;
}
