// What came of warnings, added up: the interval of a share, medians, and tallies of warnings on time lines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Durations, OutcomeTally, wilson } from '../../src/alerts/outcome.js';
import type { Act } from '../../src/events/act.js';
import { acts, clockOf, local, play, turns, type Happening, type Played } from './timeline.js';

const trials = fc.integer({ min: 1, max: 100_000 });
const outOf = fc.tuple(trials, fc.double({ min: 0, max: 1, noNaN: true })).map(([of, share]) => ({
  of,
  good: Math.round(of * share),
}));

describe('the interval of a share', () => {
  // Table I of Newcombe (1998), method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is from %f to %f', (good, of, low, high) => {
    const share = wilson(good, of);
    expect(share?.low).toBeCloseTo(low, 4);
    expect(share?.high).toBeCloseTo(high, 4);
  });

  it('is none of nothing', () => expect(wilson(0, 0)).toBeNull());

  it('holds the share, within 0 and 1', () => {
    fc.assert(
      fc.property(outOf, ({ good, of }) => {
        const { value, low, high } = wilson(good, of)!;
        expect(value).toBe(good / of);
        expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
        expect(high - low).toBeGreaterThan(0);
      }),
    );
  });

  it('ends where the score test says: the distance from a bound is 1.96 of its standard errors', () => {
    fc.assert(
      fc.property(outOf, ({ good, of }) => {
        const { value, low, high } = wilson(good, of)!;
        for (const bound of [low, high].filter((one) => one > 0 && one < 1)) {
          const error = Math.sqrt((bound * (1 - bound)) / of);
          expect(Math.abs(value - bound) / error).toBeCloseTo(1.959964, 4);
        }
      }),
    );
  });

  it('rises with the successes, narrows with the trials, and is its own mirror', () => {
    fc.assert(
      fc.property(outOf, fc.integer({ min: 2, max: 50 }), ({ good, of }, times) => {
        const here = wilson(good, of)!;
        if (good < of) {
          const more = wilson(good + 1, of)!;
          expect(more.low).toBeGreaterThan(here.low);
          if (good + 1 < of) expect(more.high).toBeGreaterThan(here.high);
        }
        const larger = wilson(good * times, of * times)!;
        expect(larger.high - larger.low).toBeLessThan(here.high - here.low);
        const mirror = wilson(of - good, of)!;
        expect(mirror.low).toBeCloseTo(1 - here.high, 10);
        expect(mirror.high).toBeCloseTo(1 - here.low, 10);
      }),
    );
  });
});

