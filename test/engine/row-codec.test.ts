// Records of keys whose events lie in rows: what they say, and that nobody sees by which way they were written or read.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyRecords, encodeKeyState } from '../../src/engine/key-codec.js';
import { MemoryKeyStore, planFor, type KeyState, type KeyStore } from '../../src/engine/key-state.js';
import type { Event } from '../../src/events/event.js';
import { summaryOf } from './layouts.js';
import { DAY, eventAt, HOUR, setOf, START } from './turns.js';

const RULES = setOf({
  'sim/all': `scope: subject
indicators:
  count: { from: complaint, count: '*', over: 9d }
  people: { from: complaint, distinct: 'event.complainant', over: 20d }
  last: { from: complaint, last: 'event.content', over: 20d }
  sum: { from: penalty, sum: 'event.amount', over: 12d }
  mean: { from: penalty, avg: 'event.amount', over: 12d, basis: arrival }
  most: { from: penalty, max: 'event.amount', over: 6d, versus: previous }
  then:
    sequence:
      - { from: inspection, where: 'event.result == "fail"' }
      - { from: complaint, within: 3d }
    over: 10d
levels:
  red: 'then >= 2 || mean > 70 && sum >= 100'
  orange: 'people >= 3 && count >= 4'
  yellow: 'sum > 50.5'
  blue: 'count >= 2'
hold: 1d
`,
  'sim/known': `scope: subject
indicators: { many: { from: complaint, count: '*', over: 30d } }
levels: { red: 'many >= 3 && subject.credit == "D"', blue: 'many >= 1 && "x" in subject.tags' }
`,
  'sim/gas': `scope: device
indicators:
  mean: { from: sensor-reading, avg: 'event.value', over: 3h }
  few: { from: sensor-reading, count: '*', over: 3h }
levels: { red: 'mean > 50 && few >= 3', blue: 'few >= 2' }
`,
});

