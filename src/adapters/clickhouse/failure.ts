// What went wrong at the warehouse, and whether sending the same again can help.
import { ClickHouseError } from '@clickhouse/client';
import { CodedError } from '../../events/coded-error.js';
import type { Code } from '../../events/codes.js';

/** A failure of the warehouse. A block whose insert failed so is sent again under the same token, if retriable. */
export class WarehouseError extends CodedError {
  constructor(
    code: Code,
    detail: string,
    readonly retriable: boolean,
    /** The server's own number, where the server answered. */
    readonly clickhouseCode?: number,
    cause?: unknown,
  ) {
    super(code, detail, cause);
    this.name = 'WarehouseError';
  }
}

/**
 * Numbers of ClickHouse (src/Common/ErrorCodes.cpp) that speak of the server's state and not of the request:
 * time, memory, room, number of queries and parts, connections, keeper, shutdown.
 */
const PASSING = new Set([
  159, 160, 198, 202, 203, 209, 210, 236, 241, 242, 243, 252, 279, 285, 319, 364, 373, 394, 425, 439, 473,
  999, 745,
]);

/** Any error of a call as a WarehouseError. Rows and parameters are not repeated in its message. */
export function asWarehouseError(error: unknown, doing: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  if (error instanceof ClickHouseError) {
    const code = Number(error.code);
    const passing = PASSING.has(code);
    const detail = `${doing}: ${code} ${error.type ?? ''}, ${brief(error.message)}`;
    return new WarehouseError(passing ? 'WAREHOUSE_BUSY' : 'WAREHOUSE_REFUSED', detail, passing, code, error);
  }
  const text = error instanceof Error ? error.message || error.name : String(error);
  // What cannot be written as JSON or as a parameter never left this process.
  if (error instanceof TypeError || error instanceof RangeError || text.startsWith('Unsupported value')) {
    return new WarehouseError('WAREHOUSE_REQUEST', `${doing}: ${brief(text)}`, false, undefined, error);
  }
  return new WarehouseError('WAREHOUSE_UNREACHABLE', `${doing}: ${brief(text)}`, true, undefined, error);
}

/** The first line. What the server quotes from the data stands behind `before:` or in quotes, and is left out. */
function brief(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  const unquoted = line
    .replace(/ before: .*$/, '')
    .replace(QUOTED, (quoted: string, named?: string) => (named === undefined ? "'…'" : quoted));
  return unquoted.slice(0, 300);
}

/** What stands in quotes; after a word for a part of the schema it is a name. */
const QUOTED = /((?:columns?|table|database|function|identifier|setting|user):? )?'(?:[^'\\]|\\.)*'/g;
