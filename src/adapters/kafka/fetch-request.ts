// A request for records, and its answer as it came: the client's own decoder refuses a whole answer for one bad batch,
// loses its place where topics are compacted, and counts in objects.
import { createRequire } from 'node:module';
import type { Broker } from 'kafkajs';
import type { Place } from './assignment.js';
import type { Aborted } from './record-batch.js';

/** Version 10 is the first that gives out Zstandard, and brokers from 2.1 on know it. */
const requestOf = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/v10/request') as (
  request: object,
) => object;
const { createErrorFromCode } = createRequire(import.meta.url)('kafkajs/src/protocol/error') as {
  readonly createErrorFromCode: (code: number) => { readonly type: string };
};

/** The client's way to send any request. */
interface SendingBroker extends Broker {
  readonly connectionPool: {
    send(protocol: {
      request: object;
      response: { decode(answer: Buffer): Promise<Fetched[]>; parse(data: Fetched[]): Promise<Fetched[]> };
    }): Promise<Fetched[]>;
  };
}

export interface Wanted extends Place {
  readonly offset: number;
}

export interface Fetched extends Place {
  /** A type of the protocol, or what broke off the way there; null where there is none. */
  readonly fault: string | null;
  /** The offset after the last record that may be read: none of a transaction that is still open. */
  readonly end: number;
  readonly aborted: readonly Aborted[];
  /** Batches, of which the last may be cut off. */
  readonly bytes: Buffer;
}

export interface FetchBounds {
  /** How long the brokers wait where there is nothing. */
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
}

/** Asks one broker. @returns what it has of each place; a throttled one leaves places out */
export async function askForRecords(
  broker: Broker,
  wanted: readonly Wanted[],
  bounds: FetchBounds,
  isolationLevel: number,
): Promise<Fetched[]> {
  const request = requestOf(requestFields(wanted, bounds, isolationLevel));
  const parse = async (data: Fetched[]) => Promise.resolve(data);
  const { connectionPool } = broker as SendingBroker;
  return connectionPool.send({ request, response: { decode: decodeAnswer, parse } });
}

function requestFields(
  wanted: readonly Wanted[],
  { waitMs, maxBytes, partitionMaxBytes }: FetchBounds,
  isolationLevel: number,
) {
  const topics = [...new Set(wanted.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: wanted
      .filter((one) => one.topic === topic)
      .map(({ partition, offset }) => ({
        partition,
        fetchOffset: String(offset),
        maxBytes: partitionMaxBytes,
      })),
  }));
  return {
    replicaId: -1,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes,
    topics,
    isolationLevel,
  };
}

/**
 * Answers: throttle time int32, error int16, int32, and by topic name and partition: number int32, error int16, end
 * int64, end of what may be read int64, first offset int64, aborted transactions (producer int64, first offset int64),
 * bytes of batches. Counts and lengths are int32, of names int16.
 */
async function decodeAnswer(answer: Buffer): Promise<Fetched[]> {
  let at = 10;
  const int32 = () => answer.readInt32BE((at += 4) - 4);
  const int64 = () => answer.readBigInt64BE((at += 8) - 8);
  const times = <T>(count: number, read: () => T) => Array.from({ length: Math.max(0, count) }, read);
  const topics = times(int32(), () => {
    const length = answer.readInt16BE((at += 2) - 2);
    const topic = answer.toString('utf8', at, (at += length));
    return times(int32(), (): Fetched => {
      const partition = int32();
      const code = answer.readInt16BE((at += 2) - 2);
      at += 8;
      const end = Number(int64());
      at += 8;
      const aborted = times(int32(), () => ({ producer: int64(), first: Number(int64()) }));
      const size = Math.max(0, int32());
      const bytes = answer.subarray(at, (at += size));
      const fault = code === 0 ? null : createErrorFromCode(code).type;
      return { topic, partition, fault, end, aborted, bytes };
    });
  });
  return Promise.resolve(topics.flat());
}
