// A seeded life of subjects, their devices and places: who belongs where changes, and so does what was said of it.
import type { Event, JsonObject, LogRecord, StreamName } from '../../src/events/event.js';
import { randomFrom, START } from './generate.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const SPAN_HOURS = 24 * 14;
/** The last record: long enough after the rest that every window is empty again. */
export const STRATA_END = START + SPAN_HOURS * HOUR + 13 * 24 * HOUR;

type Random = () => number;

export const SUBJECTS = ['sim:a', 'sim:b', 'sim:c', 'sim:d'];
const DEVICES = ['d1', 'd2', 'd3'];
const PLACES = ['p1', 'p2'];
const REGIONS = ['330106', '330108'];
const INDUSTRIES = ['F52', 'C13'];

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const maybe = (random: Random, chance: number, data: () => JsonObject): JsonObject =>
  random() < chance ? data() : {};

/** One kind of event: at which keys, and what it says. */
interface Shape {
  readonly weight: number;
  readonly stream: StreamName;
  readonly key: (random: Random) => string;
  readonly data: (random: Random) => JsonObject;
}

const subject = (random: Random) => `subject:${pick(random, SUBJECTS)}`;
const device = (random: Random) => `device:${pick(random, DEVICES)}`;
const place = (random: Random) => `place:${pick(random, PLACES)}`;
const whereabouts = (random: Random): JsonObject => ({
  ...maybe(random, 0.8, () => ({ region: pick(random, REGIONS) })),
  ...maybe(random, 0.7, () => ({ industry: pick(random, INDUSTRIES) })),
});

const SHAPES: readonly Shape[] = [
  {
    weight: 10,
    stream: 'registration',
    key: subject,
    data: (random) => ({
      kind: 'enterprise',
      tags: pick(random, [['x'], ['x', 'y'], ['y']]),
      ...whereabouts(random),
      ...maybe(random, 0.3, () => ({ credit: pick(random, ['A', 'D']) })),
    }),
  },
  {
    weight: 8,
    stream: 'registration',
    key: device,
    data: (random) => ({
      kind: 'device',
      ...maybe(random, 0.85, () => ({ owner: pick(random, SUBJECTS) })),
      ...whereabouts(random),
    }),
  },
  {
    weight: 4,
    stream: 'registration',
    key: place,
    data: (random) => ({
      kind: 'place',
      ...maybe(random, 0.7, () => ({ owner: pick(random, SUBJECTS) })),
      ...whereabouts(random),
    }),
  },
  {
    weight: 8,
    stream: 'credit-change',
    key: subject,
    data: (random) => ({ credit: pick(random, ['A', 'B', 'C', 'D', 'D']) }),
  },
  {
    weight: 24,
    stream: 'complaint',
    key: (random) => (random() < 0.75 ? subject(random) : place(random)),
    data: (random) => ({
      category: '食品',
      ...maybe(random, 0.9, () => ({ complainant: `p:${Math.floor(random() * 5)}` })),
      ...maybe(random, 0.15, () => ({ region: pick(random, REGIONS) })),
    }),
  },
  {
    weight: 10,
    stream: 'inspection',
    key: subject,
    data: (random) => ({ inspection: 'J', result: pick(random, ['pass', 'fail', 'fail']) }),
  },
  {
    weight: 10,
    stream: 'penalty',
    key: subject,
    data: (random) => maybe(random, 0.9, () => ({ amount: Math.floor(random() * 120) })),
  },
  {
    weight: 24,
    stream: 'sensor-reading',
    key: device,
    data: (random) => ({ metric: pick(random, ['m', 'n']), value: Math.floor(random() * 100) }),
  },
];
const WEIGHT = SHAPES.reduce((total, { weight }) => total + weight, 0);

function shapeFor(random: Random): Shape {
  let roll = random() * WEIGHT;
  return SHAPES.find(({ weight }) => (roll -= weight) < 0) ?? (SHAPES[0] as Shape);
}

/** What the life of one seed has brought so far. */
class Life {
  readonly records: LogRecord[] = [];
  /** What can be sent again, taken back or amended. */
  readonly events: Event[] = [];
  private serial = 0;
  /** When each device last changed. */
  private readonly changed = new Map<string, number>();

  constructor(readonly random: Random) {}

  /** Ids are not in the order of arrival. */
  id(): string {
    return `s ${Math.floor(this.random() * 1e6)}-${this.serial++}`;
  }

  /** Whose a device is changes once an instant at most: what comes between would see an owner that ids decide. */
  add(event: Event): void {
    if (event.stream === 'registration' && event.key.startsWith('device:')) {
      if (this.changed.get(event.key) === event.at) return;
      this.changed.set(event.key, event.at);
    }
    this.records.push(event);
    if (event.stream !== 'sensor-reading') this.events.push(event);
  }

