// The ranked queue of a department: what its order promises for any warnings, and what waits on time lines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankedQueue, waitingOf, type Capacity, type Waiting } from '../../src/alerts/work-queue.js';
import type { Act } from '../../src/events/act.js';
import { USUAL_QUEUE, type QueueRules } from '../../src/catalogue/queue.js';
import { LEVELS, type Level } from '../../src/model/model.js';
import { acts, FILES, idOf, local, play, rulesOf, turns } from './timeline.js';

const { catalogue } = rulesOf();
const NOW = local('2026-09-16 10:00');
const HOUR_MS = 3_600_000;
const NONE: ReadonlySet<string> = new Set();

const hours = (most: number) => fc.integer({ min: -most, max: most });
const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
const shares = fc.array(share, { minLength: 4, maxLength: 4 }).map((all) => [...all].sort((a, b) => a - b));
/** Any weights that sum to a hundred, any shares that rise. */
const queues: fc.Arbitrary<QueueRules> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 3, maxLength: 3 }), shares, shares, share)
  .map(([cuts, [blue = 0, yellow = 0, orange = 0, red = 0], [A = 0, B = 0, C = 0, D = 0], creditUnknown]) => {
    const [a = 0, b = 0, c = 0] = cuts.sort((x, y) => x - y);
    const weights = { level: a, age: b - a, deadline: c - b, credit: 100 - c };
    return {
      ...USUAL_QUEUE,
      weights,
      levels: { red, orange, yellow, blue },
      credit: { A, B, C, D },
      creditUnknown,
    };
  });

const one: fc.Arbitrary<Omit<Waiting, 'warning'>> = fc.record({
  key: fc.constantFrom('subject:a', 'subject:b', 'subject:c', 'device:a'),
  level: fc.constantFrom(...LEVELS),
  raised: hours(1_000).map((age) => NOW - Math.abs(age) * HOUR_MS),
  due: fc.option(hours(200).map((at) => ({ kind: 'sign' as const, at: NOW + at * HOUR_MS }))),
  credit: fc.option(fc.constantFrom('A', 'B', 'C', 'D')),
});
const several = fc
  .array(one, { minLength: 1, maxLength: 12 })
  .map((all) =>
    all.map((waiting, index): Waiting => ({ ...waiting, warning: idOf(String.fromCharCode(97 + index)) })),
  );
const capacities: fc.Arbitrary<Capacity> = fc.record({
  perWeek: fc.option(fc.integer({ min: 0, max: 5 })),
  visited: fc.subarray(['subject:a', 'subject:b']).map((keys) => new Set(keys)),
});

const ranked = (
  all: readonly Waiting[],
  queue: QueueRules = USUAL_QUEUE,
  capacity: Capacity = { perWeek: null, visited: NONE },
) => rankedQueue(all, capacity, { ...catalogue, queue }, NOW);

describe('the order', () => {
  it('is the same for the same warnings, in whatever order they come', () => {
    fc.assert(
      fc.property(several, queues, capacities, (all, queue, capacity) => {
        expect(ranked([...all].reverse(), queue, capacity)).toEqual(ranked(all, queue, capacity));
      }),
    );
  });

  it('is total: each warning has one rank, and adding others turns no two of them round', () => {
    fc.assert(
      fc.property(several, queues, (all, queue) => {
        const whole = ranked(all, queue);
        expect(whole.map(({ rank }) => rank)).toEqual(all.map((_one, index) => index + 1));
        expect(new Set(whole.map(({ waiting }) => waiting.warning)).size).toBe(all.length);
        const left = all.slice(1);
        const kept = whole.filter(({ waiting }) => left.includes(waiting)).map(({ waiting }) => waiting);
        expect(ranked(left, queue).map(({ waiting }) => waiting)).toEqual(kept);
      }),
    );
  });

  const graver: { readonly [what: string]: (waiting: Waiting, by: number) => Waiting } = {
    'a graver level': (waiting, by) => ({
      ...waiting,
      level: LEVELS[Math.min(LEVELS.length - 1, LEVELS.indexOf(waiting.level) + by)] as Level,
    }),
    'more age': (waiting, by) => ({ ...waiting, raised: waiting.raised - by * HOUR_MS }),
    'a nearer deadline': ({ due, ...waiting }, by) => ({
      ...waiting,
      due: due === null ? { kind: 'sign', at: NOW + HOUR_MS } : { ...due, at: due.at - by * HOUR_MS },
    }),
    'a worse credit class': (waiting, by) => ({
      ...waiting,
      credit:
        waiting.credit === null ? null : ('ABCD'[Math.min(3, 'ABCD'.indexOf(waiting.credit) + by)] as string),
    }),
  };
  for (const [what, change] of Object.entries(graver)) {
    it(`never puts a warning further back for ${what}`, () => {
      fc.assert(
        fc.property(several, queues, fc.integer({ min: 1, max: 300 }), fc.nat(), (all, queue, by, pick) => {
          const index = pick % all.length;
          const { warning } = all[index] as Waiting;
          const rankOf = (of: readonly Waiting[]) =>
            ranked(of, queue).find(({ waiting }) => waiting.warning === warning)?.rank;
          const after = all.map((waiting, at) => (at === index ? change(waiting, by) : waiting));
          expect(rankOf(after)).toBeLessThanOrEqual(rankOf(all) ?? 0);
        }),
      );
    });
  }

  it('is explained by parts that sum to the points, none above its weight', () => {
    fc.assert(
      fc.property(several, queues, (all, queue) => {
        for (const { points, parts, text } of ranked(all, queue)) {
          expect(parts.reduce((sum, part) => sum + part.points, 0)).toBeCloseTo(points, 8);
          for (const part of parts) {
            expect(part.points >= 0 && part.points <= part.of).toBe(true);
            expect(text).toContain(`${part.text}（${part.points}/${part.of}）`);
          }
        }
      }),
    );
  });
});

