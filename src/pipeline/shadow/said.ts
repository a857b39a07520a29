// What a deployment really said, for comparison: its transitions, each once, in the order of the alert inbox.
import type { InboxRecord } from '../../alerts/inbox.js';
import type { Transition } from '../../engine/output.js';
import { DRAWN_MODEL } from '../../evidence/draw.js';
import type { Log } from '../../ports/log.js';
import type { Warehouse } from '../../ports/warehouse.js';
import { decodeJson } from '../checkpoint.js';
import { OriginFilter } from '../origins.js';

/** Of a transition what tells one run from another. */
export type Said = Pick<
  Transition,
  'warning' | 'ordinal' | 'model' | 'scope' | 'key' | 'level' | 'clock' | 'raised'
>;

const PAGE = 1_000;
const ROWS = 10_000;

/** The transitions of the inbox log, from an offset on. */
export async function* saidInLog(inbox: Pick<Log, 'read'>, begin = 0): AsyncGenerator<readonly Said[]> {
  const filter = new OriginFilter({});
  for (let offset = begin; ;) {
    const read = await inbox.read(0, offset, PAGE);
    if (read.length === 0) return;
    offset += read.length;
    yield read
      .map(({ value }) => decodeJson<InboxRecord>(value))
      .flatMap((record) => {
        // What a draw called for is no warning of a model.
        if (record.kind !== 'warning' || !filter.admit(record.origin)) return [];
        return record.transition.draw === undefined ? [record.transition] : [];
      });
  }
}

/**
 * The transitions that the warehouse has, and behind them those of the log.
 * @param archived offset of the inbox log below which the warehouse has everything
 */
export async function* saidInWarehouse(
  warehouse: Pick<Warehouse, 'query'>,
  inbox: Pick<Log, 'read'>,
  archived: number,
): AsyncGenerator<readonly Said[]> {
  for (let next = 0; next < archived;) {
    const rows = await warehouse.query(SAID, { next, end: archived, limit: ROWS, drawn: DRAWN_MODEL });
    const last = rows[rows.length - 1];
    if (last === undefined) break;
    next = Number(last['offset']) + 1;
    yield rows.map((row) => ({
      warning: String(row['warning']),
      ordinal: Number(row['ordinal']),
      model: String(row['model']),
      scope: String(row['scope']),
      key: String(row['key']),
      level: String(row['level']) as Said['level'],
      clock: Number(row['clock_ms']),
      raised: Number(row['raised_ms']),
    }));
  }
  yield* saidInLog(inbox, archived);
}

const SAID = `
SELECT offset, warning, ordinal, model, scope, key, level,
    toUnixTimestamp64Milli(clock) AS clock_ms, toUnixTimestamp64Milli(raised) AS raised_ms
FROM warnings
WHERE offset >= {next:UInt64} AND offset < {end:UInt64} AND model != {drawn:String}
ORDER BY offset
LIMIT 1 BY offset
LIMIT {limit:UInt32}`;
