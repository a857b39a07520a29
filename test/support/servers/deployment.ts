// A deployment on real servers for tests: a broker, Redis, a warehouse, and processes of the built program in their roles.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openTestWarehouse, type TestWarehouse } from '../warehouse.js';
import { serversFile, topicsFile } from './files.js';
import { openTestBroker } from './kafka.js';
import { freePort, type TestServer } from './process.js';
import { openProxy, type Proxy } from './proxy.js';
import { openTestRedis } from './redis.js';

/** npm runs tests, and what is built of them, at the root of the package. */
const MAIN = resolve('dist/src/main.js');

export interface DeploymentOptions {
  readonly rulesDir: string;
  readonly partitions: { readonly events: number; readonly derived: number };
  /** Topics of other systems whose records are CloudEvents; they are to be made before anybody reads them. */
  readonly raw?: readonly string[];
  /** Whether the processes reach the servers through proxies, and Redis keeps what it acknowledged; not by default. */
  readonly isDisturbed?: boolean;
  /** The key of the pseudonyms, 64 hex digits, where an operator holds it; by default the vault makes its own. */
  readonly siteKey?: string;
  /** More variables of the processes. */
  readonly env?: { readonly [name: string]: string };
}

/** The ways from the processes to the servers. */
export interface Ways {
  readonly kafka: Proxy;
  readonly redis: Proxy;
  readonly clickhouse: Proxy;
}

/** A process of the program. */
export interface RoleProcess {
  readonly child: ChildProcess;
  /** Resolves once it has taken up its roles, with the address that it serves; null for none. */
  readonly ready: Promise<string | null>;
  /** Resolves when it has ended, with its exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** What it wrote. */
  output(): string;
  /** Ends it by a signal and waits. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface Deployment {
  /** The file of servers. */
  readonly config: string;
  /** Variables that processes of the program need, its secrets among them. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Its folder, with the local folder `data` of the processes. */
  readonly folder: string;
  readonly kafka: TestServer;
  readonly redis: TestServer;
  readonly warehouse: TestWarehouse;
  /** Null where there are no proxies. */
  readonly ways: Ways | null;
  readonly rulesDir: string;
  /** Starts the program with a command line. */
  start(args: readonly string[]): RoleProcess;
  /** Starts a process in some roles, on a free port where it serves. @param env more of its variables */
  run(roles: readonly string[], options?: readonly string[], env?: NodeJS.ProcessEnv): RoleProcess;
  /** Runs a command of the program to its end. @returns what it wrote; rejects where it fails */
  command(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  close(): Promise<void>;
}

/** Starts the servers and makes the topics. */
export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-deployment-'));
  const { kafka, redis, warehouse, ways } = await openServers(options.isDisturbed ?? false);
  const config = join(folder, 'servers.yaml');
  const topics = join(folder, 'topics.yaml');
  const url = ways === null ? warehouse.options.url : `http://${ways.clickhouse.address}`;
  const places = [(ways?.kafka ?? kafka).address, (ways?.redis ?? redis).address, url] as const;
  const [kafkaAt, redisAt, clickhouseAt] = places;
  const { raw = [] } = options;
  await writeFile(config, serversFile({ kafka: kafkaAt, redis: redisAt, clickhouse: clickhouseAt, raw }));
  await writeFile(topics, topicsFile(options.partitions));
  const held = options.siteKey === undefined ? {} : { FENGHUO_SITE_KEY: options.siteKey };
  const secrets = { TEST_WAREHOUSE_TOKEN: warehouse.options.password, ...held, ...options.env };
  const env = { ...process.env, ...secrets };
  const running = new Set<RoleProcess>();
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const started = startProgram(args, { ...env, ...more });
    running.add(started);
    void started.ended.then(() => running.delete(started));
    return started;
  };
  const command = async (args: readonly string[], more?: NodeJS.ProcessEnv) => {
    const started = start(args, more);
    const code = await started.ended;
    if (code !== 0) throw new Error(`fenghuo ${args.join(' ')} ended with ${code}: ${started.output()}`);
    return started.output();
  };
  await command(['topics', 'apply', '--config', config, '--topics', topics]);
  return {
    config,
    env: secrets,
    folder,
    kafka,
    redis,
    warehouse,
    ways,
    rulesDir: options.rulesDir,
    start: (args) => start(args),
    command,
    run: (roles, more = [], variables = {}) => {
      const named = ['--config', config, '--roles', roles.join(','), '--rules', options.rulesDir];
      return start(['run', ...named, '--port', '0', '--log-level', 'info', ...more], variables);
    },
    close: async () => {
      await Promise.all([...running].map((one) => one.end('SIGKILL')));
      const proxies = ways === null ? [] : Object.values<Proxy>({ ...ways });
      await Promise.all([kafka, redis, warehouse, ...proxies].map((one) => one.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openServers(isDisturbed: boolean) {
  const behind = await freePort();
  const way = isDisturbed ? await openProxy(behind) : null;
  const [kafka, redis, warehouse] = await Promise.all([
    openTestBroker(way === null ? {} : { proxy: { port: way.port, behind } }),
    openTestRedis({ durable: isDisturbed }),
    openTestWarehouse(),
  ]);
  if (way === null) return { kafka, redis, warehouse, ways: null };
  const clickhouse = await openProxy(Number(new URL(String(warehouse.options.url)).port));
  const ways: Ways = { kafka: way, redis: await openProxy(redis.port), clickhouse };
  return { kafka, redis, warehouse, ways };
}

function startProgram(args: readonly string[], env: NodeJS.ProcessEnv): RoleProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ended = new Promise<number | NodeJS.Signals>((done) =>
    child.once('close', (code, signal) => done(signal ?? code ?? -1)),
  );
  const ready = new Promise<string | null>((done, fail) => {
    const seen = (part: Buffer) => {
      text += part.toString();
      const served = /serving: (\S+)/.exec(text);
      if (served !== null) done(served[1] as string);
      else if (text.includes('/ ready')) done(null);
    };
    child.stdout.on('data', seen);
    child.stderr.on('data', seen);
    void ended.then((code) => fail(new Error(`it ended with ${code}: ${text}`)));
  });
  // Whoever does not wait for it learns of the end from `ended`.
  ready.catch(() => undefined);
  return {
    child,
    ready,
    ended,
    output: () => text,
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}