  /** The same event once more, or an event that was taken back before it comes. */
  repeat(at: number): void {
    const event = { ...this.known(), at };
    const isNew = this.records.every((one) => one.kind !== 'event' || one.id !== event.id);
    if (isNew) this.add(event);
    else this.records.push(event);
  }

  /** One of the events so far, in half of all cases one of the latest. */
  known(): Event {
    return pick(this.random, this.random() < 0.5 ? this.events.slice(-4) : this.events);
  }
}

/** The log of one seed; arrivals never go back. */
export function generateStrataLog(seed: number): LogRecord[] {
  const random = randomFrom(seed * 31 + 7);
  const life = new Life(random);
  // Backfilled history arrives at minutes of its own, at which nothing else falls due.
  let minute = 0;
  let hour = 0;
  while (hour < SPAN_HOURS) {
    const at = START + hour * HOUR;
    const action = random();
    if (action < 0.04) life.records.push({ kind: 'tick', at });
    else if (action < 0.05) {
      const length = 1 + Math.floor(random() * 50);
      life.records.push({ kind: 'gap', from: at, at: at + length * HOUR });
      hour += length;
    } else if (action < 0.1 && life.events.length > 0) life.repeat(at);
    else if (action < 0.24 && life.events.length > 0) takeBack(life, at);
    else if (action > 0.993 && minute < 2) {
      backfill(life, at + 7 * ++minute * MINUTE);
      hour++;
    } else life.add(eventAt(life, at));
    const pause = random();
    hour += pause < 0.5 ? 0 : pause < 0.95 ? Math.floor(random() * 4) : Math.floor(random() * 40);
  }
  life.records.push({ kind: 'tick', at: STRATA_END });
  return life.records;
}

function eventAt(life: Life, at: number): Event {
  const { random } = life;
  const { stream, key, data } = shapeFor(random);
  // A live reading that is older than an hour never gets into the log.
  const lateHours =
    stream === 'sensor-reading'
      ? Math.floor(random() * 2)
      : random() < 0.3
        ? Math.floor(random() * 24 * 9)
        : 0;
  const time = at - lateHours * HOUR;
  return {
    kind: 'event',
    id: life.id(),
    stream,
    source: 's',
    key: key(random),
    time,
    at,
    data: data(random),
  };
}

/** History loaded after the fact, now and then with something that is live among it. */
function backfill(life: Life, at: number): void {
  const { random } = life;
  for (let left = 3 + Math.floor(random() * 8); left > 0; left--) {
    const event = eventAt(life, at);
    const hours = Math.floor(random() * 24 * 5);
    const time = Math.floor(at / HOUR - hours) * HOUR;
    life.add(random() < 0.85 ? { ...event, time, backfill: true } : { ...event, time: at });
  }
}

/** A revocation or an amendment; now and then of an event that has not come yet, or of a revocation. */
function takeBack(life: Life, at: number): void {
  const { random } = life;
  const target = life.known();
  const unknown = random() < 0.1;
  const { key, stream } = target;
  const named = unknown ? life.id() : target.id;
  const base = { kind: 'event', id: life.id(), source: 's', key, stream, time: at, at } as const;
  if (random() < 0.6) {
    life.add({ ...base, data: {}, revokes: named });
    if (unknown && target.revokes === undefined) life.events.push({ ...target, id: named });
    return;
  }
  const same = SHAPES.filter((shape) => shape.stream === stream);
  const shape = same.find((one) => one.key(random).split(':')[0] === key.split(':')[0]);
  const data = shape === undefined || random() < 0.4 ? target.data : shape.data(random);
  life.add({ ...base, time: target.time, data, amends: named });
}

/** The same life, with events that arrive hours before the clock: how many depends on where they lie. */
export function behindTheClock(log: readonly LogRecord[], seed: number): LogRecord[] {
  const random = randomFrom(seed * 17 + 3);
  return log.map((record) => {
    if (record.kind !== 'event' || random() > 0.15) return record;
    const at = Math.max(START, record.at - (1 + Math.floor(random() * 9)) * HOUR);
    return { ...record, time: Math.min(record.time, at), at };
  });
}

/** Whole hours, and beside them the minutes at which backfilled history arrived. */
export function strataGridOf(log: readonly LogRecord[]): number[] {
  const phases = [...new Set([0, ...log.map((record) => record.at % HOUR)])].sort((a, b) => a - b);
  const grid: number[] = [];
  for (let instant = START; instant <= STRATA_END; instant += HOUR) {
    for (const phase of phases) if (instant + phase <= STRATA_END) grid.push(instant + phase);
  }
  return grid;
}
