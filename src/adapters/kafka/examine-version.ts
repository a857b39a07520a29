// Whether the brokers are new enough: they do not tell their version, but which versions of requests they take.
import type { Cluster } from 'kafkajs';
import type { Finding } from '../../ports/finding.js';
import { openCluster, READ_UNCOMMITTED } from './cluster.js';
import type { KafkaClientOptions } from './connection.js';

/** Since Kafka 4.0 brokers take no Fetch below version 4 (KIP-896). */
const FETCH = 1;
const LEAST_SINCE_4 = 4;

/** @param brokers all of the cluster; one that does not answer is left out here */
export async function versionFindings(
  options: KafkaClientOptions,
  brokers: readonly { readonly nodeId: number }[],
): Promise<Finding[]> {
  const { cluster, gate } = openCluster(options, READ_UNCOMMITTED);
  const older: number[] = [];
  let asked = 0;
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    for (const { nodeId } of brokers) {
      const least = await leastFetch(cluster, nodeId).catch(() => null);
      if (least === null) continue;
      asked += 1;
      if (least < LEAST_SINCE_4) older.push(nodeId);
    }
  } finally {
    gate.shut();
  }
  return asked === 0 ? [] : [versionFinding(older)];
}

async function leastFetch(cluster: Cluster, nodeId: number): Promise<number> {
  const broker = await cluster.findBroker({ nodeId: String(nodeId) });
  return (await broker.apiVersions())[FETCH]?.minVersion ?? 0;
}

/** @param older the ids of brokers that take requests which no broker since 4.0 takes */
export function versionFinding(older: readonly number[]): Finding {
  if (older.length === 0) return { about: 'version', level: 'ok', found: '4.0 or later' };
  const found = `older than 4.0: ${older.join(', ')}; nothing was tried with them`;
  return { about: 'version', level: 'warning', found, expected: '4.0 or later', fix: 'update these brokers' };
}
