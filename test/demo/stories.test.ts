// The stories cross the thresholds that they are written for, and chance hardly ever does. The counting here is naive on
// purpose: it knows nothing of the engine.
import { describe, expect, it } from 'vitest';
import { generateCounty, SOURCES, stories } from '../../infra/demo/county.js';
import type { DemoEvent, Story } from '../../infra/demo/county.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const OPTIONS = { seed: 1, endMs: Date.parse('2026-03-18T15:30:00Z') };

const planted = new Map(stories(OPTIONS).map((story) => [story.id, story]));
const inStory = new Set([...planted.values()].flatMap(({ keys }) => keys.map(idOf)));
const bySubject = new Map<string, DemoEvent[]>();
const seen = new Set<string>();
for (const event of generateCounty(OPTIONS)) {
  if (event.subject === undefined || event.id.startsWith('bad-') || seen.has(event.id)) continue;
  seen.add(event.id);
  const events = bySubject.get(event.subject);
  if (events === undefined) bySubject.set(event.subject, [event]);
  else events.push(event);
}

type Matches = (event: DemoEvent) => boolean;

function idOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

/** The subject or device that a story is about, or another of its keys. */
function subjectOf(story: Story, which = 0): string {
  return idOf(story.keys[which] as string);
}

function story(id: string): Story {
  return planted.get(id) as Story;
}

const instant = (event: DemoEvent) => Date.parse(event.time);
const stream =
  (name: string): Matches =>
  (event) =>
    event.type === `fenghuo.${name}`;
const complaint =
  (category: string): Matches =>
  (event) =>
    event.type === 'fenghuo.complaint' && (event.data['category'] as string).startsWith(category);

/** The events of a subject that match and are known at an instant, not older than a window. */
function known(subject: string, matches: Matches, at: number, windowMs: number): DemoEvent[] {
  const events = bySubject.get(subject) ?? [];
  return events.filter(
    (event) =>
      matches(event) &&
      Date.parse(event.recordedtime) <= at &&
      instant(event) > at - windowMs &&
      instant(event) <= at,
  );
}

function people(events: readonly DemoEvent[]): number {
  return new Set(events.map((event) => event.data['complainant'])).size;
}

/** How often, outside the stories, a figure over a window reaches a threshold that it had not reached before. */
function chanceHits(
  matches: Matches,
  windowMs: number,
  least: number,
  figure: (events: DemoEvent[]) => number = (events) => events.length,
): number {
  let hits = 0;
  for (const [subject, all] of bySubject) {
    if (inStory.has(subject)) continue;
    let reached = false;
    for (const event of all.filter(matches).sort((a, b) => instant(a) - instant(b))) {
      const at = instant(event);
      const window = all.filter(
        (other) => matches(other) && instant(other) <= at && instant(other) > at - windowMs,
      );
      const reaches = figure(window) >= least;
      if (reaches && !reached) hits++;
      reached = reaches;
    }
  }
  return hits;
}

