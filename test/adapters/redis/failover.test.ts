// Redis as a cluster, behind sentinels and over TLS: the same contract, and a failover that loses what was acknowledged.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedis } from '../../../src/adapters/redis/redis.js';
import type { Checkpoint } from '../../../src/ports/state.js';
import { stateContract } from '../../contract/state.js';
import { valuesContract } from '../../contract/values.js';
import { vaultContract } from '../../contract/vault.js';
import type { TestServer } from '../../support/servers/process.js';
import {
  REDIS_SCRIPTS,
  openTestCluster,
  openTestRedis,
  openTestSentinel,
  redisRuns,
} from '../../support/servers/redis.js';
import { CERTIFICATE, KEY } from '../http/certificate.js';

const runs = await redisRuns();
const masterKey = new Uint8Array(32).fill(5);
const bytes = (text: string) => new TextEncoder().encode(text);

function step(base: number, baseNonce: string, nonce: string): Checkpoint {
  const records = new Map([['k', bytes(nonce)]]);
  return { base, baseNonce, nonce, meta: bytes(nonce), records, timersSet: [], timersCleared: [] };
}

/** Stores on a cluster of their own. */
async function clustered() {
  const cluster = await openTestCluster();
  const open = () =>
    openRedis({ nodes: [...cluster.addresses], mode: 'cluster', commandTimeoutMs: 20_000 }, REDIS_SCRIPTS);
  let stores = open();
  return {
    stores,
    reopen: async () => {
      await stores.close();
      return (stores = open());
    },
    close: async () => {
      await stores.close();
      await cluster.close();
    },
  };
}

if (runs) {
  stateContract('a cluster of Redis', async () => {
    const { stores, reopen, close } = await clustered();
    return { state: stores.state, reopen: async () => (await reopen()).state, close };
  });
  vaultContract('a cluster of Redis', async () => {
    const { stores, reopen, close } = await clustered();
    return { vault: stores.vault(masterKey), reopen: async () => (await reopen()).vault(masterKey), close };
  });
  valuesContract('a cluster of Redis', async () => {
    const { stores, reopen, close } = await clustered();
    return { values: stores.values, reopen: async () => (await reopen()).values, close };
  });
}

describe.runIf(runs)('a master of Redis that fails behind its sentinel', () => {
  const servers: TestServer[] = [];
  const clients: Redis[] = [];
  let master: TestServer;
  let sentinel: TestServer;
  const admin = (server: TestServer) => {
    const client = new Redis(server.port, '127.0.0.1').on('error', () => undefined);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    master = await openTestRedis();
    const replica = await openTestRedis({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    sentinel = await openTestSentinel('county', master);
    servers.push(sentinel, replica, master);
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    for (const server of servers) await server.close();
  });

  it('is followed by its replica, and a checkpoint that builds on what got lost is fenced', async () => {
    // The sentinel must have heard from the replica itself, or it would not have it for a master.
    const asked = admin(sentinel);
    const heard = async () => String(await asked.call('SENTINEL', 'REPLICAS', 'county'));
    await expect.poll(heard, { timeout: 30_000 }).toContain('master-link-status,ok');
    const input = { nodes: [sentinel.address], mode: 'sentinel' as const, master: 'county' };
    const { state, ...stores } = openRedis({ ...input, commandTimeoutMs: 5_000 }, REDIS_SCRIPTS);
    expect(await state.commit('evaluate/0', step(0, '', 'a'))).toEqual({ ok: true });
    const inside = admin(master);
    expect(await inside.wait(1, 10_000)).toBe(1);
    // From here on the replica is not let in any more, so that it misses what the master still acknowledges.
    await inside.config('SET', 'requirepass', 'another');
    await inside.call('CLIENT', 'KILL', 'TYPE', 'replica');
    expect(await state.commit('evaluate/0', step(1, 'a', 'b'))).toEqual({ ok: true });
    await master.kill();
    const nonce = () => state.checkpoint('evaluate/0').then((stored) => stored?.nonce);
    await expect(nonce()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect.poll(() => nonce().catch(() => 'nobody'), { timeout: 40_000 }).toBe('a');
    expect(await state.commit('evaluate/0', step(2, 'b', 'c'))).toEqual({ ok: false, reason: 'fenced' });
    expect(await nonce()).toBe('a');
    expect(await state.commit('evaluate/0', step(1, 'a', 'd'))).toEqual({ ok: true });
    await stores.close();
  }, 90_000);
});

describe.runIf(runs)('a write that replicas must have', () => {
  it('counts once they have it, and not where they do not', async () => {
    const master = await openTestRedis();
    const replica = await openTestRedis({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    const input = { nodes: [master.address], replicas: 1, commandTimeoutMs: 4_000 };
    const { values, ...stores } = openRedis(input, REDIS_SCRIPTS);
    const vault = stores.vault(masterKey);
    const asked = new Redis(replica.port, '127.0.0.1').on('error', () => undefined);
    await expect
      .poll(() => asked.info('replication'), { timeout: 20_000 })
      .toContain('master_link_status:up');
    await vault.keep([{ pseudonym: 'p', value: 'a' }]);
    await values.putOnce('name', bytes('1'));
    expect(await asked.hexists('fenghuo:{vault}:persons', 'p')).toBe(1);
    expect(await asked.get('fenghuo:value:name')).toBe('1');
    await vault.erase('p');
    expect(await asked.hexists('fenghuo:{vault}:persons', 'p')).toBe(0);
    asked.disconnect();
    await replica.close();
    const refused = {
      code: 'STORE_UNREACHABLE',
      message: expect.stringContaining('0 of 1 replicas') as string,
    };
    await expect(vault.keep([{ pseudonym: 'q', value: 'b' }])).rejects.toMatchObject(refused);
    await expect(values.putOnce('name', bytes('2'))).rejects.toMatchObject(refused);
    await stores.close();
    await master.close();
  }, 90_000);

  it('is refused in a cluster, whose servers have a setting for it', () => {
    const input = { nodes: ['127.0.0.1:1'], mode: 'cluster' as const, replicas: 1 };
    expect(() => openRedis(input, REDIS_SCRIPTS)).toThrow(/min-replicas-to-write/);
  });
});

describe.runIf(runs)('Redis over TLS', () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fenghuo-redis-tls-'));
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    await writeFile(certificate, CERTIFICATE);
    await writeFile(key, KEY);
    server = await openTestRedis({
      secure: true,
      config: [
        `tls-cert-file ${certificate}`,
        `tls-key-file ${key}`,
        `tls-ca-cert-file ${certificate}`,
        'tls-auth-clients no',
      ],
    });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true });
  });

  it('is used where its certificate is of the authority that is named, and refused where it is not', async () => {
    const input = { nodes: [server.address], tls: true, commandTimeoutMs: 5_000 };
    const known = openRedis({ ...input, ca: CERTIFICATE }, REDIS_SCRIPTS);
    expect(await known.state.commit('evaluate/0', step(0, '', 'a'))).toEqual({ ok: true });
    await known.close();
    for (const other of [input, { ...input, tls: false }]) {
      const stores = openRedis(other, REDIS_SCRIPTS);
      await expect(stores.state.checkpoint('evaluate/0')).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
      });
      await stores.close();
    }
  });
});
