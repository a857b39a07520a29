// The vault in a real Redis: many processes at a time, another master key, and what an erasure leaves on the disk.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedis, type RedisStores } from '../../../src/adapters/redis/redis.js';
import type { TestServer } from '../../support/servers/process.js';
import { REDIS_SCRIPTS, openTestRedis, redisRuns } from '../../support/servers/redis.js';

const key = new Uint8Array(32).fill(5);
const otherKey = new Uint8Array(32).fill(6);

describe.runIf(await redisRuns())('vault on redis', () => {
  let server: TestServer;
  let admin: Redis;
  const opened: RedisStores[] = [];
  const open = () => {
    const stores = openRedis({ nodes: [server.address], commandTimeoutMs: 5_000 }, REDIS_SCRIPTS);
    opened.push(stores);
    return stores;
  };
  beforeAll(async () => {
    server = await openTestRedis({ durable: true });
    admin = new Redis(server.port, '127.0.0.1');
  });
  beforeEach(() => admin.flushall());
  afterEach(async () => {
    for (const stores of opened.splice(0)) await stores.close();
  });
  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  async function appendFolder(): Promise<string> {
    const [, dir = ''] = await admin.config('GET', 'dir');
    return join(dir, 'appendonlydir');
  }

  /** All that the server has written of its writes. */
  async function appended(): Promise<string> {
    const folder = await appendFolder();
    const names = await readdir(folder);
    const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
    return Buffer.concat(files).toString('latin1');
  }

  async function record(pseudonym: string): Promise<string> {
    const found = await admin.hgetBuffer('fenghuo:{vault}:persons', pseudonym);
    if (found === null) throw new Error('nothing is kept');
    return found.toString('latin1');
  }

  it('keeps one value of a person however many processes bring one at a time', async () => {
    const vaults = Array.from({ length: 8 }, () => open().vault(key));
    for (let round = 0; round < 20; round++) {
      const pseudonym = `raced${round}`;
      await Promise.all(vaults.map((vault, index) => vault.keep([{ pseudonym, value: `of ${index}` }])));
      const revealed = await Promise.all(vaults.map((vault) => vault.reveal(pseudonym)));
      expect(revealed[0]).toMatch(/^of \d$/);
      expect(new Set(revealed).size).toBe(1);
    }
  });

  it('takes one of two master keys that are used first at the same time', async () => {
    const vaults = [open().vault(key), open().vault(otherKey)] as const;
    const entry = { pseudonym: 'p', value: 'a' };
    const outcomes = await Promise.allSettled(vaults.map((vault) => vault.keep([entry])));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(await vaults[winner]?.reveal('p')).toBe('a');
    await expect(vaults[1 - winner]?.reveal('p')).rejects.toMatchObject({ code: 'VAULT_KEY' });
  });

  it('refuses another master key before it writes anything with it', async () => {
    const stores = open();
    expect(await stores.vaultBegun()).toBe(false);
    await stores.vault(key).keep([{ pseudonym: 'p', value: 'a' }]);
    expect(await stores.vaultBegun()).toBe(true);
    const other = stores.vault(otherKey);
    await expect(other.keep([{ pseudonym: 'p', value: 'a' }])).rejects.toMatchObject({ code: 'VAULT_KEY' });
    await expect(other.keep([{ pseudonym: 'q', value: 'b' }])).rejects.toMatchObject({ code: 'VAULT_KEY' });
    await expect(other.reveal('nobody')).rejects.toMatchObject({ code: 'VAULT_KEY' });
    expect(() => stores.vault(new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'VAULT_KEY' }));
    expect(await stores.vault(key).reveal('q')).toBeUndefined();
  });

  it('leaves no clear value on the disk, and nothing of an erased person once the file is rewritten', async () => {
    const vault = open().vault(key);
    await vault.keep([
      { pseudonym: 'gone', value: 'the clear value' },
      { pseudonym: 'stays', value: 'the clear value' },
    ]);
    const [gone, stays] = [await record('gone'), await record('stays')];
    await vault.erase('gone');
    expect(await admin.hexists('fenghuo:{vault}:persons', 'gone')).toBe(0);
    const before = await appended();
    expect([before.includes(gone), before.includes('the clear value')]).toEqual([true, false]);
    await rewritten();
    const after = await appended();
    expect([after.includes(gone), after.includes(stays)]).toEqual([false, true]);
    expect(await vault.reveal('stays')).toBe('the clear value');
  });

  /** Has the server rewrite its file, and waits until the old one is gone. */
  async function rewritten(): Promise<void> {
    await admin.bgrewriteaof();
    await expect
      .poll(() => admin.info('persistence'), { timeout: 20_000, interval: 50 })
      .toMatch(/aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0/);
    const names = async () => readdir(await appendFolder());
    await expect.poll(async () => (await names()).length, { timeout: 20_000, interval: 50 }).toBe(3);
  }

  it('says that a value is damaged, or of another person, without repeating any of it', async () => {
    const vault = open().vault(key);
    await vault.keep([{ pseudonym: 'p', value: 'the clear value' }]);
    const kept = Buffer.from(await record('p'), 'latin1');
    await admin.hset('fenghuo:{vault}:persons', 'q', kept);
    const cut = kept.subarray(0, 70);
    await admin.hset('fenghuo:{vault}:persons', 'r', cut, 's', Buffer.alloc(0));
    for (const pseudonym of ['q', 'r', 's']) {
      const error = await vault.reveal(pseudonym).catch((reason: unknown) => reason as Error);
      expect(error).toMatchObject({ code: 'VAULT_DAMAGED' });
      expect(String(error)).not.toContain('clear value');
    }
    expect(await vault.reveal('p')).toBe('the clear value');
  });

  it('keeps values of the largest size, several pages of them', async () => {
    const vault = open().vault(key);
    const value = 'x'.repeat(65_536);
    await vault.keep(Array.from({ length: 100 }, (_, index) => ({ pseudonym: `large${index}`, value })));
    expect(await vault.reveal('large99')).toBe(value);
    expect(await admin.hlen('fenghuo:{vault}:persons')).toBe(100);
  });
});
