// The workload on real servers: from a topic of other systems to transitions, ingest and evaluate in processes of their own.
import { fileURLToPath } from 'node:url';
import { Partitioners, Kafka, logLevel } from 'kafkajs';
import { openKafkaLogs, type KafkaLogs } from '../../src/adapters/kafka/kafka.js';
import { openOutbound } from '../../src/adapters/outbound/outbound.js';
import { openRedis } from '../../src/adapters/redis/redis.js';
import { loadRules } from '../../src/model/load.js';
import { checkpointOf } from '../../src/pipeline/checkpoint.js';
import type { Deployment } from '../support/servers/deployment.js';
import { expectedTransitions, mergedEvents, newTransitions } from '../support/servers/oracle.js';
import { Judge } from '../support/servers/judgement.js';
import { REDIS_SCRIPTS } from '../support/servers/redis.js';
import { besideServers, onServers, PARTITIONS } from './bench-site.js';
import { OutcomeError } from './children.js';
import { worked, type ProcessFigures } from './role-cost.js';
import { benchFiles, type RuleOptions } from './rules.js';
import { emptyState, storedFigures, type StoredFigures } from './servers-stores.js';
import { lineOf, Workload, type WorkloadOptions } from './workload.js';

const INGEST = fileURLToPath(new URL('./servers-ingest.js', import.meta.url));
const RAW = 'bench';
const PRODUCED_TOGETHER = 500;

export interface ServersOptions {
  readonly workload: WorkloadOptions;
  readonly rules: RuleOptions;
  /** Processes that share the partitions. */
  readonly evaluators: number;
}

export interface ServersFigures {
  readonly events: number;
  readonly ingest: ProcessFigures;
  /** The sum of all evaluate processes, and the largest memory of one. */
  readonly evaluate: ProcessFigures;
  readonly alert: ProcessFigures;
  readonly archive: ProcessFigures;
  readonly stored: StoredFigures;
  readonly transitions: number;
  readonly calibrationMs: number;
}

/** One run on fresh servers. @throws OutcomeError where it says other transitions than one undisturbed run */
export function runServers({ workload, rules, evaluators }: ServersOptions): Promise<ServersFigures> {
  const files = benchFiles(rules);
  const { rules: loaded } = loadRules(files);
  if (loaded === null) throw new Error('the rules of the benchmark do not load');
  return onServers(files, [RAW], async (deployment) => {
    const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
    const settings = { brokers: [deployment.kafka.address], tls: false, mechanism: 'plain' } as const;
    const logs = openKafkaLogs({ settings, dial });
    const redis = openRedis({ nodes: [deployment.redis.address] }, REDIS_SCRIPTS);
    try {
      const empty = await emptyState(deployment);
      const { events, end } = await produce(deployment, workload);
      const taken = await besideServers(deployment, INGEST, [events, end]);
      const { calibrationMs, ...ingest } = taken as ProcessFigures & { calibrationMs: number };
      const evaluate = await worked(deployment, 'evaluate', evaluators, () => isEvaluated(logs, redis.state));
      const merged = await mergedEvents(logs.log('events'), PARTITIONS.events);
      const expected = expectedTransitions([loaded], merged, end);
      const said = await newTransitions(logs.log('transitions'), end);
      if (said.join('\n') !== expected.sort().join('\n')) {
        throw new OutcomeError(`${said.length} transitions differ from the ${expected.length} of one run`);
      }
      const apart = await restWorked(deployment);
      const stored = await storedFigures(deployment, empty);
      return { events, ingest, evaluate, ...apart, stored, transitions: said.length, calibrationMs };
    } finally {
      await logs.close();
      await redis.close();
    }
  });
}

/** Writes the workload into a topic of one partition, each record with the time of its arrival. */
async function produce({ kafka }: Deployment, options: WorkloadOptions) {
  const client = new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  // Its records are old: half a minute after its start the broker would begin to delete them.
  const configEntries = [{ name: 'retention.ms', value: '-1' }];
  await admin.createTopics({
    topics: [{ topic: RAW, numPartitions: 1, configEntries }],
    waitForLeaders: true,
  });
  await admin.disconnect();
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const workload = new Workload(options);
  let events = 0;
  let messages: { value: string; timestamp: string }[] = [];
  for (let fact = workload.next(); fact !== undefined; fact = workload.next()) {
    messages.push({ value: lineOf(fact), timestamp: String(fact.at) });
    events++;
    if (messages.length < PRODUCED_TOGETHER) continue;
    await producer.send({ topic: RAW, messages: messages.splice(0) });
  }
  if (messages.length > 0) await producer.send({ topic: RAW, messages });
  messages = [];
  await producer.disconnect();
  return { events, end: workload.end };
}

/** Lets the alert side and the archive do what waits for them, one after the other. */
async function restWorked(deployment: Deployment): Promise<Pick<ServersFigures, 'alert' | 'archive'>> {
  const judge = Judge.open(deployment, PARTITIONS.events);
  try {
    const alert = await worked(deployment, 'alert', 1, () => judge.isDelivered());
    const archive = await worked(
      deployment,
      'archive',
      1,
      async () => (await judge.progress()).waiting === 0,
    );
    return { alert, archive };
  } finally {
    await judge.close();
  }
}

async function isEvaluated(logs: KafkaLogs, state: Parameters<typeof checkpointOf>[0]): Promise<boolean> {
  for (let partition = 0; partition < PARTITIONS.events; partition++) {
    const place = await checkpointOf<{ offset: number }>(state, `evaluate/${partition}`);
    if ((place?.offset ?? 0) < (await logs.log('events').end(partition))) return false;
  }
  for (let partition = 0; partition < PARTITIONS.derived; partition++) {
    const end = await logs.log('derived').end(partition);
    const place = await checkpointOf<{ inlet: { offset: number } }>(state, `derived/${partition}`);
    if (end > 0 && (place?.inlet.offset ?? 0) < end - PARTITIONS.events - PARTITIONS.derived) return false;
  }
  return true;
}
