// State, vault and named values in Redis: the store of the distributed mode.
import type { StateStore } from '../../ports/state.js';
import type { NamedValues } from '../../ports/values.js';
import type { SharedVault } from '../../ports/vault.js';
import { asking, openClient, type Client } from './client.js';
import { evictingPolicy } from './eviction.js';
import { REDIS_SCHEMA, type RedisInput } from './config.js';
import { RedisState } from './state.js';
import { RedisValues } from './values.js';
import { RedisVault, checkKey, type VaultScripts } from './vault.js';

/** Texts of the files in infra/redis. */
export interface RedisScripts {
  /** checkpoint.lua */
  readonly checkpoint: string;
  readonly vault: VaultScripts;
}

export interface RedisStores {
  readonly state: StateStore;
  /** Whether a vault was ever used here: it opens with the master key of that time alone. */
  vaultBegun(): Promise<boolean>;
  /** The vault whose keys are wrapped by this key of 32 bytes, the same in every process. */
  vault(masterKey: Uint8Array): SharedVault;
  readonly values: NamedValues;
  /** The policy by which a full server throws away keys of any kind; null where none does, or where it may not be asked. */
  evictingPolicy(): Promise<string | null>;
  /** The clock of a server, epoch ms; null where this user may not ask. */
  clock(): Promise<number | null>;
  close(): Promise<void>;
}

/**
 * Opens the store; it connects with the first call.
 * @throws ZodError where the settings are not those of a connection
 */
export function openRedis(input: RedisInput, scripts: RedisScripts): RedisStores {
  const settings = REDIS_SCHEMA.parse(input);
  const { prefix, replicas, commandTimeoutMs } = settings;
  const client = openClient(settings);
  // The answer that it took too long has to come before the command itself is given up.
  const writing = { client, replicas, waitMs: Math.floor(commandTimeoutMs / 2) };
  return {
    state: new RedisState(client, prefix, scripts.checkpoint),
    vaultBegun: async () => (await asking(() => client.exists(checkKey(prefix)))) === 1,
    vault: (masterKey) => new RedisVault(writing, prefix, scripts.vault, masterKey),
    values: new RedisValues(writing, prefix),
    evictingPolicy: () => evictingPolicy(client),
    clock: () => asking(() => clockOf(client)),
    close: async () => client.disconnect(),
  };
}

async function clockOf(client: Client): Promise<number | null> {
  try {
    const [seconds, micros] = await client.time();
    return Number(seconds) * 1_000 + Number(micros) / 1_000;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return null;
    throw error;
  }
}
