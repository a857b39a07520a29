// State in a real Redis: the contract of every store, and what a server does that crashes, forgets or is full.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openRedis } from '../../../src/adapters/redis/redis.js';
import { projectFolder } from '../../../src/app/version.js';
import type { Checkpoint } from '../../../src/ports/state.js';
import { stateContract } from '../../contract/state.js';
import { valuesContract } from '../../contract/values.js';
import { sharedVaultContract, vaultContract } from '../../contract/vault.js';
import { freePort, runCommand, type TestServer } from '../../support/servers/process.js';
import { REDIS_SCRIPTS, openTestCluster, openTestRedis, redisRuns } from '../../support/servers/redis.js';

const runs = await redisRuns();
const open = (address: string, prefix = 'fenghuo') =>
  openRedis({ nodes: [address], prefix, commandTimeoutMs: 5_000 }, REDIS_SCRIPTS);

/** Stores on a server of their own; one that is durable is killed between, and comes back from its disk. */
async function reopenable(durable: boolean) {
  const server = await openTestRedis({ durable });
  let stores = open(server.address);
  return {
    stores,
    reopen: async () => {
      await stores.close();
      if (durable) await server.kill();
      if (durable) await server.start();
      return (stores = open(server.address));
    },
    close: async () => {
      await stores.close();
      await server.close();
    },
  };
}

