// Whether a server of Redis throws keys away when it is full: none of them may, since each is state.
import { Cluster } from 'ioredis';
import { asking, type Client } from './client.js';
import { infoOf } from './info.js';

/**
 * Asks every master, of a client that is connected. Policies that drop only what expires drop nothing here.
 * @returns the policy of the first that may drop anything; null where none may, or where this user may not ask
 * @throws CodedError STORE_UNREACHABLE
 */
export async function evictingPolicy(client: Client): Promise<string | null> {
  const masters = client instanceof Cluster ? client.nodes('master') : [client];
  for (const master of masters) {
    const info = infoOf(await asking(() => master.info('memory').catch(unlessForbidden)));
    const policy = info.get('maxmemory_policy') ?? '';
    if (policy.startsWith('allkeys-') && Number(info.get('maxmemory') ?? 0) > 0) return policy;
  }
  return null;
}

function unlessForbidden(error: unknown): string {
  if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
  throw error;
}
