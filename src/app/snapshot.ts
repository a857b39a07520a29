// A copy of log, state and warehouse that belong together, made beside the data folder's other work.
import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openControl, type Control, type Exchange } from '../adapters/control/control.js';
import type { ClickHouseInput } from '../adapters/clickhouse/config.js';
import { backUpDatabase, type Held, type RowCounts } from '../adapters/clickhouse/copying.js';
import type { LmdbStores } from '../adapters/lmdb/lmdb.js';
import { CodedError } from '../events/coded-error.js';
import type { Embedded } from './embedded.js';
import { noteBackup } from './last-backup.js';
import type { Log as Logger } from './log.js';
import { answered, readHoldRequest, type Retaining } from './retaining.js';
import { DATABASE, type WarehouseStage } from './warehouse.js';
import { within } from './within.js';

/** A copy under `<data>/copies`, for whoever asked for it to take away. */
export interface Snapshot {
  /** It has `lmdb/data.mdb`, and `warehouse` where that was copied. */
  readonly folder: string;
  /** Rows by table; null where the warehouse was left out. */
  readonly rows: RowCounts | null;
  /** What rollups add up to; a process of an older build says nothing of them. */
  readonly sums?: RowCounts;
}

/** What is asked of the process that owns a data folder, with or without its warehouse. */
export const SNAPSHOT = 'snapshot';
export const SNAPSHOT_WITHOUT_WAREHOUSE = 'snapshot-without-warehouse';
/** That a back-up which was taken at the instant that is sent with it came to its end. */
export const BACKED_UP = 'backed-up';
/** Something about legal holds, which is sent with it. */
export const HOLD = 'hold';

/** A warehouse that is stalled is not waited for longer. */
const RESTED_MS = 30_000;

/** Where the owner of a data folder listens. */
export function controlPath(dataDir: string): string {
  return join(dataDir, 'lmdb', 'control.sock');
}

/**
 * Copies the warehouse first and the log second, while no archive inserts: so the warehouse of the copy has exactly
 * what the checkpoints in the log's copy say that it has, and never anything that the log lacks.
 * @param warehouse null to leave it out
 * @param now when the back-up is made, epoch ms
 * @throws CodedError BACKUP_WAREHOUSE, STORE_FULL and others; nothing is left behind then
 */
export async function takeSnapshot(
  lmdb: Pick<LmdbStores, 'copyTo'>,
  warehouse: ClickHouseInput | null,
  copiesDir: string,
  now: number,
): Promise<Snapshot> {
  const folder = join(copiesDir, randomBytes(8).toString('hex'));
  await mkdir(join(folder, 'lmdb'), { recursive: true, mode: 0o700 });
  try {
    const held = warehouse === null ? null : await copiedWarehouse(warehouse, join(folder, 'warehouse'), now);
    await lmdb.copyTo(join(folder, 'lmdb'));
    return { folder, rows: null, ...held };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function copiedWarehouse(warehouse: ClickHouseInput, path: string, now: number): Promise<Held> {
  try {
    return await backUpDatabase(warehouse, path, now);
  } catch (error) {
    throw new CodedError('BACKUP_WAREHOUSE', error instanceof Error ? error.message : '', error);
  }
}

/** Lets commands take copies of a data folder that this process runs on, and order legal holds. */
export async function openSnapshots(
  dataDir: string,
  embedded: Embedded,
  retaining: Pick<Retaining, 'hold'>,
  log: Logger,
): Promise<Control | null> {
  const { copiesDir } = embedded.folder;
  let underWay = false;
  const answer = async (exchange: Exchange): Promise<void> => {
    if (exchange.asked === HOLD) {
      const request = readHoldRequest(exchange.given);
      const holds = await retaining.hold(request);
      const warehouse = embedded.archive.stage?.warehouse ?? null;
      const { state } = embedded.folder;
      return exchange.say(await answered(holds, request, { state, partitions: 1, warehouse }));
    }
    if (exchange.asked === BACKED_UP) {
      const at = instantIn(exchange);
      if (at !== undefined) await noteBackup(embedded.folder.values, at);
      log.info({ taken: at }, 'the back-up came to its end');
      return exchange.say({ noted: at });
    }
    const withWarehouse = exchange.asked === SNAPSHOT;
    if (!withWarehouse && exchange.asked !== SNAPSHOT_WITHOUT_WAREHOUSE)
      throw new CodedError('BACKUP_NO_ANSWER', 'This build does not know what was asked for.');
    if (underWay) throw new CodedError('BACKUP_BUSY');
    underWay = true;
    try {
      log.info({ warehouse: withWarehouse }, 'a back-up is taken');
      await embedded.folder.tokens.keepGiven();
      exchange.say(await snapshotOf(embedded, withWarehouse, instantIn(exchange) ?? Date.now()));
      await exchange.over;
    } catch (error) {
      log.failure('backup', error, 0);
      throw error;
    } finally {
      await rm(copiesDir, { recursive: true, force: true });
      underWay = false;
    }
  };
  try {
    // What is there is of a process that was killed.
    await rm(copiesDir, { recursive: true, force: true });
    return await openControl(controlPath(dataDir), answer);
  } catch (error) {
    // Everything else works without it.
    log.failure('backup', error, 0);
    return null;
  }
}

/** The instant that is given with a request, epoch ms; undefined where a program of another age gives none. */
function instantIn({ given }: Exchange): number | undefined {
  const { at } = (given ?? {}) as { readonly at?: unknown };
  return Number.isSafeInteger(at) ? Number(at) : undefined;
}

async function snapshotOf(embedded: Embedded, withWarehouse: boolean, now: number): Promise<Snapshot> {
  const { lmdb, copiesDir, warehouseDir } = embedded.folder;
  const { stage } = embedded.archive;
  if (!withWarehouse) return takeSnapshot(lmdb, null, copiesDir, now);
  if (stage === null) {
    if (await isThere(warehouseDir))
      throw new CodedError('BACKUP_WAREHOUSE', 'It is there, and this process runs without it.');
    return takeSnapshot(lmdb, null, copiesDir, now);
  }
  const { child } = stage;
  const warehouse = { url: child.url, password: child.token, database: DATABASE };
  let late = false;
  let began: () => void = () => undefined;
  const begun = new Promise<boolean>((done) => (began = () => done(true)));
  const taken = embedded.archive.whileResting(async () => {
    if (late) throw new CodedError('STOPPED');
    began();
    await settle(stage);
    return takeSnapshot(lmdb, warehouse, copiesDir, now);
  });
  taken.catch(() => began());
  if (!(await within(RESTED_MS, begun, false))) {
    late = true;
    taken.catch(() => undefined);
    throw new CodedError('BACKUP_WAREHOUSE', `It did not finish a block within ${RESTED_MS / 1_000} s.`);
  }
  return taken;
}

/** Inserts what was recorded and not done: a copy of the tables does not know the tokens by which it would count once. */
async function settle(stage: WarehouseStage): Promise<void> {
  if (stage.settled()) return;
  try {
    await stage.reopen();
    await stage.run();
  } catch (error) {
    throw new CodedError('BACKUP_WAREHOUSE', error instanceof Error ? error.message : '', error);
  }
}

export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
