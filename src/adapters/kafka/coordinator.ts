// The requests of one member to the coordinator of its group, on connections of their own: a join that waits for others
// holds up whatever else goes over its connection.
import type { Broker, Cluster } from 'kafkajs';
import {
  ASSIGNER,
  decodePlaces,
  encodePlaces,
  spread,
  wishedTopics,
  wishOf,
  type GroupMember,
  type Place,
} from './assignment.js';
import { openCluster, READ_COMMITTED, type OpenCluster } from './cluster.js';
import type { KafkaClientOptions } from './connection.js';
import { within } from './failure.js';

export interface CoordinatorOptions extends KafkaClientOptions {
  /** The id of the group. */
  readonly group: string;
  readonly topics: readonly string[];
  /** After so long without a heartbeat the coordinator gives the places of a member to others. */
  readonly sessionTimeoutMs: number;
  /** How long the coordinator waits for all members to join again. */
  readonly rebalanceTimeoutMs: number;
}

/** Who a member is, and since when. */
export interface Joined {
  readonly memberId: string;
  readonly generationId: number;
}

export interface PlaceOffset extends Place {
  readonly offset: number;
}

interface JoinAnswer extends Joined {
  readonly leaderId: string;
  readonly members: readonly GroupMember[];
}

/** Requests that the client has and its types leave out. */
interface GroupBroker extends Broker {
  joinGroup(request: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: readonly { name: string; metadata: Buffer }[];
  }): Promise<JoinAnswer>;
  syncGroup(request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

interface Reached extends OpenCluster {
  readonly broker: Promise<GroupBroker>;
}

export class Coordinator {
  readonly #options: CoordinatorOptions;
  #reached: Reached | null = null;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Joins, waits for the others, and leads where it is told to. @param memberId of before, or '' */
  async join(memberId: string): Promise<Joined> {
    const { group: groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const broker = await this.#broker();
    return broker.joinGroup({
      groupId,
      memberId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      groupProtocols: [{ name: ASSIGNER, metadata: wishOf(topics) }],
    });
  }

  /** The places of a member that just joined; the one that leads spreads them first. */
  async sync(joined: Joined): Promise<Place[]> {
    const { group: groupId } = this.#options;
    const { memberId, generationId, leaderId, members } = joined as JoinAnswer;
    const groupAssignment = memberId === leaderId ? await this.#assignment(members) : [];
    const broker = await this.#broker();
    const answer = await broker.syncGroup({ groupId, generationId, memberId, groupAssignment });
    return decodePlaces(answer.memberAssignment);
  }

  async beat({ memberId, generationId }: Joined, timeoutMs: number): Promise<void> {
    const beating = async () => {
      const broker = await this.#broker();
      await broker.heartbeat({ groupId: this.#options.group, groupGenerationId: generationId, memberId });
    };
    await within(timeoutMs, beating());
  }

  async commit({ memberId, generationId }: Joined, offsets: readonly PlaceOffset[]): Promise<void> {
    const { group: groupId, timeoutMs } = this.#options;
    const topics = byTopic(offsets, ({ partition, offset }) => ({ partition, offset: String(offset) }));
    const committing = async () => {
      const broker = await this.#broker();
      await broker.offsetCommit({ groupId, groupGenerationId: generationId, memberId, topics });
    };
    await within(timeoutMs, committing());
  }

  /** The committed offset of each place that has one. */
  async committed(places: readonly Place[]): Promise<PlaceOffset[]> {
    const { group: groupId, timeoutMs } = this.#options;
    const topics = byTopic(places, ({ partition }) => ({ partition, offset: '-1' }));
    const asking = async () => (await this.#broker()).offsetFetch({ groupId, topics });
    const { responses } = await within(timeoutMs, asking());
    return responses.flatMap(({ topic, partitions }) =>
      partitions.flatMap(({ partition, offset }) =>
        Number(offset) >= 0 ? [{ topic, partition, offset: Number(offset) }] : [],
      ),
    );
  }

  async leave({ memberId }: Joined): Promise<void> {
    const { group: groupId, timeoutMs } = this.#options;
    const leaving = async () => (await this.#broker()).leaveGroup({ groupId, memberId });
    await within(timeoutMs, leaving());
  }

  /** Breaks the connections off; the next request makes new ones and finds the coordinator anew. */
  drop(): void {
    this.#reached?.gate.shut();
    this.#reached = null;
  }

  #broker(): Promise<GroupBroker> {
    this.#reached ??= this.#reach();
    return within(this.#options.timeoutMs, this.#reached.broker);
  }

  #reach(): Reached {
    const opened = openCluster(this.#options, READ_COMMITTED);
    const { cluster } = opened;
    const broker = this.#find(cluster) as Promise<GroupBroker>;
    broker.catch(() => undefined);
    return { ...opened, broker };
  }

  async #find(cluster: Cluster): Promise<Broker> {
    await cluster.addMultipleTargetTopics([...this.#options.topics]);
    await cluster.refreshMetadataIfNecessary();
    return cluster.findGroupCoordinator({ groupId: this.#options.group });
  }

  async #assignment(members: readonly GroupMember[]) {
    await this.#broker();
    const cluster = (this.#reached ??= this.#reach()).cluster;
    const asking = async () => {
      await cluster.addMultipleTargetTopics(wishedTopics(members));
      await cluster.refreshMetadata();
    };
    await within(this.#options.timeoutMs, asking());
    const places = spread(members, (topic) => cluster.findTopicPartitionMetadata(topic).length);
    return [...places].map(([memberId, some]) => ({ memberId, memberAssignment: encodePlaces(some) }));
  }
}

function byTopic<T extends Place, P>(places: readonly T[], of: (place: T) => P) {
  return [...new Set(places.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: places.filter((place) => place.topic === topic).map(of),
  }));
}
