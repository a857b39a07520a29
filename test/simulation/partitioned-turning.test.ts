// Rules that change while partitions run in processes of their own: each change at one instant everywhere, its history
// told meanwhile; the inbox is that of one undisturbed run over the merge of the logs.
import { expect, describe, it } from 'vitest';
import { epochOf } from '../../src/engine/key-codec.js';
import type { Transition } from '../../src/engine/output.js';
import { canonicalJson } from '../../src/events/canonical.js';
import { decodeRecord, encodeRecord } from '../../src/events/codec.js';
import type { LogRecord, PrimeRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { announcedAfter, TicksCursor } from '../../src/pipeline/wide/ticks-meta.js';
import { run, toldAfter } from '../engine/turns.js';
import { primesOf, together } from './changes.js';
import { randomFrom } from './generate.js';
import { Partitioned } from './partitioned.js';
import { batchesOf, FIRST, SEEDS } from './seeds.js';
import { split } from './strata-runs.js';
import { regionalLife, rulesOf, SETS } from './turning-sets.js';

const FIRST_SET = SETS[0] as RuleSet;
const AHEAD_MS = 12_000;
const happened = { turns: 0, primed: 0, told: 0, overtaken: 0, said: 0 };

/** Whoever lets time pass announces what is asked for, with an instant that no partition has come to. */
class Announcer {
  private serial = 0;
  private readonly cursor: TicksCursor;
  /** The instant of the last change. */
  last = -Infinity;

  constructor(
    private readonly run: Partitioned,
    private readonly partitions: number,
  ) {
    this.cursor = new TicksCursor(run.stores.state, () => `a${this.serial++}`);
  }

  ask(revision: string): Promise<boolean> {
    return this.cursor.request({ kind: 'revision', revision });
  }

  async announce(clocks: readonly number[]): Promise<void> {
    const meta = await this.cursor.load();
    const tick = Math.min(...clocks);
    const moved = { ...meta, tick: Number.isFinite(tick) ? tick : null };
    if (meta.change === undefined || meta.change === null) {
      await this.cursor.commit(moved);
      return;
    }
    const { change } = meta.change;
    const at = (this.last = Math.max(this.last, ...clocks) + AHEAD_MS);
    const record: LogRecord = { ...change, at };
    // Some partitions hear of it twice.
    const values = (twice: boolean) => [record, ...(twice ? [record] : [])].map(encodeRecord);
    for (let partition = 0; partition < this.partitions; partition++) {
      await this.run.stores.logs.events.append(partition, values(this.run.random() < 0.3));
    }
    await this.cursor.commit({ ...moved, change: null, announced: announcedAfter(meta, change, at) });
  }
}

const nameOf = ({ bytes, stratum, key }: PrimeRecord) => `${epochOf(bytes)} ${stratum} ${key}`;

/** What one process says of it that makes up for itself what the history says of each key. */
function undisturbed(log: readonly LogRecord[], told: ReadonlyMap<string, PrimeRecord>): Transition[] {
  const own: LogRecord[] = [];
  let histories = new Map<string, PrimeRecord>();
  let epoch = 0;
  let running = FIRST_SET.revision;
  const missing = (of: number) =>
    [...histories].filter(([name]) => name.startsWith(`${of} `) && !told.has(name));
  for (const record of log) {
    if (record.kind === 'prime') {
      // What a key is told of a change that others have followed since is passed over.
      const history = histories.get(nameOf(record));
      if (history === undefined) expect(epochOf(record.bytes)).toBeLessThan(epoch);
      else own.push({ ...history, at: record.at });
      continue;
    }
    own.push(record);
    if (record.kind === 'primed' && record.epoch === epoch) {
      expect(missing(epoch)).toEqual([]);
      happened.primed++;
    }
    if (record.kind !== 'revision' || record.revision === running) continue;
    running = record.revision;
    if (epoch > 0 && missing(epoch).length > 0) happened.overtaken++;
    epoch++;
    happened.turns++;
    const all = toldAfter(own, own.length - 1, SETS, record.at).filter((one) => one.kind === 'prime');
    histories = new Map(all.map((one) => [nameOf(one), one]));
  }
  happened.told += told.size;
  const transitions = run(own, SETS);
  happened.said += transitions.length;
  return transitions;
}

/** What was said up to an instant, one text each, without positions. */
function plain(transitions: readonly Transition[], until: number): string[] {
  return transitions
    .filter(({ clock }) => clock <= until)
    .map(({ contributions, ...rest }) => {
      const events = contributions.events.map(({ id, time }) => ({ id, time }));
      return canonicalJson({ ...rest, contributions: { ...contributions, events } });
    });
}

async function turning(seed: number) {
  const random = randomFrom(seed * 7_368_787);
  const life = regionalLife(seed, random);
  const begins: LogRecord = { kind: 'revision', at: life[0]?.at ?? 0, revision: FIRST_SET.revision };
  const logs = split([begins, ...life], 1 + (seed % 4));
  const partitions = { events: logs.length, derived: 1 + (seed % 3) };
  const partitioned = new Partitioned(FIRST_SET, partitions, seed, { rulesOf });
  const announcer = new Announcer(partitioned, logs.length);
  let last = (announcer.last = begins.at);
  for (const [partition, log] of logs.entries()) {
    await partitioned.stores.logs.events.append(partition, log.splice(0, 1).map(encodeRecord));
  }
  await partitioned.start();
  await partitioned.feed(logs, async (clocks) => {
    last = Math.max(last, ...clocks);
    if (random() < 0.04) await announcer.ask((SETS[Math.floor(random() * SETS.length)] as RuleSet).revision);
    await announcer.announce(clocks);
  });
  // Time goes on until all is told.
  for (let rounds = 0; rounds < 6; rounds++) {
    await partitioned.finish();
    await announcer.announce(logs.map(() => last));
    last = Math.max(last, announcer.last) + 1;
    for (const partition of logs.keys()) {
      await partitioned.stores.logs.events.append(partition, [encodeRecord({ kind: 'tick', at: last })]);
    }
  }
  await partitioned.finish();
  const written = await Promise.all(
    [...logs.keys()].map(async (partition) => {
      const stored = await partitioned.stores.logs.events.read(partition, 0, 100_000);
      return stored.map(({ value }) => decodeRecord(value));
    }),
  );
  const log = together(written);
  const told = new Map(primesOf(log).map((one) => [nameOf(one), one]));
  const expected = plain(undisturbed(log, told), last - 2);
  return { said: plain(await partitioned.transitions(), last - 2), expected };
}

describe(`simulated partitions under changing rules, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it.each(batchesOf(5))('say what one undisturbed run says, in its order: %s', async (_name, seeds) => {
    for (const seed of seeds) {
      const { said, expected } = await turning(seed);
      const wrong = said.findIndex((text, index) => text !== expected[index]);
      expect([wrong, said[wrong], expected[wrong]], `seed ${seed}`).toEqual([-1, undefined, undefined]);
      expect(said.length, `seed ${seed}`).toBe(expected.length);
    }
  });

  it.runIf(SEEDS >= 20)(
    'had changes, histories that were told, and changes that came before they were',
    () => {
      for (const [what, count] of Object.entries(happened)) expect(count, what).toBeGreaterThan(5);
    },
  );
});