if (runs) {
  const masterKey = new Uint8Array(32).fill(5);
  stateContract('Redis', async () => {
    const { stores, reopen, close } = await reopenable(false);
    return { state: stores.state, reopen: async () => (await reopen()).state, close };
  });
  vaultContract('Redis', async () => {
    const { stores, reopen, close } = await reopenable(true);
    return {
      vault: stores.vault(masterKey),
      reopen: async () => (await reopen()).vault(masterKey),
      close,
    };
  });
  sharedVaultContract('Redis', async () => {
    const { stores, close } = await reopenable(false);
    return { vault: stores.vault(masterKey), close };
  });
  valuesContract('Redis', async () => {
    const { stores, reopen, close } = await reopenable(true);
    return { values: stores.values, reopen: async () => (await reopen()).values, close };
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

function step(base: number, baseNonce: string, nonce: string, key = 'k', value = nonce): Checkpoint {
  const records = new Map([[key, bytes(value)]]);
  return { base, baseNonce, nonce, meta: bytes(nonce), records, timersSet: [], timersCleared: [] };
}

describe.runIf(runs)('a Redis that', () => {
  const servers: TestServer[] = [];
  afterAll(async () => {
    for (const server of servers) await server.close();
  });
  const started = async (options: Parameters<typeof openTestRedis>[0] = {}) => {
    const server = await openTestRedis(options);
    servers.push(server);
    return server;
  };

  it('crashes has what it acknowledged, where every write is on the disk', async () => {
    const server = await started({ durable: true });
    const { state, ...stores } = open(server.address);
    expect(await state.commit('evaluate/0', step(0, '', 'a'))).toEqual({ ok: true });
    await server.kill();
    await expect(state.commit('evaluate/0', step(1, 'a', 'b'))).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
    await server.start();
    expect((await state.checkpoint('evaluate/0'))?.nonce).toBe('a');
    expect(await state.commit('evaluate/0', step(1, 'a', 'c'))).toEqual({ ok: true });
    await stores.close();
  });

  it('goes back to an earlier checkpoint refuses the one that builds on what it forgot', async () => {
    const server = await started();
    const { state, ...stores } = open(server.address);
    await state.commit('evaluate/0', step(0, '', 'a'));
    await server.kill();
    await server.start();
    expect(await state.checkpoint('evaluate/0')).toBeUndefined();
    expect(await state.commit('evaluate/0', step(1, 'a', 'b'))).toEqual({ ok: false, reason: 'fenced' });
    expect(await state.load('evaluate/0', ['k'])).toEqual([undefined]);
    await stores.close();
  });

  it('is full refuses the whole checkpoint, and keeps the one before', async () => {
    const server = await started({ config: ['maxmemory 3mb', 'maxmemory-policy noeviction'] });
    const { state, ...stores } = open(server.address);
    await state.commit('evaluate/0', step(0, '', 'a'));
    const large = (base: number, from: string, nonce: string) =>
      state.commit('evaluate/0', step(base, from, nonce, nonce, 'x'.repeat(1_000_000)));
    let [base, nonce] = [1, 'a'];
    let failure: unknown = null;
    for (; failure === null && base < 10; base++) {
      const next = `n${base}`;
      await large(base, nonce, next).then(
        () => (nonce = next),
        (error: unknown) => (failure = error),
      );
    }
    expect(failure).toMatchObject({ code: 'STORE_FULL' });
    expect((await state.checkpoint('evaluate/0'))?.nonce).toBe(nonce);
    expect(await state.keys('evaluate/0', 'n', '', 100)).toHaveLength(base - 2);
    await stores.close();
  });

  it('would throw state away when it is full is found out, and one that drops only what expires is not', async () => {
    const small = await openTestRedis({ config: ['maxmemory 16mb', 'maxmemory-policy allkeys-lru'] });
    const stores = openRedis({ nodes: [small.address] }, REDIS_SCRIPTS);
    const set = (...args: string[]) =>
      runCommand('redis-cli', ['-p', String(small.port), 'CONFIG', 'SET', ...args]);
    expect(await stores.evictingPolicy()).toBe('allkeys-lru');
    await set('maxmemory-policy', 'volatile-lru');
    expect(await stores.evictingPolicy()).toBeNull();
    await set('maxmemory-policy', 'allkeys-random');
    expect(await stores.evictingPolicy()).toBe('allkeys-random');
    await set('maxmemory', '0');
    expect(await stores.evictingPolicy()).toBeNull();
    await stores.close();
    await small.close();
  });

  it('is a cluster is asked at each of its masters', async () => {
    const cluster = await openTestCluster();
    const stores = openRedis({ mode: 'cluster', nodes: cluster.addresses.slice(0, 1) }, REDIS_SCRIPTS);
    await stores.values.get('any');
    expect(await stores.evictingPolicy()).toBeNull();
    const port = cluster.addresses[2]?.split(':')[1] ?? '';
    for (const [name, value] of [
      ['maxmemory', '64mb'],
      ['maxmemory-policy', 'allkeys-lfu'],
    ] as const)
      await runCommand('redis-cli', ['-p', port, 'CONFIG', 'SET', name, value]);
    expect(await stores.evictingPolicy()).toBe('allkeys-lfu');
    await stores.close();
    await cluster.close();
  }, 60_000);

  it('has a user with the rights that infra/redis/redis.conf names serves all, and no other keys', async () => {
    const text = await readFile(join(projectFolder(), 'infra', 'redis', 'redis.conf'), 'utf8');
    const line = /^# (user fenghuo .*)$/m.exec(text)?.[1] ?? 'no such line';
    const hash = createHash('sha256').update('word').digest('hex');
    const server = await started({ config: [line.replace(/#<.*>/, `#${hash}`)] });
    const input = { nodes: [server.address], username: 'fenghuo', password: 'word' };
    const stores = openRedis(input, REDIS_SCRIPTS);
    expect(await stores.state.commit('evaluate/0', step(0, '', 'a'))).toEqual({ ok: true });
    expect(await stores.state.load('evaluate/0', ['k'])).toHaveLength(1);
    expect(await stores.state.keys('evaluate/0', '', '', 10)).toEqual(['k']);
    expect(await stores.state.due('evaluate/0', 1, 10)).toEqual([]);
    const vault = stores.vault(new Uint8Array(32));
    await vault.keep([{ pseudonym: 'p', value: 'a' }]);
    expect([await stores.vaultBegun(), await vault.reveal('p')]).toEqual([true, 'a']);
    await vault.setAside(['p'], 'me');
    expect([await vault.aside(), await vault.erasures()]).toEqual([['p'], 1]);
    await vault.putBack(['p'], 'me');
    await vault.erase('p');
    await stores.values.put('name', bytes('1'));
    expect(await stores.values.putOnce('name', bytes('2'))).toEqual(Buffer.from('1'));
    await stores.close();
    const waiting = openRedis({ ...input, replicas: 1, commandTimeoutMs: 500 }, REDIS_SCRIPTS);
    await expect(waiting.values.put('name', bytes('3'))).rejects.toThrow('0 of 1 replicas');
    await waiting.close();
    const other = openRedis({ ...input, prefix: 'other' }, REDIS_SCRIPTS);
    await expect(other.values.get('name')).rejects.toThrow('NOPERM');
    await other.close();
  });

  it('serves two deployments keeps them apart', async () => {
    const server = await started();
    const [one, other] = [open(server.address, 'one'), open(server.address, 'other')];
    await one.state.commit('evaluate/0', step(0, '', 'a'));
    expect(await other.state.checkpoint('evaluate/0')).toBeUndefined();
    await one.close();
    await other.close();
  });
});

describe('the settings of Redis', () => {
  it('name a master with sentinels and one node without', () => {
    const settings = (more: object) => () => openRedis({ nodes: ['127.0.0.1:1'], ...more }, REDIS_SCRIPTS);
    expect(settings({ mode: 'sentinel' })).toThrow(/master/);
    expect(settings({ nodes: ['a:1', 'b:1'] })).toThrow(/one node/);
    expect(settings({ nodes: ['a'] })).toThrow(/host:port/);
  });

  it('say that nobody answers, without repeating a password', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const { state, ...stores } = openRedis({ nodes: [address], password: 'secret-word' }, REDIS_SCRIPTS);
    const failure: unknown = await state.checkpoint('evaluate/0').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(String(failure)).toContain('fenghuo doctor says why');
    expect(String(failure)).not.toContain('secret-word');
    await stores.close();
  });
});
