// One master of Redis: version, memory, what it does with full memory and with its file, scripts, clock.
import type { Redis } from 'ioredis';
import type { Finding } from '../../ports/finding.js';
import type { RedisSettings } from './config.js';
import { infoOf } from './info.js';

/** Of lists of a sorted set by bytes, of scripts and of HSET as they are used here. */
const VERSION_LEAST: readonly [number, number] = [6, 2];
const MEMORY_WARNING = 0.75;
const MEMORY_ERROR = 0.9;
const SKEW_WARNING_MS = 1_000;
const SKEW_ERROR_MS = 10_000;
const NAMES_MOST = 2_000;
const CONFIGURED = ['maxmemory-policy', 'appendonly', 'appendfsync', 'min-replicas-to-write'] as const;

export async function examineSettings(
  node: Redis,
  address: string,
  { prefix }: RedisSettings,
  { now }: { readonly now: () => number },
): Promise<Finding[]> {
  const info = infoOf(await node.info());
  const before = now();
  const [seconds, micros] = await node.time();
  const clock = Number(seconds) * 1_000 + Number(micros) / 1_000;
  const found = [
    versionFinding(info),
    roleFinding(info),
    memoryFinding(info),
    ...(await settingFindings(node, info)),
    await scriptFinding(node, prefix),
    clockFinding(clock, before, now()),
  ];
  return found.map((finding) => ({ ...finding, about: `${address} ${finding.about}` }));
}

function versionFinding(info: ReadonlyMap<string, string>): Finding {
  const found = info.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const isNew = major > VERSION_LEAST[0] || (major === VERSION_LEAST[0] && minor >= VERSION_LEAST[1]);
  if (isNew) return { about: 'version', level: 'ok', found };
  const expected = `${VERSION_LEAST.join('.')} or later`;
  return { about: 'version', level: 'error', found, expected, fix: 'update the server' };
}

function roleFinding(info: ReadonlyMap<string, string>): Finding {
  const role = info.get('role') ?? 'unknown';
  if (role === 'master') {
    const found = `master with ${info.get('connected_slaves') ?? '0'} replicas`;
    return { about: 'role', level: 'ok', found };
  }
  const fix = 'name the master in the file, or the sentinels that know it';
  return { about: 'role', level: 'error', found: role, expected: 'master', fix };
}

