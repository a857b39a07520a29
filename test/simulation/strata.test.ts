import { describe, expect, it } from 'vitest';
import type { Transition } from '../../src/engine/output.js';
import type { LogRecord } from '../../src/events/event.js';
import { batchesOf, FIRST, SEEDS, seedsOf } from './seeds.js';
import { behindTheClock, generateStrataLog, strataGridOf } from './strata-generate.js';
import { STRATA_MODELS, strataRules } from './strata-models.js';
import { strataRun, type Said } from './strata-reference.js';
import { FEEDS, merged, runOverLogs, runTogether, split, type Feed } from './strata-runs.js';

const BATCHES = batchesOf(10);
const rules = strataRules();

/** What the reference says of a transition. */
function said(transition: Transition): Said {
  const { model, scope, key, clock, level, previous, reason, raised, quiet, indicators, task } = transition;
  const change = { model, key: `${scope}:${key}`, clock, level, previous, reason, raised, quiet };
  return { ...change, figures: indicators, items: task?.items ?? null };
}

/** Everything but positions. */
function plain(transitions: readonly Transition[]): string {
  const named = transitions.map(({ contributions, ...rest }) => ({
    ...rest,
    contributions: { ...contributions, events: contributions.events.map(({ id, time }) => ({ id, time })) },
  }));
  return JSON.stringify(named);
}

const whole = (log: readonly LogRecord[]): Feed => FEEDS['round robin']?.([[...log]], 0) as Feed;

const runs = new Map<number, readonly Transition[]>();

/** One partition, everything in memory. */
function plainRun(seed: number): readonly Transition[] {
  let transitions = runs.get(seed);
  if (transitions === undefined) {
    runs.set(seed, (transitions = runTogether(rules, whole(generateStrataLog(seed)))));
  }
  return transitions;
}

describe(`simulated strata, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it('the models stand in the strata that the reference gives them', () => {
    const strata = (models: readonly { readonly name: string; readonly stratum: number }[]) =>
      models.map(({ name, stratum }) => `${name} ${stratum}`);
    expect(strata(rules.models)).toEqual(strata(STRATA_MODELS));
  });

  const spoken = new Set<string>();
  let open = 0;
  it.each(BATCHES)('the engine says what the reference says, in the same order: %s', (_name, seeds) => {
    for (const seed of seeds) {
      const log = generateStrataLog(seed);
      const { said: expected, quietIsOpen } = strataRun(log, STRATA_MODELS, strataGridOf(log));
      const judged = (one: Said) => (quietIsOpen ? { ...one, quiet: null } : one);
      expect(plainRun(seed).map(said).map(judged), `seed ${seed}`).toEqual(expected.map(judged));
      if (quietIsOpen) open++;
      for (const { model, quiet } of expected) spoken.add(model).add(quiet ? 'quiet' : 'live');
    }
  });

  it.runIf(SEEDS >= 20)('every model had something to say, and backfilled history said it quietly', () => {
    expect([...spoken].sort()).toEqual(['live', 'quiet', ...STRATA_MODELS.map(({ name }) => name)]);
    expect(open).toBeLessThan(SEEDS / 4);
  });

  it.each(BATCHES)('neither partitions nor the order in which they are read show: %s', (_name, seeds) => {
    const ways = Object.entries(FEEDS);
    for (const seed of seeds) {
      const log = generateStrataLog(seed);
      const expected = plain(plainRun(seed));
      for (const [index, partitions] of [2, 4].entries()) {
        const [way, feed] = ways[(seed + index) % ways.length] as (typeof ways)[number];
        const transitions = runTogether(rules, feed(split(log, partitions), seed), { partitions });
        expect(plain(transitions) === expected, `seed ${seed}, ${partitions} partitions, ${way}`).toBe(true);
      }
    }
  });

  it.each(BATCHES)(
    'partitions whose events arrive behind the clock say what one run over their merge says: %s',
    (_name, seeds) => {
      const ways = Object.entries(FEEDS);
      let moved = 0;
      for (const seed of seeds) {
        const partitions = 2 + (seed % 3);
        const logs = split(behindTheClock(generateStrataLog(seed), seed), partitions);
        const one = merged(logs);
        const stamped = logs.flat().reduce((total, { at }) => total + at, 0);
        moved += one.reduce((total, { at }) => total + at, 0) - stamped;
        const expected = plain(runTogether(rules, whole(one)));
        const [way, feed] = ways[seed % ways.length] as (typeof ways)[number];
        const said = runTogether(rules, feed(logs, seed), { partitions });
        expect(plain(said) === expected, `seed ${seed}, ${partitions} partitions, ${way}`).toBe(true);
        const anyhow = FEEDS['any order']?.(logs, seed) as Feed;
        const logged = runOverLogs(rules, anyhow, partitions, seed);
        expect(plain(logged) === expected, `seed ${seed}, over logs`).toBe(true);
      }
      expect(moved).toBeGreaterThan(0);
    },
  );

  it.each(BATCHES)('strata that talk through logs say the same: %s', (_name, seeds) => {
    for (const seed of seeds) {
      const log = generateStrataLog(seed);
      const partitions = 1 + (seed % 3);
      const feed = FEEDS['any order']?.(split(log, partitions), seed) as Feed;
      const transitions = runOverLogs(rules, feed, partitions, seed);
      expect(plain(transitions) === plain(plainRun(seed)), `seed ${seed}`).toBe(true);
    }
  });

  it.each(BATCHES)(
    'state that goes to bytes and back between records changes nothing: %s',
    (_name, seeds) => {
      for (const seed of seeds) {
        const log = generateStrataLog(seed);
        const rewritten = runTogether(rules, whole(log), { rewriting: true });
        expect(plain(rewritten) === plain(plainRun(seed)), `seed ${seed}`).toBe(true);
      }
    },
  );

  it('a run that ends anywhere has said all up to its last instant', () => {
    for (const seed of seedsOf(FIRST, Math.min(SEEDS, 20))) {
      const log = generateStrataLog(seed);
      const cut = log.slice(0, 1 + ((seed * 37) % (log.length - 1)));
      const last = (cut[cut.length - 1] as LogRecord).at;
      const ticked = runTogether(rules, whole([...cut, { kind: 'tick', at: last + 10 }]), { ends: false });
      const until = ticked.filter(({ clock }) => clock <= last);
      for (const partitions of [1, 3]) {
        const feed = FEEDS['round robin']?.(split(cut, partitions), seed) as Feed;
        const ended = runTogether(rules, feed, { partitions });
        expect(plain(ended) === plain(until), `seed ${seed}, ${partitions} partitions`).toBe(true);
      }
    }
  });
});
