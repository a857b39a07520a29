// The data folder of embedded mode: LMDB, keys, inboxes.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { openInbox } from '../adapters/files/inbox.js';
import { Tokens } from '../adapters/files/tokens.js';
import { sealKey } from '../adapters/files/seal-key.js';
import { vaultKey } from '../adapters/files/vault-key.js';
import { openLmdb, type LmdbStores } from '../adapters/lmdb/lmdb.js';
import { CodedError } from '../events/coded-error.js';
import { RecentLog } from '../pipeline/recent-log.js';
import type { Channel } from '../ports/channel.js';
import type { Log, LogName, Logs } from '../ports/log.js';
import type { SealSigner } from '../ports/seal-signer.js';
import type { StateStore } from '../ports/state.js';
import type { NamedValues } from '../ports/values.js';
import type { Vault } from '../ports/vault.js';
import { OperatorAlerts, type Telling } from './operators.js';

/** What a deployment keeps, wherever that is. */
export interface Stores {
  readonly state: StateStore;
  readonly values: NamedValues;
  readonly logs: Logs;
  readonly vault: Vault;
  /** Keys the pseudonyms of personal values; made once. */
  readonly siteKey: Uint8Array;
  readonly inbox: Channel;
  readonly inboxDir: string;
  readonly tokens: Tokens;
  readonly operators: OperatorAlerts;
  /** Opens the key of the seals, making it where none was signed yet. @throws CodedError SEAL_KEY */
  sealSigner(): Promise<SealSigner>;
  close(): Promise<void>;
}

/** What one data folder holds. */
export interface DataFolder extends Stores {
  readonly lmdb: LmdbStores;
  readonly warehouseDir: string;
  /** Where copies of the warehouse are made before they go into a back-up. */
  readonly copiesDir: string;
}

/**
 * Opens the folder, making what is missing.
 * @param siteKey the key of pseudonyms where an operator holds it; else the folder makes its own
 * @param telling where alerts for the operators are said as they come; nowhere if undefined
 * @throws CodedError DATA_FOLDER where it cannot be written, DATA_FOLDER_IN_USE, VAULT_KEY, or SITE_KEY where another
 *   key was used before
 */
export async function openDataFolder(
  dir: string,
  siteKey: Uint8Array | null,
  telling?: Telling,
): Promise<DataFolder> {
  const operators = new OperatorAlerts(telling);
  await checkWritable(dir);
  const lmdb = await openLmdb({ path: join(dir, 'lmdb') }).catch((error: unknown) => {
    throw systemCode(error) === ''
      ? error
      : new CodedError('DATA_FOLDER', unusable(join(dir, 'lmdb'), error), error);
  });
  try {
    const vault = lmdb.vault(await vaultKey(join(dir, 'vault.key'), lmdb.vaultBegun));
    const inboxDir = join(dir, 'inbox');
    return {
      lmdb,
      state: lmdb.state,
      values: lmdb.meta,
      logs: logsOf((name) => lmdb.log(name), operators),
      vault,
      siteKey: await siteKeyOf(vault, siteKey),
      inbox: openInbox({ dir: inboxDir }),
      inboxDir,
      warehouseDir: join(dir, 'warehouse'),
      copiesDir: join(dir, 'copies'),
      tokens: tokensOf(dir, lmdb.meta),
      operators,
      sealSigner: async () => sealKey(sealKeyPath(dir), (await lmdb.log('seals').end(0)) > 0),
      close: () => lmdb.close(),
    };
  } catch (error) {
    await lmdb.close();
    throw error;
  }
}

/** The logs by name: with their end at hand where others read it at once, and told where they are for the operators. */
export function logsOf(log: (name: LogName) => Log, operators: OperatorAlerts): Logs {
  return {
    events: log('events'),
    inbox: new RecentLog(log('inbox')),
    verdicts: log('verdicts'),
    deliveries: new RecentLog(log('deliveries')),
    actions: log('actions'),
    'dead-letters': log('dead-letters'),
    operator: operators.heard(log('operator')),
    audit: log('audit'),
    withheld: log('withheld'),
    cases: log('cases'),
    seals: log('seals'),
  };
}

/**
 * The tokens of a data folder; they can be changed while it is in use.
 * @param values keep that one was given; undefined where the file alone says so
 */