function memoryFinding(info: ReadonlyMap<string, string>): Finding {
  const used = Number(info.get('used_memory') ?? 0);
  const [limit, machine] = [Number(info.get('maxmemory') ?? 0), Number(info.get('total_system_memory') ?? 0)];
  const most = limit > 0 ? limit : machine;
  const of = limit > 0 ? 'maxmemory' : 'the memory of the machine';
  const found = `${megabytes(used)} of ${megabytes(most)} (${of}) are used`;
  const share = most === 0 ? 0 : used / most;
  if (share < MEMORY_WARNING) return { about: 'memory', level: 'ok', found };
  const expected = `less than ${MEMORY_WARNING * 100} %; at 100 % every checkpoint is refused (STORE_FULL)`;
  const fix = limit > 0 ? `CONFIG SET maxmemory <more than ${limit}>` : 'give the machine more memory';
  return { about: 'memory', level: share < MEMORY_ERROR ? 'warning' : 'error', found, expected, fix };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

/** Settings that a server may refuse to tell, as hosted ones do. */
async function settingFindings(node: Redis, info: ReadonlyMap<string, string>): Promise<Finding[]> {
  const values = new Map<string, string>();
  try {
    for (const name of CONFIGURED) {
      const [, value = 'unknown'] = await node.config('GET', name);
      values.set(name, value);
    }
  } catch {
    const found = 'this user may not look at them (CONFIG GET)';
    const expected = 'maxmemory-policy noeviction, appendonly yes, appendfsync always';
    const fix = 'ACL SETUSER <user> +config|get, or look yourself';
    return [{ about: 'settings', level: 'warning', found, expected, fix }];
  }
  return [
    policyFinding(values.get('maxmemory-policy') ?? '', info),
    ...fileFindings(values),
    ...replicaFindings(values.get('min-replicas-to-write') ?? '', info),
  ];
}

/** A master that is cut off from its replicas goes on acknowledging what a failover loses. */
function replicaFindings(least: string, info: ReadonlyMap<string, string>): Finding[] {
  if (Number(info.get('connected_slaves') ?? 0) === 0) return [];
  const about = 'min-replicas-to-write';
  if (Number(least) > 0) return [{ about, level: 'ok', found: least }];
  const found = `${least}: a master that is cut off acknowledges what is lost when another takes over`;
  const fix = 'CONFIG SET min-replicas-to-write 1 and min-replicas-max-lag 2, and in redis.conf';
  return [{ about, level: 'warning', found, expected: '1', fix }];
}

function policyFinding(policy: string, info: ReadonlyMap<string, string>): Finding {
  const about = 'maxmemory-policy';
  if (policy === 'noeviction') return { about, level: 'ok', found: policy };
  const isBounded = Number(info.get('maxmemory') ?? 0) > 0;
  const found = isBounded
    ? `${policy}: a full server throws state away in silence`
    : `${policy}, without a limit`;
  const fix = 'CONFIG SET maxmemory-policy noeviction, and in redis.conf';
  return { about, level: isBounded ? 'error' : 'warning', found, expected: 'noeviction', fix };
}

function fileFindings(values: ReadonlyMap<string, string>): Finding[] {
  const [file = '', sync = ''] = [values.get('appendonly'), values.get('appendfsync')];
  if (file !== 'yes') {
    const found = `${file}: a crash loses everything since the last snapshot`;
    const fix = 'CONFIG SET appendonly yes, and in redis.conf';
    return [{ about: 'appendonly', level: 'error', found, expected: 'yes', fix }];
  }
  const good: Finding = { about: 'appendonly', level: 'ok', found: file };
  if (sync === 'always') return [good, { about: 'appendfsync', level: 'ok', found: sync }];
  const loss =
    sync === 'everysec'
      ? 'a failing machine loses about a second; checkpoints are reckoned again, clear values of people are not'
      : 'a failing machine loses what the system had not flushed, often half a minute';
  const fix = 'CONFIG SET appendfsync always, and in redis.conf';
  const level = sync === 'everysec' ? 'warning' : 'error';
  return [good, { about: 'appendfsync', level, found: `${sync}: ${loss}`, expected: 'always', fix }];
}

/** A write by a script, as every checkpoint is one. */
async function scriptFinding(node: Redis, prefix: string): Promise<Finding> {
  const about = 'scripts that write';
  const script = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)";
  // A node of a cluster takes what lies on its slots alone; some name among these does.
  for (let name = 0; name < NAMES_MOST; name++) {
    try {
      await node.call('EVAL', script, 1, `${prefix}:{doctor-${name}}:written`);
      return { about, level: 'ok', found: 'they run' };
    } catch (error) {
      const word = /^[A-Z]+/.exec((error as Error).message)?.[0] ?? 'error';
      if (word === 'MOVED') continue;
      const fix = SCRIPT_FIXES[word] ?? 'grant what infra/redis/redis.conf names for its user';
      return { about, level: 'error', found: `refused: ${word}`, fix };
    }
  }
  return { about, level: 'warning', found: 'no key was found that lies on this node' };
}

const SCRIPT_FIXES: Readonly<Record<string, string>> = {
  OOM: 'CONFIG SET maxmemory <more>',
  READONLY: 'name the master in the file',
  NOREPLICAS: 'start the replicas that min-replicas-to-write asks for',
  MISCONF: 'the disk refuses what Redis writes: look into its log and free space',
};

/** @param before and @param after epoch ms of this machine around the question */
function clockFinding(clock: number, before: number, after: number): Finding {
  const skew = Math.round(Math.abs(clock - (before + after) / 2));
  const found = `${skew} ms apart from this machine, asked within ${Math.round(after - before)} ms`;
  const level = skew < SKEW_WARNING_MS ? 'ok' : skew < SKEW_ERROR_MS ? 'warning' : 'error';
  if (level === 'ok') return { about: 'clock', level, found };
  const expected = `less than ${SKEW_WARNING_MS} ms`;
  return {
    about: 'clock',
    level,
    found,
    expected,
    fix: 'chronyc makestep, on whichever of the two is wrong',
  };
}
