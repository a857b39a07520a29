// A real Redis server for tests: the one of the system, on a port and in a folder of its own.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, openServer, runCommand, startServer, type TestServer } from './process.js';

export interface RedisServerOptions {
  /** Lines of its configuration, such as `maxmemory 4mb`. */
  readonly config?: readonly string[];
  /** Whether every write is on the disk before it is acknowledged; by default nothing is written. */
  readonly durable?: boolean;
}

export const CHECKPOINT_SCRIPT = await readFile(
  fileURLToPath(new URL('../../../infra/redis/checkpoint.lua', import.meta.url)),
  'utf8',
);

/**
 * Whether the system has `redis-server`. Where not, the reason is written out and the tests are skipped; under CI=true
 * that is a failure.
 */
export async function redisRuns(): Promise<boolean> {
  try {
    await found();
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    process.stderr.write(`tests of Redis are skipped: ${(error as Error).message}\n`);
    return false;
  }
}

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
