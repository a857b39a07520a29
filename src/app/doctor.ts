// What is to be known of the servers before anything runs on them: each looked at, each finding with what to do.
import { join } from 'node:path';
import { examineClickHouse } from '../adapters/clickhouse/examine.js';
import { examineKafka } from '../adapters/kafka/examine.js';
import { examineRedis } from '../adapters/redis/examine.js';
import { CodedError } from '../events/coded-error.js';
import { visible } from '../model/format-diagnostic.js';
import type { Finding } from '../ports/finding.js';
import { examineState } from './distributed/examine-state.js';
import { siteKey } from './environment.js';
import { kafkaAccess } from './kafka-access.js';
import { readTopics } from './kafka-topics.js';
import { InvalidFiles } from './invalid-files.js';
import { readRawTopics } from './raw-topics.js';
import { readServers, type RawTopic, type Servers } from './servers-file.js';
import { projectFolder } from './version.js';

const TIMEOUT_MS = 10_000;
const CONNECT_MS = 5_000;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/;

/** A finding, and on which of the servers. */
export interface ServerFinding extends Finding {
  readonly server: 'kafka' | 'redis' | 'clickhouse';
}

export interface Examined {
  readonly findings: readonly ServerFinding[];
  /** The same as text, a line or more each, the sum last. */
  readonly lines: readonly string[];
  readonly errors: number;
  readonly warnings: number;
}

/**
 * Looks at every server that the file names.
 * @param topics path of the file of topics; the one that comes with the program where undefined
 * @throws CodedError FILE_READ, CHANNEL_SECRET; InvalidFiles
 */
export async function examineServers(path: string, topics?: string): Promise<Examined> {
  const servers = await readServers(path);
  const wanted = await readTopics(topics);
  const { redis, clickhouse, raw } = servers;
  const { prefix, ...access } = kafkaAccess(servers);
  const now = () => Date.now();
  const client = { ...access, clientId: prefix, timeoutMs: CONNECT_MS };
  const migrations = join(projectFolder(), 'infra', 'clickhouse');
  const parts = await Promise.all([
    examineKafka(client, { prefix, wanted, raw: raw.map(({ topic }) => topic) }),
    redis === null ? [] : examineRedis({ ...redis, connectTimeoutMs: CONNECT_MS }, { now }),
    clickhouse === null
      ? []
      : examineClickHouse({ ...clickhouse, requestTimeoutMs: TIMEOUT_MS }, { migrations, now }),
  ]);
  const [kafkas = [], redises = []] = parts;
  for (const one of raw) kafkas.push(...(await mappingFindings(one)));
  // Where either does not answer, or has no topics, nothing can be said of what they hold.
  const isUsable = [...kafkas, ...redises].every(({ level }) => level !== 'error');
  if (redis !== null && isUsable) redises.push(...(await examineState(servers, redis, siteKey() !== null)));
  const names = ['kafka', 'redis', 'clickhouse'] as const;
  const findings = names.flatMap((server, index) =>
    [...clearFindings(servers, server), ...(parts[index] ?? [])].map((finding) => ({
      server,
      ...advised(finding, server),
    })),
  );
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const sum = `${plural(errors, 'error')}, ${plural(warnings, 'warning')}, ${count('ok')} ok`;
  return { findings, lines: [...findings.flatMap(linesOf), sum], errors, warnings };
}

/** Whether the mapping of a topic can be read, as a process that reads the topic does at its start. */
async function mappingFindings(raw: RawTopic): Promise<Finding[]> {
  if (raw.mapping === null) return [];
  const about = `${raw.topic} mapping`;
  try {
    await readRawTopics([raw]);
    return [{ about, level: 'ok', found: raw.mapping }];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const fault =
      error instanceof InvalidFiles ? error.diagnostics.find(({ severity }) => severity === 'error') : null;
    if (fault === null || fault === undefined)
      return [{ about, level: 'error', found: error.message, fix: 'correct its path in `raw`' }];
    const found = `${fault.file}:${fault.line}:${fault.column}: ${fault.code}: ${fault.message}`;
    return [{ about, level: 'error', found, fix: 'mend the mapping (infra/mappings/README.md)' }];
  }
}

/** Passwords that go over a wire in the clear. */
function clearFindings({ kafka, redis, clickhouse }: Servers, server: ServerFinding['server']): Finding[] {
  const isFar = (address: string) => !LOOPBACK.test(address.replace(/:\d+$/, ''));
  const found = 'user, password and all data go over the network unencrypted';
  const finding = (fix: string): Finding[] => [{ about: 'encryption', level: 'warning', found, fix }];
  if (server === 'kafka') return !kafka.tls && kafka.brokers.some(isFar) ? finding('tls: true') : [];
  if (server === 'redis') {
    return redis !== null && redis.tls !== true && redis.nodes.some(isFar) ? finding('tls: true') : [];
  }
  if (clickhouse === null) return [];
  const { protocol, hostname } = new URL(clickhouse.url);
  return protocol === 'http:' && isFar(hostname) ? finding('url: https://...') : [];
}

/** What to do about a connection that cannot be made, by the name of what went wrong. */
const ADVICE: readonly (readonly [RegExp, (section: string) => string])[] = [
  [/^ECONNREFUSED$/, () => 'nothing listens there: start the server, or correct the address in the file'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, () => 'the name is not known: correct it in the file, or in the DNS'],
  [
    /TIMEDOUT|TIMEOUT|Timeout|^EHOSTUNREACH$|^ENETUNREACH$/,
    () => 'no answer in time: look at firewalls on the way, and whether the server is overloaded',
  ],
  [
    /SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/,
    (section) => `name the authority of its certificate: ca: file:/path/ca.pem, in section ${section}`,
  ],
  [/ALTNAME/, () => 'its certificate is for another name: name the server as the certificate does'],
  [/CERT_HAS_EXPIRED/, () => 'renew its certificate'],
  [
    /^(?:EPROTO|ERR_SSL.*|ECONNRESET|WAREHOUSE_UNREACHABLE|KafkaJSConnectionClosedError|KafkaJSConnectionError)$/,
    (section) =>
      `it broke off: see whether it speaks TLS, and set tls (or https) in section ${section} the same`,
  ],
  [
    /NOAUTH|WRONGPASS|SASL|AUTHENTICATION|^REQUIRED_PASSWORD$|^UNKNOWN_USER$/i,
    (section) => `correct user, password and mechanism in section ${section}, or at the server`,
  ],
  [/NOPERM|AUTHORIZATION|REFUSED$|^ACCESS_DENIED$/, () => 'grant this user what it lacks'],
  [/^LOADING$/, () => 'it is reading its data: wait'],
];

function advised(finding: Finding, server: string): Finding {
  const { fault, fix } = finding;
  if (fix !== undefined || fault === undefined) return finding;
  const advice = ADVICE.find(([pattern]) => pattern.test(fault))?.[1](server);
  return advice === undefined ? finding : { ...finding, fix: advice };
}

function linesOf({ server, level, about, found, expected, fix }: ServerFinding): string[] {
  const blank = ' '.repeat(9);
  return [
    `${level.padEnd(8)} ${server} ${about}: ${found}`,
    ...(expected === undefined ? [] : [`${blank}expected: ${expected}`]),
    ...(fix === undefined ? [] : [`${blank}to do: ${fix}`]),
  ].map(visible);
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
