// Keys that have few events: what a ledger gives back, what it spares, and that nobody sees whether events lie in one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { Strata } from '../../src/engine/strata.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { KeyState } from '../../src/engine/key-state.js';
import type { EventReference } from '../../src/engine/reference.js';
import type { Event, JsonObject } from '../../src/events/event.js';
import { DAY, eventAt, HOUR, lines, run as turnedRun, setOf, START, tickAt } from './turns.js';

const FIGURES = setOf({
  'sim/all': `scope: subject
indicators:
  count: { from: complaint, count: '*', over: 9d }
  people: { from: complaint, distinct: 'event.complainant', over: 20d }
  last: { from: complaint, last: 'event.content', over: 20d }
  sum: { from: penalty, sum: 'event.amount', over: 12d }
  mean: { from: penalty, avg: 'event.amount', over: 12d, basis: arrival }
  then:
    sequence:
      - { from: inspection, where: 'event.result == "fail"' }
      - { from: complaint, within: 3d }
      - { from: penalty, within: 5d }
    over: 10d
levels:
  red: 'then >= 2 || mean > 70 && sum >= 100'
  orange: 'people >= 3 && count >= 4'
  yellow: 'sum > 50.5'
  blue: 'count >= 2'
hold: 1d
`,
  'sim/named': `scope: subject
indicators:
  count: { from: complaint, count: '*', over: 9d }
  last: { from: complaint, last: 'event.content', over: 20d }
levels: { red: 'last == "红" && count > 1' }
`,
});

interface Arrival {
  readonly stream: 'complaint' | 'penalty' | 'inspection';
  readonly pauseHours: number;
  readonly lateHours: number;
  readonly id: string;
  readonly word: string;
  readonly amount: number;
  readonly fails: boolean;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  stream: fc.constantFrom('complaint', 'complaint', 'penalty', 'inspection'),
  pauseHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
  id: fc.oneof(fc.nat(60).map(String), fc.string({ unit: 'grapheme', maxLength: 8 })),
  word: fc.constantFrom('红', 'a', 'bé', '甲乙', ''),
  amount: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.double({ min: 0, max: 90, noNaN: true })),
  fails: fc.boolean(),
});

function eventsOf(arrivals: readonly Arrival[]): Event[] {
  let hours = 0;
  return arrivals.map(({ stream, pauseHours, lateHours, id, word, amount, fails }) => {
    hours += pauseHours;
    const data =
      stream === 'complaint'
        ? { complainant: word, content: word }
        : stream === 'penalty'
          ? { amount }
          : { result: fails ? 'fail' : 'pass' };
    const time = START + (hours - lateHours) * HOUR;
    return eventAt(hours, stream, data, { id: `s ${id}`, time, source: 's' });
  });
}

/** Keys whose events become objects before anything happens to them. */
class SpreadStore extends MemoryKeyStore {
  override create(key: string): KeyState {
    const state = super.create(key);
    state.beginLedger = () => undefined;
    return state;
  }
}

function run(events: readonly Event[], store: MemoryKeyStore) {
  const said: unknown[] = [];
  const options = { namespace: 'test', partition: 0, store };
  const engine = new Engine(FIGURES, {
    ...options,
    emit: (output) => {
      said.push(output.kind === 'transition' ? { ...output, contributions: output.contributions } : output);
    },
  });
  for (const [offset, event] of events.entries()) engine.step(event, offset);
  engine.step({ kind: 'tick', at: (events.at(-1)?.at ?? START) + 40 * DAY }, events.length);
  engine.end();
  return { said, engine };
}

