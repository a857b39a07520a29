// Reads an environment beside the process that owns it: what that has made durable, and nothing is changed.
import { open } from 'lmdb';
import { CodedError } from '../../events/coded-error.js';
import { STORE_LIMITS, checkWhole } from '../../events/store-limits.js';
import type { Log, LogName } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { NamedValues } from '../../ports/values.js';
import { decodeCheckpoint } from './layout.js';
import { LOG_NAMES } from './lmdb.js';
import { endOf, recordsFrom } from './records.js';
import type { Table } from './writer.js';

export type ReadableLog = Pick<Log, 'read' | 'end'>;

export interface LmdbReading {
  /** The log of that name as it stands at each call. */
  log(name: LogName): ReadableLog;
  readonly state: Pick<StateStore, 'checkpoint'>;
  /** They can be read, and not put. */
  readonly values: NamedValues;
  close(): Promise<void>;
}

/**
 * Opens the folder of an environment for reading alone, whether or not another process owns it.
 * @throws CodedError FILE_READ where there is none
 */
export function openLmdbReading(path: string): LmdbReading {
  const missing = (cause?: unknown) =>
    new CodedError('FILE_READ', `${path}: there is no data folder.`, cause);
  const environment = opened(path, missing);
  const table = (name: string): Table => {
    const found = environment.openDB<Buffer, Buffer>({
      name,
      encoding: 'binary',
      keyEncoding: 'binary',
    }) as Table | undefined;
    if (found === undefined) throw missing();
    return found;
  };
  const logs = new Map<LogName, ReadableLog>();
  const checkpoints = table('checkpoints');
  const meta = table('meta');
  return {
    log(name) {
      const known = logs.get(name) ?? logOf(table(LOG_NAMES[name]));
      logs.set(name, known);
      return known;
    },
    state: {
      checkpoint: async (namespace) => {
        const value = checkpoints.getBinary(Buffer.from(namespace));
        return value === undefined ? undefined : decodeCheckpoint(Buffer.from(value));
      },
    },
    values: {
      get: async (name) => meta.getBinary(Buffer.from(name)),
      put: refusePut,
      putOnce: refusePut,
    },
    close: () => environment.close(),
  };
}

async function refusePut(): Promise<never> {
  throw new Error('an environment that is opened for reading takes nothing');
}

function opened(path: string, missing: (cause: unknown) => CodedError) {
  try {
    return open<Buffer, Buffer>({
      path,
      readOnly: true,
      noSubdir: false,
      maxDbs: 32,
      encoding: 'binary',
      keyEncoding: 'binary',
    });
  } catch (error) {
    throw missing(error);
  }
}

function logOf(table: Table): ReadableLog {
  return {
    read: async (partition, offset, limit) => {
      checkWhole('offset', offset);
      checkWhole('limit', limit, STORE_LIMITS.readEntries);
      return recordsFrom(table, partition, offset, limit, endOf(table, partition));
    },
    end: async (partition) => endOf(table, partition),
  };
}