export function tokensOf(dir: string, values?: NamedValues): Tokens {
  return new Tokens(join(dir, 'tokens.json'), values);
}

/** Where a data folder keeps the key of its seals. */
export function sealKeyPath(dir: string): string {
  return join(dir, 'seal.key');
}

/** LMDB says of a file that it may not open neither which nor why, so each is tried before. */
async function checkWritable(dir: string): Promise<void> {
  let path = dir;
  try {
    await makeFolder(resolve(dir), (made) => (path = made));
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const name of [
      'lmdb',
      'lmdb/data.mdb',
      'lmdb/lock.mdb',
      'lmdb/vault-keys',
      'vault.key',
      'seal.key',
    ]) {
      path = join(dir, name);
      const wanted = name.endsWith('.key') ? constants.R_OK : constants.R_OK | constants.W_OK;
      await access(path, wanted).catch(refuseUnlessMissing);
    }
  } catch (error) {
    throw new CodedError('DATA_FOLDER', unusable(path, error), error);
  }
}

/**
 * Makes a folder and those above it, one by one: on Node 20 a recursive mkdir never returns where a parent that is
 * there refuses a child as if it were missing, as those of /proc do.
 * @param trying hears of each folder before it is made
 */
async function makeFolder(dir: string, trying: (dir: string) => void): Promise<void> {
  const missing: string[] = [];
  for (let here = dir; !(await isThere(here)) && dirname(here) !== here; here = dirname(here))
    missing.push(here);
  for (const one of missing.reverse()) {
    trying(one);
    await mkdir(one, { mode: 0o750 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
  trying(dir);
  if (!(await stat(dir)).isDirectory()) throw Object.assign(new Error(NO_FOLDER), { code: 'ENOTDIR' });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}

function refuseUnlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** What stands in the way, and what to do about it. */
function unusable(path: string, error: unknown): string {
  const reason = REASONS.get(systemCode(error));
  return `${path}: ${reason ?? (error instanceof Error ? error.message : String(error))}`;
}

/** Name of the system's error, which LMDB gives as a number; empty where it is none of the system. */
function systemCode(error: unknown): string {
  if (error instanceof CodedError) return '';
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && code > 0) return getSystemErrorName(-code);
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : '';
}

const NO_FOLDER = 'a file stands where a folder is expected; remove it.';
const NOT_ALLOWED = 'this user may not read and write it; change its owner or mode, or run as its owner.';
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no folder can be made there; choose another place.'],
  ['EEXIST', NO_FOLDER],
  ['ENOTDIR', NO_FOLDER],
  ['EACCES', NOT_ALLOWED],
  ['EPERM', NOT_ALLOWED],
  ['EROFS', 'it lies on a file system that is mounted read-only; mount it for writing.'],
  ['ENOSPC', 'there is no room left on the disk; free some.'],
]);

/**
 * The site key lies in the vault itself, so that it is encrypted at rest like what it protects. Where several make
 * their own at once, the first that is kept counts.
 * @throws CodedError SITE_KEY where another key was used before
 */
export async function siteKeyOf(vault: Vault, given: Uint8Array | null): Promise<Uint8Array> {
  const kept = await keptSiteKey(vault);
  if (kept !== null) {
    if (given !== null && !kept.equals(given)) throw new CodedError('SITE_KEY');
    return kept;
  }
  const fresh = Buffer.from(given ?? randomBytes(SITE_KEY_BYTES));
  await vault.keep([{ pseudonym: SITE_KEY_NAME, value: fresh.toString('base64') }]);
  const first = (await keptSiteKey(vault)) ?? Buffer.alloc(0);
  if (given !== null && !first.equals(fresh)) throw new CodedError('SITE_KEY');
  return first;
}

/** The site key that the vault keeps; null for none. */
export async function keptSiteKey(vault: Vault): Promise<Buffer | null> {
  const known = await vault.reveal(SITE_KEY_NAME);
  return known === undefined ? null : Buffer.from(known, 'base64');
}

/** Keeps the site key in place of another, which was made where the one before was lost. */
export async function replaceSiteKey(vault: Vault, key: Uint8Array): Promise<void> {
  if ((await keptSiteKey(vault))?.equals(key) === false) await vault.erase(SITE_KEY_NAME);
  await siteKeyOf(vault, key);
}

const SITE_KEY_NAME = 'site-key';
const SITE_KEY_BYTES = 32;