describe('events in a ledger', () => {
  it('say what events as objects say, evidence included', () => {
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 80 }), (arrivals) => {
        const events = eventsOf(arrivals);
        expect(run(events, new MemoryKeyStore()).said).toEqual(run(events, new SpreadStore()).said);
      }),
      { numRuns: 200 },
    );
  });

  it('come back as they were when they become objects, and give their memory back', () => {
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 40 }), (arrivals) => {
        const events = eventsOf(arrivals);
        const references = ([inLedger, asObjects]: readonly MemoryKeyStore[]) => {
          const { engine } = run(events, inLedger as MemoryKeyStore);
          run(events, asObjects as MemoryKeyStore);
          expect(engine.context.ledgers.bytesHeld).toBeGreaterThan(0);
          const [some, others] = [knownIn(inLedger as MemoryKeyStore), knownIn(asObjects as MemoryKeyStore)];
          expect(engine.context.ledgers.bytesHeld).toBe(0);
          return [some, others];
        };
        const [some, others] = references([new MemoryKeyStore(), new SpreadStore()]);
        expect(some).toEqual(others);
      }),
      { numRuns: 100 },
    );
  });

  it('join windows by what they state of the profile themselves, as objects do', () => {
    const moved = `scope: subject
indicators:
  here: { from: registration, where: '"x" in subject.tags', count: '*', over: 9d }
  low: { from: credit-change, where: 'event.credit == subject.credit', count: '*', over: 9d }
levels: { red: 'here >= 1 && low >= 1', blue: 'here >= 1' }
`;
    const log = [eventAt(0, 'registration', { tags: ['x'] }), eventAt(1, 'credit-change', { credit: 'D' })];
    const said = lines(turnedRun([...log, tickAt(2)], [setOf({ 'sim/moved': moved })]));
    expect(said).toEqual(['0 sim/moved a none->blue raised', '1 sim/moved a blue->red escalated']);
  });

  it('leave windows in panes as they are before anything came for them', () => {
    const usual = `scope: subject
indicators:
  fines: { from: penalty, count: '*', baseline: { over: 9d, every: 1d, method: zscore, min: 2 } }
  many: { from: complaint, count: '*', over: 9d }
levels: { red: 'fines.now == 0', blue: 'many >= 1 && fines == null' }
`;
    const log = [eventAt(0, 'complaint'), eventAt(30, 'registration'), tickAt(200)];
    const all = turnedRun(log, [setOf({ 'sim/usual': usual })]);
    // Two whole days after that of the registration are over at midnight of the fourth; the key is woken after it.
    expect(all.map(({ level, indicators }) => [level, indicators['fines']])).toEqual([
      ['blue', null],
      ['red', { now: 0, expected: 0, spread: 0, score: null }],
    ]);
  });

  it('count on where there are more of them than a ledger has rows, however short they are', () => {
    const sum = `scope: subject
indicators: { sum: { from: penalty, sum: 'event.amount', over: 9d } }
levels: { red: 'sum >= 400', orange: 'sum >= 300', yellow: 'sum >= 200' }
`;
    const log = Array.from({ length: 400 }, (_, index) => eventAt(index / 100, 'penalty', { amount: 1 }));
    const transitions = turnedRun([...log, tickAt(5)], [setOf({ 'sim/sum': sum })]);
    expect(transitions.map(({ level, indicators }) => [level, indicators['sum']])).toEqual([
      ['yellow', 200],
      ['orange', 300],
      ['red', 400],
    ]);
  });

  it('take a few bytes of memory each', () => {
    const events = Array.from({ length: 200 }, (_, index) =>
      eventAt(index, 'complaint', { complainant: 'a' }, { id: `https://example.org/12345 ${index}` }),
    );
    const { engine } = run(events, new MemoryKeyStore());
    expect(engine.context.ledgers.bytesHeld).toBeLessThan(200 * 100);
  });
});

function knownIn(store: MemoryKeyStore): unknown[] {
  const known: unknown[] = [];
  const note = ({ id, stream, time, at, offset, keepUntil, revoked }: EventReference) =>
    known.push({ id, stream, time, at, offset, keepUntil, revoked });
  for (const state of store.all) state.known.each(note);
  return known;
}

describe('rows that become objects', () => {
  /** A key of which something came as backfill, which ledgers do not hold: from then on its events are objects. */
  const spread = (hours: number, stream: 'complaint' | 'sensor-reading', data: JsonObject, key: string) =>
    eventAt(hours, stream, data, { key, backfill: true, time: START - 30 * DAY });

  function levelsOf(models: { readonly [name: string]: string }, records: readonly Event[]): unknown[] {
    const levels: unknown[] = [];
    const strata = new Strata(setOf(models), {
      namespace: 'test',
      store: () => new MemoryKeyStore(),
      emit: (output) => {
        if (output.kind === 'transition') levels.push([(output.clock - START) / DAY, output.level]);
      },
    });
    for (const [offset, record] of records.entries()) strata.step(record, offset);
    strata.end();
    return levels;
  }

  it('keep a reading apart from a registration of the same id', () => {
    const key = 'device:a';
    const reading = (day: number, id: string) =>
      eventAt(day * 24, 'sensor-reading', { metric: 'm', value: 9 }, { key, id });
    const records = [
      eventAt(0, 'registration', { kind: 'device' }, { key, id: 's 1' }),
      reading(5, 's 1'),
      reading(5.5, 's 2'),
      spread(6 * 24, 'sensor-reading', { metric: 'm', value: 0 }, key),
      reading(8, 's 8'),
    ];
    const many = `scope: device
indicators: { many: { from: sensor-reading, where: 'event.value >= 5', count: '*', over: 7d } }
levels: { red: 'many >= 3' }
`;
    expect(levelsOf({ 'sim/many': many }, records)).toEqual([[8, 'red']]);
  });

  it('keep an event apart from one of the same id that was forgotten', () => {
    const complaint = (day: number, id: string) => eventAt(day * 24, 'complaint', {}, { id });
    const records = [
      eventAt(0, 'registration', { kind: 'enterprise', region: '110108' }),
      complaint(1, 's c1'),
      complaint(40, 's c1'),
      spread(41 * 24, 'complaint', {}, 'subject:a'),
      complaint(42, 's c2'),
    ];
    const indicators = "indicators: { many: { from: complaint, count: '*', over: 7d } }\n";
    const models = {
      'sim/many': `scope: subject\n${indicators}levels: { red: 'many >= 3', yellow: 'many >= 2' }\n`,
      'sim/region': `scope: region\n${indicators}levels: { red: 'many >= 9' }\n`,
    };
    expect(levelsOf(models, records)).toEqual([[42, 'yellow']]);
  });

  it('count a missing field once', () => {
    const engine = new Engine(
      setOf({
        'sim/injured': `scope: subject
indicators: { injured: { from: complaint, where: 'event.injured >= 1', count: '*', over: 7d } }
levels: { red: 'injured >= 2' }
`,
      }),
      { namespace: 'test', partition: 0, store: new MemoryKeyStore(), emit: () => undefined },
    );
    for (let index = 0; index < 600; index++) engine.step(eventAt(index, 'complaint', {}), index);
    expect(engine.counters.missing.get('sim/injured injured')).toBe(600);
  });
});

