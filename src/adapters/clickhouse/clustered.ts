// What a migration says on a cluster: replicated tables on every shard, `<table>_local`, and `<table>` over all of them.
import { WarehouseError } from './failure.js';

const TABLE =
  /^CREATE TABLE IF NOT EXISTS (\w+)\n\(\n([\s\S]*)\n\)\nENGINE = (\w*MergeTree)(?:\((.*)\))?\n([\s\S]*)$/;
const FEED = /^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+) TO (\w+) AS\n([\s\S]*)$/;
const VIEW = /^CREATE OR REPLACE VIEW (\w+) AS\n/;
const CHANGE = /^ALTER TABLE (\w+) /;
/** Of rows, which a table over all shards has none of. */
const TERM = /^ALTER TABLE \w+ MODIFY TTL /;
const FROM = /^FROM (\w+)$/gm;
const FILL = /^INSERT INTO (\w+) (\([\w, ]+\)) SETTINGS (insert_deduplication_token = '[\w/]+')\n/;

/** Where the statements go. Both names are of letters, digits, `_` and `-`, so they need no escape. */
export interface ClusterPlace {
  readonly cluster: string;
  readonly database: string;
}

/**
 * One statement of infra/clickhouse as those that a cluster gets, in order; each is as idempotent as it was.
 * infra/clickhouse/README.md says what becomes of what.
 * @throws WarehouseError WAREHOUSE_MIGRATION for a statement of another form
 */
export function clustered(statement: string, place: ClusterPlace): string[] {
  const table = TABLE.exec(statement);
  if (table !== null) return tablesOf(table, place);
  const { database } = place;
  const on = `ON CLUSTER '${place.cluster}'`;
  const feed = FEED.exec(statement);
  if (feed !== null) {
    const [, name = '', to = '', select = ''] = feed;
    const local = select
      .replace(FROM, (_, from: string) => `FROM ${database}.${from}_local`)
      .replaceAll(' FROM fills ', ` FROM ${database}.fills `);
    if (local === select) throw unknown(statement);
    const head = `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.${name} ${on}`;
    return [`${head} TO ${database}.${to}_local AS\n${local}`];
  }
  if (VIEW.test(statement)) {
    return [
      statement.replace(VIEW, (_, name: string) => `CREATE OR REPLACE VIEW ${database}.${name} ${on} AS\n`),
    ];
  }
  // What is there is read from all shards, and goes where its key says, so that its token counts there once.
  if (FILL.test(statement)) {
    return [
      statement.replace(
        FILL,
        (_, to: string, columns: string, token: string) =>
          `INSERT INTO ${database}.${to} ${columns} SETTINGS ${token}, distributed_foreground_insert = 1\n`,
      ),
    ];
  }
  if (!CHANGE.test(statement)) throw unknown(statement);
  return (TERM.test(statement) ? ['_local'] : ['_local', '']).map((suffix) =>
    statement.replace(CHANGE, (_, name: string) => `ALTER TABLE ${database}.${name}${suffix} ${on} `),
  );
}

/** A table that every server of the cluster has whole. */
export function everywhere(statement: string, place: ClusterPlace): string {
  const [, name = '', columns = '', engine = '', , rest = ''] = TABLE.exec(statement) ?? [];
  if (name === '') throw unknown(statement);
  const path = `'/clickhouse/tables/all/${place.database}/${name}', '{shard}-{replica}'`;
  return `${headOf(name, place)}\n(\n${columns}\n)\nENGINE = Replicated${engine}(${path})\n${settingsOf(rest)}`;
}

function tablesOf(
  [, name = '', columns = '', engine = '', given = '', rest = '']: readonly string[],
  place: ClusterPlace,
): string[] {
  const { cluster, database } = place;
  const local = `${name}_local`;
  const path = [`'/clickhouse/tables/{shard}/${database}/${local}'`, "'{replica}'"];
  const parts = [...path, ...(given === '' ? [] : [given])].join(', ');
  // A block is of one partition of a log, so it goes whole to one shard, where its token counts. Rows of a rollup come
  // from the views of each shard, but for those that fill it once.
  const order = /^ORDER BY \(?([^()\n]*)\)?$/m.exec(rest)?.[1] ?? '';
  const by = /^ *partition UInt16\b.*$/m.test(columns) ? 'partition' : `cityHash64(${order})`;
  return [
    `${headOf(local, place)}\n(\n${columns}\n)\nENGINE = Replicated${engine}(${parts})\n${settingsOf(rest)}`,
    `${headOf(name, place)} AS ${database}.${local}\n` +
      `ENGINE = Distributed('${cluster}', '${database}', '${local}', ${by})`,
  ];
}

function headOf(name: string, { cluster, database }: ClusterPlace): string {
  return `CREATE TABLE IF NOT EXISTS ${database}.${name} ON CLUSTER '${cluster}'`;
}

/** A replicated table forgets the token of a block after an hour, unless it is told otherwise. */
function settingsOf(rest: string): string {
  const window = /non_replicated_deduplication_window = (\d+)/;
  if (!window.test(rest)) throw unknown(rest);
  return rest.replace(
    window,
    'replicated_deduplication_window = $1, replicated_deduplication_window_seconds = 604800',
  );
}

function unknown(statement: string): WarehouseError {
  const line = statement.split('\n', 1)[0] ?? '';
  const detail = `no form for a cluster is known of: ${line.slice(0, 120)}`;
  return new WarehouseError('WAREHOUSE_MIGRATION', detail, false);
}
