// Ticks of several processes: never before all sources are read, never back, in every partition.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { decodeRecord } from '../../../src/events/codec.js';
import type { LogRecord } from '../../../src/events/event.js';
import { Ticker, type TickerOptions } from '../../../src/pipeline/wide/ticker.js';
import { announcedIn, inForceSince, TicksCursor } from '../../../src/pipeline/wide/ticks-meta.js';
import type { Log } from '../../../src/ports/log.js';

const NOW = Date.UTC(2026, 2, 2);
const PARTITIONS = 2;

function deployment() {
  const stores = openMemory();
  const { state } = stores;
  const log = stores.log('events');
  const failing: { partition: number | null } = { partition: null };
  const events: Log = {
    append: (partition, values) =>
      partition === failing.partition ? Promise.reject(new Error('ended')) : log.append(partition, values),
    read: (partition, offset, limit) => log.read(partition, offset, limit),
    end: (partition) => log.end(partition),
  };
  let serial = 0;
  const process = (
    id: string,
    readUpTo: (now: number) => number = (now) => now,
    sources: Pick<TickerOptions, 'reads' | 'needs'> = {},
  ) => {
    const common = { state, events, partitions: PARTITIONS, nonce: () => `n${serial++}` };
    return new Ticker({ ...common, id, readUpTo, ...sources });
  };
  const cursor = new TicksCursor(state, () => `c${serial++}`);
  return { events, process, cursor, failing };
}

async function recordsOf(events: Log, partition: number): Promise<LogRecord[]> {
  return (await events.read(partition, 0, 10_000)).map(({ value }) => decodeRecord(value));
}

const ticksOf = async (events: Log, partition = 0) =>
  (await recordsOf(events, partition)).flatMap((record) => (record.kind === 'tick' ? record.at - NOW : []));

it('one of two processes appends ticks, up to what both have read, to every partition', async () => {
  const { events, process } = deployment();
  let behind = NOW - 500;
  const first = process('first');
  const second = process('second', () => behind);
  await first.run(NOW);
  await second.run(NOW + 100);
  await first.run(NOW + 1_000);
  expect(await ticksOf(events)).toEqual([0]);
  behind = NOW + 900;
  await second.run(NOW + 1_100);
  await first.run(NOW + 2_000);
  await second.run(NOW + 2_100);
  expect(await ticksOf(events)).toEqual([0, 900]);
  expect(await ticksOf(events, 1)).toEqual([0, 900]);
  expect(second.last).toBe(NOW + 900);
});

it('time stands still while nobody has read its sources, and is told as a gap afterwards', async () => {
  const { events, process } = deployment();
  let readUpTo = NOW;
  const only = process('only', () => readUpTo);
  for (let second = 0; second <= 120; second++) await only.run(NOW + second * 1_000);
  expect(await ticksOf(events)).toEqual([0]);
  readUpTo = NOW + 120_000;
  await only.run(NOW + 121_000);
  for (const partition of [0, 1]) {
    expect(await recordsOf(events, partition)).toEqual([
      { kind: 'tick', at: NOW },
      { kind: 'gap', from: NOW, at: NOW + 120_000 },
      { kind: 'tick', at: NOW + 120_000 },
    ]);
  }
});

it('another takes the lease once the holder is gone, at once where it left, and waits for its sources until then', async () => {
  const { events, process } = deployment();
  const first = process('first');
  const second = process('second');
  await first.run(NOW);
  await second.run(NOW + 1_000);
  // The first is silent: nobody knows what it has taken and not appended.
  await second.run(NOW + 9_000);
  expect(await ticksOf(events)).toEqual([0]);
  await second.run(NOW + 10_500);
  expect(await ticksOf(events)).toEqual([0, 10_500]);
  await second.leave();
  await process('third').run(NOW + 11_000);
  expect(await ticksOf(events)).toEqual([0, 10_500, 11_000]);
});

it('a process that has read nothing yet holds time back, from the first tick on', async () => {
  const fresh = deployment();
  let read = -Infinity;
  const holder = fresh.process('holder', () => read);
  await holder.run(NOW);
  await fresh.process('new', () => -Infinity).run(NOW + 100);
  read = NOW + 150;
  await holder.run(NOW + 200);
  expect(await ticksOf(fresh.events)).toEqual([]);
  const { events, process } = deployment();
  await process('first').run(NOW);
  await process('new', () => -Infinity).run(NOW + 500);
  await process('first').run(NOW + 1_000);
  expect(await ticksOf(events)).toEqual([0]);
});

it('time stands still while nobody reads a source that is needed', async () => {
  const { events, process } = deployment();
  const needs = ['raw'];
  const front = process('front', (now) => now, { needs });
  const reader = process('reader', (now) => now, { needs, reads: ['raw'] });
  await front.run(NOW);
  expect(await ticksOf(events)).toEqual([]);
  await reader.run(NOW + 100);
  await front.run(NOW + 1_000);
  expect(await ticksOf(events)).toEqual([100]);
  // It is gone without a word.
  for (let second = 2; second <= 60; second++) await front.run(NOW + second * 1_000);
  expect(await ticksOf(events)).toEqual([100]);
});

