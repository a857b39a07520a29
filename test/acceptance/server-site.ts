// Places on servers: names of their own on one broker, one Redis and one warehouse, and a process in all roles.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { applyTopics } from '../../src/app/kafka-topics.js';
import { serversFile, topicsFile } from '../support/servers/files.js';
import { openTestBroker } from '../support/servers/kafka.js';
import { openTestRedis } from '../support/servers/redis.js';
import { openTestWarehouse } from '../support/warehouse.js';
import { tablesOf, type Left } from './embedded.js';
import { launch } from './program.js';
import { served, type Site, type Sites } from './site.js';

const PARTITIONS = { events: 2, derived: 1 };
const ARCHIVED_ATTEMPTS = 600;

export function serverSites(): Sites {
  let opened: ReturnType<typeof openServers> | null = null;
  const folders: string[] = [];
  return {
    open: async () => {
      const servers = await (opened ??= openServers());
      const folder = await mkdtemp(join(tmpdir(), 'fenghuo-site-'));
      folders.push(folder);
      return openSite(servers, folder, `site${folders.length}`);
    },
    close: async () => {
      const servers = await opened;
      await Promise.all(Object.values({ ...servers }).map((one) => one.close()));
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openServers() {
  const [kafka, redis, warehouse] = await Promise.all([
    openTestBroker(),
    openTestRedis(),
    openTestWarehouse(),
  ]);
  return { kafka, redis, warehouse };
}

type Servers = Awaited<ReturnType<typeof openServers>>;

async function openSite({ kafka, redis, warehouse }: Servers, folder: string, prefix: string): Promise<Site> {
  const config = join(folder, 'servers.yaml');
  const topics = join(folder, 'topics.yaml');
  const { url, password = '' } = warehouse.options;
  await writeFile(
    config,
    serversFile({ kafka: kafka.address, redis: redis.address, clickhouse: url, prefix }),
  );
  await writeFile(topics, topicsFile(PARTITIONS));
  await applyTopics(config, topics);
  const run = (options: readonly string[] = [], environment: Record<string, string> = {}) =>
    launch(['--config', config, ...options], { TEST_WAREHOUSE_TOKEN: password, ...environment });
  const serve: Site['serve'] = (options, environment) => served(run(options, environment));
  return {
    folder: join(folder, 'data'),
    start: run,
    serve,
    warehouse: () => warehouse.embedded.pid ?? -1,
    outlives: true,
    archived: async (table, rows) => {
      const { running } = await serve();
      const reading = openWarehouse({ url, password, database: prefix });
      try {
        for (let attempt = 1; ; attempt++) {
          // The tables may not be made yet.
          const tables: Left['tables'] = await tablesOf(reading).catch(() => ({}));
          const found = tables[table] ?? [];
          if (found.length >= rows || attempt === ARCHIVED_ATTEMPTS) return found;
          await new Promise((done) => setTimeout(done, 100));
        }
      } finally {
        await reading.close();
        running.child.kill('SIGTERM');
        await running.ended;
      }
    },
  };
}
