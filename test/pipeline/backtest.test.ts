import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { canonicalJson } from '../../src/events/canonical.js';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import type { Event } from '../../src/events/event.js';
import {
  complaint,
  instant,
  MINUTE,
  MODELS,
  RULES,
  rulesOf,
  run,
  sourceOf,
  START,
  type Sent,
} from './backtest-fixture.js';

/** Events of three shops over some hours, many at the same minute, some late, twice, or taken back. */
const events: fc.Arbitrary<Sent[]> = fc
  .array(
    fc.record({
      id: fc.integer({ min: 0, max: 60 }),
      minute: fc.integer({ min: 0, max: 400 }),
      late: fc.constantFrom(0, 0, 0, 7, 90),
      shop: fc.integer({ min: 1, max: 3 }),
      who: fc.integer({ min: 1, max: 3 }),
      what: fc.constantFrom('complaint', 'complaint', 'fail', 'pass', 'revoke', 'registration'),
    }),
    { minLength: 20, maxLength: 80 },
  )
  .map((drafts) =>
    drafts.map(({ id, minute, late, shop, who, what }): Sent => {
      const isInspection = what === 'fail' || what === 'pass';
      const stream = isInspection ? 'inspection' : what === 'registration' ? what : 'complaint';
      const own = what === 'revoke' ? { revokes: `complaint-${id % 20}` } : {};
      const data = isInspection
        ? { inspection: `i${id}`, result: what }
        : what === 'registration'
          ? { kind: 'enterprise', name: `shop ${shop}` }
          : { category: '食品', complainant: `p${who}` };
      const base = complaint(`${what}-${id}`, minute + late, own);
      return { ...base, type: `fenghuo.${stream}`, subject: `shop:${shop}`, time: instant(minute), data };
    }),
  );

const byArrival = (rows: readonly Sent[]) =>
  [...rows].sort((a, b) => Date.parse(a['recordedtime'] as string) - Date.parse(b['recordedtime'] as string));

