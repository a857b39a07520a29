// Log, state and vault in one LMDB environment: the store of the embedded mode, owned by one process.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { CodedError } from '../../events/coded-error.js';
import type { LettingGo } from '../../ports/letting-go.js';
import type { Log, LogName } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { NamedValues } from '../../ports/values.js';
import type { Vault } from '../../ports/vault.js';
import { LmdbLog } from './log.js';
import { takeFolder } from './ownership.js';
import { LmdbState } from './state.js';
import { KeySlots } from './key-slots.js';
import { LmdbValues } from './values.js';
import { KEY_CHECK, LmdbVault } from './vault.js';
import { Writer, writeFailure, type Table } from './writer.js';

export interface LmdbOptions {
  /** Folder of the environment, such as `<data>/lmdb`; made where it is missing, readable by its owner alone. */
  readonly path: string;
  /** The most that the data file may grow to, in bytes; by default only the disk limits it. */
  readonly mapSizeBytes?: number;
}

export const LOG_NAMES: Readonly<Record<LogName, string>> = {
  events: 'log/events',
  inbox: 'log/inbox',
  verdicts: 'log/verdicts',
  deliveries: 'log/deliveries',
  actions: 'log/actions',
  'dead-letters': 'log/dead-letters',
  operator: 'log/operator',
  audit: 'log/audit',
  withheld: 'log/withheld',
  cases: 'log/cases',
  seals: 'log/seals',
};

export interface LmdbStores {
  /** The log of that name; the same one each time. */
  log(name: LogName): Log & LettingGo;
  readonly state: StateStore;
  /** Whether a vault was ever used here: it opens with the master key of that time alone. */
  readonly vaultBegun: boolean;
  /** The vault whose keys are wrapped by this key of 32 bytes. */
  vault(masterKey: Uint8Array): Vault;
  /** Small named values of the deployment itself, such as the rules that it ran. */
  readonly meta: NamedValues;
  /**
   * Copies the data file, as it stands at one instant, into a folder that is there and empty; writes go on meanwhile.
   * What was deleted is not in the copy. The keys of persons lie in a file beside it: copied afterwards, it has all
   * that the copy refers to. @throws CodedError STORE_FULL, STORE_WRITE_FAILED
   */
  copyTo(folder: string): Promise<void>;
  /** Waits for the writes under way, closes, and lets another process open the folder. */
  close(): Promise<void>;
}

/**
 * Opens the environment and makes this process its owner.
 * @throws CodedError DATA_FOLDER_IN_USE where another process has it open.
 */
export async function openLmdb(options: LmdbOptions): Promise<LmdbStores> {
  await mkdir(options.path, { recursive: true, mode: 0o700 });
  const folder = await takeFolder(options.path);
  try {
    return await openOwned(options, () => folder.release());
  } catch (error) {
    await folder.release();
    throw error;
  }
}

async function openOwned(options: LmdbOptions, release: () => Promise<void>): Promise<LmdbStores> {
  // With overlapping sync a commit is seen before it is durable, and a failed flush is never reported.
  // With event-turn batching a failed commit leaves a rejected promise that nobody can handle.
  const environment = open<Buffer, Buffer>({
    path: options.path,
    noSubdir: false,
    maxDbs: 32,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const slots = new KeySlots(join(options.path, 'vault-keys'));
  try {
    await chmod(join(options.path, 'data.mdb'), 0o600);
    const table = (name: string): Table =>
      environment.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
    const writer = await Writer.open(environment, options.mapSizeBytes);
    // Opening a table is a synchronous transaction, so all are opened before the first write.
    const logs = new Map<string, LmdbLog>();
    for (const [name, stored] of Object.entries(LOG_NAMES))
      logs.set(name, new LmdbLog(table(stored), writer));
    const state = new LmdbState(table('checkpoints'), table('records'), table('timers'), writer);
    const [vaultTable, metaTable] = [table('vault'), table('meta')];
    let copying: Promise<unknown> = Promise.resolve();
    const close = async () => {
      await writer.close();
      // It reads the environment from a thread of its own.
      await copying;
      await slots.close();
      await environment.close();
      await release();
    };
    let closed: Promise<void> | undefined;
    return {
      log(name) {
        const log = logs.get(name);
        if (log === undefined) throw new CodedError('STORE_KEY', `There is no log named ${name}.`);
        return log;
      },
      state,
      vaultBegun: metaTable.getBinary(KEY_CHECK) !== undefined,
      vault: (masterKey) => new LmdbVault(vaultTable, metaTable, slots, writer, masterKey),
      meta: new LmdbValues(metaTable, writer),
      copyTo(folder) {
        const copied = copyOf(environment, writer, folder);
        copying = Promise.allSettled([copying, copied]);
        return copied;
      },
      close: () => (closed ??= close()),
    };
  } catch (error) {
    await environment.close();
    throw error;
  }
}

async function copyOf(
  environment: RootDatabase<Buffer, Buffer>,
  writer: Writer,
  folder: string,
): Promise<void> {
  writer.checkOpen();
  try {
    await environment.backup(folder, true);
    await chmod(join(folder, 'data.mdb'), 0o600);
  } catch (error) {
    throw await writeFailure(error);
  }
}
