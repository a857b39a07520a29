import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultyEvents, generateCounty, SOURCES, stories } from '../../infra/demo/county.js';
import type { CountyOptions, DemoEvent } from '../../infra/demo/county.js';
import { organisationCheck, simulatedUscc } from '../../infra/demo/identifiers.js';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import { isUscc } from '../../src/events/identifiers.js';

const WEEK_MS = 7 * 86_400_000;
const DEFAULT: CountyOptions = { seed: 1, endMs: Date.parse('2026-03-18T15:30:00Z') };
const SMALL: CountyOptions = { ...DEFAULT, subjects: 200 };
const county = [...generateCounty(DEFAULT)];

function digest(events: Iterable<DemoEvent>): string {
  const hash = createHash('sha256');
  for (const event of events) hash.update(JSON.stringify(event)).update('\n');
  return hash.digest('hex').slice(0, 16);
}

function countBy(events: Iterable<DemoEvent>, key: (event: DemoEvent) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(key(event), (counts.get(key(event)) ?? 0) + 1);
  return counts;
}

/** Arrivals are a key of the order: equal instants go by id. */
function inOrder(events: readonly DemoEvent[]): boolean {
  return events.every((event, i) => {
    const before = events[i - 1];
    if (before === undefined || before.recordedtime < event.recordedtime) return true;
    return before.recordedtime === event.recordedtime && before.id <= event.id;
  });
}

/** What parsing and stamping make of an event: `ok`, or the code it is refused with. */
function arrival(event: DemoEvent): string {
  const parsed = parseCloudEvent(event);
  if (!parsed.ok) return parsed.code;
  const stamped = stamp(parsed.event, parsed.event.recordedAt ?? NaN);
  return stamped.ok ? 'ok' : stamped.code;
}

describe('the stream of the county', () => {
  it('is the same for the same seed, on every machine', () => {
    expect(digest(generateCounty(SMALL))).toBe('e99e890b047fdb2c');
    expect(digest(generateCounty({ ...SMALL, seed: 2 }))).not.toBe('e99e890b047fdb2c');
  });

  it('comes in the order of arrival and id, for any options', () => {
    expect(inOrder(county)).toBe(true);
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 0, max: 4_294_967_295 }),
          endMs: fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2030-01-01') }),
          days: fc.integer({ min: 1, max: 60 }),
          subjects: fc.integer({ min: 50, max: 150 }),
        }),
        (options) => {
          const events = [...generateCounty(options)];
          const last = new Date(options.endMs).toISOString();
          expect(inOrder(events)).toBe(true);
          expect(events.every((event) => event.recordedtime <= last)).toBe(true);
          expect(stories(options)).toHaveLength(options.days >= 45 ? 11 : 0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('ends with its last instant and starts within the days asked for', () => {
    const end = new Date(DEFAULT.endMs).toISOString();
    expect(county.every((event) => event.recordedtime <= end)).toBe(true);
    expect(county[0]?.recordedtime).toBe(new Date(DEFAULT.endMs - 90 * 86_400_000).toISOString());
    const last = county.at(-1) as DemoEvent;
    expect(DEFAULT.endMs - Date.parse(last.recordedtime)).toBeLessThan(10 * 60_000);
  });

  it('is the same county, shifted, for an end whole weeks later', () => {
    const later = [...generateCounty({ ...SMALL, endMs: SMALL.endMs + 3 * WEEK_MS })];
    const shift = (instant: string) => new Date(Date.parse(instant) + 3 * WEEK_MS).toISOString();
    const shifted = [...generateCounty(SMALL)].map((event) => ({
      ...event,
      time: shift(event.time),
      recordedtime: shift(event.recordedtime),
      data: JSON.parse(
        JSON.stringify(event.data).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => shift(instant)),
      ) as DemoEvent['data'],
    }));
    expect(later).toEqual(shifted);
  });

  it('has its stories at any end', () => {
    const other = { ...SMALL, endMs: SMALL.endMs + 2 * 86_400_000 + 12_345_678 };
    const ids = stories(other).map((story) => [story.id, ...story.keys]);
    expect(ids.sort()).toEqual(
      stories(SMALL)
        .map((story) => [story.id, ...story.keys])
        .sort(),
    );
    for (const story of stories(other)) expect(story.end).toBeLessThanOrEqual(other.endMs);
  });

  it('has the volume of a first start: every stream, 60,000 to 120,000 events', () => {
    expect(county.length).toBeGreaterThan(60_000);
    expect(county.length).toBeLessThan(120_000);
    const counts = countBy(county, (event) => event.type.slice('fenghuo.'.length));
    const between = (stream: string, least: number, most: number) => {
      expect(counts.get(stream), stream).toBeGreaterThanOrEqual(least);
      expect(counts.get(stream), stream).toBeLessThanOrEqual(most);
    };
    between('registration', 2058, 2090);
    between('sensor-reading', 95_000, 101_000);
    between('complaint', 3000, 4500);
    between('inspection', 2000, 3200);
    between('rectification', 180, 400);
    between('penalty', 80, 250);
    between('credit-change', 150, 500);
    between('opinion', 250, 500);
    between('judgment', 80, 200);
  });

  it('grows with its subjects and is made a day at a time', () => {
    const large = generateCounty({
      ...DEFAULT,
      subjects: 100_000,
      gasDevices: 2,
      equipmentDevices: 0,
      days: 2,
    });
    const counts = countBy(large, (event) => event.type);
    expect(counts.get('fenghuo.registration')).toBeGreaterThanOrEqual(100_014);
    expect(counts.get('fenghuo.complaint')).toBeGreaterThan(1500);
  });

  it('refuses options outside their ranges', () => {
    expect(() => [...generateCounty({ ...SMALL, subjects: 10 })]).toThrow(/subjects.*50 to 1000000/);
    expect(() => stories({ ...SMALL, days: 0 })).toThrow(RangeError);
    expect(() => faultyEvents({ ...SMALL, seed: 1.5 })).toThrow(RangeError);
  });
});

