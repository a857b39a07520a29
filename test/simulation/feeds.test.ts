import { describe, expect, it } from 'vitest';
import type { Transition } from '../../src/engine/output.js';
import type { Event, LogRecord } from '../../src/events/event.js';
import { feedRules } from './feeds-models.js';
import { generateFeedLog } from './feeds-generate.js';
import { feedRun, type SaidOfFeed } from './feeds-reference.js';
import { ledgerOf, type Deed } from './ledger.js';
import { batchesOf, FIRST, SEEDS } from './seeds.js';
import { FEEDS, runOverLogs, runTogether, split, type Feed } from './strata-runs.js';

const BATCHES = batchesOf(10);
const rules = feedRules();
const whole = (log: readonly LogRecord[]): Feed => FEEDS['round robin']?.([[...log]], 0) as Feed;

const runs = new Map<number, readonly Transition[]>();

function plainRun(seed: number): readonly Transition[] {
  let transitions = runs.get(seed);
  if (transitions === undefined) {
    runs.set(seed, (transitions = runTogether(rules, whole(generateFeedLog(seed)))));
  }
  return transitions;
}

const isOfFeed = ({ model }: Transition) => model.includes(':');

function said(transition: Transition): SaidOfFeed {
  const { model, scope, key, clock, level, reason, raised, indicators, restsOn } = transition;
  return { model, key: `${scope}:${key}`, clock, level, reason, raised, figures: indicators, restsOn };
}

/** Everything but positions. */
function plain(transitions: readonly Transition[]): string {
  return JSON.stringify(
    transitions.map(({ contributions, ...rest }) => ({
      ...rest,
      contributions: { ...contributions, events: contributions.events.map(({ id, time }) => ({ id, time })) },
    })),
  );
}

/** The source of the latest reading of a device by (time, id), of those that had come. */
/** One that says the same as another, long after it, may be known or not: a live reading is known for an hour. */
function latestSources(
  deeds: ReadonlyMap<number, readonly Deed[]>,
  log: readonly LogRecord[],
  key: string,
  clock: number,
): readonly string[] {
  let latest: Event | null = null;
  for (const [at, done] of deeds) {
    for (const { event } of at <= clock ? done : []) {
      if (event.stream !== 'sensor-reading' || event.key !== key) continue;
      const isLater = latest === null || event.time - latest.time || (event.id > latest.id ? 1 : -1);
      if (isLater === true || isLater > 0) latest = event;
    }
  }
  if (latest === null) return [];
  const { time } = latest;
  return log.flatMap((one) =>
    one.kind === 'event' && one.stream === 'sensor-reading' && one.key === key && one.time === time
      ? one.source
      : [],
  );
}

describe(`simulated feeds, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  const spoken = new Map<string, number>();
  it.each(BATCHES)('the engine says what the reference says, in the same order: %s', (_name, seeds) => {
    for (const seed of seeds) {
      const expected = feedRun(generateFeedLog(seed));
      const came = plainRun(seed).filter(isOfFeed);
      expect(came.map(said), `seed ${seed}`).toEqual(expected);
      expect(came.every(({ quiet }) => !quiet)).toBe(true);
      for (const { model, level } of expected) {
        spoken.set(`${model} ${level}`, (spoken.get(`${model} ${level}`) ?? 0) + 1);
      }
    }
  });

  it.runIf(SEEDS >= 20)('every cadence was missed, by keys and by whole sources', () => {
    const names = ['sim/alarm', 'sim/complained', 'sim/graded', 'sim/owner'];
    expect([...spoken.keys()].sort()).toEqual(
      names.flatMap((name) => [
        `${name}:feed blue`,
        `${name}:feed none`,
        `${name}:source none`,
        `${name}:source orange`,
      ]),
    );
  });

  it.each(BATCHES)(
    'an absence rests on the source of the last event, and nothing else does: %s',
    (_name, seeds) => {
      for (const seed of seeds.slice(0, 3)) {
        const log = generateFeedLog(seed);
        const deeds = ledgerOf(log);
        for (const { model, level, key, clock, restsOn } of plainRun(seed)) {
          if (model === 'sim/alarm' && level !== 'none') {
            const sources = latestSources(deeds, log, `device:${key}`, clock);
            // One that never spoke is nobody's.
            expect(restsOn?.length ?? 0, `seed ${seed} ${key} ${clock}`).toBe(Math.min(1, sources.length));
            for (const source of restsOn ?? []) expect(sources).toContain(source);
          } else if (model === 'sim/joint' || model.endsWith(':source')) expect(restsOn).toBeUndefined();
        }
      }
    },
  );

  it.each(BATCHES)('neither partitions nor the order in which they are read show: %s', (_name, seeds) => {
    const ways = Object.entries(FEEDS);
    for (const seed of seeds) {
      const log = generateFeedLog(seed);
      const expected = plain(plainRun(seed));
      for (const [index, partitions] of [2, 4].entries()) {
        const [way, feed] = ways[(seed + index) % ways.length] as (typeof ways)[number];
        const transitions = runTogether(rules, feed(split(log, partitions), seed), { partitions });
        expect(plain(transitions) === expected, `seed ${seed}, ${partitions} partitions, ${way}`).toBe(true);
      }
    }
  });

  it.each(BATCHES)('strata that talk through logs say the same: %s', (_name, seeds) => {
    for (const seed of seeds) {
      const partitions = 1 + (seed % 3);
      const feed = FEEDS['any order']?.(split(generateFeedLog(seed), partitions), seed) as Feed;
      const transitions = runOverLogs(rules, feed, partitions, seed);
      expect(plain(transitions) === plain(plainRun(seed)), `seed ${seed}`).toBe(true);
    }
  });

  it.each(BATCHES)('ticks at any interval change nothing: %s', (_name, seeds) => {
    for (const seed of seeds.slice(0, 4)) {
      const log = generateFeedLog(seed);
      const ticked = log.flatMap((record, index): LogRecord[] => {
        const { at } = log[index - 1] ?? record;
        const middle = Math.floor((at + record.at) / 2) + (seed % 7);
        return record.kind !== 'gap' && middle < record.at
          ? [{ kind: 'tick', at: middle }, record]
          : [record];
      });
      expect(plain(runTogether(rules, whole(ticked))) === plain(plainRun(seed)), `seed ${seed}`).toBe(true);
    }
  });

  it.each(BATCHES)(
    'state that goes to bytes and back between records changes nothing: %s',
    (_name, seeds) => {
      for (const seed of seeds.slice(0, 2)) {
        const rewritten = runTogether(rules, whole(generateFeedLog(seed)), { rewriting: true });
        expect(plain(rewritten) === plain(plainRun(seed)), `seed ${seed}`).toBe(true);
      }
    },
  );
});
