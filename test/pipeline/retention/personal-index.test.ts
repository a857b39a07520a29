// The index of mentions over several partitions, by several processes, and over records that the log has let go of.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { CodedError } from '../../../src/events/coded-error.js';
import { encodeRecord } from '../../../src/events/codec.js';
import { eventOf } from '../../../src/events/event.js';
import { encodeJson } from '../../../src/pipeline/checkpoint.js';
import { LoggedHistory } from '../../../src/pipeline/history/logged-history.js';
import { PersonalIndex, type WideEvents } from '../../../src/pipeline/retention/personal-index.js';
import type { Log } from '../../../src/ports/log.js';

const NAMESPACE = 'retention/personal';
const name = (number: number) => `p:${String(number).padStart(32, '0')}`;

/** An event of a shop that names somebody. */
function mention(shop: number, person: number, at: number): Uint8Array {
  const data = { category: '食品', complainant: name(person) };
  return encodeRecord(
    eventOf(`urn:x ${randomUUID()}`, 'complaint', 'urn:x', `subject:shop:${shop}`, at, at, data),
  );
}

const tick = (at: number) => encodeRecord({ kind: 'tick', at });

function site() {
  const stores = openMemory();
  const events: Log = stores.log('events');
  const logs = { events, 'dead-letters': stores.log('dead-letters') };
  return { state: stores.state, logs };
}

type Site = ReturnType<typeof site>;

function indexOf({ state, logs }: Site, wide?: WideEvents): PersonalIndex {
  return new PersonalIndex({ state, logs, nonce: randomUUID, ...(wide === undefined ? {} : { wide }) });
}

/** A log that has let go of what lies before an offset. */
function letGo(log: Log, begin: number): Log {
  return {
    append: (partition, values) => log.append(partition, values),
    end: (partition) => log.end(partition),
    read: async (partition, offset, limit) => {
      if (offset < begin) throw new CodedError('RECORD_GONE');
      return log.read(partition, offset, limit);
    },
  };
}

/** Reads of partitions of which nothing was let go of. */
const whole = (partitions: number, log: Log): WideEvents => ({
  partitions,
  begin: async () => 0,
  history: new LoggedHistory(log, partitions),
});

async function said(index: PersonalIndex, people: readonly number[], shops: readonly number[]) {
  const keys = shops.map((shop) => `subject:shop:${shop}`);
  return Promise.all(
    people.map(async (person) => [
      await index.mention(name(person)),
      await index.subjectsOf(name(person), keys),
    ]),
  );
}

describe('the index of mentions', () => {
  it('reads every partition, and takes the last mention of all of them', async () => {
    const one = site();
    await one.logs.events.append(0, [mention(1, 1, 10), tick(11)]);
    await one.logs.events.append(2, [mention(2, 1, 30), mention(3, 2, 31)]);
    await one.logs.events.append(1, [mention(1, 1, 20)]);
    const index = indexOf(one, whole(3, one.logs.events));
    expect(await index.isAtEnd()).toBe(false);
    await index.catchUp();
    expect([0, 1, 2].map((partition) => index.position(partition))).toEqual([2, 1, 2]);
    expect(await index.isAtEnd()).toBe(true);
    expect(await said(index, [1, 2], [1, 2, 3])).toEqual([
      [{ at: { complaint: 30 } }, ['subject:shop:1', 'subject:shop:2']],
      [{ at: { complaint: 31 } }, ['subject:shop:3']],
    ]);
  });

  it('goes on where a build of one partition ended', async () => {
    const one = site();
    await one.logs.events.append(0, [mention(1, 1, 10), mention(1, 2, 20)]);
    const kept = { base: 0, baseNonce: '', nonce: 'former', timersSet: [], timersCleared: [] };
    const records = new Map([[`v ${name(1)}`, encodeJson({ at: { complaint: 10 } })]]);
    await one.state.commit(NAMESPACE, { ...kept, records, meta: encodeJson({ events: 1, dead: 0 }) });
    const index = indexOf(one);
    await index.catchUp();
    expect(index.position()).toBe(2);
    expect(await said(index, [1, 2], [1])).toEqual([
      [{ at: { complaint: 10 } }, []],
      [{ at: { complaint: 20 } }, ['subject:shop:1']],
    ]);
  });

  it('reads from the history what the log let go of before it was read', async () => {
    const one = site();
    const { events } = one.logs;
    await events.append(0, [
      mention(1, 1, 10),
      mention(2, 1, 20),
      mention(1, 2, 30),
      tick(31),
      mention(1, 3, 40),
    ]);
    const first = indexOf(one, whole(1, letGo(events, 0)));
    await first.catchUp();
    await events.append(0, [mention(3, 1, 50), tick(51), mention(1, 4, 60), mention(1, 5, 70)]);
    const log = letGo(events, 7);
    const wide = { partitions: 1, begin: async () => 7, history: new LoggedHistory(events, 1, 2) };
    const index = indexOf({ ...one, logs: { ...one.logs, events: log } }, wide);
    await index.catchUp();
    expect(index.position()).toBe(9);
    expect(await said(index, [1, 4], [1, 2, 3])).toEqual([
      [{ at: { complaint: 50 } }, ['subject:shop:1', 'subject:shop:2', 'subject:shop:3']],
      [{ at: { complaint: 60 } }, ['subject:shop:1']],
    ]);
  });

  it('stops before a record that nobody has any more, rather than guess', async () => {
    const one = site();
    await one.logs.events.append(0, [mention(1, 1, 10), mention(1, 2, 20)]);
    const log = letGo(one.logs.events, 1);
    const wide = { partitions: 1, begin: async () => 1, history: new LoggedHistory(log, 1) };
    const index = indexOf({ ...one, logs: { ...one.logs, events: log } }, wide);
    await expect(index.catchUp()).rejects.toMatchObject({ code: 'RECORD_GONE' });
    expect(await index.isAtEnd()).toBe(false);
    expect(await index.mention(name(2))).toBeUndefined();
  });

  it('is the same where several processes bring it on at a time', async () => {
    const one = site();
    const records = Array.from({ length: 5_000 }, (_, at) => mention(at % 7, at % 11, at));
    for (const partition of [0, 1]) await one.logs.events.append(partition, records);
    const wide = whole(2, one.logs.events);
    const indices = Array.from({ length: 4 }, () => indexOf(one, wide));
    await Promise.all(indices.map((index) => index.catchUp()));
    const alone = { ...one, state: openMemory().state };
    const reference = indexOf(alone, wide);
    await reference.catchUp();
    const [people, shops] = [
      Array.from({ length: 11 }, (_, at) => at),
      Array.from({ length: 7 }, (_, at) => at),
    ];
    for (const index of indices) {
      expect(await index.isAtEnd()).toBe(true);
      expect(await said(index, people, shops)).toEqual(await said(reference, people, shops));
    }
  });

  it('does not forget a name of which another process has read a later mention', async () => {
    const one = site();
    await one.logs.events.append(0, [mention(1, 1, 10)]);
    const [index, other] = [indexOf(one), indexOf(one)];
    await index.catchUp();
    await one.logs.events.append(0, [mention(2, 1, 90)]);
    await other.catchUp();
    const isOver = ({ at }: { at: { complaint?: number } }) => (at.complaint ?? 0) < 50;
    await index.forget(name(1), isOver);
    expect(await index.mention(name(1))).toEqual({ at: { complaint: 90 } });
    await index.forget(name(1), () => true);
    expect(await said(index, [1], [1, 2])).toEqual([[undefined, []]]);
  });
});