it('ticks never go back and never pass what a living process has read', async () => {
  const move = fc.record({
    who: fc.nat({ max: 2 }),
    what: fc.constantFrom('run', 'run', 'run', 'leave', 'restart'),
    laterMs: fc.nat({ max: 4_000 }),
    behindMs: fc.nat({ max: 3_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 60 }), async (moves) => {
      const { events, process } = deployment();
      let now = NOW;
      const read = [NOW, NOW, NOW];
      const said = [-Infinity, -Infinity, -Infinity];
      const start = (who: number) => process(`p${who}`, () => read[who] as number);
      const all = [0, 1, 2].map(start);
      for (const { who, what, laterMs, behindMs } of moves) {
        now += laterMs;
        read[who] = Math.max(read[who] as number, now - behindMs);
        if (what === 'restart') all[who] = start(who);
        if (what === 'leave') {
          await all[who]?.leave();
          said[who] = -Infinity;
          continue;
        }
        const before = (await ticksOf(events)).length;
        await all[who]?.run(now);
        said[who] = now;
        const ticks = await ticksOf(events);
        const living = said.flatMap((at, one) => (at >= now - 10_000 ? (read[one] as number) : []));
        if (ticks.length > before)
          expect(NOW + ticks[ticks.length - 1]!).toBeLessThanOrEqual(Math.min(...living));
        expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
      }
    }),
    { numRuns: 100 },
  );
});

describe('a change of rules', () => {
  const change = { kind: 'revision', revision: 'r2' } as const;
  const announcements = async (events: Log, partition: number) =>
    (await recordsOf(events, partition)).flatMap((record) =>
      record.kind === 'revision' ? [[record.at - NOW, record.revision]] : [],
    );

  it('stands in every partition before any tick or event can come to its instant', async () => {
    const { events, process, cursor } = deployment();
    const only = process('only');
    await only.run(NOW);
    expect(await cursor.request(change)).toBe(true);
    await only.run(NOW + 1_000);
    for (let second = 2; second < 20; second++) await only.run(NOW + second * 1_000);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      expect(await announcements(events, partition)).toEqual([[13_000, 'r2']]);
      const records = await recordsOf(events, partition);
      const place = records.findIndex(({ kind }) => kind === 'revision');
      // An event is dated ten seconds after the last tick at the most.
      for (const { at } of records.slice(0, place)) expect(at + 10_000).toBeLessThan(NOW + 13_000);
    }
  });

  it('is announced once, whoever asks again, and others wait for it', async () => {
    const { events, process, cursor } = deployment();
    const only = process('only');
    await only.run(NOW);
    expect(await cursor.request(change)).toBe(true);
    expect(await cursor.request({ kind: 'revision', revision: 'r3' })).toBe(false);
    await only.run(NOW + 1_000);
    expect(await cursor.request(change)).toBe(false);
    expect(await cursor.request({ kind: 'revision', revision: 'r3' })).toBe(true);
    await only.run(NOW + 2_000);
    // Each comes after the one before it, however soon it is asked for.
    expect(await announcements(events, 1)).toEqual([
      [13_000, 'r2'],
      [25_000, 'r3'],
    ]);
  });

  it('keeps the instant from which the rules are in force when their history has been told', async () => {
    const { process, cursor } = deployment();
    const only = process('only');
    await only.run(NOW);
    await cursor.request(change);
    await only.run(NOW + 1_000);
    await cursor.request({ kind: 'primed', epoch: NOW + 13_000 });
    await only.run(NOW + 2_000);
    const announced = announcedIn(await cursor.load());
    expect([announced.at, inForceSince(announced)]).toEqual([NOW + 25_000, NOW + 13_000]);
  });

  it('keeps the instant that was chosen where whoever chose it ends before all have heard', async () => {
    const { events, process, cursor, failing } = deployment();
    const first = process('first');
    await first.run(NOW);
    await cursor.request(change);
    failing.partition = 1;
    await expect(first.run(NOW + 1_000)).rejects.toThrow('ended');
    failing.partition = null;
    const second = process('second');
    await second.run(NOW + 5_000);
    expect(await announcements(events, 1)).toEqual([]);
    // The lease of the first is over.
    await second.run(NOW + 12_000);
    expect(await announcements(events, 0)).toEqual([
      [13_000, 'r2'],
      [13_000, 'r2'],
    ]);
    expect(await announcements(events, 1)).toEqual([[13_000, 'r2']]);
    const ticks = await ticksOf(events, 1);
    expect(ticks.every((at) => at < 13_000)).toBe(true);
  });
});

it('while a source has much to be read and comes further, time waits for it and nobody has to look', async () => {
  const { process } = deployment();
  let upTo = NOW - 3_600_000;
  const reads = { reads: ['raw'], needs: ['raw'] };
  const reader = process('reader', () => upTo, reads);
  const other = process('other', (now) => now, { needs: ['raw'] });
  let now = NOW;
  const second = async () => {
    now += 1_000;
    await reader.run(now);
    await other.run(now);
  };
  await second();
  expect([reader, other].map((one) => one.isCatchingUp(now))).toEqual([true, true]);
  for (let passed = 0; passed < 100; passed++) {
    upTo += 30_000;
    await second();
    expect(other.isCatchingUp(now)).toBe(true);
  }
  // It comes no further: somebody has to look.
  for (let passed = 0; passed < 61; passed++) await second();
  expect(other.isCatchingUp(now)).toBe(false);
  upTo = now;
  await second();
  expect(other.isCatchingUp(now)).toBe(false);
});

it('a process that reads no sources and is slow is nothing to wait for', async () => {
  const { process } = deployment();
  const slow = process('slow', () => NOW - 60_000);
  await slow.run(NOW);
  expect(slow.isCatchingUp(NOW)).toBe(false);
});
