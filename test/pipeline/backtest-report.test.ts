import { describe, expect, it } from 'vitest';
import { eventsOf, runOver } from '../../src/pipeline/backtest/backtest.js';
import { ReportRun, type ReportOptions } from '../../src/pipeline/backtest/report.js';
import type { Outcome } from '../../src/pipeline/measures/outcomes.js';
import {
  complaint,
  instant,
  MINUTE,
  rulesOf,
  RULES,
  run,
  sourceOf,
  START,
  type Sent,
} from './backtest-fixture.js';

const DAY = 1_440;
const SCORED = `model: food/scored
title: 评分
summary: 评分。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 14d }
score:
  - { name: 投诉, weight: 100, of: 'complaints', low: 0, high: 10 }
levels: { yellow: 'score >= 30' }
`;
const of = (subject: string, id: string, minute: number, more: Sent = {}) =>
  complaint(id, minute, { subject: `shop:${subject}` }, more);
const harm = (key: string, minute: number, event: string | null = null): Outcome => {
  return { scope: 'subject', key: `shop:${key}`, time: START + minute * MINUTE, kind: 'complaint', event };
};

async function reported(rows: readonly Sent[], days: number, more: Partial<ReportOptions> = {}) {
  const toMs = START + days * DAY * MINUTE;
  const reporting = new ReportRun({
    ...{ rules: RULES, fromMs: -Infinity, outcomes: null, horizonMs: 7 * DAY * MINUTE, ks: [1] },
    ...{ bootstrap: { seed: 1, replicates: 100 } },
    ...more,
  });
  const { run: own, onRead } = reporting;
  const onRefused = ({ code }: { readonly code: string }) => own.refused(code);
  const pseudonymKey = new Uint8Array(32);
  await runOver(eventsOf({ sources: [sourceOf(rows)], toMs, pseudonymKey, onRefused, onRead }), [own], {
    toMs,
  });
  return reporting.report();
}

const TWO = [of('a', 'c1', 10), of('a', 'c2', 20), of('b', 'c3', 8 * DAY), of('b', 'c4', 8 * DAY + 5)];