describe('a level', () => {
  it('ends when the last event leaves, whatever came long before, and whatever else the rules watch', () => {
    const rules = setOf({
      'sim/fined': `scope: subject
indicators:
  fined: { from: penalty, sum: 'event.amount', over: 365d }
  largest: { from: penalty, max: 'event.amount', over: 365d }
levels: { yellow: 'fined >= 500' }
`,
      'sim/silent': `scope: device
expect: { from: sensor-reading, every: 2h, of: device }
indicators: { silent: { from: sensor-reading, absent: true, over: 1d } }
levels: { yellow: 'silent' }
`,
    });
    const levels: unknown[] = [];
    const strata = new Strata(rules, {
      namespace: 'test',
      store: () => new MemoryKeyStore(),
      emit: (output) => {
        if (output.kind === 'transition') levels.push([(output.clock - START) / DAY, output.level]);
      },
    });
    strata.step(eventAt(0, 'penalty', { amount: 100 }), 0);
    strata.step(eventAt(700 * 24, 'penalty', { amount: 600 }), 1);
    strata.step({ kind: 'tick', at: START + 1_100 * DAY }, 2);
    expect(levels).toEqual([
      [700, 'yellow'],
      [1_065, 'none'],
    ]);
  });
});

describe('evaluations', () => {
  const complaintsAt = (...hours: number[]) => hours.map((at) => eventAt(at, 'complaint', { content: 'a' }));
  const evaluations = (events: readonly Event[], store = new MemoryKeyStore()) => {
    const engine = new Engine(
      setOf({
        'sim/many': `scope: subject
params: { many: { default: 6, by: subject.credit, D: 5 } }
indicators: { complaints: { from: complaint, count: '*', over: 7d } }
levels: { red: 'complaints >= 2 * params.many', orange: 'complaints >= params.many' }
`,
      }),
      { namespace: 'test', partition: 0, store, emit: () => undefined },
    );
    for (const [offset, event] of events.entries()) engine.step(event, offset);
    engine.end();
    return engine.context.evaluations;
  };

  it.each([
    ['in a ledger', () => new MemoryKeyStore()],
    ['as objects', () => new SpreadStore()],
  ])('are spared while too few events are there for any level, for any choice: %s', (_name, store) => {
    expect(evaluations(complaintsAt(1, 2, 3, 4), store())).toBe(0);
    expect(evaluations(complaintsAt(1, 2, 3, 4, 200, 201, 202, 203), store())).toBe(0);
    expect(evaluations(complaintsAt(1, 2, 3, 4, 5), store())).toBe(1);
  });

  it.each([
    ['in a ledger', () => new MemoryKeyStore()],
    ['as objects', () => new SpreadStore()],
  ])(
    'remember a live event that was spared, where backfill of the same instant raises the level: %s',
    (_name, store) => {
      const quiet: boolean[] = [];
      const engine = new Engine(
        setOf({
          'sim/many': `scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 7d } }
levels: { orange: 'complaints >= 3' }
`,
        }),
        {
          namespace: 'test',
          partition: 0,
          store: store(),
          emit: (output) => {
            if (output.kind === 'transition') quiet.push(output.quiet);
          },
        },
      );
      const backfill = () => eventAt(1, 'complaint', {}, { backfill: true });
      for (const [offset, event] of [backfill(), eventAt(1, 'complaint', {}), backfill()].entries()) {
        engine.step(event, offset);
      }
      engine.end();
      expect(quiet).toEqual([false]);
    },
  );

  it.each([
    ['in a ledger', () => new MemoryKeyStore()],
    ['as objects', () => new SpreadStore()],
  ])('are spared while a level is on and more of the same can only keep it on: %s', (_name, store) => {
    // With the fifth it could be on for D, with the sixth it is; the tenth could be red for D.
    expect(evaluations(complaintsAt(1, 2, 3, 4, 5, 6, 7, 8, 9), store())).toBe(2);
  });
});