describe('durations', () => {
  it('have the median of all of them, to a tenth of an hour', () => {
    const hours = fc.integer({ min: 0, max: 90_000 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(fc.array(hours, { minLength: 1, maxLength: 40 }), (all) => {
        const durations = new Durations();
        for (const one of all) durations.add(one * 3_600_000);
        const sorted = [...all].sort((a, b) => a - b);
        const [below = 0, above = 0] = [
          sorted[Math.floor((all.length - 1) / 2)],
          sorted[Math.floor(all.length / 2)],
        ];
        expect(Math.abs((durations.medianHours ?? NaN) - (below + above) / 2)).toBeLessThanOrEqual(0.0501);
      }),
    );
  });

  it('are none of none, and no longer than ten thousand hours', () => {
    const durations = new Durations();
    expect(durations.medianHours).toBeNull();
    durations.add(1e15);
    expect(durations.medianHours).toBe(10_000);
  });
});

const sign: Act = { type: 'sign' };
const found = (result: 'confirmed' | 'not-confirmed'): Act => ({
  type: 'feedback',
  result,
  findings: '已核实',
  measures: '已处置',
});
const close: Act = { type: 'close', conclusion: '办结' };

const LIVES: readonly Happening[] = [
  // A: true, in time.
  turns('2026-09-16 10:00', 'red', { name: 'a' }),
  acts('2026-09-16 11:00', 'market', sign, { name: 'a' }),
  // B: signed late, not true; C: waits.
  turns('2026-09-16 12:00', 'red', { name: 'b' }),
  turns('2026-09-16 12:00', 'red', { name: 'c' }),
  acts('2026-09-16 14:30', 'market', found('confirmed'), { name: 'a' }),
  acts('2026-09-16 15:00', 'market', sign, { name: 'b' }),
  // No one may: it is not signed for.
  acts('2026-09-16 15:00', 'market', close, { name: 'c' }),
  acts('2026-09-16 16:00', 'market', found('confirmed'), { name: 'b' }),
  acts(
    '2026-09-16 16:30',
    'market',
    { type: 'return', department: 'market', reason: '再查' },
    {
      name: 'b',
      role: 'lead',
    },
  ),
  acts('2026-09-17 09:00', 'market', found('not-confirmed'), { name: 'b' }),
  acts('2026-09-17 10:00', 'market', close, { name: 'a' }),
];

function tallied({ states }: Played, now: string): OutcomeTally {
  const tally = new OutcomeTally(local(now));
  for (const state of states.values()) if (state !== undefined) tally.add(state);
  return tally;
}

describe('the tally', () => {
  it('says what came of the warnings of a model and of a department', async () => {
    const tally = tallied(await play(LIVES, '2026-09-17 11:00'), '2026-09-17 11:00');
    expect(tally.models).toEqual([
      {
        model: 'food/bad',
        warnings: 3,
        confirmed: 1,
        notConfirmed: 1,
        precision: wilson(1, 2),
        hoursToSign: 2,
        // To the first finding of each: four and a half hours, and four.
        hoursToFeedback: 4.3,
        harms: 0,
        hoursOfLead: null,
        // A signed, reported and closed; B reported twice.
        deadlinesKept: 5,
        // B signed late, C has not signed.
        deadlinesMissed: 2,
      },
    ]);
    expect(tally.departments).toEqual([{ department: 'market', open: 2, overdue: 1, handled: 2 }]);
  });

  it('counts how long before the harm the warning came, and not what was sent back', async () => {
    const harmed = (when: string): Act => ({ ...(found('confirmed') as object), harm: local(when) }) as Act;
    const life = await play(
      [
        ...['a', 'b', 'c', 'd'].map((name) => turns('2026-09-16 10:00', 'red', { name })),
        ...['a', 'b', 'c', 'd'].map((name) => acts('2026-09-16 11:00', 'market', sign, { name })),
        acts('2026-09-18 12:00', 'market', harmed('2026-09-18 10:00'), { name: 'a' }),
        acts('2026-09-18 12:00', 'market', harmed('2026-09-16 08:00'), { name: 'b' }),
        acts('2026-09-18 12:00', 'market', harmed('2026-09-16 12:00'), { name: 'c' }),
        acts(
          '2026-09-18 13:00',
          'market',
          { type: 'return', department: 'market', reason: '再查' },
          { name: 'c', role: 'lead' },
        ),
        acts('2026-09-18 14:00', 'market', harmed('2026-09-19 10:00'), { name: 'd' }),
        acts(
          '2026-09-18 14:00',
          'market',
          { ...harmed('2026-09-18 10:00'), result: 'not-confirmed' } as Act,
          {
            name: 'd',
            id: 'no harm without truth',
          },
        ),
      ],
      '2026-09-18 15:00',
    );
    // Two days before it, and two hours after it.
    const [model] = tallied(life, '2026-09-18 15:00').models;
    expect(model).toMatchObject({ confirmed: 2, harms: 2, hoursOfLead: 23 });
    expect(life.state('d').refused.map(({ code }) => code)).toEqual(['ACTION_INVALID', 'ACTION_INVALID']);
    const harms = life.taken.flatMap(({ harm }) => (harm === null ? [] : [clockOf(harm)]));
    expect(harms).toEqual(['2026-09-18 10:00', '2026-09-16 08:00', '2026-09-16 12:00']);
  });

  it('misses more as time passes, and keeps what was kept', async () => {
    const life = await play(LIVES, '2026-09-17 11:00');
    const [now] = tallied(life, '2026-09-17 11:00').models;
    const [later] = tallied(life, '2026-11-17 11:00').models;
    expect(later?.deadlinesKept).toBe(now?.deadlinesKept);
    // The feedback and the closing of C, the closing of B.
    expect(later?.deadlinesMissed).toBe((now?.deadlinesMissed ?? 0) + 3);
  });

  it('counts an organ that owes an answer to a transfer, also once the warning is closed', async () => {
    const life = await play(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 12:00', 'market', { type: 'hand-over', organ: 'police', materials: ['笔录'] }),
        acts('2026-09-16 13:00', 'market', found('confirmed')),
        acts('2026-09-16 14:00', 'market', close),
      ],
      '2026-09-16 15:00',
    );
    const market = { department: 'market', open: 0, overdue: 0, handled: 1 };
    const police = { department: 'police', open: 1, overdue: 0, handled: 0 };
    expect(tallied(life, '2026-09-16 15:00').departments).toEqual([market, police]);
    expect(tallied(life, '2026-10-16 15:00').departments).toEqual([market, { ...police, overdue: 1 }]);
  });

  it('stands still with the clocks of a warning that is suspended', async () => {
    const until = local('2026-10-16 10:00');
    const suspend: Act = { type: 'suspend', reason: '鉴定', until };
    const life = await play(
      [turns('2026-09-16 10:00', 'red'), acts('2026-09-16 11:00', 'market', suspend, { role: 'lead' })],
      '2026-09-17 10:00',
    );
    expect(tallied(life, '2026-09-17 10:00').models).toMatchObject([{ deadlinesMissed: 0 }]);
    expect(tallied(life, '2026-09-17 10:00').departments).toMatchObject([{ open: 1, overdue: 0 }]);
  });

  it('leaves out what backfilled history opened', async () => {
    const life = await play([turns('2026-09-16 10:00', 'red', { quiet: true })], '2026-09-17 10:00');
    const tally = tallied(life, '2026-09-17 11:00');
    expect([tally.models, tally.departments]).toEqual([[], []]);
  });
});
