// A simulated county: what its departments, courts, citizens and devices send in some months, made from a seed alone.
// Pure: equal options give equal events. README.md names the stories planted in it.
import { actsIn, type ScriptedAct } from './acts.js';
import { complaintsOf } from './complaints.js';
import { creditChangesOf } from './credit.js';
import type { Day } from './day.js';
import type { DemoEvent, Draft, Emit } from './event.js';
import { timestamp } from './event.js';
import { faultyDrafts } from './faulty.js';
import { inspectionsOf } from './inspections.js';
import type { Story } from './plot.js';
import { judgmentsOf, opinionsOf } from './publications.js';
import { Random } from './random.js';
import { readingsOf } from './readings.js';
import { Registry } from './registry.js';
import type { CreditClass, Device } from './registry.js';
import { DAY_MS, HOUR_MS, isWeekend, localDay, MINUTE_MS } from './rhythm.js';
import { deviceScript } from './script.js';
import { plots, STORY_DAYS } from './stories.js';

export { SOURCES } from './event.js';
export type { DemoEvent } from './event.js';
export type { ScriptedAct } from './acts.js';
export type { Story } from './plot.js';

export interface CountyOptions {
  /** Whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Last instant of the county, epoch milliseconds; nothing arrives after it. */
  readonly endMs: number;
  /** How long the county runs before `endMs`; 1 to 3,660, 90 unless given. Stories need 45. */
  readonly days?: number;
  /** 50 to 1,000,000; 2,000 unless given. Complaints, inspections and the rest grow with it. */
  readonly subjects?: number;
  /** Gas alarms, one reading an hour each; 2 to 100,000, a fiftieth of the subjects and at least 3 unless given. */
  readonly gasDevices?: number;
  /** Lifts and cold stores, one reading an hour each; 0 to 100,000, six for 2,000 subjects and at least 2 unless given. */
  readonly equipmentDevices?: number;
  /** Whether the stories and the bad events are planted; true unless given. */
  readonly stories?: boolean;
}

const DUPLICATE_SHARE = 0.005;
/** Life begins when everybody is registered. */
const OPENING_MS = 6 * HOUR_MS;

type Settled = Required<CountyOptions> & { readonly startMs: number };

/**
 * The events of the county as CloudEvents 1.0, in the order of (`recordedtime`, `id`), a day at a time: memory holds
 * the events of a day and those that are still on their way, whatever the length.
 *
 * Hours and weekdays follow the local calendar (UTC+8), so the county for an end whole weeks later is the same county,
 * shifted; for another end it has the same stories and another rhythm.
 *
 * @throws RangeError when an option is outside its range
 */
export function* generateCounty(options: CountyOptions): Generator<DemoEvent, void, undefined> {
  const settled = settle(options);
  const registry = registryOf(settled);
  const pending = new Arrivals(settled);
  for (const draft of registry.registrations()) {
    if (draft.at <= settled.endMs) yield draft.event;
    pending.addRepeat(draft);
  }
  if (settled.stories) {
    for (const { draft } of faultyDrafts(registry)) pending.add(draft);
    if (settled.days >= STORY_DAYS)
      for (const plot of plots(registry, settled.endMs)) plot.drafts.forEach(pending.add);
  }
  const devices = devicesOf(settled, registry);
  const script = storiesPlanted(settled) ? deviceScript(registry, settled.endMs) : () => undefined;
  const credit = new Map<number, CreditClass>();
  const firstDay = localDay(settled.startMs);
  for (let day = firstDay; day <= localDay(settled.endMs); day++) {
    const index = day - firstDay;
    const random = (purpose: string) => Random.of(settled.seed, purpose, index);
    const today: Day = { registry, day, index, weekend: isWeekend(day), credit, random, emit: pending.emit };
    complaintsOf(today);
    inspectionsOf(today);
    creditChangesOf(today);
    opinionsOf(today);
    judgmentsOf(today);
    readingsOf(today, devices, script);
    yield* pending.take(day);
  }
}

/**
 * The stories planted in the county of these options, by the instant of their end; none in a county shorter than 45
 * days or without stories.
 *
 * @throws RangeError when an option is outside its range
 */
