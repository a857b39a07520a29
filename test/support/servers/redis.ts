// A real Redis server for tests: the one of the system, on a port and in a folder of its own.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readRedisScripts } from '../../../src/app/redis-scripts.js';
import { canRun, freePort, openServer, runCommand, startServer, type TestServer } from './process.js';

export interface RedisServerOptions {
  /** Lines of its configuration, such as `maxmemory 4mb`. */
  readonly config?: readonly string[];
  /** Whether every write is on the disk before it is acknowledged; by default nothing is written. */
  readonly durable?: boolean;
  /** Whether its port speaks TLS; the configuration names the certificate. */
  readonly secure?: boolean;
}

export const REDIS_SCRIPTS = await readRedisScripts();

/** Whether its tests run here; see `canRun`. */
export const redisRuns = (): Promise<boolean> => canRun('Redis', found);

/** Starts a server on the loopback, empty. */
export async function openTestRedis(options: RedisServerOptions = {}): Promise<TestServer> {
  await found();
  const { config = [], durable = false, secure = false } = options;
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-redis-'));
  const port = await freePort();
  const kept = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const args = [
    ...(secure ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)]),
    ...['--bind', '127.0.0.1', '--dir', folder, '--save', '', ...kept],
    ...config.flatMap((line) => {
      const [name = '', ...values] = line.split(' ');
      return [`--${name}`, ...values];
    }),
  ];
  return openServer(folder, port, () => startServer('redis-server', args, { port, waitMs: 30_000 }));
}

/** Some servers that are one. */
export interface TestCluster {
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

/** Starts a cluster of three masters on the loopback, empty, each slot with one of them. */
export async function openTestCluster(): Promise<TestCluster> {
  const servers: TestServer[] = [];
  const close = async () => {
    for (const server of servers) await server.close();
  };
  try {
    for (let node = 0; node < 3; node++) {
      const config = ['cluster-enabled yes', 'cluster-node-timeout 5000', `cluster-port ${await freePort()}`];
      servers.push(await openTestRedis({ config }));
    }
    const addresses = servers.map(({ address }) => address);
    await runCommand('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
    for (const { port } of servers) await joined(port);
    return { addresses, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until a node serves its slots: it does so a moment after it has them. */
async function joined(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const info = await runCommand('redis-cli', ['-p', String(port), 'cluster', 'info']);
    if (info.includes('cluster_state:ok')) return;
    await setTimeout(100);
  }
  throw new Error('the cluster was not ready within 30 s');
}

/** Starts a sentinel that watches a master under a name, and calls it gone after a second. */
export async function openTestSentinel(name: string, master: TestServer): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-sentinel-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 10000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const args = [file, '--sentinel'];
  return openServer(folder, port, () => startServer('redis-server', args, { port, waitMs: 30_000 }));
}

let finding: Promise<unknown> | null = null;

function found(): Promise<unknown> {
  return (finding ??= runCommand('redis-server', ['--version']));
}
