// The archive on servers: one process at a time brings the logs into ClickHouse.
import { randomUUID } from 'node:crypto';
import { openWarehouse, type OpenWarehouse } from '../../adapters/clickhouse/warehouse.js';
import type { ArchiveRules } from '../../pipeline/archive-alerts.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import { decidedOf, deliveredOf } from '../../pipeline/positions.js';
import { ReleasedEvents } from '../../pipeline/retention/released.js';
import type { WholeServers } from '../servers-file.js';
import type { Tracing } from '../tracing.js';
import { archivesOf, migrated, type Archives } from '../warehouse.js';
import type { ServerStores } from './server-stores.js';
import type { Worker } from './share-runner.js';

export interface ArchiveWorkerOptions {
  readonly stores: ServerStores;
  readonly rules: ArchiveRules;
  readonly clickhouse: WholeServers['clickhouse'];
  readonly probe: Probe;
  /** Null where nobody asked for traces. */
  readonly tracing: Tracing | null;
}

export class ArchiveWorker implements Worker {
  readonly warehouse: OpenWarehouse;
  private readonly archives: Archives;
  private readonly ending = new AbortController();
  private isMigrated = false;
  /** Rounds, and what others do between them. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ArchiveWorkerOptions) {
    const { stores, rules, clickhouse, probe, tracing } = options;
    const { logs, state, partitions } = stores;
    this.warehouse = openWarehouse(clickhouse);
    this.archives = archivesOf({
      warehouse: tracing?.warehouse(this.warehouse) ?? this.warehouse,
      logs,
      state,
      rules,
      nonce: randomUUID,
      probe,
      partitions: partitions.events,
      decided: (partition) => decidedOf(state, partition),
      delivered: () => deliveredOf(state),
      released: (partition) => ReleasedEvents.in(state, partition),
    });
  }

  /** How many records of each log wait for it. */
  waiting(): ReturnType<Archives['waiting']> {
    return this.archives.waiting();
  }

  async resume(): Promise<void> {
    await this.open();
  }

  open(): Promise<void> {
    return this.inTurn(() => this.reopened());
  }

  run(): Promise<number> {
    return this.inTurn(() => this.archives.run());
  }

  /**
   * Does something while it rests between two blocks.
   * @returns false, without having done it, where a block is half in the warehouse
   */
  whileResting(work: () => Promise<void>): Promise<boolean> {
    return this.inTurn(async () => {
      if (!this.isMigrated) await this.reopened();
      if (!this.archives.settled()) return false;
      await work();
      return true;
    });
  }

  /** Breaks off what is under way: a block that is cut off is inserted again by whoever comes next. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.warehouse.close();
  }

  private async reopened(): Promise<void> {
    if (!this.isMigrated) await migrated(this.options.clickhouse, this.ending.signal);
    this.isMigrated = true;
    await this.archives.reopen();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}
