// Cadences that come, change and go while they run: a source counts neither a key twice nor one that it lost.
import { describe, expect, it } from 'vitest';
import { FeedCountWindow } from '../../src/engine/indicators/feed-count.js';
import { MissedWindow } from '../../src/engine/indicators/missed.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import { Strata } from '../../src/engine/strata.js';
import type { LogRecord } from '../../src/events/event.js';
import { generateFeedLog } from '../simulation/feeds-generate.js';
import { randomFrom } from '../simulation/generate.js';
import { HOUR, setOf, toldAfter } from './turns.js';

const alarm = (head: string) => `
scope: device
${head}
indicators: { gone: { from: sensor-reading, absent: true, over: 3h } }
levels: { yellow: 'gone' }`;
const expects = (every: string) => `expect: { from: sensor-reading, every: ${every}, of: device }`;
const active = `where: 'device.status == null || device.status == "active"'`;

const SETS = [
  setOf({ 'sim/alarm': alarm(expects('1h')) }),
  setOf({ 'sim/alarm': alarm(`${active}\n${expects('1h')}`) }),
  setOf({ 'sim/alarm': alarm(expects('3h')), 'sim/other': alarm(`${active}\n${expects('1h')}`) }),
  setOf({ 'sim/alarm': alarm('') }),
];

/**
 * A life of feeds in which the rules change. The history is told some records later; where they change again before, it
 * may have been told of some keys.
 */
function lifeOf(seed: number): LogRecord[] {
  const random = randomFrom(seed * 7907);
  const log: LogRecord[] = [];
  let cut = -1;
  let wait = 0;
  let current = SETS[0];
  const tell = (at: number) => {
    log.push(...toldAfter(log, cut, SETS, at));
    cut = -1;
  };
  for (const record of generateFeedLog(seed)) {
    log.push(record);
    const at = record.at + 1;
    if (cut >= 0 && wait-- <= 0) tell(at);
    const next = SETS[Math.floor(random() * SETS.length)];
    if (random() > (cut < 0 ? 0.006 : 0.03) || next === undefined || next === current) continue;
    if (cut >= 0) {
      const told = toldAfter(log, cut, SETS, at);
      log.push(...told.slice(0, Math.floor(random() * told.length)));
    }
    cut = log.push({ kind: 'revision', at: at + 1, revision: next.revision }) - 1;
    current = next;
    wait = Math.floor(random() * 60);
  }
  const { at } = log[log.length - 1] as LogRecord;
  if (cut >= 0) tell(at);
  log.push({ kind: 'tick', at: at + 20 * HOUR });
  return log;
}

/** By watcher of a source, and by source: keys, and silent keys, as the keys were heard and as the source counts. */
function countsOf(log: readonly LogRecord[]) {
  const stores: MemoryKeyStore[] = [];
  const strata = new Strata(SETS[0] as (typeof SETS)[number], {
    namespace: 'live',
    store: (stratum) => (stores[stratum] = new MemoryKeyStore()),
    rulesOf: (revision) => SETS.find((one) => one.revision === revision),
    emit: () => undefined,
  });
  for (const [offset, record] of log.entries()) strata.step(record, offset);
  strata.end();
  const said: { [name: string]: number } = {};
  const counted: { [name: string]: number } = {};
  const add = (counts: { [name: string]: number }, name: string, count: number) => {
    if (count !== 0) counts[name] = (counts[name] ?? 0) + count;
  };
  for (const [stratum, store] of stores.entries()) {
    const engine = strata.engines[stratum]?.[0];
    for (const state of store.all) {
      state.eachWindow((window, plan) => {
        const { name, feed } = plan.owner.model;
        if (window instanceof MissedWindow && window.told !== null && feed?.kind === 'key') {
          add(said, `${feed.watcher} ${window.told.source} keys`, 1);
          if (window.told.silent) add(said, `${feed.watcher} ${window.told.source} silent`, 1);
        }
        if (!(window instanceof FeedCountWindow) || engine === undefined) return;
        const count = window.compute(engine.context.instant);
        add(
          counted,
          `${name} ${state.key.slice('source:'.length)} ${window.indicator.operator}`,
          Number(count),
        );
      });
    }
  }
  return { said, counted };
}

describe('a source under changing rules', () => {
  let turns = 0;
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('counts its keys, seed %i', (seed) => {
    const log = lifeOf(seed);
    turns += log.filter(({ kind }) => kind === 'revision').length;
    const { said, counted } = countsOf(log);
    expect(counted).toEqual(said);
  });

  it('was judged across several changes', () => {
    expect(turns).toBeGreaterThan(150);
  });
});
