// Terms of personal values and legal holds on real servers: two processes run while holds are ordered and terms end.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { ServerRetaining } from '../../src/app/distributed/server-retaining.js';
import { openServerStores, type ServerStores } from '../../src/app/distributed/server-stores.js';
import { readWholeServers } from '../../src/app/servers-file.js';
import { pseudonymOf } from '../../src/events/pseudonym.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import type { AuditEntry } from '../../src/pipeline/audit.js';
import { checkpointOf, decodeJson } from '../../src/pipeline/checkpoint.js';
import { CITY, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment } from '../support/servers/deployment.js';
import { kafkaRuns, letGoOfEvents } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import { chdbRuns } from '../support/warehouse.js';

const DAY_MS = 86_400_000;
const PARTITIONS = { events: 3, derived: 1 };
const FILES = new Map([...CITY, ['catalogue/retention.yaml', 'personal: { complaint: 30d }']]);
const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('terms and holds on servers', { timeout: 240_000 }, () => {
  let deployment: Deployment;
  let rulesDir: string;
  let token: string;
  let url: string;
  let stores: ServerStores;
  let warehouse: OpenWarehouse;
  const silent = { info: () => undefined, error: () => undefined };
  const failures: unknown[] = [];
  /** What the clocks of the sweeps here say; the processes go by the real one. */
  let now = Date.now();

  beforeAll(async () => {
    rulesDir = await writeCity(FILES);
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS });
    const data = join(deployment.folder, 'data');
    token = (await deployment.command(['token', 'add', 'op', '--role', 'operator', '--data', data])).trim();
    const [first, second] = [
      deployment.run(['http', 'ingest', 'archive']),
      deployment.run(['evaluate', 'alert', 'archive']),
    ];
    url = (await first.ready) ?? '';
    await second.ready;
    process.env['TEST_WAREHOUSE_TOKEN'] = deployment.env['TEST_WAREHOUSE_TOKEN'];
    const servers = await readWholeServers(deployment.config);
    stores = await openServerStores(servers, null, { log: silent, now: () => now });
    warehouse = openWarehouse(servers.clickhouse);
  }, 240_000);
  afterAll(async () => {
    await warehouse?.close();
    await stores?.close();
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  const sweeping = () =>
    new ServerRetaining({
      ...{ stores, warehouse, holds: () => true, now: () => now },
      rules: () => loadRules(FILES).rules as RuleSet,
      log: { info: silent.info, failure: (_what, error) => void failures.push(error) },
    });
  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const name = (person: string) => pseudonymOf('name', person, stores.siteKey);
  const kept = (...people: string[]) =>
    Promise.all(people.map(async (person) => (await stores.vault.reveal(name(person))) !== undefined));
  const complain = async (shop: number, complainant: string) => {
    const event = { specversion: '1.0', source: 'urn:example:test', type: 'fenghuo.complaint' };
    const about = { id: `${shop} ${complainant}`, subject: `shop:${shop}`, time: new Date().toISOString() };
    const answer = await post('/v1/events', { ...event, ...about, data: { category: '食品', complainant } });
    expect(answer.status).toBe(202);
  };
  const hold = async (...args: string[]) => {
    const said = await deployment.command(['hold', ...args, '--config', deployment.config]);
    return said
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((cells) => cells.length > 1);
  };
  const ordered = (shop: number) => {
    const until = new Date(Date.now() + 365 * DAY_MS).toISOString();
    return hold('add', '--subject', `shop:${shop}`, '--by', '张三', '--reason', '行政复议', '--until', until);
  };
  const noted = async (...whats: string[]) => {
    const { audit } = stores.logs;
    const records = await audit.read(0, 0, await audit.end(0));
    const entries = records.map(({ value }) => decodeJson<AuditEntry>(value));
    return entries.filter(({ what }) => whats.includes(what));
  };

  it('refuse an erasure, keep what is held out of a sweep, and let it go once, after the hold has ended', async () => {
    for (const [index, person] of ['甲某某', '乙某某', '丙某某', '丁某某'].entries())
      await complain(index, person);
    // At once, and while the processes run.
    const [[first]] = (await Promise.all([ordered(0), ordered(1)])) as [[string[]], [string[]]];
    expect((await hold('list')).map(([, subject]) => subject).sort()).toEqual([
      'subject:shop:0',
      'subject:shop:1',
    ]);
    const erasure = (value: string) =>
      post('/v1/personal/erase', { kind: 'name', value, reason: '本人申请' });
    const refused = await erasure('甲某某');
    expect([refused.status, (await refused.text()).includes('PERSONAL_HELD')]).toEqual([409, true]);
    expect((await erasure('丁某某')).ok).toBe(true);
    expect(await kept('甲某某', '乙某某', '丙某某', '丁某某')).toEqual([true, true, true, false]);

    now = Date.now() + 31 * DAY_MS;
    const swept = await Promise.all([sweeping().daily(), sweeping().daily()]);
    expect(swept.filter((one) => one?.erased === 1 && one.held === 2 && one.whole)).toHaveLength(1);
    expect(await sweeping().daily()).toBeNull();
    expect(await kept('甲某某', '乙某某', '丙某某')).toEqual([true, true, false]);

    await hold('end', first[0] as string, '--by', '张三', '--reason', '结案');
    now += DAY_MS;
    expect(await sweeping().daily()).toEqual({ erased: 1, held: 1, whole: true });
    expect(await sweeping().daily()).toBeNull();
    expect(await kept('甲某某', '乙某某')).toEqual([false, true]);
    expect((await noted('erase-by-term')).map(({ pseudonym }) => pseudonym)).toEqual([
      name('丙某某'),
      name('甲某某'),
    ]);
    expect((await noted('hold', 'end-hold')).map(({ what }) => what)).toEqual(['hold', 'hold', 'end-hold']);
    // Whoever is named again is kept again.
    await complain(9, '甲某某');
    expect(await kept('甲某某')).toEqual([true]);
    expect(failures).toEqual([]);
  });

  it('know from the warehouse who was named in events that Kafka let go of before they were indexed', async () => {
    await ordered(20);
    for (let shop = 20; shop < 30; shop++) await complain(shop, `人${shop}`);
    const ends = await Promise.all(
      Array.from({ length: PARTITIONS.events }, async (_, partition) => {
        const end = await stores.logs.events.end(partition);
        await expect
          .poll(() => archived(partition), { timeout: 60_000, interval: 200 })
          .toBeGreaterThanOrEqual(end);
        return end;
      }),
    );
    await letGoOfEvents(deployment.kafka.address, ends);
    const held = await sweeping().holding(name('人20'));
    expect(held.map(({ subject }) => subject)).toEqual(['subject:shop:20']);
    expect(await sweeping().holding(name('人21'))).toEqual([]);
    now += 31 * DAY_MS;
    expect(await sweeping().daily()).toMatchObject({ whole: true });
    expect(await kept('人20', '人21', '人29')).toEqual([true, false, false]);
  });

  async function archived(partition: number): Promise<number> {
    const found = await checkpointOf<{ readonly next: number }>(stores.state, `archive/events/${partition}`);
    return found?.next ?? 0;
  }
});
