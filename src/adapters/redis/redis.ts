// State in Redis: the store of the distributed mode.
import type { StateStore } from '../../ports/state.js';
import { openClient } from './client.js';
import { REDIS_SCHEMA, type RedisInput } from './config.js';
import { RedisState } from './state.js';

export interface RedisStores {
  readonly state: StateStore;
  close(): Promise<void>;
}

/**
 * Opens the store; it connects with the first call.
 * @param script the text of infra/redis/checkpoint.lua
 * @throws ZodError where the settings are not those of a connection
 */
export function openRedis(input: RedisInput, script: string): RedisStores {
  const settings = REDIS_SCHEMA.parse(input);
  const client = openClient(settings);
  return {
    state: new RedisState(client, settings.prefix, script),
    close: async () => client.disconnect(),
  };
}
