// The data folder of embedded mode: LMDB, keys, inboxes.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openInbox } from '../adapters/files/inbox.js';
import { openLmdb, type LmdbStores } from '../adapters/lmdb/lmdb.js';
import { readOrCreateKey } from '../adapters/lmdb/vault-key.js';
import { CodedError } from '../events/coded-error.js';
import type { Channel } from '../ports/channel.js';
import type { Logs } from '../ports/log.js';
import type { Vault } from '../ports/vault.js';

/** What one data folder holds. */
export interface DataFolder {
  readonly lmdb: LmdbStores;
  readonly logs: Logs;
  readonly vault: Vault;
  /** Keys the pseudonyms of personal values; made once. */
  readonly siteKey: Uint8Array;
  readonly inbox: Channel;
  readonly inboxDir: string;
  readonly warehouseDir: string;
  close(): Promise<void>;
}

/**
 * Opens the folder, making what is missing.
 * @param siteKey the key of pseudonyms where an operator holds it; else the folder makes its own
 * @throws CodedError DATA_FOLDER_IN_USE, or SITE_KEY where another key was used before
 */
export async function openDataFolder(dir: string, siteKey: Uint8Array | null): Promise<DataFolder> {
  await mkdir(dir, { recursive: true, mode: 0o750 });
  const lmdb = await openLmdb({ path: join(dir, 'lmdb') });
  try {
    const vault = lmdb.vault(await readOrCreateKey(join(dir, 'vault.key')));
    const inboxDir = join(dir, 'inbox');
    return {
      lmdb,
      logs: {
        events: lmdb.log('events'),
        inbox: lmdb.log('inbox'),
        verdicts: lmdb.log('verdicts'),
        deliveries: lmdb.log('deliveries'),
        'dead-letters': lmdb.log('dead-letters'),
        operator: lmdb.log('operator'),
      },
      vault,
      siteKey: await siteKeyOf(vault, siteKey),
      inbox: openInbox({ dir: inboxDir }),
      inboxDir,
      warehouseDir: join(dir, 'warehouse'),
      close: () => lmdb.close(),
    };
  } catch (error) {
    await lmdb.close();
    throw error;
  }
}

/** The site key lies in the vault itself, so that it is encrypted at rest like what it protects. */
async function siteKeyOf(vault: Vault, given: Uint8Array | null): Promise<Uint8Array> {
  const known = await vault.reveal('site-key');
  const kept = known === undefined ? null : Buffer.from(known, 'base64');
  if (kept !== null) {
    if (given !== null && !kept.equals(given)) throw new CodedError('SITE_KEY');
    return kept;
  }
  const fresh = Buffer.from(given ?? randomBytes(SITE_KEY_BYTES));
  await vault.keep([{ pseudonym: 'site-key', value: fresh.toString('base64') }]);
  return fresh;
}

const SITE_KEY_BYTES = 32;
