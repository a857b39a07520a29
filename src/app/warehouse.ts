// The embedded warehouse: the chDB child, its tables, and the archives that fill them.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  startWarehouse,
  type EmbeddedWarehouse,
  type Readers,
  type WarehouseLog,
} from '../adapters/chdb/supervisor.js';
import { migrate } from '../adapters/clickhouse/migrate.js';
import { WarehouseError, openWarehouse, type OpenWarehouse } from '../adapters/clickhouse/warehouse.js';
import { Archive } from '../pipeline/archive.js';
import { alertSources, type ArchiveRules } from '../pipeline/archive-alerts.js';
import { CasesSource } from '../pipeline/archive-cases.js';
import { EventsSource } from '../pipeline/archive-events.js';
import type { Probe } from '../pipeline/checkpoint.js';
import { DeadDeliveries } from '../pipeline/deliver/dead.js';
import { archivedEvents } from '../pipeline/history/archived-history.js';
import type { ReleasedEvents } from '../pipeline/retention/released.js';
import type { LogName, Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import type { Tracing } from './tracing.js';
import { projectFolder } from './version.js';

export type { Readers };

const BLOCK_RECORDS = 10_000;
export const DATABASE = 'fenghuo';
const MIGRATE_ATTEMPTS = 40;
const MIGRATE_RETRY_MS = 500;

/** The archives of a deployment. */
export interface Archives {
  /** Archives one block of every log; returns how many records went in. */
  run(): Promise<number>;
  /** Takes every archive's place anew from its checkpoint. */
  reopen(): Promise<void>;
  /** Whether every row of a recorded range is there: a copy of the warehouse is then as far as the checkpoints say. */
  settled(): boolean;
  /** How many records of each log wait, as `log/partition`; those that evaluate has yet to decide wait as well. */
  waiting(): Promise<{ readonly log: string; readonly partition: number; readonly records: number }[]>;
}

export interface ArchivesOptions {
  readonly warehouse: OpenWarehouse;
  readonly logs: Logs;
  readonly state: StateStore;
  readonly rules: ArchiveRules;
  readonly nonce: () => string;
  readonly probe: Probe;
  /** Of the events log. */
  readonly partitions: number;
  /** Offset of a partition of the events log below which evaluate has decided. */
  readonly decided: (partition: number) => number | Promise<number>;
  /** Offset of the deliveries log below which all are done. */
  readonly delivered: () => number | Promise<number>;
  /** Events of a partition that went at the end of their term; undefined where the log itself let go of them. */
  readonly released?: (partition: number) => Promise<ReleasedEvents>;
}

/** The archives of all logs; they are to be opened before they run. */
export function archivesOf(options: ArchivesOptions): Archives {
  const { warehouse, logs, state, rules, nonce, probe, partitions, decided, delivered, released } = options;
  const archived = { logs, state, warehouse, nonce, probe, batch: BLOCK_RECORDS };
  const archives: Pick<Archive<unknown>, 'name' | 'position' | 'settled' | 'open' | 'run'>[] = [
    ...Array.from({ length: partitions }, (_, partition) => {
      const source = new EventsSource(
        logs,
        () => decided(partition),
        partition,
        archivedEvents(warehouse),
        { warehouse, rules: rules.current },
        released && (() => released(partition)),
      );
      return new Archive(source, archived);
    }),
    ...alertSources(logs, rules, delivered, new DeadDeliveries(state)).map(
      (source) => new Archive(source, archived),
    ),
    new Archive(new CasesSource(logs.cases, warehouse, rules), archived),
  ];
  return {
    reopen: async () => {
      const anew = await isEmpty(warehouse);
      for (const archive of archives) await archive.open(anew);
    },
    run: async () => {
      let count = 0;
      for (const archive of archives) count += await archive.run();
      return count;
    },
    settled: () => archives.every(({ settled }) => settled),
    waiting: () =>
      Promise.all(
        archives.map(async ({ name, position }) => {
          const [log = '', partition] = name.split('/');
          const end = await logs[log as LogName].end(Number(partition));
          return { log, partition: Number(partition), records: Math.max(0, end - position) };
        }),
      ),
  };
}

export interface WarehouseStage extends Archives {
  readonly child: EmbeddedWarehouse;
  readonly warehouse: OpenWarehouse;
  stop(): Promise<void>;
}

export interface WarehouseStageOptions extends Omit<
  ArchivesOptions,
  'warehouse' | 'partitions' | 'decided' | 'delivered'
> {
  readonly dir: string;
  /** The folder into which it may be copied. */
  readonly copies: string;
  readonly log: WarehouseLog;
  /** Programs of others that read; nobody if undefined. */
  readonly readers?: Readers | undefined;
  /** Null where nobody asked for traces. */
  readonly tracing: Tracing | null;
  readonly decided: () => number;
  readonly delivered: () => number;
}

/** Starts chDB, brings its tables up to date, opens the archives. @throws CodedError as `startWarehouse` */
export async function openWarehouseStage(options: WarehouseStageOptions): Promise<WarehouseStage> {
  const { dir, copies, log, readers, tracing } = options;
  const child = await startWarehouse({ path: dir, copies, log, readers });
  try {
    const settings = { url: child.url, password: child.token, database: DATABASE };
    await migrated(settings);
    const warehouse = openWarehouse(settings);
    const traced = tracing?.warehouse(warehouse) ?? warehouse;
    const archives = archivesOf({ ...options, warehouse: traced, partitions: 1 });
    await archives.reopen();
    return {
      ...archives,
      child,
      warehouse,
      stop: async () => {
        await warehouse.close();
        await child.stop();
      },
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** A warehouse without a row is new, or was lost: whatever the checkpoints say, it is filled from the logs. */
async function isEmpty(warehouse: OpenWarehouse): Promise<boolean> {
  const tables = ['events', 'warnings', 'deliveries', 'actions', 'cases', 'dead_letters', 'operator_alerts'];
  const counts = tables.map((table) => `(SELECT count() FROM ${table})`);
  const [row] = await warehouse.query(`SELECT ${counts.join(' + ')} AS total`);
  return Number(row?.['total']) === 0;
}

/** Brings the tables up to date; a child that dies meanwhile is started again, so what is retriable is tried again. */
export async function migrated(settings: Parameters<typeof migrate>[0], signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await migrate(settings, join(projectFolder(), 'infra', 'clickhouse'), signal);
      return;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      if (!(error instanceof WarehouseError) || !error.retriable || attempt >= MIGRATE_ATTEMPTS) throw error;
      await delay(MIGRATE_RETRY_MS);
    }
  }
}
