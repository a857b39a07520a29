// The workload on real servers: from a topic of other systems to transitions, ingest and evaluate in processes of their own.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Partitioners, Kafka, logLevel } from 'kafkajs';
import { openKafkaLogs, type KafkaLogs } from '../../src/adapters/kafka/kafka.js';
import { openOutbound } from '../../src/adapters/outbound/outbound.js';
import { openRedis } from '../../src/adapters/redis/redis.js';
import { loadRules } from '../../src/model/load.js';
import { checkpointOf } from '../../src/pipeline/checkpoint.js';
import type { Deployment, RoleProcess } from '../support/servers/deployment.js';
import { expectedTransitions, mergedEvents, newTransitions } from '../support/servers/oracle.js';
import { REDIS_SCRIPTS } from '../support/servers/redis.js';
import { besideServers, onServers, PARTITIONS } from './bench-site.js';
import { OutcomeError } from './children.js';
import { benchFiles, type RuleOptions } from './rules.js';
import { lineOf, Workload, type WorkloadOptions } from './workload.js';

const INGEST = fileURLToPath(new URL('./servers-ingest.js', import.meta.url));
const RAW = 'bench';
const PRODUCED_TOGETHER = 500;
/** Of the clock ticks in which the system counts CPU time. */
const TICK_US = 10_000;

export interface ServersOptions {
  readonly workload: WorkloadOptions;
  readonly rules: RuleOptions;
  /** Processes that share the partitions. */
  readonly evaluators: number;
}

/** What one process cost. */
export interface ProcessFigures {
  readonly cpuUs: number;
  readonly wallMs: number;
  readonly peakRssBytes: number;
}

export interface ServersFigures {
  readonly events: number;
  readonly ingest: ProcessFigures;
  /** The sum of all evaluate processes, and the largest memory of one. */
  readonly evaluate: ProcessFigures;
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
      const { events, end } = await produce(deployment, workload);
      const taken = await besideServers(deployment, INGEST, [events, end]);
      const { calibrationMs, ...ingest } = taken as ProcessFigures & { calibrationMs: number };
      const evaluate = await evaluated(deployment, evaluators, () => isEvaluated(logs, redis.state));
      const merged = await mergedEvents(logs.log('events'), PARTITIONS.events);
      const expected = expectedTransitions([loaded], merged, end);
      const said = await newTransitions(logs.log('transitions'), end);
      if (said.join('\n') !== expected.sort().join('\n')) {
        throw new OutcomeError(`${said.length} transitions differ from the ${expected.length} of one run`);
      }
      return { events, ingest, evaluate, transitions: said.length, calibrationMs };
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

/** Lets processes evaluate all that the log holds; counts from when they have taken up their role. */
async function evaluated(
  deployment: Deployment,
  evaluators: number,
  isDone: () => Promise<boolean>,
): Promise<ProcessFigures> {
  const processes = Array.from({ length: evaluators }, () => deployment.run(['evaluate']));
  const begun = performance.now();
  while (!(await isDone())) {
    const ended = await Promise.race([...processes.map((one) => one.ended), after(50)]);
    if (ended !== null) throw new Error(`evaluate ended with ${ended}`);
  }
  const wallMs = performance.now() - begun;
  const cpu = await Promise.all(processes.map(cpuOf));
  const rss = await Promise.all(processes.map(peakRssOf));
  await Promise.all(processes.map((one) => one.end('SIGTERM')));
  const idle = await startCost(deployment);
  const cpuUs = cpu.reduce((sum, used) => sum + Math.max(0, used - idle), 0);
  return { cpuUs, wallMs, peakRssBytes: Math.max(...rss) };
}

/** What a process costs that finds nothing to do: its start, and the reading of where all others have come. */
async function startCost(deployment: Deployment): Promise<number> {
  const idle = deployment.run(['evaluate']);
  await idle.ready;
  const used = await cpuOf(idle);
  await idle.end('SIGTERM');
  return used;
}

const after = (ms: number) => new Promise<null>((done) => setTimeout(() => done(null), ms));

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

/** CPU time of a process, us. */
async function cpuOf({ child }: RoleProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

async function peakRssOf({ child }: RoleProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
