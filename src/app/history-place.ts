// The history of a deployment, opened beside it: nothing of it is changed, and it may run meanwhile.
import { join, resolve } from 'node:path';
import type { ClickHouseInput } from '../adapters/clickhouse/config.js';
import { openWarehouse } from '../adapters/clickhouse/warehouse.js';
import { openKafkaLogs } from '../adapters/kafka/kafka.js';
import { openLmdbReading } from '../adapters/lmdb/reading.js';
import { openRedis } from '../adapters/redis/redis.js';
import { checkpointOf } from '../pipeline/checkpoint.js';
import { ArchivedHistory } from '../pipeline/history/archived-history.js';
import { awaitedIn, type Awaited } from '../pipeline/history/awaited.js';
import { LoggedHistory } from '../pipeline/history/logged-history.js';
import { releasedUntil, type ReleasedUntil } from '../pipeline/retention/released.js';
import { saidInLog, saidInWarehouse, type Said } from '../pipeline/shadow/said.js';
import { SEQUENCE_NAMESPACE, type SequenceMeta } from '../pipeline/wide/sequence.js';
import type { History } from '../ports/history.js';
import type { StateStore } from '../ports/state.js';
import type { NamedValues } from '../ports/values.js';
import { guarded } from './distributed/guarded-state.js';
import { kafkaAccess } from './kafka-access.js';
import { readRedisScripts } from './redis-scripts.js';
import type { Place } from './place.js';
import { readWholeServers } from './servers-file.js';

export interface HistoryPlace {
  readonly history: History;
  /** Offsets by partition below which evaluate has decided everything. */
  readonly ends: readonly number[];
  /** Everything before this instant is decided and in the alert inbox, epoch ms; -Infinity before the first. */
  readonly clock: number;
  /** How far events went by now, at the end of their term. */
  released(): Promise<ReleasedUntil>;
  /** What was said, from the beginning. */
  said(): AsyncIterable<readonly Said[]>;
  /** What the deployment keeps under names, such as its rules; of a data folder it can only be read. */
  readonly values: NamedValues;
  /** The revision that was evaluated last, in the first partition; null before the first record. */
  readonly revision: string | null;
  /** What is unknown there until its history has been read; null for nothing. */
  readonly awaited: Awaited | null;
  /** The folder on this machine for what stays here. */
  readonly dataDir: string;
  /** The warehouse of the deployment, where it is a server; null where chDB runs in a child of the owner. */
  readonly clickhouse: ClickHouseInput | null;
  close(): Promise<void>;
}

/** @throws CodedError FILE_READ, STATE_LOST, STORE_UNREACHABLE; InvalidFiles for a faulty file of servers */
export function openHistory(place: Place): Promise<HistoryPlace> {
  return 'config' in place ? onServers(place.config) : inFolder(place.dataDir);
}

async function inFolder(given: string): Promise<HistoryPlace> {
  const dataDir = resolve(given);
  const reading = openLmdbReading(join(dataDir, 'lmdb'));
  try {
    const place = await evaluatedOf(reading.state, 0);
    return {
      history: new LoggedHistory(reading.log('events'), 1),
      ends: [place.offset],
      clock: place.clock,
      released: () => releasedUntil(reading.state, 1),
      said: () => saidInLog(reading.log('inbox')),
      values: reading.values,
      revision: place.revision,
      awaited: await awaitedIn(reading.state, 1),
      dataDir,
      clickhouse: null,
      close: () => reading.close(),
    };
  } catch (error) {
    await reading.close();
    throw error;
  }
}

async function onServers(config: string): Promise<HistoryPlace> {
  const servers = await readWholeServers(config);
  const kafka = openKafkaLogs(kafkaAccess(servers));
  const redis = openRedis(servers.redis, await readRedisScripts());
  const warehouse = openWarehouse(servers.clickhouse);
  const close = async () => {
    await kafka.close();
    await redis.close();
    await warehouse.close();
  };
  try {
    const state = guarded(redis.state, redis.values);
    const partitions = await kafka.partitions('events');
    const numbers = Array.from({ length: partitions }, (_, partition) => partition);
    const places = await Promise.all(numbers.map((partition) => evaluatedOf(state, partition)));
    const sequence = await checkpointOf<SequenceMeta>(state, SEQUENCE_NAMESPACE);
    const archived = async (name: string) =>
      (await checkpointOf<{ readonly next: number }>(state, `archive/${name}`))?.next ?? 0;
    const inbox = await archived('inbox/0');
    return {
      history: new ArchivedHistory({
        ...{ warehouse, partitions, events: kafka.log('events') },
        archived: (partition) => archived(`events/${partition}`),
      }),
      ends: places.map(({ offset }) => offset),
      clock: Math.min(sequence?.done ?? -Infinity, ...places.map(({ clock }) => clock)),
      values: redis.values,
      revision: places[0]?.revision ?? null,
      awaited: await awaitedIn(state, partitions),
      released: () => releasedUntil(state, partitions),
      said: () => saidInWarehouse(warehouse, kafka.log('inbox'), inbox),
      dataDir: servers.data,
      clickhouse: servers.clickhouse,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the checkpoint of evaluate says that is asked for here. */
interface Evaluated {
  readonly offset: number;
  readonly revision: string;
  readonly stages: readonly { readonly clock: number | null }[];
}

/** How far a partition was evaluated, offset and clock of its slowest stratum, and by which rules. */
async function evaluatedOf(state: Pick<StateStore, 'checkpoint'>, partition: number) {
  const found = await checkpointOf<Evaluated>(state, `evaluate/${partition}`);
  const clocks = (found?.stages ?? []).map(({ clock }) => clock ?? -Infinity);
  const clock = clocks.length === 0 ? -Infinity : Math.min(...clocks);
  return { offset: found?.offset ?? 0, clock, revision: found?.revision ?? null };
}
