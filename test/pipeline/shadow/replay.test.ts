// A replay with the rules that ran says what they said: over any span, of one log or of many partitions.
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/events/event.js';
import { reachOf } from '../../../src/model/reach.js';
import { randomFrom, START } from '../../simulation/generate.js';
import { seedsOf } from '../../simulation/seeds.js';
import { behindTheClock, generateStrataLog } from '../../simulation/strata-generate.js';
import { strataRules } from '../../simulation/strata-models.js';
import { split } from '../../simulation/strata-runs.js';
import { liveTransitions, replayed, rulesOf, within, withinApart, type Span } from './lives.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The logs of a simulated life, each ended by a tick, and a random span of it. */
function lifeOf(seed: number, partitions: number, earliest: number): { logs: LogRecord[][]; span: Span } {
  const whole = generateStrataLog(seed);
  const logs = split(seed % 2 === 0 ? behindTheClock(whole, seed) : whole, partitions);
  const last = Math.max(...whole.map(({ at }) => at));
  for (const log of logs) log.push({ kind: 'tick', at: last + 10 });
  const random = randomFrom(seed);
  const fromMs = START + Math.floor((earliest + random() * 6) * DAY);
  return { logs, span: { fromMs, toMs: fromMs + Math.floor((0.5 + random() * 5) * DAY) } };
}

describe('a replay with the rules that ran, from the beginning of the history', () => {
  const rules = strataRules();
  it.each([1, 2, 3, 4])('says exactly what was said in the span, of %i partitions', async (partitions) => {
    let total = 0;
    for (const seed of seedsOf(1, 12)) {
      const { logs, span } = lifeOf(seed, partitions, 1);
      const said = liveTransitions(rules, logs);
      const all = { ...span, warmUpMs: Infinity };
      const { transitions, summary } = await replayed(rules, logs, said, all);
      expect(within(transitions, span), `seed ${seed}`).toEqual(within(said, span));
      const { changes } = totalOf(summary.comparison.models);
      expect(changes, `seed ${seed}`).toEqual({
        same: changes['same'],
        earlier: 0,
        later: 0,
        new: 0,
        gone: 0,
      });
      expect(summary.comparison.differences).toEqual([]);
      expect(summary.transitions).toBe(transitions.length);
      total += transitions.length;
    }
    expect(total).toBeGreaterThan(200);
  });
});

describe('a replay that begins as long before the span as its rules reach back', () => {
  const rules = rulesOf({
    'x/often': `scope: subject
where: '"x" in subject.tags'
hold: 6h
indicators:
  complaints: { from: complaint, count: '*', over: 1d }
  people: { from: complaint, distinct: 'event.complainant', over: 1d }
levels: { orange: 'complaints >= 3 && people >= 2', blue: 'complaints >= 2' }`,
    'x/changed': `scope: subject
for: 2h
indicators:
  fined: { from: penalty, sum: 'event.amount', over: 1d, versus: previous }
levels: { yellow: 'fined.now > 0 && fined.before == 0' }`,
    'x/quiet': `scope: subject
where: 'subject.credit != "A"'
indicators: { quiet: { from: [complaint, inspection, penalty], absent: true, over: 1d } }
levels: { yellow: 'quiet' }`,
    'x/panes': `scope: subject
indicators: { hot: { from: [complaint, inspection], count: '*', over: 1d, every: 1h } }
levels: { yellow: 'hot >= 3' }`,
    'x/order': `scope: subject
indicators:
  ignored:
    sequence:
      - { as: check, from: inspection, where: 'event.result == "fail"' }
      - { not: complaint, until: 12h }
    over: 1d
levels: { red: 'ignored >= 1' }`,
    'x/region': `scope: region
hold: 3h
indicators: { complaints: { from: complaint, count: '*', over: 1d } }
levels: { orange: 'complaints >= 4', yellow: 'complaints >= 2' }`,
    'x/joint': `scope: subject
indicators: { models: { from: warning, distinct: 'event.model', over: 1d } }
levels: { red: 'models >= 3', orange: 'models >= 2' }`,
  });

  it('says exactly what was said in the span, though it has not read what lies before', async () => {
    const { ms, lasting } = reachOf(rules);
    expect(lasting).toEqual([]);
    expect(ms).toBeLessThan(5 * DAY);
    const heard = new Set<string>();
    for (const seed of seedsOf(100, 60)) {
      const { logs, span } = lifeOf(seed, 1 + (seed % 3), 6);
      const said = liveTransitions(rules, logs);
      const { transitions, summary } = await replayed(rules, logs, said, span);
      const since = summary.since ?? -Infinity;
      expect(since).toBeGreaterThan(START);
      expect(withinApart(transitions, span, since), `seed ${seed}`).toEqual(withinApart(said, span, since));
      const { changes } = totalOf(summary.comparison.models);
      expect(changes, `seed ${seed}`).toEqual({
        same: changes['same'],
        earlier: 0,
        later: 0,
        new: 0,
        gone: 0,
      });
      for (const { model } of transitions) heard.add(model);
    }
    expect([...heard].sort()).toEqual(rules.models.map(({ name }) => name));
  });
});

function totalOf(models: readonly { readonly changes: { readonly [change: string]: number } }[]) {
  const changes: { [change: string]: number } = { same: 0, earlier: 0, later: 0, new: 0, gone: 0 };
  for (const one of models)
    for (const [change, count] of Object.entries(one.changes))
      changes[change] = (changes[change] ?? 0) + count;
  return { changes };
}
