// How much a foreign query may take, and which settings of its URL count.
import { availableParallelism } from 'node:os';
import { refusal } from '../failure.js';

export interface ReaderLimits {
  readonly queryBytes: number;
  /** Of the request line and the headers. */
  readonly headerBytes: number;
  /** Queries that run side by side; an answer counts until it is sent. */
  readonly queries: number;
  readonly waiting: number;
  readonly connections: number;
  /** For a request to arrive whole. */
  readonly requestMs: number;
  /** For an answer to be taken. */
  readonly sendMs: number;
  /** Settings of ClickHouse. A query may ask for less and not for more. */
  readonly settings: ReadonlyMap<string, number>;
}

const MIB = 1024 * 1024;
const THREADS = 4;

export const READER_LIMITS: ReaderLimits = {
  queryBytes: 256 * 1024,
  headerBytes: 64 * 1024,
  queries: 4,
  waiting: 64,
  connections: 128,
  requestMs: 30_000,
  sendMs: 60_000,
  settings: new Map([
    ['max_execution_time', 30],
    ['max_result_rows', 1_000_000],
    ['max_result_bytes', 64 * MIB],
    ['max_rows_to_read', 1_000_000_000],
    ['max_bytes_to_read', 64 * 1024 * MIB],
    ['max_memory_usage', 1024 * MIB],
    ['max_threads', Math.min(THREADS, availableParallelism())],
  ]),
};

/**
 * What is over a limit throws rather than is cut off, and nothing spills to the disk. The order of a query is kept when
 * another is put around it (bounded.ts).
 */
const FIXED = new Map([
  ['result_overflow_mode', 'throw'],
  ['read_overflow_mode', 'throw'],
  ['timeout_overflow_mode', 'throw'],
  ['max_bytes_ratio_before_external_group_by', '0'],
  ['max_bytes_ratio_before_external_sort', '0'],
  ['query_plan_remove_redundant_sorting', '0'],
]);

/** Settings that change what a query answers and nothing else. */
const PASSED = new Set(['limit', 'offset', 'session_timezone', 'join_use_nulls', 'group_by_use_nulls']);

/** Of how the answer travels, which the front decides; and `readonly`, which it sets itself. */
const IGNORED = new Set(['client_protocol_version', 'network_compression_method', 'readonly', 'log_comment']);

/**
 * The settings under which a query runs.
 * @param asked those of its URL
 * @throws EngineError 164 for one that readers cannot change, 36 for a limit that is no number
 */
export function settingsFor(
  asked: ReadonlyMap<string, string>,
  limits: ReadonlyMap<string, number>,
): Map<string, string> {
  const settings = new Map(FIXED);
  for (const [name, limit] of limits) settings.set(name, String(limit));
  for (const [name, value] of asked) {
    const limit = limits.get(name);
    if (limit !== undefined) settings.set(name, String(lowered(name, value, limit)));
    else if (PASSED.has(name)) settings.set(name, value);
    else if (!IGNORED.has(name)) {
      throw refusal('READONLY', `Cannot modify '${name}' setting in readonly mode; leave it out.`);
    }
  }
  return settings;
}

/** 0 is ClickHouse's word for no limit. */
function lowered(name: string, value: string, limit: number): number {
  if (!/^\d{1,18}(\.\d{1,6})?$/.test(value)) throw refusal('BAD_ARGUMENTS', `${name} is a number.`);
  const number = Number(value);
  return number === 0 ? limit : Math.min(number, limit);
}