describe('the events', () => {
  it('are accepted on arrival, all but the bad ones, which are refused for their reasons', () => {
    const refused = county
      .map((event) => [event.id, arrival(event)])
      .filter(([, outcome]) => outcome !== 'ok');
    const planted = faultyEvents(DEFAULT).map(({ id, code }) => [id, code]);
    expect(refused.sort()).toEqual(planted.sort());
    expect(planted.length).toBeGreaterThan(4);
    expect(planted.length).toBeLessThanOrEqual(10);
  });

  it('say everywhere that they are simulated', () => {
    const sources = new Set<string>(Object.values(SOURCES));
    for (const event of county) {
      expect(event.source).toContain('simulated');
      expect(sources.has(event.source)).toBe(true);
      if (event.type === 'fenghuo.registration') expect(event.data['name']).toMatch(/^模拟·/);
    }
    const people = new Set(
      county.map((event) => event.data['complainant']).filter((name) => name !== undefined),
    );
    for (const name of people) expect(name).toMatch(/^sim-person-\d+$/);
  });

  it('name only subjects, places and devices that registered before', () => {
    const known = new Set<string>();
    const strangers: string[] = [];
    for (const event of county) {
      if (event.id.startsWith('bad-')) continue;
      const id = event.subject ?? event.data['place'];
      if (event.type === 'fenghuo.registration') known.add(id as string);
      else if (!known.has(id as string)) strangers.push(event.id);
      const owner = event.data['owner'];
      if (owner !== undefined && !known.has(owner as string)) strangers.push(event.id);
    }
    expect(strangers).toEqual([]);
  });

  it('have ids of their own, but for about one in 200 that is sent twice and arrives later', () => {
    const first = new Map<string, DemoEvent>();
    let repeats = 0;
    for (const event of county) {
      const before = first.get(event.id);
      first.set(event.id, before ?? event);
      if (before === undefined) continue;
      repeats++;
      expect({ ...event, recordedtime: '' }).toEqual({ ...before, recordedtime: '' });
      expect(event.recordedtime > before.recordedtime).toBe(true);
    }
    expect(repeats / county.length).toBeGreaterThan(0.003);
    expect(repeats / county.length).toBeLessThan(0.007);
  });

  it('arrive late and out of order, but none before it happened', () => {
    const good = county.filter((event) => !event.id.startsWith('bad-'));
    expect(good.every((event) => event.time <= event.recordedtime)).toBe(true);
    const latest = countBy(
      good.filter((event) => Date.parse(event.recordedtime) - Date.parse(event.time) > 86_400_000),
      (event) => event.type,
    );
    expect(latest.get('fenghuo.penalty')).toBeGreaterThan(50);
    const overtaken = good.filter((event, i) => i > 0 && event.time < (good[i - 1] as DemoEvent).time);
    expect(overtaken.length).toBeGreaterThan(1000);
  });

  it('revoke, if they do, an event of the same source and key that arrived before', () => {
    const seen = new Map(county.map((event) => [event.id, event]));
    const revocations = county.filter((event) => event.revokes !== undefined);
    expect(revocations.length).toBeGreaterThan(10);
    for (const event of revocations) {
      const original = seen.get(event.revokes ?? '') as DemoEvent;
      expect([original.source, original.subject, original.type]).toEqual([
        event.source,
        event.subject,
        event.type,
      ]);
      expect(original.time < event.time).toBe(true);
    }
  });

  it('follow the rhythm of the day and the week', () => {
    const local = (event: DemoEvent) => new Date(Date.parse(event.time) + 8 * 3_600_000);
    const ordinary = county.filter((event) => /^(cmp|ins)-\d/.test(event.id));
    const inspections = ordinary.filter((event) => event.type === 'fenghuo.inspection').map(local);
    expect(inspections.every((time) => time.getUTCDay() % 6 !== 0)).toBe(true);
    expect(inspections.every((time) => time.getUTCHours() >= 8 && time.getUTCHours() < 18)).toBe(true);
    const food = ordinary
      .filter((event) => (event.data['category'] as string | undefined)?.startsWith('食品') === true)
      .map(local);
    const weekend = food.filter((time) => time.getUTCDay() % 6 === 0).length;
    expect(weekend / 2).toBeGreaterThan((1.4 * (food.length - weekend)) / 5);
    expect(food.filter((time) => time.getUTCHours() < 7).length).toBeLessThan(food.length / 10);
  });
});

describe('simulated credit codes', () => {
  it('have both check characters of the standards', () => {
    // The organisation code of a published credit code: 91110000 80210043 3 B.
    expect(organisationCheck('80210043')).toBe('3');
    expect(isUscc('91110000802100433B')).toBe(true);
    fc.assert(
      fc.property(
        fc.constantFrom('91', '92', '52'),
        fc.integer({ min: 0, max: 999_999 }),
        (registrar, index) => {
          const code = simulatedUscc(registrar, index);
          expect(isUscc(code)).toBe(true);
          expect(code.slice(2, 8)).toBe('330199');
          expect(code.charAt(16)).toBe(organisationCheck(code.slice(8, 16)));
        },
      ),
    );
  });
});
