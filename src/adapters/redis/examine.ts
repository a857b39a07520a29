// Whether Redis is as the state needs it: each server by itself, since a cluster or a master has settings of its own.
import type { Redis } from 'ioredis';
import type { Finding } from '../../ports/finding.js';
import { openNode } from './client.js';
import { REDIS_SCHEMA, type RedisInput, type RedisSettings } from './config.js';
import { examineSettings } from './examine-settings.js';
import { infoOf } from './info.js';

const MASTERS_MOST = 200;

/** What a look at the servers is given. */
export interface Examination {
  /** Epoch ms of this machine. */
  readonly now: () => number;
}

/**
 * Looks at every server that is named, and at those that they name as masters. On each master a key is written that
 * expires after a second.
 * @throws ZodError where the settings are not those of a connection
 */
export async function examineRedis(input: RedisInput, examination: Examination): Promise<Finding[]> {
  const settings = REDIS_SCHEMA.parse(input);
  const findings: Finding[] = [];
  const masters = new Set<string>();
  for (const address of settings.nodes) {
    const role = settings.mode === 'sentinel' ? 'sentinel' : 'node';
    findings.push(
      ...(await withNode(settings, address, role, (node) => examineNamed(node, address, settings, masters))),
    );
  }
  const examined = [...masters].slice(0, MASTERS_MOST);
  for (const address of examined) {
    const look = (node: Redis) => examineSettings(node, address, settings, examination);
    findings.push(...(await withNode(settings, address, 'node', look)));
  }
  return findings;
}

/** Looks at a server over a connection of its own; that it cannot be reached is a finding. */
async function withNode(
  settings: RedisSettings,
  address: string,
  role: 'node' | 'sentinel',
  look: (node: Redis) => Promise<Finding[]>,
): Promise<Finding[]> {
  let last: unknown = null;
  const node = openNode(settings, address, role).on('error', (error) => (last = error));
  try {
    await node.connect();
    await node.ping();
    return await look(node);
  } catch (error) {
    const fault = faultOf(last ?? error);
    return [{ about: address, level: 'error', found: `it cannot be asked: ${fault}`, fault }];
  } finally {
    node.disconnect();
  }
}

/** A server that the file names: whether it is of the mode that the file says, and which masters it knows. */
async function examineNamed(
  node: Redis,
  address: string,
  settings: RedisSettings,
  masters: Set<string>,
): Promise<Finding[]> {
  const info = infoOf(await node.info('server'));
  const modes: Readonly<Record<string, string>> = {
    standalone: 'single',
    cluster: 'cluster',
    sentinel: 'sentinel',
  };
  const is = modes[info.get('redis_mode') ?? ''] ?? 'unknown';
  if (is !== settings.mode) {
    const found = `the server is of mode ${is}`;
    const [expected, fix] = [`mode ${settings.mode}, as the file says`, `redis: { mode: ${is} }`];
    return [{ about: `${address} mode`, level: 'error', found, expected, fix }];
  }
  const good: Finding = { about: `${address} mode`, level: 'ok', found: is };
  if (is === 'single') {
    masters.add(address);
    return [good];
  }
  const more =
    is === 'sentinel'
      ? await examineSentinel(node, address, settings.master ?? '', masters)
      : await examineCluster(node, address, masters);
  return [good, ...more];
}

async function examineSentinel(
  node: Redis,
  address: string,
  name: string,
  masters: Set<string>,
): Promise<Finding[]> {
  const about = `${address} master ${name}`;
  const found = (await node.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string] | null;
  if (found === null) {
    const fix = `sentinel monitor ${name} <host> <port> <quorum>`;
    return [{ about, level: 'error', found: 'the sentinel watches no master of this name', fix }];
  }
  const master = `${bracketed(found[0])}:${found[1]}`;
  masters.add(master);
  const quorum = await node.call('SENTINEL', 'CKQUORUM', name).then(
    () => null,
    (error: unknown) => faultOf(error),
  );
  return [
    { about, level: 'ok', found: master },
    quorum === null
      ? { about: `${address} quorum`, level: 'ok', found: 'enough sentinels answer for a failover' }
      : {
          about: `${address} quorum`,
          level: 'error',
          found: `too few sentinels answer for a failover (${quorum})`,
          fix: 'start three sentinels on machines of their own, and lower the quorum of `sentinel monitor` to 2',
        },
  ];
}

async function examineCluster(node: Redis, address: string, masters: Set<string>): Promise<Finding[]> {
  const info = infoOf(String(await node.cluster('INFO')));
  for (const [, , first] of await node.cluster('SLOTS')) {
    if (first === undefined) continue;
    const [host, port] = first;
    masters.add(`${host === '' ? hostOf(address) : bracketed(host)}:${port}`);
  }
  const about = `${address} cluster_state`;
  const state = info.get('cluster_state') ?? 'unknown';
  const served = `${info.get('cluster_slots_ok') ?? '0'} of 16384 slots are served`;
  if (state === 'ok') return [{ about, level: 'ok', found: served }];
  const fix = `redis-cli --cluster check ${address}`;
  return [{ about, level: 'error', found: `${state}; ${served}`, expected: 'ok', fix }];
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

/** The first word of an answer, or the code of an error of the system; the text may repeat what was sent. */
function faultOf(error: unknown): string {
  const { message = '', code } = error as { message?: string; code?: unknown };
  const word = /^[A-Z][A-Z0-9_]+(?=\s|$)/.exec(message)?.[0];
  return word ?? (typeof code === 'string' ? code : message === 'Command timed out' ? 'ETIMEDOUT' : 'error');
}
