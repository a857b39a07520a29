// A real Redis server for tests: the one of the system, on a port and in a folder of its own.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, runCommand, startServer, type ServerProcess } from './process.js';

export interface TestRedis {
  /** Host and port. */
  readonly address: string;
  readonly port: number;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on what it kept. */
  start(): Promise<void>;
  /** Ends it and removes what it kept. */
  close(): Promise<void>;
}

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
 * Whether a server can be had here: `redis-server` of the system, which on Debian is installed where it is missing and
 * this is root under CI=true. Where not, the reason is written out and the tests are skipped; under CI=true that is a
 * failure.
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
export async function openTestRedis(options: RedisServerOptions = {}): Promise<TestRedis> {
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
  let server: ServerProcess | null = null;
  const start = async (): Promise<void> => {
    server = await startServer('redis-server', args, { port, waitMs: 30_000 });
  };
  const kill = async (): Promise<void> => {
    await server?.kill();
    server = null;
  };
  await start();
  return {
    address: `127.0.0.1:${port}`,
    port,
    kill,
    start,
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let finding: Promise<unknown> | null = null;

function found(): Promise<unknown> {
  return (finding ??= runCommand('redis-server', ['--version']));
}
