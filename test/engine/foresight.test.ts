// Levels that go off by the passing of time alone, whatever their windows are made of.
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { loadRules } from '../../src/model/load.js';
import { rulesWith } from '../model/rules-fixture.js';

const HOUR = 3_600_000;
const START = Date.UTC(2025, 5, 1);

interface Life {
  /** Levels shown and the hours at which they changed. */
  readonly shown: [string, number][];
  readonly evaluations: number;
}

/** What comes of complaints at some hours and one tick long after. */
function lifeAfter(indicators: string, condition: string, hours: readonly number[]): Life {
  const { rules, diagnostics } = loadRules(
    rulesWith({
      'food/foresight.yaml': `model: food/foresight
title: 投诉
summary: 投诉之后会平息。
item: food-operation
indicators:
${indicators}
levels:
  orange: '${condition}'
plan: food-joint-check
advise: 无。
`,
    }),
    '2025-06-01',
  );
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const shown: [string, number][] = [];
  const engine = new Engine(rules, {
    namespace: 'test',
    partition: 0,
    store: new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind !== 'transition') return;
      const { level, clock }: Transition = output;
      shown.push([level, (clock - START) / HOUR]);
    },
  });
  for (const [offset, hour] of hours.entries()) {
    const at = START + hour * HOUR;
    const [source, key] = ['/a', 'subject:shop:1'];
    const data = { amount: hour, complainant: `p${hour % 3}` };
    engine.step(
      { kind: 'event', id: `/a ${offset}`, stream: 'complaint', source, key, time: at, at, data },
      offset,
    );
  }
  engine.step({ kind: 'tick', at: START + 10_000 * HOUR }, hours.length);
  engine.end();
  return { shown, evaluations: engine.counters.evaluations };
}

function levelsAfter(indicators: string, condition: string, hours: readonly number[]): [string, number][] {
  return lifeAfter(indicators, condition, hours).shown;
}

describe('time alone', () => {
  it.each([
    ['of counts', `  n: { from: complaint, count: '*', over: 10h }`, 'n >= 3', 10],
    ['of values', `  n: { from: complaint, distinct: 'event.complainant', over: 10h }`, 'n >= 3', 10],
    [
      'in two windows',
      `  n: { from: complaint, count: '*', over: 10h }\n  m: { from: complaint, distinct: 'event.complainant', over: 7h }`,
      'n >= 2 && m >= 2',
      8,
    ],
    ['of sums', `  n: { from: complaint, sum: 'event.amount', over: 10h }`, 'n >= 3', 11],
  ])('ends a level %s when enough has left', (_what, indicators, condition, hour) => {
    const [raised, cleared] = levelsAfter(indicators, condition, [0, 1, 2]);
    expect(raised?.[0]).toBe('orange');
    expect(cleared).toEqual(['none', hour]);
  });

  it('ends it later where more came while it was on', () => {
    const n = `  n: { from: complaint, count: '*', over: 10h }`;
    expect(levelsAfter(n, 'n >= 3', [0, 1, 2, 3, 5, 9])).toEqual([
      ['orange', 2],
      ['none', 13],
    ]);
  });

  it('ends a level of panes, whose entries lie elsewhere', () => {
    const n = `  n: { from: complaint, count: '*', over: 3d, every: 1d }`;
    const shown = levelsAfter(n, 'n >= 3', [0, 1, 2]);
    expect(shown.map(([level]) => level)).toEqual(['orange', 'none']);
    expect(shown[1]?.[1]).toBeGreaterThan(48);
    expect(shown[1]?.[1]).toBeLessThan(100);
  });

  it('raises by what leaves: a mean that the low ones held down', () => {
    const n = `  n: { from: complaint, avg: 'event.amount', over: 10h }`;
    // 1, 5 and 9 have the mean 5; 5 and 9 have 7, 9 alone has 9.
    expect(levelsAfter(n, 'n > 6', [1, 5, 9])).toEqual([
      ['orange', 11],
      ['none', 19],
    ]);
  });

  it('does not raise a mean of too few', () => {
    const n = `  n: { from: complaint, avg: 'event.amount', over: 10h }\n  m: { from: complaint, count: '*', over: 10h }`;
    expect(levelsAfter(n, 'n > 6 && m >= 3', [1, 5, 9])).toEqual([]);
  });

  const PEAK = `  peak: { from: complaint, max: 'event.amount', over: 10h }`;
  const LATEST = `  latest: { from: complaint, last: 'event.amount', over: 5h }`;

  it('ends a level of the latest when that leaves, whatever left before', () => {
    expect(levelsAfter(LATEST, 'latest >= 1', [1, 2, 3, 6])).toEqual([
      ['orange', 1],
      ['none', 11],
    ]);
  });

  it('wakes no model up for what leaves, where neither the largest nor the latest can rise by it', () => {
    const hours = [...Array(60).keys()];
    const { shown, evaluations } = lifeAfter(`${PEAK}\n${LATEST}`, 'peak >= 100 && latest >= 1', hours);
    expect(shown).toEqual([]);
    expect(evaluations).toBeLessThanOrEqual(hours.length);
  });
});
