// A request that keeps batches, and its answer: the client would encode every record as an object of its own, and its
// producers would have connections of their own each.
import { createRequire } from 'node:module';
import type { Broker } from 'kafkajs';
import type { Place } from './assignment.js';
import type { Producer } from './batch-encoding.js';

const load = createRequire(import.meta.url);
const { createErrorFromCode } = load('kafkajs/src/protocol/error') as {
  readonly createErrorFromCode: (code: number) => Error;
};
const { Produce: API_KEY } = load('kafkajs/src/protocol/requests/apiKeys') as { readonly Produce: number };

/** Version 7 came with brokers 2.1, which reading needs as well. */
const API_VERSION = 7;
const ALL_IN_SYNC = -1;

/** A batch for a partition, which stands in a request once. */
export interface Load extends Place {
  readonly batch: Buffer;
}

export interface Kept extends Place {
  /** What the broker says against it; null where all in-sync replicas have it. */
  readonly fault: Error | null;
  /** Of the first record. */
  readonly offset: number;
}

interface Answer {
  readonly kept: Kept[];
  /** For how long the client is to send nothing, as its connection reads it. */
  readonly clientSideThrottleTime: number;
}

/** The client's ways to send any request, and to begin as a producer. */
interface SendingBroker extends Broker {
  readonly connectionPool: {
    send(protocol: {
      request: object;
      response: { decode(answer: Buffer): Promise<Answer>; parse(data: Answer): Promise<Kept[]> };
    }): Promise<Kept[]>;
  };
  initProducerId(fields: object): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
}

/** Asks for the number of a new idempotent producer; any broker gives one. */
export async function askForProducer(broker: Broker): Promise<Producer> {
  const { producerId, producerEpoch } = await (broker as SendingBroker).initProducerId({});
  return { id: BigInt(producerId), epoch: producerEpoch };
}

/** Asks one broker to keep batches. @returns what it says of each @throws where no answer comes */
export async function askToKeep(broker: Broker, loads: readonly Load[], timeoutMs: number): Promise<Kept[]> {
  const body = bodyOf(loads, timeoutMs);
  const request = {
    apiKey: API_KEY,
    apiVersion: API_VERSION,
    apiName: 'Produce',
    expectResponse: () => true,
    // What the client's own encoder would be: it copies the bytes behind the header.
    encode: async () => Promise.resolve({ buf: body, buffer: body }),
  };
  const { connectionPool } = broker as SendingBroker;
  const parse = async ({ kept }: Answer) => Promise.resolve(kept);
  return connectionPool.send({ request, response: { decode: decodeAnswer, parse } });
}

/**
 * Transaction (string, none), who has to have it int16, timeout int32, topics: name string, partitions: number int32,
 * length int32, batch. Counts are int32; strings have their length before them as int16.
 */
function bodyOf(loads: readonly Load[], timeoutMs: number): Buffer {
  const topics = new Map<string, Load[]>();
  for (const one of loads) topics.set(one.topic, [...(topics.get(one.topic) ?? []), one]);
  const names = [...topics.keys()].reduce((sum, name) => sum + Buffer.byteLength(name) + 6, 0);
  const batches = loads.reduce((sum, { batch }) => sum + batch.length + 8, 0);
  const body = Buffer.allocUnsafe(12 + names + batches);
  let at = body.writeInt16BE(-1, 0);
  at = body.writeInt16BE(ALL_IN_SYNC, at);
  at = body.writeInt32BE(timeoutMs, at);
  at = body.writeInt32BE(topics.size, at);
  for (const [name, some] of topics) {
    at = body.writeInt16BE(Buffer.byteLength(name), at);
    at += body.write(name, at);
    at = body.writeInt32BE(some.length, at);
    for (const { partition, batch } of some) {
      at = body.writeInt32BE(partition, at);
      at = body.writeInt32BE(batch.length, at);
      at += batch.copy(body, at);
    }
  }
  return body;
}

/**
 * Answers: topics: name, partitions: number int32, error int16, base offset int64, time of appending int64, first offset
 * int64; then throttle time int32.
 */
async function decodeAnswer(answer: Buffer): Promise<Answer> {
  let at = 0;
  const int32 = () => answer.readInt32BE((at += 4) - 4);
  const times = <T>(count: number, read: () => T) => Array.from({ length: Math.max(0, count) }, read);
  const topics = times(int32(), () => {
    const length = answer.readInt16BE((at += 2) - 2);
    const topic = answer.toString('utf8', at, (at += length));
    return times(int32(), (): Kept => {
      const partition = int32();
      const code = answer.readInt16BE((at += 2) - 2);
      const offset = Number(answer.readBigInt64BE((at += 8) - 8));
      at += 16;
      return { topic, partition, fault: code === 0 ? null : createErrorFromCode(code), offset };
    });
  });
  return Promise.resolve({ kept: topics.flat(), clientSideThrottleTime: int32() });
}
