// A client of Redis: one node, a cluster, or whom sentinels name; and what its errors mean.
import { Cluster, Redis } from 'ioredis';
import { CodedError } from '../../events/coded-error.js';
import type { RedisSettings } from './config.js';

export type Client = Redis | Cluster;

const RETRY_FIRST_MS = 50;
const RETRY_MOST_MS = 2_000;

/** A client that connects with its first command, and again whenever the connection is lost. */
export function openClient(settings: RedisSettings): Client {
  const { nodes, mode, master, sentinelPassword, username, password, tls, ca } = settings;
  const { connectTimeoutMs, commandTimeoutMs } = settings;
  const secure: { tls?: { ca?: string } } = tls ? { tls: ca === undefined ? {} : { ca } } : {};
  const common = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...secure,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    // A node that vanished without a word is left, and sought anew.
    socketTimeout: commandTimeoutMs,
    lazyConnect: true,
    // What was on its way when the connection was lost may have happened: its caller must look, not the client repeat.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    // A master that became a replica takes no writes: whoever is the master now is asked for.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    retryStrategy: (times: number) => Math.min(times * RETRY_FIRST_MS, RETRY_MOST_MS),
  };
  const places = nodes.map(placeOf);
  const client = (): Client => {
    if (mode === 'cluster') {
      // Here the client does repeat what was on its way to a node that left; no command of this folder minds.
      const slots = { slotsRefreshTimeout: connectTimeoutMs };
      return new Cluster(places, { redisOptions: common, lazyConnect: true, ...slots });
    }
    if (mode === 'single') return new Redis({ ...common, ...places[0] });
    const sentinel = {
      sentinels: places,
      name: master ?? '',
      ...(sentinelPassword !== undefined && { sentinelPassword }),
      enableTLSForSentinelMode: tls,
      ...(secure.tls !== undefined && { sentinelTLS: secure.tls }),
      // The sentinels say at once that there is another master.
      failoverDetector: true,
    };
    return new Redis({ ...common, ...sentinel });
  };
  // Every command that fails says so itself; without a listener the same would end the process.
  return client().on('error', () => undefined);
}

/** A client of one server by itself, which is not sought again where it is lost. */
export function openNode(
  { username, password, sentinelPassword, tls, ca, connectTimeoutMs }: RedisSettings,
  address: string,
  role: 'node' | 'sentinel',
): Redis {
  const word = role === 'node' ? password : sentinelPassword;
  return new Redis({
    ...placeOf(address),
    ...(role === 'node' && username !== undefined && { username }),
    ...(word !== undefined && { password: word }),
    ...(tls && { tls: ca === undefined ? {} : { ca } }),
    connectTimeout: connectTimeoutMs,
    commandTimeout: connectTimeoutMs,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
}

function placeOf(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: node.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(node.slice(colon + 1)) };
}

/** What the client says where it gives up looking for a server. */
const NO_CONNECTION: ReadonlySet<string> = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError']);

/** Runs a command. @throws CodedError what `redisFailure` makes of its error */
export async function asking<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    throw redisFailure(error);
  }
}

/** What an error of a command stands for; its text may repeat arguments, so only its first word is shown. */
function redisFailure(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const text = error instanceof Error ? error.message : '';
  const word = /^[A-Z][A-Z0-9_]+/.exec(text)?.[0] ?? (error instanceof Error ? error.name : 'error');
  if (word === 'OOM') {
    return new CodedError('STORE_FULL', 'Redis is at its maxmemory (OOM).', error);
  }
  if (word === 'WRONGTYPE')
    return new CodedError('STORE_DAMAGED', 'Redis holds another type (WRONGTYPE).', error);
  if (NO_CONNECTION.has(word))
    return new CodedError('STORE_UNREACHABLE', 'Redis cannot be reached; fenghuo doctor says why.', error);
  return new CodedError('STORE_UNREACHABLE', `Redis says ${word}.`, error);
}
