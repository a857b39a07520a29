// What a look at real servers of Redis finds: settings that lose data, the wrong mode, a user who may not, a clock.
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisInput } from '../../../src/adapters/redis/config.js';
import { examineRedis } from '../../../src/adapters/redis/examine.js';
import { freePort, type TestServer } from '../../support/servers/process.js';
import { openTestCluster, openTestRedis, openTestSentinel, redisRuns } from '../../support/servers/redis.js';

const now = () => Date.now();

/** What is found, by what was looked at without its address. */
async function look(input: RedisInput, clock: () => number = now) {
  const findings = await examineRedis(input, { now: clock });
  return new Map(findings.map((finding) => [finding.about.replace(/^\S+ /, ''), finding]));
}

describe.runIf(await redisRuns())('a look at Redis', () => {
  const servers: { close(): Promise<void> }[] = [];
  let good: TestServer;
  const started = async (options: Parameters<typeof openTestRedis>[0] = {}) => {
    const server = await openTestRedis(options);
    servers.push(server);
    return server;
  };
  beforeAll(async () => {
    good = await started({ durable: true });
  });
  afterAll(async () => {
    for (const server of servers.reverse()) await server.close();
  });

  it('finds nothing wrong where everything is kept, and leaves nothing behind', async () => {
    const found = await look({ nodes: [good.address] });
    expect([...found.values()].filter(({ level }) => level !== 'ok')).toEqual([]);
    expect([...found.keys()].sort()).toEqual(
      ['appendfsync', 'appendonly', 'clock', 'maxmemory-policy', 'memory', 'mode', 'role', 'version']
        .concat('scripts that write')
        .sort(),
    );
    const admin = new Redis(good.port, '127.0.0.1');
    await expect.poll(() => admin.dbsize(), { timeout: 10_000 }).toBe(0);
    admin.disconnect();
  });

  it('finds a policy that throws state away, no file, and memory that is nearly full', async () => {
    const { address } = await started({ config: ['maxmemory 1mb', 'maxmemory-policy allkeys-lru'] });
    const found = await look({ nodes: [address] });
    expect(found.get('maxmemory-policy')).toMatchObject({
      level: 'error',
      expected: 'noeviction',
      fix: 'CONFIG SET maxmemory-policy noeviction, and in redis.conf',
    });
    expect(found.get('appendonly')).toMatchObject({ level: 'error', expected: 'yes' });
    expect(found.get('memory')).toMatchObject({ level: expect.stringMatching(/warning|error/) as string });
  });

  it('warns where a second can be lost, and says what of it is lost for good', async () => {
    const { address } = await started({ config: ['appendonly yes', 'appendfsync everysec'] });
    const sync = (await look({ nodes: [address] })).get('appendfsync');
    expect(sync).toMatchObject({ level: 'warning', expected: 'always' });
    expect(sync?.found).toContain('clear values of people are not');
  });

  it('finds a replica that is named as if it took writes', async () => {
    const { address } = await started({ config: [`replicaof 127.0.0.1 ${good.port}`] });
    const found = await look({ nodes: [address] });
    expect(found.get('role')).toMatchObject({ level: 'error', found: 'slave', expected: 'master' });
    expect(found.get('scripts that write')).toMatchObject({ level: 'error', found: 'refused: READONLY' });
  });

  it('warns of a master with replicas that would write without them', async () => {
    const master = await started();
    await started({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    const finding = async () => (await look({ nodes: [master.address] })).get('min-replicas-to-write')?.level;
    await expect.poll(finding, { timeout: 20_000 }).toBe('warning');
    const admin = new Redis(master.port, '127.0.0.1');
    await admin.config('SET', 'min-replicas-to-write', '1');
    admin.disconnect();
    expect(await finding()).toBe('ok');
  });

  it('finds a user who may neither run scripts nor look at settings, and a wrong password', async () => {
    const { address } = await started({
      config: ['user limited on >word ~* +@connection +info +time', 'user default off'],
    });
    const input = { nodes: [address], username: 'limited' };
    const found = await look({ ...input, password: 'word' });
    expect(found.get('scripts that write')).toMatchObject({ level: 'error', found: 'refused: NOPERM' });
    expect(found.get('settings')).toMatchObject({
      level: 'warning',
      fix: expect.stringMatching(/config\|get/) as string,
    });
    const [wrong, ...more] = await examineRedis({ ...input, password: 'wrong-word' }, { now });
    expect([wrong?.level, wrong?.fault, more]).toEqual(['error', 'WRONGPASS', []]);
    expect(JSON.stringify(wrong)).not.toContain('wrong-word');
  });

  it('finds that nobody listens', async () => {
    const [finding] = await examineRedis({ nodes: [`127.0.0.1:${await freePort()}`] }, { now });
    expect([finding?.level, finding?.fault]).toEqual(['error', 'ECONNREFUSED']);
  });

  it('finds a clock that is apart, either way', async () => {
    const [ahead, behind] = [() => Date.now() + 3_000, () => Date.now() - 20_000];
    expect((await look({ nodes: [good.address] }, ahead)).get('clock')).toMatchObject({ level: 'warning' });
    expect((await look({ nodes: [good.address] }, behind)).get('clock')).toMatchObject({ level: 'error' });
  });

  it('looks at every master of a cluster, and finds a mode that is not the one of the file', async () => {
    const cluster = await openTestCluster();
    servers.push(cluster);
    const [first = ''] = cluster.addresses;
    const findings = await examineRedis({ nodes: [first], mode: 'cluster' }, { now });
    const masters = findings
      .filter(({ about }) => about.endsWith(' role'))
      .map(({ about }) => about.split(' ')[0]);
    expect(masters.sort()).toEqual([...cluster.addresses].sort());
    const scripts = findings.filter(({ about }) => about.endsWith(' scripts that write'));
    expect(scripts.map(({ found }) => found)).toEqual(['they run', 'they run', 'they run']);
    const found = await look({ nodes: [first] });
    expect(found.get('mode')).toMatchObject({ level: 'error', fix: 'redis: { mode: cluster }' });
  });

  it('asks sentinels for the master, and finds a name that they do not know', async () => {
    const sentinel = await openTestSentinel('county', good);
    servers.push(sentinel);
    const input = { nodes: [sentinel.address], mode: 'sentinel' as const };
    const found = await look({ ...input, master: 'county' });
    expect(found.get('master county')).toMatchObject({ level: 'ok', found: good.address });
    expect(found.get('role')).toMatchObject({ level: 'ok' });
    const other = await look({ ...input, master: 'town' });
    expect(other.get('master town')).toMatchObject({
      level: 'error',
      fix: 'sentinel monitor town <host> <port> <quorum>',
    });
  });
});
