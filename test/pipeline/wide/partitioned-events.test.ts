// Events of one process go to the partitions of their keys, and say how far it has read.
import { expect, it, vi } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { decodeRecord } from '../../../src/events/codec.js';
import type { EventDraft } from '../../../src/events/event.js';
import { partitionOf } from '../../../src/pipeline/wide/partition.js';
import { PartitionedEvents } from '../../../src/pipeline/wide/partitioned-events.js';
import type { Log, Logs } from '../../../src/ports/log.js';

const NOW = Date.UTC(2026, 2, 2);
const PARTITIONS = 3;

function event(id: string, key: string): EventDraft {
  return {
    kind: 'event',
    id: `s ${id}`,
    stream: 'complaint',
    source: 's',
    key,
    time: NOW,
    at: NaN,
    data: {},
  };
}

function opened(lastTick = NOW, isCatchingUp = false) {
  const stores = openMemory();
  const log = (name: 'events' | 'operator') => stores.log(name);
  const waiting: (() => void)[] = [];
  const slow: Log = {
    append: async (partition, values) => {
      await new Promise<void>((done) => waiting.push(done));
      return log('events').append(partition, values);
    },
    read: (...place) => log('events').read(...place),
    end: (partition) => log('events').end(partition),
  };
  const logs = { events: slow, operator: log('operator') } as unknown as Logs;
  const events = new PartitionedEvents({
    logs,
    partitions: PARTITIONS,
    lastTick: () => lastTick,
    isCatchingUp: () => isCatchingUp,
    id: 'one',
    probe: () => undefined,
  });
  return { events, log: log('events'), operator: log('operator'), waiting };
}

it('each event goes to the partition of its key, in order, stamped with its arrival', async () => {
  const { events, log, waiting } = opened();
  const drafts = Array.from({ length: 40 }, (_, index) => event(`${index}`, `subject:sim:${index % 7}`));
  const appending = events.append(drafts, [], NOW + 5);
  // What is on its way was not read yet.
  await Promise.resolve();
  expect(events.readUpTo(NOW + 10)).toBe(NOW + 4);
  for (const go of waiting.splice(0)) go();
  await appending;
  expect(events.readUpTo(NOW + 10)).toBe(NOW + 10);
  const seen: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const records = (await log.read(partition, 0, 100)).map(({ value }) => decodeRecord(value));
    for (const record of records) {
      if (record.kind !== 'event') throw new Error(record.kind);
      expect(partitionOf(record.key, PARTITIONS)).toBe(partition);
      expect(record.at).toBe(NOW + 5);
      seen.push(record.id);
    }
    const numbers = records.map((record) => Number((record as { id: string }).id.slice(2)));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }
  expect(seen.sort()).toEqual(drafts.map(({ id }) => id).sort());
});

it('what arrives more than ten seconds after the last tick is held back, and an operator hears of it once', async () => {
  const { events, log, operator, waiting } = opened(NOW);
  for (const id of ['a', 'b']) {
    const appending = events.append([event(id, 'subject:sim:a')], [], NOW + 60_000);
    await new Promise((done) => setImmediate(done));
    for (const go of waiting.splice(0)) go();
    await appending;
  }
  const partition = partitionOf('subject:sim:a', PARTITIONS);
  const stored = await log.read(partition, 0, 10);
  expect(stored.map(({ value }) => decodeRecord(value).at)).toEqual([NOW + 10_000, NOW + 10_000]);
  expect(events.heldBack).toBe(2);
  expect(await operator.end(0)).toBe(1);
});

it('what arrives while a backlog is read is held back like all else, and is no alert', async () => {
  const { events, operator, waiting } = opened(NOW, true);
  const drafts = [event('1', 'subject:sim:1')];
  const appending = events.append(drafts, [], NOW + 3_600_000);
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  waiting.splice(0).forEach((go) => go());
  await appending;
  expect(drafts[0]?.at).toBe(NOW + 10_000);
  expect(events.heldBack).toBe(1);
  expect(await operator.end(0)).toBe(0);
});