describe('the week', () => {
  it('takes the first visits that fit, a subject once, and none anew that was visited', () => {
    fc.assert(
      fc.property(several, capacities, (all, capacity) => {
        const queue = ranked(all, USUAL_QUEUE, capacity);
        const { perWeek, visited } = capacity;
        if (perWeek === null) {
          expect(queue.every(({ fits }) => fits === null)).toBe(true);
          return;
        }
        const left = Math.max(0, perWeek - visited.size);
        const fresh = [...new Set(queue.map(({ waiting }) => waiting.key))].filter(
          (key) => !visited.has(key),
        );
        const taken = new Set([...visited, ...fresh.slice(0, left)]);
        for (const { waiting, fits } of queue) expect(fits).toBe(taken.has(waiting.key));
      }),
    );
  });
});

describe('a rank', () => {
  const base: Waiting = {
    warning: idOf('a'),
    key: 'subject:a',
    level: 'orange',
    raised: local('2026-09-10 10:00'),
    due: { kind: 'feedback', at: local('2026-09-17 18:00') },
    credit: 'C',
  };

  it('says its figures in Chinese', () => {
    expect(ranked([base])[0]?.text).toBe(
      // 50 x 0.7; six days of thirty; 32 hours before the deadline of five days; 15 x 0.6.
      '第 1 位，64.33 分：橙色预警（35/50）；发出已 6 天（2/10）；应于 2026-09-17 18:00 前反馈，还有 32 小时（18.33/25）；信用等级 C（9/15）',
    );
    const late = { ...base, due: { kind: 'sign', at: local('2026-09-16 09:30') }, credit: null } as const;
    expect(ranked([late])[0]?.text).toContain('前签收，已超期不到一小时（25/25）；信用等级不明（4.5/15）');
  });

  it('weighs as catalogue/queue.yaml says, and each fault there is refused', () => {
    const withQueue = (text: string) => rulesOf(new Map([...FILES, ['catalogue/queue.yaml', text]]));
    const { queue } = withQueue(
      '{ weights: { level: 0, age: 100, deadline: 0, credit: 0 }, full_age: 12d }',
    ).catalogue;
    expect(ranked([base], queue)[0]?.points).toBe(50);
    expect(queue.nearMs).toBe(USUAL_QUEUE.nearMs);
    for (const fault of [
      '{ weights: { level: 50, age: 10, deadline: 25, credit: 16 } }',
      '{ levels: { red: 0.5, orange: 0.7, yellow: 0.4, blue: 0.1 } }',
      '{ credit: { A: 1, B: 0.3, C: 0.6, D: 1 } }',
      '{ near: 0s }',
      '{ inspections_per_week: -1 }',
    ])
      expect(() => withQueue(fault)).toThrow('queue.yaml');
  });
});

describe('what waits for a department', () => {
  const found: Act = { type: 'feedback', result: 'confirmed', findings: '已核实', measures: '已处置' };
  const suspend: Act = { type: 'suspend', reason: '鉴定', until: local('2026-10-16 10:00') };

  it('is what it has to act on and has given no finding on, while the clocks run', async () => {
    const { states } = await play(
      [
        turns('2026-09-16 10:00', 'red', { name: 'a', profile: { credit: 'D' } }),
        turns('2026-09-16 10:00', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:00', 'red', { name: 'c' }),
        turns('2026-09-16 10:00', 'red', { name: 'd', quiet: true }),
        acts('2026-09-16 10:10', 'market', { type: 'sign' }, { name: 'a' }),
        acts('2026-09-16 10:10', 'market', { type: 'sign' }, { name: 'b' }),
        acts('2026-09-16 10:20', 'market', found, { name: 'b' }),
        acts('2026-09-16 10:30', 'county', suspend, { name: 'c', role: 'lead' }),
      ],
      '2026-09-16 11:00',
    );
    const waits = (name: string, department: string) => {
      const state = states.get(idOf(name));
      return state === undefined ? null : waitingOf(state, department);
    };
    expect(waits('a', 'market')).toEqual({
      warning: idOf('a'),
      key: 'subject:s:a',
      level: 'red',
      raised: local('2026-09-16 10:00'),
      // One working day for feedback, after the signature that was due within two hours.
      due: { kind: 'feedback', at: local('2026-09-17 18:00') },
      credit: 'D',
    });
    expect(waits('a', 'health')).toBeNull();
    for (const name of ['b', 'c', 'd']) expect(waits(name, 'market')).toBeNull();
  });
});