describe('the result of a backtest', () => {
  it('counts what it refuses of a source that has nothing else', async () => {
    const { summary, refused } = await run([
      sourceOf([complaint('c1', 1, { time: 'soon', recordedtime: 'later' })]),
    ]);
    expect(summary.refused).toHaveLength(1);
    expect(refused).toHaveLength(1);
  });

  it('does not depend on the order of the input, nor on how it is split over files and pipes', async () => {
    let transitionsSeen = 0;
    const split = fc.array(fc.record({ source: fc.nat(4), order: fc.nat() }), {
      minLength: 80,
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(events, split, fc.integer({ min: 1, max: 9 }), async (rows, places, batch) => {
        const whole = await run([sourceOf(byArrival(rows))]);
        const parts = Array.from({ length: 5 }, (_, part) =>
          rows
            .map((row, index) => ({ row, place: places[index] }))
            .filter(({ place }) => place?.source === part)
            .sort((a, b) => (a.place?.order ?? 0) - (b.place?.order ?? 0))
            .map(({ row }) => row),
        );
        const shuffled = parts.map((part, index) => sourceOf(part, `part ${index}`, index % 2 === 0, batch));
        const sorted = parts.map((part) => sourceOf(byArrival(part), 'sorted', true, batch));
        transitionsSeen += whole.transitions.length;
        expect(await run(shuffled, { pseudonymKey: new Uint8Array(16).fill(batch) })).toEqual(whole);
        expect(await run(sorted.reverse())).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    expect(transitionsSeen).toBeGreaterThan(100);
  });

  it('is what the engine says of the sorted log, whatever ticks come between its events', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({ min: 1, max: 200 }),
        fc.nat(600),
        async (rows, everyMinutes, end) => {
          const toMs = START + end * MINUTE;
          const { transitions } = await run([sourceOf(rows)], { toMs });
          const expected = withTicks(rows, everyMinutes * MINUTE, toMs);
          expect(
            transitions.map(({ id, model, key, level, clock }) => ({ id, model, key, level, clock })),
          ).toEqual(
            expected.map(({ warning, ordinal, model, key, level, clock }) => {
              return { id: `${warning}/${ordinal}`, model, key, level, clock: new Date(clock).toISOString() };
            }),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes two events of one id and instant in an order that the input does not decide', async () => {
    const twins = ['p1', 'p2'].map((complainant) =>
      complaint('c', 1, {}, { category: 'named', complainant }),
    );
    const more = [complaint('d', 2, {}, { complainant: 'p2' }), complaint('e', 2, {}, { complainant: 'p1' })];
    const forth = await run([sourceOf([...twins, ...more])]);
    const back = await run([sourceOf(more.reverse()), sourceOf(twins.reverse())]);
    expect(forth.summary.duplicates).toBe(1);
    expect(back.transitions).toEqual(forth.transitions);
  });
});

/** Steps the events in order of (arrival, id) with ticks between them and at the end. */
function withTicks(rows: readonly Sent[], everyMs: number, toMs: number): Transition[] {
  const log: Event[] = [];
  for (const row of rows) {
    const parsed = parseCloudEvent(row);
    if (!parsed.ok) throw new Error(parsed.message);
    const stamped = stamp(parsed.event, parsed.event.recordedAt as number);
    if (stamped.ok && stamped.event.at <= toMs) log.push(stamped.event);
  }
  log.sort((a, b) => a.at - b.at || compare(a.id, b.id) || compare(canonicalJson(a), canonicalJson(b)));
  const transitions: Transition[] = [];
  const engine = new Engine(RULES, {
    namespace: 'live',
    partition: 0,
    store: new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  let offset = 0;
  let tick = START;
  for (const event of log) {
    for (; tick <= event.at; tick += everyMs) engine.step({ kind: 'tick', at: tick }, offset++);
    engine.step(event, offset++);
  }
  for (; tick < toMs; tick += everyMs) engine.step({ kind: 'tick', at: tick }, offset++);
  engine.step({ kind: 'tick', at: toMs }, offset++);
  engine.end();
  return transitions;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

describe('events that are refused', () => {
  it('are counted by code and reported with their line, and stop nothing', async () => {
    const rows = [
      complaint('a', 0),
      complaint('b', 1, { type: 'fenghuo.rumour' }),
      complaint('c', 2, { recordedtime: null, time: null }),
      complaint('d', 3, {}, { category: 7 }),
      complaint('e', 400, { recordedtime: instant(3) }, {}),
      complaint('f', 4),
    ];
    const { summary, refused, transitions } = await run([sourceOf(rows, 'mixed')]);
    expect(summary.events).toBe(2);
    expect(refused.map(({ source, line, code }) => `${source}:${line} ${code}`)).toEqual([
      'mixed:2 EVENT_UNKNOWN_STREAM',
      'mixed:3 BACKTEST_NO_ARRIVAL',
      'mixed:4 EVENT_DATA',
      'mixed:5 EVENT_FUTURE',
    ]);
    expect(summary.refused).toEqual([
      { code: 'BACKTEST_NO_ARRIVAL', count: 1 },
      { code: 'EVENT_DATA', count: 1 },
      { code: 'EVENT_FUTURE', count: 1 },
      { code: 'EVENT_UNKNOWN_STREAM', count: 1 },
    ]);
    expect(transitions[0]).toMatchObject({ model: 'food/complaints', level: 'yellow' });
  });

  it('do not make a file count as out of order', async () => {
    const rows = [complaint('a', 5), complaint('b', 1, { type: 'fenghuo.rumour' }), complaint('c', 6)];
    expect((await run([sourceOf(rows)], { sortLimit: 1 })).summary.events).toBe(2);
  });

  it('include revocations that the engine refuses', async () => {
    const rows = [
      complaint('a', 0),
      complaint('r1', 1, { revokes: 'a' }),
      complaint('r2', 2, { revokes: 'a' }),
      complaint('r3', 3, { revokes: 'b' }),
      complaint('b', 4),
      complaint('b', 5),
    ];
    const { summary } = await run([sourceOf(rows)]);
    expect(summary).toMatchObject({
      events: 6,
      revoked: 2,
      unmet: 0,
      duplicates: 1,
      refused: [{ code: 'REVOKED_TWICE', count: 1 }],
    });
  });

  it('count the events that were taken back and never came, once each', async () => {
    const rows = [
      complaint('a', 0),
      complaint('elsewhere', 1, { revokes: 'a', subject: 'shop:2' }),
      complaint('again', 2, { revokes: 'a', subject: 'shop:2' }),
      complaint('typing-error', 3, { amends: 'aa' }),
      complaint('early', 4, { revokes: 'late' }),
      complaint('late', 5),
      complaint('early-amendment', 6, { amends: 'later' }),
      complaint('later', 7),
    ];
    const { summary } = await run([sourceOf(rows)]);
    expect(summary).toMatchObject({ events: 8, revoked: 2, unmet: 2, refused: [] });
  });
});

describe('the span of a backtest', () => {
  const rows = [complaint('a', 0), complaint('b', 10), complaint('c', 100), complaint('d', 101)];

  it('begins to write at --from, though what came before counts', async () => {
    const all = await run([sourceOf(rows)], { toMs: START + 1000 * MINUTE });
    const fromMs = START + 101 * MINUTE;
    const late = await run([sourceOf(rows)], { fromMs, toMs: START + 1000 * MINUTE });
    expect(late.transitions).toEqual(all.transitions.filter(({ clock }) => Date.parse(clock) >= fromMs));
    expect(late.transitions.length).toBeGreaterThan(0);
    expect(late.transitions.length).toBeLessThan(all.transitions.length);
    expect(late.summary.transitions).toBe(late.transitions.length);
  });

  it('ends at --to: what arrives at it counts, what arrives later does not', async () => {
    const { summary, transitions } = await run([sourceOf(rows)], { toMs: START + 10 * MINUTE });
    expect(summary).toMatchObject({ events: 2, clock: START + 10 * MINUTE });
    expect(transitions.map(({ level, clock }) => [level, clock])).toEqual([['yellow', instant(10)]]);
    for (const rereadable of [true, false]) {
      const mixed = sourceOf([...rows].reverse(), 'mixed', rereadable);
      expect(await run([mixed], { toMs: START + 10 * MINUTE })).toMatchObject({ summary, transitions });
    }
  });

  it('lets time pass until --to, and without it ends with the last event', async () => {
    const model = 'food/silence';
    const open = await run([sourceOf(rows)]);
    expect(open.summary.clock).toBe(START + 101 * MINUTE);
    expect(open.transitions.filter((one) => one.model === model)).toEqual([]);
    const closed = await run([sourceOf(rows)], { toMs: START + 500 * MINUTE });
    expect(closed.transitions.filter((one) => one.model === model)).toMatchObject([
      { level: 'blue', clock: instant(101 + 180) },
    ]);
  });

  it('may hold nothing at all', async () => {
    expect((await run([])).summary).toMatchObject({ events: 0, clock: null, warnings: [] });
  });
});

describe('personal values', () => {
  it('are numbered in the result, and never written', async () => {
    const named = (id: string, minute: number, complainant: string) =>
      complaint(id, minute, {}, { category: 'named', complainant, phone: '13800138000' });
    const rows = [named('a', 0, '张三'), named('b', 200, '李四'), named('c', 400, '张三')];
    const { transitions } = await run([sourceOf(rows)]);
    const shown = transitions.filter(({ model, level }) => model === 'food/last' && level === 'blue');
    expect(shown.map(({ indicators }) => indicators['who'])).toEqual(['p:1', 'p:2', 'p:1']);
    expect(JSON.stringify(transitions)).not.toMatch(/张三|李四|13800138000|p:[0-9a-f]{32}/);
  });

  it('count as one person however they are typed, as in a live run', async () => {
    const rows = ['张三', '张 三', ' 张三', '张三'].map((complainant, index) =>
      complaint(`c${index}`, index, {}, { complainant }),
    );
    const { transitions } = await run([sourceOf(rows)]);
    expect(transitions.filter(({ level }) => level === 'orange')).toEqual([]);
  });
});

describe('the summary', () => {
  it('counts a warning once, at the gravest level that it reached, and events outside every window', async () => {
    const rows = [
      ...Array.from({ length: 4 }, (_, index) =>
        complaint(`a${index}`, index, {}, { complainant: `p${index}` }),
      ),
      ...Array.from({ length: 2 }, (_, index) => complaint(`b${index}`, 300 + index, { subject: 'shop:2' })),
      complaint('late', 301, { time: instant(20) }),
    ];
    const { summary } = await run([sourceOf(rows)]);
    const counts = { red: 0, orange: 1, yellow: 1, blue: 0 };
    expect(summary.warnings.find(({ model }) => model === 'food/complaints')).toEqual({
      model: 'food/complaints',
      total: 2,
      ...counts,
    });
    expect(summary.late.find(({ model }) => model === 'food/complaints')?.count).toBeGreaterThan(0);
    expect(summary.revision).toBe(RULES.revision);
  });

  it('has operator alerts by code, without their texts, which may hold values', async () => {
    const text = MODELS['food/complaints'].replace("'event.complainant'", "'event.content.substring(9)'");
    const rows = [complaint('a', 0, {}, { content: '短' }), complaint('b', 200, {}, { content: '短' })];
    const { summary } = await run([sourceOf(rows)], { rules: rulesOf({ 'food/complaints': text }) });
    expect(summary.operatorAlerts).toContainEqual({ code: 'EXPR_RANGE', count: 2 });
    expect(JSON.stringify(summary)).not.toContain('短');
  });
});