describe('the report of a backtest', () => {
  it('counts warnings by level, model, department and local week, and those of the subjects most warned about', async () => {
    const report = await reported([...TWO, of('a', 'c5', 30), of('a', 'c6', 40, { complainant: 'p2' })], 14);
    expect(report.warnings).toEqual({ total: 4, red: 0, orange: 1, yellow: 1, blue: 2 });
    expect(report.models.map(({ model, total }) => [model, total])).toEqual([
      ['food/complaints', 2],
      ['food/silence', 2],
    ]);
    // START is a Sunday, 8 in the morning in Shanghai.
    expect(report.weeks.map(({ week, total }) => [week, total])).toEqual([
      ['2026-02-23', 2],
      ['2026-03-02', 0],
      ['2026-03-09', 2],
    ]);
    expect(report.departments.map(({ total }) => total)).toEqual([4]);
    expect(report.subjects[0]).toMatchObject({ key: 'shop:a', gravest: 'orange', total: 2 });
    expect(report.load[0]?.weeks.map(({ subjects }) => subjects)).toEqual([1, 0, 1]);
    expect(report).toMatchObject({ from: instant(10), to: instant(14 * DAY), accuracy: null });
  });

  it('says nothing of an empty history', async () => {
    expect(await reported([], 1)).toMatchObject({
      from: null,
      weeks: [],
      warnings: { total: 0 },
      accuracy: null,
    });
  });

  it('sets warnings against outcomes, and shows what was known already', async () => {
    const models = { rules: rulesOf({ 'food/complaints': COMPLAINTS_ONLY }) };
    // The second complaint about a is itself what its outcome is about, dated a day later.
    const outcomes = [harm('a', 20 + DAY, 'c2'), harm('b', 9.5 * DAY), harm('c', 5 * DAY)];
    const { accuracy } = await reported(TWO, 30, { ...models, outcomes });
    expect(accuracy).toMatchObject({ outcomes: 3, until: instant(30 * DAY), unmeasured: [] });
    expect(accuracy?.levels[0]).toMatchObject({
      level: 'blue',
      warnings: 2,
      precision: { count: 2, of: 2 },
      recall: { count: 2, of: 3 },
    });
    expect(accuracy?.models[0]?.lead.days).toEqual([1, 1.5 - 5 / DAY]);
    expect(accuracy?.leaks).toMatchObject({ restingOnOutcome: 1, laterEvidence: 0, unmatched: 2 });
    expect(accuracy?.leaks.assumed).toEqual([{ stream: 'complaint', assumed: 0, of: 4 }]);
  });

  it('measures the highest scores at an instant as a count of the events up to it does', async () => {
    const subjects = ['a', 'b', 'c', 'd', 'e', 'f'];
    const rows = subjects.flatMap((subject, place) =>
      Array.from({ length: place + 1 }, (_, index) => {
        // The last ones of each arrive after the instant, which is 5 d.
        return of(subject, `${subject}${index}`, ((index * 7 + place * 3) % 10) * DAY + index + 1);
      }),
    );
    const at = 5 * DAY;
    const counts = subjects.map((subject) => {
      return rows.filter(
        (row) =>
          row['subject'] === `shop:${subject}` && Date.parse(row['time'] as string) <= START + at * MINUTE,
      ).length;
    });
    const harmed = ['b', 'f'];
    const outcomes = [...harmed.map((subject) => harm(subject, at + DAY)), harm('e', at + 8 * DAY)];
    const { accuracy } = await reported(rows, 30, {
      rules: rulesOf({ 'food/scored': SCORED }),
      outcomes,
      ks: [1, 2, 3, 4, 5, 6],
      look: { instantMs: START + at * MINUTE, baseline: null },
    });
    const expected = [1, 2, 3, 4, 5, 6].map((k) => {
      const chances = subjects.map((_, one) => {
        const higher = counts.filter((count) => count > (counts[one] ?? 0)).length;
        const equal = counts.filter((count) => count === counts[one]).length;
        return Math.min(1, Math.max(0, (k - higher) / equal));
      });
      return (
        chances.reduce((sum, chance, one) => sum + (harmed.includes(subjects[one] ?? '') ? chance : 0), 0) / k
      );
    });
    expect(new Set(counts).size).toBeGreaterThan(2);
    expect(accuracy?.firstScores).toMatchObject({ keys: 6, happened: 2 });
    for (const [index, one] of (accuracy?.firstScores?.first ?? []).entries())
      expect(one.precision?.value).toBeCloseTo(expected[index] ?? NaN, 12);
  });

  it('tells how well a score ranks at the beginning of each week whose horizon is known', async () => {
    const complaints = (subject: string, times: number) =>
      Array.from({ length: times }, (_, index) => of(subject, `${subject}${index}`, 60 + index));
    const rows = [
      ...complaints('a', 9),
      ...complaints('b', 2),
      ...complaints('c', 4),
      of('z', 'z', 20 * DAY),
    ];
    const rules = rulesOf({ 'food/scored': SCORED });
    const { accuracy } = await reported(rows, 21, {
      rules,
      outcomes: [harm('a', 3 * DAY), harm('b', 4 * DAY)],
    });
    // Three subjects on Monday the 2nd: a above c, b below; on the 9th and with the windows empty on the 16th nothing follows.
    const [score] = accuracy?.scores ?? [];
    expect(score).toMatchObject({ model: 'food/scored', happened: 2, area: { value: 0.5 } });
    // The week of the 16th ends after what is known: 21 days from the 1st.
    expect(score?.weeks).toBe(2);
    expect(score?.cases).toBe(6);
  });

  it('is of the future blind: what arrives later changes nothing that was said before', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => {
      const minute = (index * 37) % 600;
      const time = instant(minute - ((index * 13) % 50));
      return complaint(
        `c${index}`,
        minute,
        { time, subject: `shop:${index % 4}` },
        { complainant: `p${index % 3}` },
      );
    });
    const whole = await run([sourceOf(rows)]);
    for (const minute of [100, 301, 455]) {
      const toMs = START + minute * MINUTE;
      const cut = await run([sourceOf(rows)], { toMs });
      const before = whole.transitions.filter(({ clock }) => Date.parse(clock) < toMs);
      expect(cut.transitions.filter(({ clock }) => Date.parse(clock) < toMs)).toEqual(before);
      expect(before.length).toBeGreaterThan(3);
    }
  });
});

const COMPLAINTS_ONLY = `model: food/complaints
title: 投诉
summary: 投诉。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 2h }
levels: { yellow: 'complaints >= 2' }
`;