const arrival = fc.record({
  stream: fc.constantFrom(
    ...(['complaint', 'complaint', 'penalty', 'inspection', 'registration', 'credit-change'] as const),
    'sensor-reading' as const,
  ),
  pauseHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
  id: fc.oneof(
    { weight: 40, arbitrary: fc.nat(60).map(String) },
    { weight: 40, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 4 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
  ),
  source: fc.constantFrom('s', 'urn:x', '/12345/a b'),
  word: fc.constantFrom('红', 'a', 'bé', '甲乙', ''),
  amount: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.double({ min: 0, max: 90, noNaN: true })),
  fails: fc.boolean(),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never;

function dataOf({ stream, word, amount, fails }: Arrival) {
  switch (stream) {
    case 'complaint':
      return { complainant: word, content: word };
    case 'penalty':
      return { amount };
    case 'inspection':
      return { result: fails ? 'fail' : 'pass' };
    case 'registration':
      return { tags: fails ? ['x'] : [], name: word };
    case 'credit-change':
      return { credit: fails ? 'D' : 'A' };
    case 'sensor-reading':
      return { metric: fails ? '甲烷' : 'level', value: amount };
  }
}

function eventsOf(arrivals: readonly Arrival[]): Event[] {
  let hours = 0;
  return arrivals.map((one) => {
    hours += one.pauseHours;
    const { stream, source, id } = one;
    const key = stream === 'sensor-reading' ? 'device:d' : 'subject:a';
    const late = stream === 'sensor-reading' ? one.lateHours / 100 : one.lateHours;
    const time = START + Math.round((hours - late) * HOUR);
    return eventAt(hours, stream, dataOf(one), { id: `${source} ${id}`, source, time, key });
  });
}

function engineOver(store: KeyStore, said: unknown[] = []): Engine {
  return new Engine(RULES, {
    namespace: 'test',
    partition: 0,
    store,
    emit: (output) => {
      said.push(output.kind === 'transition' ? { ...output, contributions: output.contributions } : output);
    },
  });
}

/** Steps events up to some days after the last. */
function stepped(arrivals: readonly Arrival[], store: KeyStore, more = 0, said: unknown[] = []): Engine {
  const engine = engineOver(store, said);
  const events = eventsOf(arrivals);
  for (const [offset, event] of events.entries()) engine.step(event, offset);
  engine.step({ kind: 'tick', at: (events.at(-1)?.at ?? START) + more * DAY }, events.length);
  engine.end();
  return engine;
}

const lives = (most: number) => fc.array(arrival, { maxLength: most, size: 'max' });

describe('a record of rows', () => {
  it('is that of the same events as objects, to the byte', () => {
    let inRows = 0;
    fc.assert(
      fc.property(lives(60), fc.nat(40), (arrivals, days) => {
        const store = new MemoryKeyStore();
        stepped(arrivals, store, days);
        for (const state of store.all) {
          if (state.few !== null) inRows++;
          const bytes = encodeKeyState(state, 3);
          void state.known;
          expect(state.few).toBeNull();
          expect(encodeKeyState(state, 3)).toEqual(bytes);
        }
      }),
      { numRuns: 100 },
    );
    expect(inRows).toBeGreaterThan(60);
  });

  it('comes back into rows, which write it again, and which give their memory back', () => {
    let inRows = 0;
    fc.assert(
      fc.property(lives(60), fc.nat(40), (arrivals, days) => {
        const store = new MemoryKeyStore();
        const { plan } = stepped(arrivals, store, days).context;
        const { ledgers } = engineOver(new MemoryKeyStore()).context;
        for (const state of store.all) {
          const bytes = encodeKeyState(state, 3);
          const read = decodeKeyState(state.key, bytes, { plan: planFor(plan, state.key), ledgers });
          expect(encodeKeyState(read, 3)).toEqual(bytes);
          if (read.few === null) continue;
          inRows++;
          read.few.release();
        }
        expect(ledgers.bytesHeld).toBe(0);
      }),
      { numRuns: 100 },
    );
    expect(inRows).toBeGreaterThan(60);
  });

  it('says of a key that lived as objects what objects say that read it', () => {
    let inRows = 0;
    fc.assert(
      fc.property(lives(40), fc.nat(40), (arrivals, days) => {
        const store = new SpreadStore();
        const { context } = stepped(arrivals, store, days);
        const { ledgers } = engineOver(new MemoryKeyStore()).context;
        for (const { key, bytes } of store.all.map((state) => ({
          key: state.key,
          bytes: encodeKeyState(state),
        }))) {
          const plan = planFor(context.plan, key);
          const read = decodeKeyState(key, bytes, { plan, ledgers });
          if (read.few !== null) inRows++;
          const expected = summaryOf(decodeKeyState(key, bytes, { plan }), context.clock);
          expect(summaryOf(read, context.clock)).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
    expect(inRows).toBeGreaterThan(60);
  });

  it('lets a key go on as if it had never been written', () => {
    fc.assert(
      fc.property(lives(40), (arrivals) => {
        const [said, again]: [unknown[], unknown[]] = [[], []];
        stepped(arrivals, new MemoryKeyStore(), 40, said);
        const store = new RereadStore();
        const engine = engineOver(store, again);
        store.engine = engine;
        const events = eventsOf(arrivals);
        for (const [offset, event] of events.entries()) {
          engine.step(event, offset);
          store.reread();
        }
        engine.step({ kind: 'tick', at: (events.at(-1)?.at ?? START) + 40 * DAY }, events.length);
        engine.end();
        expect(again).toEqual(said);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps in mind which windows are kept when all that joined them is forgotten, so that a key counts once', () => {
    const store = new MemoryKeyStore();
    const engine = engineOver(store);
    const reading = (hours: number) =>
      eventAt(hours, 'sensor-reading', { metric: 'level', value: 1 }, { key: 'device:d' });
    for (let index = 0; index < 400; index++) engine.step(reading(index * 5), index);
    const state = store.get('device:d') as KeyState;
    expect(state.few?.size).toBeLessThan(10);
    expect(engine.context.modelKeys.counts.get('sim/gas')).toBe(1);
    engine.step({ kind: 'tick', at: START + 90 * DAY }, 400);
    const { plan, ledgers } = engine.context;
    const bytes = encodeKeyState(state);
    store.put(decodeKeyState(state.key, bytes, { plan: plan.device, ledgers }));
    engine.step(reading(24 * 91), 401);
    expect(engine.context.modelKeys.counts.get('sim/gas')).toBe(1);
    void store.get('device:d')?.known;
    engine.step(reading(24 * 92), 402);
    expect(engine.context.modelKeys.counts.get('sim/gas')).toBe(1);
  });

  it('is refused where it ends too early', () => {
    const store = new MemoryKeyStore();
    const engine = engineOver(store);
    for (let index = 0; index < 9; index++) {
      const [stream, data] =
        index % 3 === 0 ? (['penalty', { amount: 7.5 }] as const) : (['complaint', {}] as const);
      engine.step(eventAt(index, stream, data), index);
    }
    engine.end();
    const state = store.get('subject:a') as KeyState;
    const { plan, ledgers } = engine.context;
    const reading = { plan: plan.subject, ledgers };
    const bytes = encodeKeyState(state);
    expect(decodeKeyState(state.key, bytes, reading).few?.size).toBe(9);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeKeyState(state.key, bytes.slice(0, length), reading)).toThrow();
    }
  });

  it('is of objects in parts where there are more events than a part has', () => {
    const store = new MemoryKeyStore();
    const engine = engineOver(store);
    for (let index = 0; index < 30; index++) engine.step(eventAt(index, 'complaint'), index);
    const state = store.get('subject:a') as KeyState;
    expect(state.few?.size).toBe(30);
    const { record, parts } = encodeKeyRecords(state, 0, engine.clock, 16);
    expect(parts.size).toBe(1);
    const { plan, ledgers } = engine.context;
    const stored = new Map([...parts].flatMap(([number, part]) => (part === null ? [] : [[number, part]])));
    const read = decodeKeyState(state.key, record, { plan: plan.subject, ledgers }, stored);
    expect(read.few).toBeNull();
    expect(read.known.size).toBe(30);
  });
});

/** Keys whose events become objects before anything happens to them. */
class SpreadStore extends MemoryKeyStore {
  override create(key: string): KeyState {
    const state = super.create(key);
    state.beginLedger = () => undefined;
    return state;
  }
}

/** Writes every key between two records and reads it again, but for those whose marks wait for the clock. */
class RereadStore extends MemoryKeyStore {
  engine: Engine | null = null;

  reread(): void {
    const { marked, context } = this.engine as Engine;
    const waiting = new Set(marked.map(({ state }) => state));
    for (const state of this.all) {
      if (waiting.has(state)) continue;
      const bytes = encodeKeyState(state);
      state.few?.release();
      const { plan, ledgers } = context;
      this.put(decodeKeyState(state.key, bytes, { plan: planFor(plan, state.key), ledgers }));
    }
    this.engine?.disarm();
    for (const { key, modelStates } of this.all) {
      for (const { due, plan } of modelStates) {
        if (due !== Infinity) this.engine?.arm(due, key, plan.model.name);
      }
    }
  }
}
