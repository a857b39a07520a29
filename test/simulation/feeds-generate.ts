// A seeded life of platforms and the devices on them: both die and come back, devices move, and nobody listens at times.
import type { Event, JsonObject, LogRecord, StreamName } from '../../src/events/event.js';
import { randomFrom, START } from './generate.js';
import { HOUR, MINUTE } from './feeds-models.js';

/** Everything happens at multiples of it, and every cadence is one. */
export const STEP = 10 * MINUTE;
const STEPS = 6 * 36;
/** Long enough after the rest that everything has fallen silent. */
export const FEEDS_END = START + STEPS * STEP + 20 * HOUR;

const PLATFORMS = ['urn:a', 'urn:b'];
const HOTLINE = 'urn:12345';
const DEVICES = 32;
const OWNERS = 16;

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** A device: when it speaks, through which platform, and until when it is dead. */
interface Device {
  readonly key: string;
  readonly phase: number;
  platform: string;
  deadUntil: number;
  registeredAt: number;
}

class FeedLife {
  readonly records: LogRecord[] = [];
  private readonly devices: Device[];
  private readonly platformDeadUntil = new Map<string, number>();
  private readonly said: Event[] = [];
  private serial = 0;

  constructor(private readonly random: Random) {
    this.devices = Array.from({ length: DEVICES }, (_, index) => ({
      key: `device:d${String(index).padStart(2, '0')}`,
      phase: Math.floor(random() * 6),
      platform: PLATFORMS[index < 18 ? 0 : 1] as string,
      deadUntil: 0,
      registeredAt: NaN,
    }));
  }

  /** Ids are not in the order of arrival. */
  private event(
    stream: StreamName,
    source: string,
    key: string,
    at: number,
    data: JsonObject,
    more: Partial<Event> = {},
  ): void {
    const id = `${source} ${Math.floor(this.random() * 1e6)}-${this.serial++}`;
    const event: Event = { kind: 'event', id, stream, source, key, time: at, at, data, ...more };
    this.records.push(event);
    this.said.push(event);
  }

  step(number: number): void {
    const { random } = this;
    const at = START + number * STEP;
    if (number === 0) this.begin(at);
    if (random() < 0.025) {
      this.platformDeadUntil.set(pick(random, [...PLATFORMS, HOTLINE]), at + random() * 12 * HOUR);
    }
    for (const device of this.devices) this.live(device, number, at);
    if (random() < 0.08) this.register(pick(random, this.devices), at);
    if (random() < 0.1) this.registerOwner(Math.floor(random() * OWNERS), at);
    for (let owner = 0; owner < OWNERS; owner++) if (random() < 0.07) this.complain(owner, at);
    if (random() < 0.12) this.disturb(at);
  }

  private begin(at: number): void {
    for (let owner = 0; owner < OWNERS; owner++) this.registerOwner(owner, at);
    for (const [index, device] of this.devices.entries()) this.register(device, at, `o${index % OWNERS}`);
  }

  private live(device: Device, number: number, at: number): void {
    const { random } = this;
    if (random() < 0.004) device.deadUntil = at + random() * 12 * HOUR;
    if (random() < 0.002) device.platform = pick(random, PLATFORMS);
    if (number % 6 !== device.phase || random() < 0.03) return;
    if (at < device.deadUntil || at < (this.platformDeadUntil.get(device.platform) ?? 0)) return;
    const late = random() < 0.1 ? STEP * Math.floor(random() * 4) : 0;
    const data = { metric: 'm', value: Math.floor(random() * 100) };
    this.event('sensor-reading', device.platform, device.key, at, data, { time: at - late });
  }

  /** Whose a device is changes once an instant at most. */
  private register(device: Device, at: number, owner?: string): void {
    const { random } = this;
    if (device.registeredAt === at) return;
    device.registeredAt = at;
    this.event('registration', 'urn:registry', device.key, at, {
      kind: 'device',
      owner: owner ?? `o${Math.floor(random() * OWNERS)}`,
      ...(random() < 0.5 ? { status: pick(random, ['active', 'active', 'suspended']) } : {}),
      ...(random() < 0.2 ? { cadence: pick(random, [1200, 1800, 7200, 10_800]) } : {}),
    });
  }

  private registerOwner(owner: number, at: number): void {
    const { random } = this;
    const data: JsonObject = {
      kind: 'enterprise',
      region: '330106',
      ...(random() < 0.2 ? { cadence: pick(random, [1800, 7200]) } : {}),
      ...(random() < 0.7 ? { credit: pick(random, ['A', 'C', 'D', 'D']) } : {}),
    };
    this.event('registration', 'urn:registry', `subject:o${owner}`, at, data);
  }

  private complain(owner: number, at: number): void {
    const source = this.random() < 0.95 ? HOTLINE : 'urn:counter';
    if (at < (this.platformDeadUntil.get(source) ?? 0)) return;
    this.event('complaint', source, `subject:o${owner}`, at, { category: '食品' });
  }

  /** Something comes again, is taken back, is loaded after the fact, or is a tick. */
  private disturb(at: number): void {
    const { random, said } = this;
    const known = pick(random, said.slice(-40));
    const roll = random();
    if (roll < 0.3) this.records.push({ ...known, at });
    else if (roll < 0.4) this.records.push({ kind: 'tick', at });
    else if (roll < 0.6) {
      const { key } = pick(random, this.devices);
      const time = at - STEP * Math.floor(1 + random() * 60);
      const data = { metric: 'm', value: 1 };
      this.event('sensor-reading', pick(random, PLATFORMS), key, at, data, { time, backfill: true });
    } else if (known.stream === 'complaint' || known.stream === 'registration') {
      if (known.key.startsWith('device:')) {
        const device = this.devices.find(({ key }) => key === known.key) as Device;
        if (device.registeredAt === at) return;
        device.registeredAt = at;
      }
      const how = random() < 0.5 ? { revokes: known.id } : { amends: known.id };
      const data = 'revokes' in how ? {} : known.data;
      this.event(known.stream, pick(random, [known.source, 'urn:counter']), known.key, at, data, how);
    }
  }
}

/** The log of one seed; arrivals never go back. */
export function generateFeedLog(seed: number): LogRecord[] {
  const random = randomFrom(seed * 17 + 3);
  const life = new FeedLife(random);
  for (let number = 0; number < STEPS; number++) {
    life.step(number);
    if (random() > 0.01) continue;
    const length = 1 + Math.floor(random() * 30);
    const from = START + number * STEP;
    life.records.push({ kind: 'gap', from, at: from + length * STEP });
    number += length;
  }
  life.records.push({ kind: 'tick', at: FEEDS_END });
  return life.records;
}
