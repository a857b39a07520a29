// Whether Kafka is as the logs need it: brokers, topics, what this user may do. Nothing is written.
import type { Admin, Broker, Cluster, ITopicMetadata } from 'kafkajs';
import type { Finding } from '../../ports/finding.js';
import type { LogName, WideLogName } from '../../ports/log.js';
import { openCluster, READ_UNCOMMITTED } from './cluster.js';
import { kafkaFault, openKafka, type KafkaClientOptions } from './connection.js';
import { versionFindings } from './examine-version.js';
import { differencesOf, LOG_NAMES, topicOf, type Difference, type TopicsSettings } from './topics.js';

/** A partition that no topic has: a broker first looks whether the topic may be used, and then says that it is unknown. */
const NO_PARTITION = 2_147_483_647;
const NOTHING_THERE = 'UNKNOWN_TOPIC_OR_PARTITION';

export interface ExaminedTopics {
  readonly prefix: string;
  readonly wanted: TopicsSettings;
  /** Topics of other systems that are only read. */
  readonly raw: readonly string[];
}

/** @throws CodedError CHANNEL_SECRET where a user has no password, or a password no user */
export async function examineKafka(options: KafkaClientOptions, topics: ExaminedTopics): Promise<Finding[]> {
  const brokers = await Promise.all(
    options.settings.brokers.map((address) => brokerFinding(options, address, 'named in the file')),
  );
  const answering = options.settings.brokers.filter((_, index) => brokers[index]?.level === 'ok');
  const few = (finding: Finding): Finding =>
    finding.level === 'error' && answering.length > 0 ? { ...finding, level: 'warning' } : finding;
  const findings = brokers.map(few);
  if (answering.length === 0) return findings;
  const reached = { ...options, settings: { ...options.settings, brokers: answering } };
  const admin = openKafka(reached).admin();
  try {
    await admin.connect();
    findings.push(...(await announcedFindings(admin, options)));
    findings.push(...(await versionFindings(reached, (await admin.describeCluster()).brokers)));
    findings.push(...(await topicsFindings(admin, reached, topics)));
  } catch (error) {
    const fault = kafkaFault(error).name;
    findings.push({ about: 'brokers', level: 'error', found: `they refuse to answer: ${fault}`, fault });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
  return findings;
}

/** One broker by itself: reachable, and with these credentials. */
async function brokerFinding(options: KafkaClientOptions, address: string, known: string): Promise<Finding> {
  const about = `broker ${address}`;
  const settings = { ...options.settings, brokers: [address] };
  const admin = openKafka({ ...options, settings, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    return { about, level: 'ok', found: `${known}, answers` };
  } catch (error) {
    const fault = kafkaFault(error).name;
    return { about, level: 'error', found: `${known}, cannot be asked: ${fault}`, fault };
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Brokers call each other and clients by names of their own, which this machine must be able to reach. */
async function announcedFindings(admin: Admin, options: KafkaClientOptions): Promise<Finding[]> {
  const { brokers, controller } = await admin.describeCluster();
  const named = new Set(options.settings.brokers);
  const announced = brokers.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const others = announced.filter((address) => !named.has(address));
  const findings = await Promise.all(
    others.map((address) => brokerFinding(options, address, 'announced by the brokers')),
  );
  const about = 'brokers';
  const fix = 'advertised.listeners=<name and port that clients reach>, in server.properties of this broker';
  return [
    controller === null || controller < 0
      ? {
          about,
          level: 'error',
          found: `${brokers.length}, without a controller`,
          fix: 'start the controllers',
        }
      : { about, level: 'ok', found: `${brokers.length}, the controller is ${controller}` },
    ...findings.map((finding) => (finding.level === 'ok' ? finding : { ...finding, fix })),
  ];
}

async function topicsFindings(
  admin: Admin,
  options: KafkaClientOptions,
  { prefix, wanted, raw }: ExaminedTopics,
): Promise<Finding[]> {
  const seen = new Set(await admin.listTopics());
  const present = LOG_NAMES.filter((name) => seen.has(topicOf(prefix, name)));
  const missing = LOG_NAMES.filter((name) => !present.includes(name)).map((name) => topicOf(prefix, name));
  const found = 'there is none, or this user may not see it';
  const findings: Finding[] = [
    ...missing.map((topic): Finding => {
      const fix = 'fenghuo topics apply --config <this file>';
      return { about: topic, level: 'error', found, fix };
    }),
    ...raw
      .filter((topic) => !seen.has(topic))
      .map((topic): Finding => ({
        about: topic,
        level: 'error',
        found,
        fix: rawFix(options, topic),
      })),
  ];
  if (present.length > 0)
    findings.push(...(await differenceFindings(admin, options, prefix, present, wanted)));
  const logs = present.map((name) => topicOf(prefix, name));
  const { topics } = await admin.fetchTopicMetadata({
    topics: [...logs, ...raw.filter((topic) => seen.has(topic))],
  });
  const inSync = (topic: string) => (logs.includes(topic) ? wanted.min_in_sync : 1);
  findings.push(...topics.flatMap((topic) => replicaFindings(topic, inSync(topic.name))));
  findings.push(...(await rightsFindings(options, topics, new Set(logs), prefix)));
  return findings;
}

async function differenceFindings(
  admin: Admin,
  { settings: { brokers } }: KafkaClientOptions,
  prefix: string,
  names: readonly (LogName | WideLogName)[],
  wanted: TopicsSettings,
): Promise<Finding[]> {
  const differences = await differencesOf(admin, prefix, names, wanted);
  const different = new Set(differences.map(({ topic }) => topic));
  const same = names.map((name) => topicOf(prefix, name)).filter((topic) => !different.has(topic));
  return [
    ...same.map((topic): Finding => ({ about: topic, level: 'ok', found: 'as the file of topics says' })),
    ...differences.map((difference): Finding => ({
      about: `${difference.topic} ${difference.what}`,
      level: difference.what === 'compression.type' ? 'warning' : 'error',
      found: difference.found,
      expected: difference.expected,
      fix: differenceFix(difference, brokers[0] ?? ''),
    })),
  ];
}

function differenceFix({ topic, what, found, expected }: Difference, broker: string): string {
  if (what === 'replicas') {
    return `kafka-reassign-partitions.sh --bootstrap-server ${broker} --execute --reassignment-json-file <plan>`;
  }
  if (what !== 'partitions') {
    const entity = `--entity-type topics --entity-name ${topic}`;
    return `kafka-configs.sh --bootstrap-server ${broker} --alter ${entity} --add-config ${what}=${expected}`;
  }
  if (Number(found) > Number(expected)) return `partitions: ${found}, in the file of topics`;
  const alter = `kafka-topics.sh --bootstrap-server ${broker} --alter --topic ${topic} --partitions ${expected}`;
  return `${alter}; only where it has no record yet, since keys are bound to partitions`;
}

/** Partitions that nobody leads, or that too few replicas follow. */
function replicaFindings({ name, partitions }: ITopicMetadata, least: number): Finding[] {
  const listed = (some: typeof partitions) => some.map(({ partitionId }) => partitionId).join(', ');
  const leaderless = partitions.filter(({ leader }) => leader < 0);
  const few = partitions.filter(({ isr, leader }) => leader >= 0 && isr.length < least);
  const behind = partitions.filter(
    ({ isr, replicas }) => isr.length >= least && isr.length < replicas.length,
  );
  const fix = 'start the brokers that are missing';
  return [
    ...(leaderless.length === 0
      ? []
      : [
          {
            about: name,
            level: 'error',
            found: `no leader for partition ${listed(leaderless)}`,
            fix,
          } as const,
        ]),
    ...(few.length === 0
      ? []
      : [{ about: name, level: 'error', found: `too few replicas in sync of ${listed(few)}`, fix } as const]),
    ...(behind.length === 0
      ? []
      : [{ about: name, level: 'warning', found: `replicas lag behind in ${listed(behind)}`, fix } as const]),
  ];
}

/** Whether this user may read each topic, write those of the logs, number what it writes, and be in groups. */
async function rightsFindings(
  options: KafkaClientOptions,
  topics: readonly ITopicMetadata[],
  logs: ReadonlySet<string>,
  prefix: string,
): Promise<Finding[]> {
  const { cluster, gate } = openCluster(options, READ_UNCOMMITTED);
  const findings: Finding[] = [];
  try {
    await cluster.connect();
    await cluster.addMultipleTargetTopics(topics.map(({ name }) => name));
    for (const { name, partitions } of topics) {
      const leader = await leaderOf(cluster, partitions[0]?.leader);
      if (leader === null) continue;
      const refused = [
        { operation: 'Read', fault: await faultOf(() => mayRead(leader, name)) },
        ...(logs.has(name)
          ? [{ operation: 'Write', fault: await faultOf(() => mayWrite(leader, name)) }]
          : []),
      ].filter(({ fault }) => fault !== NOTHING_THERE);
      for (const { operation, fault } of refused) {
        const fix = mayFix(options, name, operation);
        findings.push({ about: `${name} ${operation}`, level: 'error', found: `refused: ${fault}`, fix });
      }
    }
    const any = await leaderOf(cluster, topics[0]?.partitions[0]?.leader);
    if (any === null) return findings;
    const group = await faultOf(() => asMember(any, `${prefix}.evaluate`));
    if (group === 'GROUP_AUTHORIZATION_FAILED') {
      const fix = `${mayFix(options, null, 'Read')} --group ${prefix}. --resource-pattern-type prefixed`;
      findings.push({ about: `groups ${prefix}.* Read`, level: 'error', found: `refused: ${group}`, fix });
    }
    const numbered = await faultOf(() => numberedBy(any));
    // A broker that is still loading has looked at the right to ask before.
    if (numbered !== null && numbered !== 'GROUP_LOAD_IN_PROGRESS') {
      const fix = mayFix(options, null, 'IdempotentWrite');
      findings.push({ about: 'IdempotentWrite', level: 'error', found: `refused: ${numbered}`, fix });
    }
  } finally {
    gate.shut();
  }
  if (findings.length > 0 || topics.length === 0) return findings;
  return [{ about: 'rights', level: 'ok', found: 'this user may read and write what it has to' }];
}

async function leaderOf(cluster: Cluster, nodeId: number | undefined): Promise<Broker | null> {
  if (nodeId === undefined || nodeId < 0) return null;
  return cluster.findBroker({ nodeId: String(nodeId) });
}

async function mayRead(leader: Broker, topic: string): Promise<unknown> {
  const partitions = [{ partition: NO_PARTITION, fetchOffset: '0', maxBytes: 1 }];
  const topics = [{ topic, partitions }];
  return leader.fetch({
    replicaId: -1,
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime: 0,
    minBytes: 0,
    topics,
  });
}

async function mayWrite(leader: Broker, topic: string): Promise<unknown> {
  const partitions = [{ partition: NO_PARTITION, messages: [{ value: Buffer.alloc(1) }] }];
  return leader.produce({ topicData: [{ topic, partitions }], acks: -1 });
}

/** Requests that the client has and its types leave out. */
interface Untyped {
  initProducerId(request: { transactionTimeout: number }): Promise<unknown>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
}

/** A number for a producer, as every writer of logs asks for one. */
async function numberedBy(broker: Broker): Promise<unknown> {
  return (broker as unknown as Untyped).initProducerId({ transactionTimeout: 30_000 });
}

/** A sign of life of a member that there is not: a broker first looks whether the group may be used. */
async function asMember(broker: Broker, groupId: string): Promise<unknown> {
  const member = { groupGenerationId: 0, memberId: 'doctor' };
  return (broker as unknown as Untyped).heartbeat({ groupId, ...member });
}

/** Name of the refusal; null where there is none. */
async function faultOf(ask: () => Promise<unknown>): Promise<string | null> {
  return ask().then(
    () => null,
    (error: unknown) => kafkaFault(error).name,
  );
}

/** A topic of another system is made by whoever writes it. */
function rawFix(options: KafkaClientOptions, topic: string): string {
  const { brokers, user } = options.settings;
  const made = `kafka-topics.sh --bootstrap-server ${brokers[0] ?? ''} --create --topic ${topic}`;
  const known = `correct its name in \`raw\`, or have whoever writes it make it: ${made}`;
  return user === undefined ? known : `${known}; where it is there: ${mayFix(options, topic, 'Read')}`;
}

function mayFix({ settings }: KafkaClientOptions, topic: string | null, operation: string): string {
  const on = operation === 'IdempotentWrite' ? '--cluster' : topic === null ? '' : `--topic ${topic}`;
  const who = `--allow-principal User:${settings.user ?? 'ANONYMOUS'}`;
  return `kafka-acls.sh --bootstrap-server ${settings.brokers[0] ?? ''} --add ${who} --operation ${operation} ${on}`.trim();
}
