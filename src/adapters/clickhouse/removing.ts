// Takes rows out of tables that are no archive of a log.
import { CLICKHOUSE_SCHEMA, type ClickHouseInput, type ClickHouseSettings } from './config.js';
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
 * Brings the removal of single events on by one look, with the rows that took them back; rollups keep what they counted. What
 * was asked before, by whatever process, is waited for and not asked again: it may take longer than a request may. Only parts
 * that have some of the events are touched.
 * @param options those that the warehouse was opened with
 * @returns whether they are gone on every replica; if not, to be called again a little later
 * @throws WarehouseError WAREHOUSE_REQUEST for what could mean anything in a statement, WAREHOUSE_REFUSED where the server
 *   cannot do what it was asked
 */
export async function removeEvents(
  warehouse: Pick<OpenWarehouse, 'query' | 'command'>,
  options: ClickHouseInput,
  range: RemovedEvents,
): Promise<boolean> {
  const settings = CLICKHOUSE_SCHEMA.parse(options);
  const { partition, from, to, streams } = range;
  if (![partition, from, to].every(Number.isSafeInteger) || !streams.every((stream) => STREAM.test(stream)))
    throw new WarehouseError('WAREHOUSE_REQUEST', 'A range of events has whole numbers and streams.', false);
  if (await isChanging(warehouse, settings)) return false;
  const { cluster } = settings;
  let isGone = true;
  for (const { table, part, has } of EVENT_TABLES) {
    const where = whereOf(range, has);
    if (where === null) continue;
    const place = cluster === undefined ? table : `${table}_local ON CLUSTER '${cluster}'`;
    for (const row of await warehouse.query(`SELECT DISTINCT ${part} AS part FROM ${table} WHERE ${where}`)) {
      const sql = `ALTER TABLE ${place} DELETE IN PARTITION ${Number(row['part'])} WHERE ${where} SETTINGS mutations_sync = 0`;
      await warehouse.command(sql, `letting events go from ${table}`);
      isGone = false;
    }
  }
  return isGone;
}

/** @returns null where none of the streams is in the table */
function whereOf(
  { partition, from, to, streams, held }: RemovedEvents,
  has: (stream: string) => boolean,
): string | null {
  const named = streams.filter(has);
  if (named.length === 0) return null;
  return [
    `partition = ${partition} AND offset >= ${from} AND offset < ${to}`,
    `stream IN (${named.map((stream) => `'${stream}'`).join(', ')})`,
    ...(held.length === 0 ? [] : [`(scope, key) NOT IN (${held.map(pairOf).join(', ')})`]),
  ].join(' AND ');
}

/**
 * Whether a server still changes parts of the tables; what is asked next would wait behind that anyway.
 * @throws WarehouseError WAREHOUSE_REFUSED where it tries in vain, or this user may not look
 */
export async function isChanging(
  warehouse: Pick<OpenWarehouse, 'query'>,
  { cluster, database }: Pick<ClickHouseSettings, 'cluster' | 'database'>,
): Promise<boolean> {
  const from =
    cluster === undefined ? 'system.mutations' : `clusterAllReplicas('${cluster}', system.mutations)`;
  const rows = await warehouse.query(
    `SELECT table, latest_fail_reason != '' AS fails FROM ${from}
     WHERE database = {database:String} AND table IN {tables:Array(String)} AND NOT is_done`,
    { database, tables: EVENT_TABLES.map(({ table }) => (cluster === undefined ? table : `${table}_local`)) },
  );
  const failing = rows.find(({ fails }) => Boolean(fails));
  if (failing === undefined) return rows.length > 0;
  const detail = `A change of ${String(failing['table'])} fails again and again: mend what latest_fail_reason in system.mutations says, or end it with KILL MUTATION.`;
  throw new WarehouseError('WAREHOUSE_REFUSED', detail, false);
}

/** A key as its two columns, in digits, so that nothing in it can be taken for something else. */
function pairOf(key: string): string {
  const colon = key.indexOf(':');
  const text = (part: string) => `unhex('${Buffer.from(part).toString('hex')}')`;
  return `(${text(key.slice(0, colon))}, ${text(key.slice(colon + 1))})`;
}