export function stories(options: CountyOptions): Story[] {
  const settled = settle(options);
  if (!storiesPlanted(settled)) return [];
  const found = plots(registryOf(settled), settled.endMs).map((plot) => plot.story);
  return found.sort((a, b) => a.end - b.end);
}

/**
 * What departments do in the stories of the county of these options, in the order in which they do it.
 *
 * @throws RangeError when an option is outside its range
 */
export function countyActs(options: CountyOptions): ScriptedAct[] {
  return actsIn(stories(options), options.endMs);
}

/**
 * The events that are wrong on purpose, with the reason code that each is refused with.
 *
 * @throws RangeError when an option is outside its range
 */
export function faultyEvents(options: CountyOptions): { readonly id: string; readonly code: string }[] {
  const settled = settle(options);
  if (!settled.stories) return [];
  const arrived = faultyDrafts(registryOf(settled)).filter(({ draft }) => draft.at <= settled.endMs);
  return arrived.map(({ draft, code }) => ({ id: draft.event.id, code }));
}

/** What is on its way, by the day of its arrival. */
class Arrivals {
  private readonly days = new Map<number, Draft[]>();
  private readonly random: Random;
  private readonly openMs: number;

  constructor(private readonly settled: Settled) {
    this.random = Random.of(settled.seed, 'repeat');
    this.openMs = settled.startMs + OPENING_MS;
  }

  /** Takes an event, unless it would arrive after the end. */
  readonly add: Emit = (draft) => {
    if (draft.at > this.settled.endMs) return;
    const day = localDay(draft.at);
    const drafts = this.days.get(day);
    if (drafts === undefined) this.days.set(day, [draft]);
    else drafts.push(draft);
  };

  /** Takes an event of ordinary life; now and then its sender sends it twice. */
  readonly emit: Emit = (draft) => {
    if (Date.parse(draft.event.time) < this.openMs) return;
    this.add(draft);
    this.addRepeat(draft);
  };

  /** Takes, now and then, a second copy that arrives later; of a reading within minutes, of others within two days. */
  addRepeat(draft: Draft): void {
    if (!this.random.chance(DUPLICATE_SHARE)) return;
    const reading = draft.event.type === 'fenghuo.sensor-reading';
    const at =
      draft.at +
      this.random.between(1, reading ? 10 : 2 * 24 * 60) * MINUTE_MS +
      OPENING_MS * Number(!reading);
    this.add({ at, event: { ...draft.event, recordedtime: timestamp(at) } });
  }

  /** What arrived on a day, in order. */
  *take(day: number): Generator<DemoEvent, void, undefined> {
    const drafts = this.days.get(day) ?? [];
    this.days.delete(day);
    drafts.sort((a, b) => a.at - b.at || (a.event.id < b.event.id ? -1 : a.event.id > b.event.id ? 1 : 0));
    for (const { event } of drafts) yield event;
  }
}

function storiesPlanted(settled: Settled): boolean {
  return settled.stories && settled.days >= STORY_DAYS;
}

function registryOf(settled: Settled): Registry {
  return new Registry(settled);
}

function devicesOf(settled: Settled, registry: Registry): Device[] {
  const devices: Device[] = [];
  for (let number = 0; number < settled.gasDevices; number++) devices.push(registry.gasDevice(number));
  for (let number = 0; number < settled.equipmentDevices; number++)
    devices.push(registry.equipmentDevice(number));
  return devices;
}

function settle(options: CountyOptions): Settled {
  const subjects = whole('subjects', options.subjects ?? 2000, 50, 1_000_000);
  const days = whole('days', options.days ?? 90, 1, 3660);
  const endMs = whole('endMs', options.endMs, 0, 8_000_000_000_000);
  return {
    seed: whole('seed', options.seed, 0, 4_294_967_295),
    endMs,
    startMs: endMs - days * DAY_MS,
    days,
    subjects,
    gasDevices: whole('gasDevices', options.gasDevices ?? Math.max(3, Math.round(subjects / 50)), 2, 100_000),
    equipmentDevices: whole(
      'equipmentDevices',
      options.equipmentDevices ?? Math.max(2, Math.round(subjects * 0.003)),
      0,
      100_000,
    ),
    stories: options.stories ?? true,
  };
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `option ${name} of the simulated county: ${value} is not a whole number from ${least} to ${most}`,
  );
}
