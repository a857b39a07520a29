// Partitions in processes of their own say what one run over the merge of their logs says, whatever happens to them.
import { describe, expect, it } from 'vitest';
import type { Transition } from '../../src/engine/output.js';
import { canonicalJson } from '../../src/events/canonical.js';
import type { LogRecord } from '../../src/events/event.js';
import { runPartitioned } from './partitioned.js';
import { batchesOf, FIRST, SEEDS } from './seeds.js';
import { behindTheClock, generateStrataLog } from './strata-generate.js';
import { strataRules } from './strata-models.js';
import { FEEDS, merged, runTogether, split, type Feed } from './strata-runs.js';

const rules = strataRules();
const BATCHES = batchesOf(5);
const KINDS = ['restarts', 'lost', 'fenced'] as const;
const happened = { restarts: 0, lost: 0, fenced: 0 };

/** What was said up to an instant, one text each, without positions. */
function plain(transitions: readonly Transition[], until: number): string[] {
  return transitions
    .filter(({ clock }) => clock <= until)
    .map(({ contributions, ...rest }) => {
      const events = contributions.events.map(({ id, time }) => ({ id, time }));
      return canonicalJson({ ...rest, contributions: { ...contributions, events } });
    });
}

describe(`simulated partitions, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it.each(BATCHES)('say what one undisturbed run says, in its order: %s', async (_name, seeds) => {
    for (const seed of seeds) {
      const whole = generateStrataLog(seed);
      const moved = seed % 2 === 0 ? behindTheClock(whole, seed) : whole;
      const logs = split(moved, 1 + (seed % 4));
      const last = Math.max(...whole.map(({ at }) => at));
      for (const log of logs) log.push({ kind: 'tick', at: last + 1 }, { kind: 'tick', at: last + 2 });
      const one: readonly LogRecord[] = merged(logs);
      const feed = FEEDS['round robin']?.([[...one]], 0) as Feed;
      const expected = plain(runTogether(rules, feed, { ends: false, namespace: 'live' }), last);
      const { transitions, disturbances } = await runPartitioned(rules, logs, 1 + (seed % 3), seed);
      const said = plain(transitions, last);
      const wrong = said.findIndex((text, index) => text !== expected[index]);
      expect([wrong, said[wrong]], `seed ${seed}`).toEqual([-1, undefined]);
      expect(said.length, `seed ${seed}`).toBe(expected.length);
      for (const what of KINDS) happened[what] += disturbances[what];
    }
  });

  it.runIf(SEEDS >= 20)('had restarts, lost checkpoints and second owners', () => {
    for (const what of KINDS) expect(happened[what], what).toBeGreaterThan(SEEDS);
  });
});