describe('the stories', () => {
  it('are eleven of eight domains, each ends in the last 30 days and names the warnings that must come', () => {
    expect([...planted.keys()].sort()).toEqual([
      'cluster',
      'ecology',
      'elderly',
      'elevator',
      'food',
      'gas-leak',
      'gas-silent',
      'hazchem',
      'prepaid',
      'source',
      'wages',
    ]);
    expect(new Set([...planted.values()].map(({ domain }) => domain)).size).toBe(8);
    for (const { end, expected, title, summary } of planted.values()) {
      expect(end).toBeGreaterThan(OPTIONS.endMs - 30 * DAY_MS);
      expect(end).toBeLessThanOrEqual(OPTIONS.endMs);
      expect(expected.length).toBeGreaterThan(0);
      expect(title).toMatch(/\p{Script=Han}/u);
      expect(summary).not.toBe('');
    }
  });

  it('food: red a day before the poisoning and still at the end of the data', () => {
    const subject = subjectOf(story('food'));
    for (const at of [story('food').end - DAY_MS, OPTIONS.endMs]) {
      expect(known(subject, complaint('食品'), at, 7 * DAY_MS).length).toBeGreaterThanOrEqual(10);
      expect(known(subject, (event) => event.data['result'] === 'fail', at, 180 * DAY_MS)).toHaveLength(1);
    }
    const early = known(subject, complaint('食品'), story('food').end - 9 * DAY_MS, 7 * DAY_MS);
    expect(early.length).toBeLessThan(5);
    const harm = known(subject, (event) => Number(event.data['injured']) > 0, OPTIONS.endMs, 7 * DAY_MS);
    expect(harm.map(instant)).toEqual([story('food').end]);
  });

  it('wages: two workers four weeks before the petition, ten a week before', () => {
    const { end } = story('wages');
    const complainants = (at: number) =>
      people(known(subjectOf(story('wages')), complaint('欠薪'), at, 30 * DAY_MS));
    expect(complainants(end - 26 * DAY_MS)).toBeGreaterThanOrEqual(2);
    expect(complainants(end - 6 * DAY_MS)).toBeGreaterThanOrEqual(10);
    expect(complainants(OPTIONS.endMs)).toBeGreaterThanOrEqual(10);
  });

  it('prepaid: three complaints, then six and a post, then twelve, then the shop closes', () => {
    const { end } = story('prepaid');
    const subject = subjectOf(story('prepaid'));
    const complaints = (at: number) => known(subject, complaint('预付卡'), at, 14 * DAY_MS).length;
    expect(complaints(end - 14 * DAY_MS)).toBeGreaterThanOrEqual(3);
    expect(complaints(end - 8 * DAY_MS)).toBeGreaterThanOrEqual(6);
    expect(known(subject, stream('opinion'), end - 8 * DAY_MS, 90 * DAY_MS)).toHaveLength(1);
    expect(complaints(end - 2 * DAY_MS)).toBeGreaterThanOrEqual(12);
    expect(complaints(OPTIONS.endMs)).toBeGreaterThanOrEqual(12);
    expect(bySubject.get(subject)?.some((event) => event.data['dishonest'] === true)).toBe(true);
    const closed = bySubject.get(subject)?.filter((event) => event.data['status'] === 'closed');
    expect(closed?.map(instant)).toEqual([end]);
  });

  it('elderly: the deadline passes two weeks before the fire and nothing is put right', () => {
    const { end } = story('elderly');
    const events = bySubject.get(subjectOf(story('elderly'))) ?? [];
    const failed = events.filter((event) => event.data['result'] === 'fail');
    expect(failed).toHaveLength(1);
    const deadline = Date.parse(failed[0]?.data['deadline'] as string);
    expect(deadline).toBeGreaterThan(instant(failed[0] as DemoEvent));
    expect(deadline).toBeLessThan(end - 14 * DAY_MS);
    expect(events.filter(stream('rectification'))).toEqual([]);
    const complaints = events.filter((event) => stream('complaint')(event) && instant(event) > deadline);
    expect(complaints.filter((event) => instant(event) < end).length).toBeGreaterThanOrEqual(2);
  });

  it('gas: three readings over 10 %LEL a day before the evacuation, over 20 at the end', () => {
    const { end } = story('gas-leak');
    const values = (at: number, windowMs: number) =>
      known(subjectOf(story('gas-leak'), 1), stream('sensor-reading'), at, windowMs).map(
        (event) => event.data['value'],
      );
    expect(
      values(end - 30 * HOUR_MS, 3.1 * HOUR_MS).filter((value) => Number(value) >= 10).length,
    ).toBeGreaterThan(2);
    expect(Math.max(...values(end - 60 * HOUR_MS, 24 * HOUR_MS).map(Number))).toBeLessThan(10);
    expect(Math.max(...values(OPTIONS.endMs, 2 * HOUR_MS).map(Number))).toBeGreaterThan(20);
  });

  it('device: the alarm reads for 82 days and then says nothing for eight', () => {
    const readings = known(
      subjectOf(story('gas-silent')),
      stream('sensor-reading'),
      OPTIONS.endMs,
      90 * DAY_MS,
    );
    expect(readings.length).toBeGreaterThan(80 * 23);
    const last = Math.max(...readings.map(instant));
    expect(OPTIONS.endMs - last).toBeGreaterThan(8 * DAY_MS);
    expect(OPTIONS.endMs - last).toBeLessThan(8 * DAY_MS + 3 * HOUR_MS);
  });

  it('hazchem: three fines over 100,000 yuan, and not without the revoked one', () => {
    const { end } = story('hazchem');
    const subject = subjectOf(story('hazchem'));
    const fines = known(subject, stream('penalty'), end - DAY_MS, 365 * DAY_MS);
    const sum = (events: readonly DemoEvent[]) =>
      events.reduce((total, event) => total + Number(event.data['amount']), 0);
    expect(fines).toHaveLength(3);
    expect(sum(fines)).toBeGreaterThanOrEqual(100_000);
    const revocation = bySubject.get(subject)?.find((event) => event.revokes !== undefined);
    expect(instant(revocation as DemoEvent)).toBe(end);
    const left = fines.filter((event) => event.id !== revocation?.revokes);
    expect(left).toHaveLength(2);
    expect(sum(left)).toBeLessThan(100_000);
  });
});

