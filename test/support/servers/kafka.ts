// A real Kafka broker for tests: the jars by Maven, once a machine, and one process in KRaft mode.
import { access, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { imageOf } from '../../infra/compose-file.js';
import { canRun, freePort, openServer, runCommand, startServer, type TestServer } from './process.js';

const VERSION = imageOf('kafka').tag;
/** npm runs tests, and what is built of them, at the root of the package. */
const CACHE = resolve(`node_modules/.cache/kafka-${VERSION}`);

/** A process that lives for seconds is not worth the second compiler, nor threads for its garbage. */
const JAVA = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export interface BrokerOptions {
  /** Users and passwords; with any, clients prove who they are by SCRAM-SHA-512. */
  readonly users?: Readonly<Record<string, string>>;
  /** One of them who may do everything; the others then only what he grants. */
  readonly owner?: string;
  /** Where clients are sent to from the port `behind`, as through a proxy; those of the server's own address are not. */
  readonly proxy?: { readonly port: number; readonly behind: number };
}

/** Whether its tests run here; see `canRun`. */
export const kafkaRuns = (): Promise<boolean> => canRun('Kafka', jars);

/** Lets a broker delete the events of the usual deployment below some offsets. @returns where each partition begins now */
export async function letGoOfEvents(address: string, offsets: readonly number[]): Promise<readonly number[]> {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topic = 'fenghuo.events';
    // The client deletes only of topics that it has asked about.
    await admin.fetchTopicOffsets(topic);
    const partitions = offsets.map((offset, partition) => ({ partition, offset: String(offset) }));
    await admin.deleteTopicRecords({ topic, partitions });
    return offsets;
  } finally {
    await admin.disconnect();
  }
}

/** Starts a broker on the loopback without any topic. */
export async function openTestBroker({ users = {}, owner, proxy }: BrokerOptions = {}): Promise<TestServer> {
  const classpath = join(await jars(), '*');
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-kafka-'));
  const [port, controller] = [await freePort(), await freePort()];
  const secured = Object.keys(users).length > 0;
  const file = join(folder, 'server.properties');
  const rules = owner === undefined ? '' : rulesOf(owner);
  await writeFile(file, properties({ folder, port, controller, secured, proxy }) + rules);
  if (secured) await format(file, { ...users, [BROKER.name]: BROKER.password });
  else await cp(await formatted(), join(folder, 'data'), { recursive: true });
  const args = [...JAVA, '-Xmx512m', '-cp', classpath, 'kafka.Kafka', file];
  return openServer(folder, port, () => startServer('java', args, { port, waitMs: 120_000 }));
}

/** Makes the folder of data that a broker starts on. @param file its properties */
async function format(file: string, users: Readonly<Record<string, string>> = {}): Promise<void> {
  const scram = Object.entries(users).flatMap(([user, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${password}]`,
  ]);
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', file, ...scram];
  await runCommand('java', [...JAVA, '-cp', join(await jars(), '*'), ...tool]);
}

/**
 * Writes records as the Java producer does, in batches of its own size.
 * @param lines `name:value,name:value<tab>key<tab>value` each
 */
export async function produceWithJava(
  address: string,
  topic: string,
  compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd',
  lines: readonly string[],
): Promise<void> {
  const main = [...JAVA, '-cp', join(await jars(), '*'), 'org.apache.kafka.tools.ConsoleProducer'];
  const to = ['--bootstrap-server', address, '--topic', topic, '--compression-codec', compression];
  const parsed = ['parse.key=true', 'parse.headers=true', 'null.marker=NULL'].flatMap((property) => [
    '--property',
    property,
  ]);
  await runCommand('java', [...main, ...to, ...parsed], undefined, lines.join('\n'));
}

/** Any id of 16 bytes in base64url. */
const CLUSTER = 'ZmVuZ2h1by10ZXN0cy0wMQ';

/** The broker is a client of itself. */
const BROKER = { name: 'broker', password: 'broker-password' };
const JAAS =
  'listener.name.clients.scram-sha-512.sasl.jaas.config=' +
  'org.apache.kafka.common.security.scram.ScramLoginModule required ' +
  `username="${BROKER.name}" password="${BROKER.password}";`;

/** The controller is a client without a name. */
function rulesOf(owner: string): string {
  return `authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:${BROKER.name};User:ANONYMOUS;User:${owner}
`;
}

interface BrokerPlaces {
  readonly folder: string;
  readonly port: number;
  readonly controller: number;
  readonly secured: boolean;
  readonly proxy: BrokerOptions['proxy'];
}

function properties({ folder, port, controller, secured, proxy }: BrokerPlaces): string {
  const [behind, advertised] =
    proxy === undefined
      ? ['', '']
      : [`,PROXIED://127.0.0.1:${proxy.behind}`, `,PROXIED://127.0.0.1:${proxy.port}`];
  const outside = secured ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}${behind}
advertised.listeners=CLIENTS://127.0.0.1:${port}${advertised}
listener.security.protocol.map=CLIENTS:${outside},PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
${secured ? JAAS : ''}
log.dirs=${join(folder, 'data')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
# One that was killed is let in again after so long without a heartbeat.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
num.partitions=1
`;
}

let resolved: Promise<string> | null = null;

/** The folder of the jars. */
function jars(): Promise<string> {
  return (resolved ??= made(join(CACHE, 'jars'), CACHE, async (folder) => {
    await runCommand('java', ['-version']);
    await writeFile(join(folder, 'pom.xml'), POM);
    await runCommand('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars'], folder);
  }));
}

let empty: Promise<string> | null = null;

/** The data of a broker without users that has not started yet: nothing in it tells one such broker from another. */
function formatted(): Promise<string> {
  const cache = `${CACHE}-formatted`;
  return (empty ??= made(join(cache, 'data'), cache, async (folder) => {
    const file = join(folder, 'server.properties');
    await writeFile(file, properties({ folder, port: 1, controller: 2, secured: false, proxy: undefined }));
    await format(file);
  }));
}

/** Two processes may make it at the same time; each folder is whole before it gets its name. @returns `wanted` */
async function made(wanted: string, cache: string, make: (folder: string) => Promise<void>): Promise<string> {
  if (await exists(wanted)) return wanted;
  await mkdir(dirname(cache), { recursive: true });
  const making = await mkdtemp(`${cache}-`);
  await make(making);
  try {
    await rename(making, cache);
  } catch (error) {
    if (!(await exists(wanted))) throw error;
    await rm(making, { recursive: true, force: true });
  }
  return wanted;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fenghuo</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;
