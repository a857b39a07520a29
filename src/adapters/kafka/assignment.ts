// How the partitions of topics are spread over the members of a group, and how that is told to them.
import { AssignerProtocol } from 'kafkajs';

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** A member as the coordinator names it to the one that leads. */
export interface GroupMember {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

/** All members of a group must know it by this name, which tools of Kafka show. */
export const ASSIGNER = 'fenghuo-even';

const VERSION = 0;

/** The topics that a member wants, as bytes of the protocol. */
export function wishOf(topics: readonly string[]): Buffer {
  const userData = Buffer.alloc(0);
  return AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics: [...topics], userData });
}

/** The topics that any of the members wants. */
export function wishedTopics(members: readonly GroupMember[]): string[] {
  return [...new Set(members.flatMap((member) => topicsOf(member)))].sort();
}

function topicsOf({ memberMetadata }: GroupMember): string[] {
  return AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [];
}

/**
 * Spreads the partitions of each topic evenly over the members that want it, and all together evenly over all: a
 * partition goes to who has the fewest of its topic, among those to who has the fewest of all, then by id.
 * @param countOf how many partitions a topic has
 * @returns by member, those that get none included
 */
export function spread(
  members: readonly GroupMember[],
  countOf: (topic: string) => number,
): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  const ids = members.map(({ memberId }) => memberId).sort();
  for (const id of ids) places.set(id, []);
  const wishes = new Map(members.map((member) => [member.memberId, new Set(topicsOf(member))]));
  for (const topic of wishedTopics(members)) {
    const takers = ids.filter((id) => wishes.get(id)?.has(topic)).map((id) => ({ id, ofTopic: 0 }));
    const load = (id: string) => places.get(id)?.length ?? 0;
    for (let partition = 0; partition < countOf(topic); partition++) {
      const taker = takers.reduce((least, one) => {
        const lighter = one.ofTopic - least.ofTopic || load(one.id) - load(least.id);
        return lighter < 0 ? one : least;
      });
      taker.ofTopic += 1;
      places.get(taker.id)?.push({ topic, partition });
    }
  }
  return places;
}

/** What a member gets, as bytes of the protocol. */
export function encodePlaces(places: readonly Place[]): Buffer {
  const assignment: { [topic: string]: number[] } = Object.create(null) as { [topic: string]: number[] };
  for (const { topic, partition } of places) (assignment[topic] ??= []).push(partition);
  return AssignerProtocol.MemberAssignment.encode({
    version: VERSION,
    assignment,
    userData: Buffer.alloc(0),
  });
}

export function decodePlaces(bytes: Buffer): Place[] {
  const decoded = AssignerProtocol.MemberAssignment.decode(bytes);
  return Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
