// The data folder of embedded mode: LMDB, keys, inboxes.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openInbox } from '../adapters/files/inbox.js';
import { openLmdb, type LmdbStores } from '../adapters/lmdb/lmdb.js';
import { readOrCreateKey } from '../adapters/lmdb/vault-key.js';
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

/** Opens the folder, making what is missing. @throws CodedError DATA_FOLDER_IN_USE */
export async function openDataFolder(dir: string): Promise<DataFolder> {
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
      siteKey: await siteKeyOf(lmdb, vault),
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
async function siteKeyOf(lmdb: LmdbStores, vault: Vault): Promise<Uint8Array> {
  const known = await vault.reveal('site-key');
  if (known !== undefined) return Buffer.from(known, 'base64');
  const fresh = randomBytes(32);
  await vault.keep([{ pseudonym: 'site-key', value: fresh.toString('base64') }]);
  return fresh;
}
