// Connections to a cluster as the client has them beneath its consumers, which can be broken off at any time.
import { createRequire } from 'node:module';
import type { Cluster } from 'kafkajs';
import { clientConfig, openKafka, type KafkaClientOptions } from './connection.js';
import { gateOf, type Gate } from './gate.js';

/**
 * The client's own type is public, its maker is not. A consumer of the client reads only what its group assigns to it,
 * rejoins before the work on what it loses has ended, and stops at errors that it does not know; logs, groups and feeds
 * need more than that.
 */
const ClusterOf = createRequire(import.meta.url)('kafkajs/src/cluster') as new (options: object) => Cluster;

const METADATA_MAX_AGE_MS = 300_000;

/** Levels of isolation by their numbers in the protocol. */
export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;

export interface OpenCluster {
  readonly cluster: Cluster;
  readonly gate: Gate;
}

/** Connects with the first request. */
export function openCluster(options: KafkaClientOptions, isolationLevel: number): OpenCluster {
  const gate = gateOf(options.dial);
  const gated = { ...options, dial: gate.dial };
  const cluster = new ClusterOf({
    ...clientConfig(gated),
    logger: openKafka(gated).logger(),
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel,
  });
  return { cluster, gate };
}
