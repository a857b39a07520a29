// The warehouse on ClickHouse, a server or the embedded front: both speak the same HTTP.
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Row, Warehouse } from '../../ports/warehouse.js';
import { CLICKHOUSE_SCHEMA, type ClickHouseInput, type ClickHouseSettings } from './config.js';
import { connect, isReset } from './connection.js';
import { asWarehouseError, WarehouseError } from './failure.js';

export { WarehouseError } from './failure.js';

export interface OpenWarehouse extends Warehouse {
  /** Runs a statement that changes tables; `doing` names it in errors. */
  command(sql: string, doing?: string): Promise<void>;
  close(): Promise<void>;
}

const ROW_LIMIT = 100_000;
/** About 100 KB of text. */
const PIECE_ROWS = 200;
const TABLE = /^[a-z_][a-z0-9_]{0,63}$/;
const TOKEN = /^[\x21-\x7e]{1,256}$/;

/**
 * One block is one part, and the same token leaves it once, in the table and in its views. Instants may be
 * given as epoch milliseconds or as ISO 8601; an unknown column is an error and not a loss.
 */
const INSERT_SETTINGS = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  date_time_input_format: 'best_effort',
  input_format_skip_unknown_fields: 0,
  input_format_parallel_parsing: 0,
  // A replay of years touches a part for each month.
  max_partitions_per_insert_block: '1000',
} as const;

/**
 * Connects; nothing is sent before the first call.
 * @param options see CLICKHOUSE_SCHEMA; for the embedded warehouse its url, and its token as the password
 * @throws ZodError for settings that are none
 *
 * Calls throw WarehouseError: `code`, `retriable`, and `clickhouseCode` where the server answered; STOPPED for what `close`
 * breaks off. Reads run read-only; instants come back as ISO 8601 in UTC, 64-bit integers as numbers (exact up to 2^53).
 */
export function openWarehouse(options: ClickHouseInput): OpenWarehouse {
  const settings = CLICKHOUSE_SCHEMA.parse(options);
  const client = connect(settings, settings.database);
  let isClosed = false;
  /** Repeats once what was reset: reads, and blocks, which count once by their token. */
  const sent = async <T>(send: () => Promise<T>, doing: string): Promise<T> => {
    // The client itself would connect anew.
    if (isClosed) throw brokenOff(doing, undefined);
    try {
      return await send().catch((error: unknown) => {
        if (isClosed || !isReset(error)) throw error;
        return send();
      });
    } catch (error) {
      throw isClosed ? brokenOff(doing, error) : asWarehouseError(error, doing);
    }
  };
  return {
    insert: async (table, token, rows) => {
      if (isEmptyBlock(table, token, rows)) return;
      const doing = `inserting into ${table}`;
      const lines = written(rows, doing);
      await sent(() => insert(client, settings, table, token, lines), doing);
    },
    query: (sql, params) => sent(() => query(client, settings, sql, params), 'a read'),
    ready: async () => {
      const first = await client.ping({ select: true });
      return first.success || (isReset(first.error) && (await client.ping({ select: true })).success);
    },
    command: async (sql, doing = 'a change of tables') => {
      try {
        await client.command({ query: sql });
      } catch (error) {
        throw isClosed ? brokenOff(doing, error) : asWarehouseError(error, doing);
      }
    },
    close: () => {
      isClosed = true;
      return client.close();
    },
  };
}

/** Makes the database where it is missing; the connection of openWarehouse needs it. @param signal breaks it off */
export async function createDatabase(options: ClickHouseInput, signal?: AbortSignal): Promise<void> {
  const settings = CLICKHOUSE_SCHEMA.parse(options);
  const client = connect(settings, undefined);
  signal?.addEventListener('abort', () => void client.close());
  try {
    // The names were checked by the schema: they need no escape and cannot be anything else.
    const on = settings.cluster === undefined ? '' : ` ON CLUSTER '${settings.cluster}'`;
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${settings.database}${on}` });
  } catch (error) {
    throw asWarehouseError(error, 'creating the database');
  } finally {
    await client.close();
  }
}

/** @throws WarehouseError WAREHOUSE_REQUEST for what cannot be sent */
function isEmptyBlock(table: string, token: string, rows: readonly Row[]): boolean {
  if (!TABLE.test(table)) throw request('The name of the table has small letters, digits and underscores.');
  if (!TOKEN.test(token)) throw request('The token has 1 to 256 printable ASCII characters.');
  if (rows.length > ROW_LIMIT) throw request(`A block has at most ${ROW_LIMIT} rows, not ${rows.length}.`);
  return rows.length === 0;
}

async function insert(
  client: ClickHouseClient,
  { cluster }: ClickHouseSettings,
  table: string,
  token: string,
  lines: readonly Buffer[],
): Promise<void> {
  const { stream } = await client.exec({
    query: `INSERT INTO ${table} FORMAT JSONEachRow`,
    values: Readable.from(lines, { objectMode: false }),
    clickhouse_settings: {
      ...INSERT_SETTINGS,
      insert_deduplication_token: token,
      // Acknowledged is what the shard has, not what waits on its way there.
      ...(cluster !== undefined && { distributed_foreground_insert: 1 }),
    },
  });
  await finished(stream.resume());
}

/** @throws WarehouseError WAREHOUSE_REQUEST for what cannot be written as JSON */
function written(rows: readonly Row[], doing: string): Buffer[] {
  try {
    return linesOf(rows);
  } catch (error) {
    throw asWarehouseError(error, doing);
  }
}

/** Rows as lines of JSON, in pieces that lie outside the heap, where nothing has to look through them again. */
function linesOf(rows: readonly Row[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < rows.length; from += PIECE_ROWS) {
    let lines = '';
    for (const row of rows.slice(from, from + PIECE_ROWS)) lines += `${JSON.stringify(row)}\n`;
    pieces.push(Buffer.from(lines));
  }
  return pieces;
}

async function query(
  client: ClickHouseClient,
  settings: ClickHouseSettings,
  sql: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Row[]> {
  const answer = await client.query({
    query: sql,
    query_params: { ...params },
    format: 'JSONEachRow',
    clickhouse_settings: {
      max_execution_time: settings.readTimeoutSeconds,
      max_result_rows: '1000000',
      result_overflow_mode: 'throw',
      date_time_output_format: 'iso',
      output_format_json_quote_64bit_integers: 0,
      readonly: '1',
      // An error after the first rows would else arrive as part of them.
      wait_end_of_query: 1,
    },
  });
  return answer.json<Row>();
}

function brokenOff(doing: string, cause: unknown): WarehouseError {
  return new WarehouseError('STOPPED', `It broke off ${doing}.`, false, undefined, cause);
}

function request(detail: string): WarehouseError {
  return new WarehouseError('WAREHOUSE_REQUEST', detail, false);
}
