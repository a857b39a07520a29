// A warehouse with the real tables, one more with every type, and readers with tokens; for the tests of this folder.
import { createClient } from '@clickhouse/client';
import { migrate } from '../../../../src/adapters/clickhouse/migrate.js';
import type { Verdict } from '../../../../src/adapters/chdb/readers/reader-front.js';
import { MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../../../support/warehouse.js';

export const DATABASE = 'fenghuo';

/** What each token is good for; every other one is unknown. */
export const TOKENS = new Map<string, Verdict>([
  ['fh_reader', 'granted'],
  ['fh_department', 'forbidden'],
  ['fh_early', 'early'],
]);

const KINDS = `CREATE TABLE kinds (
  id UInt64, at DateTime64(3, 'Asia/Shanghai'), level Enum8('none' = 0, 'red' = 4), tag LowCardinality(String),
  maybe Nullable(Float64), few LowCardinality(Nullable(String)), list Array(String), nested Array(Array(UInt16)),
  price Decimal(18, 4), large UInt64, sparse UInt32, flag Bool, day Date, second DateTime('UTC'),
  pairs Map(String, UInt32), both Tuple(a UInt8, b String), uuid UUID, wide Int128
) ENGINE = MergeTree ORDER BY id SETTINGS ratio_of_defaults_for_sparse_serialization = 0.5`;

const ROWS = `INSERT INTO kinds SELECT
  number + 1, toDateTime64('2026-03-01 09:30:00.123', 3, 'Asia/Shanghai') + number, if(number = 0, 'red', 'none'), '食品',
  if(number = 0, 1.5, NULL), if(number = 0, 'x', NULL), ['a', '投诉'], [[1, 2], []], toDecimal64('12345.6789', 4),
  18446744073709551615, if(number = 0, 7, 0), true, '2026-03-01', '2026-03-01 01:30:00', map('k', 1), (1, 'b'),
  '61f0c404-5cb3-11e7-907b-a6006ad3dba0', toInt128('-170141183460469231731687303715884105728') FROM numbers(3)`;

/** The first row of `kinds` as the Go program prints it. */
export const FIRST_KINDS =
  '1|2026-03-01T01:30:00.123Z|red|食品|1.5|x|[a 投诉]|[[1 2] []]|12345.6789|18446744073709551615|7|true|' +
  '2026-03-01T00:00:00Z|2026-03-01T01:30:00Z|map[k:1]|map[a:1 b:b]|61f0c404-5cb3-11e7-907b-a6006ad3dba0|' +
  '-170141183460469231731687303715884105728';

/** Opens it. */
export async function openReading(): Promise<TestWarehouse> {
  const under = await openTestWarehouse({
    ...{ host: '127.0.0.1', port: 0, tls: null, database: DATABASE },
    verdictOn: (token) => Promise.resolve(TOKENS.get(token) ?? 'unknown'),
  });
  try {
    await migrate({ ...under.options, database: DATABASE }, MIGRATIONS);
    const client = createClient({ ...under.options, database: DATABASE } as Parameters<
      typeof createClient
    >[0]);
    await client.command({ query: KINDS });
    await client.command({ query: ROWS });
    await client.close();
    return under;
  } catch (error) {
    await under.close();
    throw error;
  }
}

/** Where the readers of it go. */
export function readersUrl({ embedded }: TestWarehouse): string {
  if (embedded.readersUrl === null) throw new Error('nobody reads here');
  return embedded.readersUrl;
}
