// A real Redis server for tests: the one of the system, on a port and in a folder of its own.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRedisScripts } from '../../../src/app/redis-scripts.js';
import { canRun, freePort, openServer, runCommand, startServer, type TestServer } from './process.js';

export interface RedisServerOptions {
  /** Lines of its configuration, such as `maxmemory 4mb`. */
  readonly config?: readonly string[];
  /** Whether every write is on the disk before it is acknowledged; by default nothing is written. */
  readonly durable?: boolean;
}

export const REDIS_SCRIPTS = await readRedisScripts();

/** Whether its tests run here; see `canRun`. */
export const redisRuns = (): Promise<boolean> => canRun('Redis', found);

/** Starts a server on the loopback, empty. */
export async function openTestRedis(options: RedisServerOptions = {}): Promise<TestServer> {
  await found();
  const { config = [], durable = false } = options;
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-redis-'));
  const port = await freePort();
  const kept = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const args = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...kept],
    ...config.flatMap((line) => {
      const [name = '', ...values] = line.split(' ');
      return [`--${name}`, ...values];
    }),
  ];
  return openServer(folder, port, () => startServer('redis-server', args, { port, waitMs: 30_000 }));
}

let finding: Promise<unknown> | null = null;

function found(): Promise<unknown> {
  return (finding ??= runCommand('redis-server', ['--version']));
}
