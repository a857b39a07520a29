import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/events/canonical.js';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import type { Event, Json } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import {
  backtest,
  type BacktestOptions,
  type BacktestTransition,
  type EventSource,
  type RefusedEvent,
} from '../../src/pipeline/backtest.js';
import type { RowRead } from '../../src/ports/rows.js';
import { rulesWith } from '../model/rules-fixture.js';

const MODELS = {
  'food/complaints': `model: food/complaints
title: 投诉
summary: 投诉。
item: food-operation
scope: subject
indicators:
  complaints:   { from: complaint, count: '*', over: 2h }
  complainants: { from: complaint, distinct: 'event.complainant', over: 2h }
levels: { orange: 'complaints >= 4 && complainants >= 2', yellow: 'complaints >= 2' }
hold: 30m
`,
  'food/failures': `model: food/failures
title: 不合格
summary: 不合格。
item: food-operation
scope: subject
indicators:
  failed: { from: inspection, streak: 'event.result == "fail"', over: 5h }
  after:  { from: inspection, since: last, over: 5h }
levels: { red: 'failed >= 2 && after >= duration("20m")', blue: 'failed >= 1' }
for: 10m
`,
  'food/silence': `model: food/silence
title: 无人检查
summary: 无人检查。
item: food-operation
scope: subject
indicators:
  unchecked: { from: [inspection, complaint], absent: true, over: 3h }
levels: { blue: 'unchecked' }
`,
  'food/last': `model: food/last
title: 最近一次投诉
summary: 最近一次投诉。
item: food-operation
scope: subject
indicators:
  who:  { from: complaint, where: 'event.category == "named"', last: 'event.complainant', over: 1h }
levels: { blue: 'who != null' }
`,
};

function rulesOf(models: { readonly [name: string]: string }): RuleSet {
  const files = Object.entries(models).map(
    ([name, text]) => [`${name}.yaml`, `${text}advise: 核查。\n`] as const,
  );
  const fixture = { 'food/repeat-complaints.yaml': null, 'elevator/overload.yaml': null };
  const { rules, diagnostics } = loadRules(rulesWith({ ...fixture, ...Object.fromEntries(files) }));
  if (rules === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return rules;
}

const RULES = rulesOf(MODELS);

const START = Date.parse('2026-03-01T00:00:00Z');
const MINUTE = 60_000;
const instant = (minute: number) => new Date(START + minute * MINUTE).toISOString();

interface Sent {
  readonly [attribute: string]: Json;
}

function complaint(id: string, minute: number, more: Sent = {}, data: Sent = {}): Sent {
  return {
    specversion: '1.0',
    id,
    source: 'urn:test',
    type: 'fenghuo.complaint',
    subject: 'shop:1',
    recordedtime: instant(minute),
    time: instant(minute),
    data: { category: '食品', complainant: 'p1', ...data },
    ...more,
  };
}

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

/** A source over rows in memory; one that cannot be read again refuses to be. */
function sourceOf(rows: readonly Sent[], name = 'memory', rereadable = true, batch = 3): EventSource {
  let reads = 0;
  return {
    name,
    rereadable,
    batches: async function* () {
      if (reads++ > 0 && !rereadable) throw new Error('read twice');
      for (let from = 0; from < rows.length; from += batch) {
        yield rows
          .slice(from, from + batch)
          .map((row, index): RowRead => ({ ok: true, line: from + index + 1, row }));
      }
    },
  };
}

async function run(sources: readonly EventSource[], more: Partial<BacktestOptions> = {}) {
  const transitions: BacktestTransition[] = [];
  const refused: RefusedEvent[] = [];
  const summary = await backtest({
    rules: RULES,
    sources,
    pseudonymKey: new Uint8Array(32).fill(7),
    onTransition: (transition) => void transitions.push(transition),
    onRefused: (event) => void refused.push(event),
    ...more,
  });
  return { summary, transitions, refused };
}

const byArrival = (rows: readonly Sent[]) =>
  [...rows].sort((a, b) => Date.parse(a['recordedtime'] as string) - Date.parse(b['recordedtime'] as string));

describe('the result of a backtest', () => {
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

describe('what must be held in memory', () => {
  const ordered = Array.from({ length: 50 }, (_, index) => complaint(`c${index}`, index));
  const reversed = [...ordered].reverse();

  it('is nothing for files in order, however long', async () => {
    const even = ordered.filter((_, index) => index % 2 === 0);
    const odd = ordered.filter((_, index) => index % 2 === 1);
    const { summary } = await run([sourceOf(odd), sourceOf(even)], { sortLimit: 1 });
    expect(summary.events).toBe(50);
  });

  it('is bounded for a file out of order, and the error names file, limit and way out', async () => {
    expect((await run([sourceOf(reversed, 'mixed.ndjson')], { sortLimit: 50 })).summary.events).toBe(50);
    await expect(run([sourceOf(reversed, 'mixed.ndjson')], { sortLimit: 49 })).rejects.toMatchObject({
      code: 'BACKTEST_SORT_LIMIT',
      message: expect.stringMatching(
        /mixed\.ndjson is out of order, and more than 49 .*--sort-limit/,
      ) as string,
    });
  });

  it('is bounded over all files together, and given back when one is done', async () => {
    const early = reversed.slice(25);
    const late = reversed.slice(0, 25);
    expect((await run([sourceOf(late), sourceOf(early)], { sortLimit: 25 })).summary.events).toBe(50);
    const woven = [0, 1].map((rest) => sourceOf(reversed.filter((_, index) => index % 2 === rest)));
    await expect(run(woven, { sortLimit: 30 })).rejects.toMatchObject({ code: 'BACKTEST_SORT_LIMIT' });
  });

  it('is bounded for a pipe, which may be longer as long as it is in order', async () => {
    expect((await run([sourceOf(ordered, 'pipe', false)], { sortLimit: 7 })).summary.events).toBe(50);
    expect((await run([sourceOf(reversed, 'pipe', false)], { sortLimit: 50 })).summary.events).toBe(50);
    const lateDisorder = [...ordered, complaint('x', 3)];
    for (const rows of [reversed, lateDisorder]) {
      await expect(run([sourceOf(rows, 'pipe', false)], { sortLimit: 7 })).rejects.toMatchObject({
        code: 'BACKTEST_SORT_LIMIT',
      });
    }
  });

  it('is bounded for a single instant', async () => {
    const crowd = Array.from({ length: 9 }, (_, index) => complaint(`c${index}`, 0));
    expect((await run([sourceOf(crowd)], { sortLimit: 9 })).summary.events).toBe(9);
    await expect(run([sourceOf(crowd)], { sortLimit: 8 })).rejects.toMatchObject({
      code: 'BACKTEST_SORT_LIMIT',
    });
  });

  it('is noticed when a file changes between its two readings', async () => {
    const readings = [ordered, reversed];
    const changing: EventSource = {
      ...sourceOf(ordered, 'growing.ndjson'),
      batches: () => sourceOf(readings.shift() ?? []).batches(),
    };
    await expect(run([changing])).rejects.toThrow(/growing\.ndjson changed while it was read/);
  });
});

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
      duplicates: 1,
      refused: [{ code: 'REVOKED_TWICE', count: 1 }],
    });
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
