// A seeded life of a few keys: disorder, duplicates, late events, revocations, amendments, gaps, profile changes.
import type { Event, JsonObject, LogRecord, StreamName } from '../../src/events/event.js';
import { delayOf } from './reference.js';

const HOUR = 3_600_000;
export const START = Date.UTC(2025, 2, 2, 16);
/** All instants are whole hours after the start; shorter than ids are kept, so that every revocation finds its event. */
export const SPAN_HOURS = 24 * 26;

/** Mulberry32: small, seeded, good enough to choose events. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Shape {
  readonly stream: StreamName;
  readonly data: (random: () => number, time: number) => JsonObject;
}

const pick = <T>(random: () => number, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;

const instant = (time: number) => new Date(time).toISOString();

const SHAPES: readonly Shape[] = [
  {
    stream: 'complaint',
    data: (random) => ({
      category: '食品',
      ...(random() < 0.9 ? { amount: Math.floor(random() * 40) } : {}),
      ...(random() < 0.9 ? { complainant: `p:${Math.floor(random() * 6)}` } : {}),
    }),
  },
  {
    stream: 'penalty',
    data: (random) => (random() < 0.9 ? { amount: Math.round(random() * 900) / 10 } : {}),
  },
  {
    stream: 'inspection',
    data: (random, time) => ({
      inspection: `J-${Math.floor(random() * 3)}`,
      result: pick(random, ['pass', 'fail', 'fail']),
      ...(random() < 0.8 ? { deadline: instant(time + Math.floor(random() * 200 - 30) * HOUR) } : {}),
    }),
  },
  {
    stream: 'rectification',
    data: (random) => ({ inspection: `J-${Math.floor(random() * 3)}`, result: 'done' }),
  },
  { stream: 'credit-change', data: (random) => ({ credit: pick(random, ['A', 'B', 'C', 'D']) }) },
  {
    stream: 'registration',
    data: (random) => ({ kind: 'enterprise', tags: pick(random, [['x'], ['x', 'y'], ['y']]) }),
  },
];

const WEIGHTS = [0.42, 0.64, 0.84, 0.91, 0.96, 1];

/** The log of one seed. Values of `at` mostly rise; a few records come with an arrival before the clock. */
export function generateLog(seed: number): LogRecord[] {
  const random = randomFrom(seed);
  const keys = ['subject:sim:a', 'subject:sim:b', 'subject:sim:c'];
  const records: LogRecord[] = [];
  const events: Event[] = [];
  let hour = 0;
  let serial = 0;
  while (hour < SPAN_HOURS) {
    const at = START + hour * HOUR;
    const action = random();
    if (action < 0.06) records.push({ kind: 'tick', at });
    else if (action < 0.075) {
      const length = 1 + Math.floor(random() * 60);
      records.push({ kind: 'gap', from: at, at: at + length * HOUR });
      hour += length;
    } else if (action < 0.14 && events.length > 0) records.push({ ...pick(random, events), at });
    else if (action < 0.22 && events.length > 0) records.push(takeBack(random, events, at, serial++));
    else {
      const roll = random();
      const shape = SHAPES[WEIGHTS.findIndex((weight) => roll < weight)] as Shape;
      const lateHours = random() < 0.3 ? Math.floor(random() * 24 * 12) : 0;
      const early = random() < 0.05 ? Math.min(hour, Math.floor(random() * 5)) : 0;
      const time = at - (lateHours + early) * HOUR;
      const event: Event = {
        kind: 'event',
        id: `s ${Math.floor(random() * 1e6)}-${serial++}`,
        stream: shape.stream,
        source: 's',
        key: pick(random, keys),
        time,
        at: at - early * HOUR,
        data: shape.data(random, time),
      };
      records.push(event);
      events.push(event);
    }
    const pause = random();
    hour += pause < 0.35 ? 0 : pause < 0.9 ? Math.floor(random() * 8) : Math.floor(random() * 70);
  }
  records.push({ kind: 'tick', at: START + (SPAN_HOURS + 24 * 24) * HOUR });
  return records;
}

/** A revocation or an amendment; now and then of an event that has not come yet, or of a revocation. */
function takeBack(random: () => number, events: Event[], at: number, serial: number): Event {
  const target = pick(random, events);
  const unknown = random() < 0.1;
  const id = `s r${serial}`;
  const base = {
    kind: 'event',
    id,
    source: 's',
    key: target.key,
    stream: target.stream,
    time: at,
    at,
  } as const;
  const named = unknown ? `s ahead-${serial}` : target.id;
  if (random() < 0.6) {
    const revocation: Event = { ...base, data: {}, revokes: named };
    events.push(revocation);
    if (unknown) events.push({ ...target, id: named });
    return revocation;
  }
  const amendment: Event = { ...base, time: target.time, data: target.data, amends: named };
  events.push(amendment);
  return amendment;
}

/**
 * Every instant at which something can change: whole hours, one millisecond after, for strict comparisons, and when
 * each key is woken after an edge of panes.
 */
export function gridOf(log: readonly LogRecord[]): number[] {
  const last = Math.max(...log.map((record) => record.at));
  const keys = new Set(log.flatMap((record) => (record.kind === 'event' ? [record.key] : [])));
  const phases = [...new Set([0, 1, ...[...keys].map(delayOf)])].sort((a, b) => a - b);
  const grid: number[] = [];
  for (let instant = START - 24 * HOUR; instant <= last; instant += HOUR) {
    grid.push(...phases.map((phase) => instant + phase));
  }
  return grid.filter((instant) => instant <= last);
}
