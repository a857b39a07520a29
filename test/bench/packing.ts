// node dist/test/bench/packing.js: what messages of several events each would spare, of time and of bytes.
import { deflateRawSync } from 'node:zlib';
import { encodeBatch, pack } from '../../src/adapters/kafka/batch-encoding.js';
import { plainRecords } from '../../src/adapters/kafka/record-batch.js';
import { encodeRecord } from '../../src/events/codec.js';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import { CALIBRATION_STEPS, calibrate } from './calibration.js';
import { lineOf, Workload } from './workload.js';

/** Events of one request. */
const TOGETHER = 512;
const BATCHES = 40;
const ROUNDS = 60;
const PACKED = [1, 2, 8, 64] as const;
const PRODUCER = { id: 1n, epoch: 0 };
const LENGTH_BYTES = 4;

/** Events of the workload as the events log holds them, by request. */
function requests(): Uint8Array[][] {
  const workload = new Workload({
    events: TOGETHER * BATCHES,
    subjects: 10_000,
    days: 1,
    creditChanges: true,
  });
  const found: Uint8Array[][] = [];
  let some: Uint8Array[] = [];
  for (let fact = workload.next(); fact !== undefined; fact = workload.next()) {
    const parsed = parseCloudEvent(JSON.parse(lineOf(fact)));
    const stamped = parsed.ok ? stamp(parsed.event, fact.at) : parsed;
    if (!stamped.ok) throw new Error(stamped.message);
    some.push(encodeRecord(stamped.event));
    if (some.length === TOGETHER) found.push(some.splice(0));
  }
  some = [];
  return found;
}

/** Messages of `many` events each: before an event stands its length. */
function messagesOf(events: readonly Uint8Array[], many: number): readonly Uint8Array[] {
  if (many === 1) return events;
  const messages: Uint8Array[] = [];
  for (let from = 0; from < events.length; from += many) {
    const some = events.slice(from, from + many);
    const message = Buffer.allocUnsafe(some.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
    let at = 0;
    for (const event of some) {
      at = message.writeUInt32LE(event.length, at);
      message.set(event, at);
      at += event.length;
    }
    messages.push(message);
  }
  return messages;
}

/** @returns how many events it holds, each of which is looked at */
function unpack(message: Buffer, many: number): number {
  if (many === 1) return 1;
  let count = 0;
  for (let at = 0; at < message.length; count++) {
    const length = message.readUInt32LE(at);
    const event = message.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
    at += LENGTH_BYTES + event.length;
  }
  return count;
}

function encoded(events: readonly Uint8Array[], many: number): Buffer {
  const packed = pack(messagesOf(events, many));
  return encodeBatch([{ packed, first: 0, count: packed.ends.length }], PRODUCER, 0, 1_767_225_600_000);
}

function decoded(batch: Buffer, many: number): number {
  let count = 0;
  for (const { value } of plainRecords(batch, 0)) if (value !== null) count += unpack(value, many);
  return count;
}

/** CPU time a call, us: the least of the rounds, since other work only ever adds. */
function least(work: () => void): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

function main(): void {
  const all = requests();
  const events = all.length * TOGETHER;
  const bytes = all.flat().reduce((sum, { length }) => sum + length, 0);
  const step = (calibrate() * 1000) / CALIBRATION_STEPS;
  console.log(
    `${events} events of ${(bytes / events).toFixed(0)} B, ${TOGETHER} a request, us of CPU an event`,
  );
  console.log('events a message   write   read   together   calibration steps   bytes   deflated');
  for (const many of PACKED) {
    const batches = all.map((some) => encoded(some, many));
    const write = least(() => all.forEach((some) => encoded(some, many))) / events;
    let read = 0;
    const readUs =
      least(() => (read = batches.reduce((sum, batch) => sum + decoded(batch, many), 0))) / events;
    if (read !== events) throw new Error(`${read} events came back, not ${events}`);
    const size = batches.reduce((sum, batch) => sum + batch.length, 0) / events;
    const deflated =
      batches.reduce((sum, batch) => sum + deflateRawSync(batch, { level: 1 }).length, 0) / events;
    const figures = [write.toFixed(3), readUs.toFixed(3), (write + readUs).toFixed(3)];
    const steps = ((write + readUs) / step).toFixed(0);
    console.log(
      [String(many).padStart(16), ...figures, steps, size.toFixed(1), deflated.toFixed(1)].join('   '),
    );
  }
}

main();