describe('the stories that cross keys', () => {
  it('gas-leak: the restaurant was fined and is complained about while the alarm climbs', () => {
    const { end } = story('gas-leak');
    const subject = subjectOf(story('gas-leak'));
    expect(known(subject, stream('penalty'), end - 2 * DAY_MS, 90 * DAY_MS)).toHaveLength(1);
    expect(known(subject, complaint('食品'), end - DAY_MS, 7 * DAY_MS).length).toBeGreaterThanOrEqual(5);
    const registration = bySubject.get(subject)?.find(stream('registration'));
    expect(registration?.data['tags']).toEqual(['食品经营', '燃气用户']);
    const alarm = bySubject.get(subjectOf(story('gas-leak'), 1))?.find(stream('registration'));
    expect(alarm?.data['owner']).toBe(subject);
  });

  it('cluster: nine restaurants of one street in a week, none of them with three complaints', () => {
    const { end, keys } = story('cluster');
    const ill: Matches = (event) => complaint('食品腹泻')(event) || complaint('食品呕吐')(event);
    const counts = keys.map((key) => known(idOf(key), ill, end, 7 * DAY_MS).length);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThanOrEqual(9);
    expect(Math.max(...counts)).toBeLessThan(3);
    const regions = keys.map((key) => bySubject.get(idOf(key))?.find(stream('registration'))?.data['region']);
    expect(new Set(regions)).toEqual(new Set(['330199002']));
  });

  it('elevator: a failed inspection, shaking for days, people trapped before two are hurt', () => {
    const { end } = story('elevator');
    const subject = subjectOf(story('elevator'));
    expect(known(subject, (event) => event.data['result'] === 'fail', end, 90 * DAY_MS)).toHaveLength(1);
    expect(known(subject, complaint('电梯困人'), end, 30 * DAY_MS)).toHaveLength(2);
    const shaking: Matches = (event) => Number(event.data['value']) >= 3;
    const high = (at: number) => known(subjectOf(story('elevator'), 1), shaking, at, DAY_MS).length;
    expect(high(end - 4 * DAY_MS)).toBe(0);
    expect(high(end - 2 * DAY_MS)).toBeGreaterThanOrEqual(6);
  });

  it('source: every alarm of the platform, and no other, is silent for the same thirty hours', () => {
    const { end, keys } = story('source');
    const silent = new Set(keys.map(idOf));
    expect(silent.size).toBeGreaterThanOrEqual(10);
    for (const [subject, events] of bySubject) {
      if (!subject.startsWith('sim:gas-alarm') || subject === subjectOf(story('gas-silent'))) continue;
      const within = events.filter((one) => instant(one) > end - 30 * HOUR_MS && instant(one) < end);
      const readings = within.filter(stream('sensor-reading')).length;
      if (silent.has(subject)) expect(readings, subject).toBe(0);
      else expect(readings, subject).toBeGreaterThan(15);
    }
    const sources = [...silent].map(
      (subject) => bySubject.get(subject)?.find(stream('sensor-reading'))?.source,
    );
    expect(sources.length / 40).toBeGreaterThan(0.3);
    expect(new Set(sources)).toEqual(new Set([SOURCES.gasDining]));
  });

  it('ecology: three fines under three laws are known weeks before the fish die', () => {
    const { end } = story('ecology');
    const fines = known(subjectOf(story('ecology')), stream('penalty'), end - 17 * DAY_MS, 90 * DAY_MS);
    expect(new Set(fines.map((event) => event.data['law'])).size).toBe(3);
  });
});

describe('the background', () => {
  it('rarely looks like a story', () => {
    expect(chanceHits(complaint('食品'), 7 * DAY_MS, 3)).toBeLessThanOrEqual(12);
    expect(chanceHits(complaint('欠薪'), 30 * DAY_MS, 2, people)).toBeLessThanOrEqual(6);
    expect(chanceHits(complaint('预付卡'), 14 * DAY_MS, 3)).toBeLessThanOrEqual(5);
    expect(chanceHits(stream('penalty'), 365 * DAY_MS, 3)).toBeLessThanOrEqual(2);
    const high: Matches = (event) => Number(event.data['value']) >= 10;
    expect(chanceHits(high, 90 * DAY_MS, 1)).toBeGreaterThan(5);
    expect(chanceHits(high, 6 * HOUR_MS, 2)).toBeLessThanOrEqual(1);
  });

  it('has noise: single high readings and short outages of alarms, few of six hours', () => {
    let long = 0;
    let lost = 0;
    for (const [subject, events] of bySubject) {
      if (!subject.startsWith('sim:gas-alarm') || inStory.has(subject)) continue;
      const times = events
        .filter(stream('sensor-reading'))
        .map(instant)
        .sort((a, b) => a - b);
      times.forEach((time, i) => {
        const gap = time - (times[i - 1] ?? time);
        if (gap > 6 * HOUR_MS) long++;
        else if (gap > 1.5 * HOUR_MS) lost++;
      });
    }
    expect(long).toBeLessThanOrEqual(6);
    expect(lost).toBeGreaterThan(100);
  });
});
