// Readings of the devices: one an hour each, with jitter, single losses, short outages and readings that come late.
import type { JsonObject } from '../../src/events/event.js';
import type { Day } from './day.js';
import { draft } from './event.js';
import type { DraftFields } from './event.js';
import type { Random } from './random.js';
import type { Device } from './registry.js';
import { dayStart, HOUR_MS, MINUTE_MS } from './rhythm.js';

const LOST_SHARE = 0.003;
const LATE_SHARE = 0.01;
/** A lone reading above 10 %LEL, as from a pan that boils over; two in a row are chance in a million. */
const SPIKE_SHARE = 0.0005;
const OUTAGES_PER_DEVICE_AND_DAY = 0.003;
const LONG_OUTAGE_SHARE = 0.2;

const METRICS = {
  'gas-alarm': { metric: 'gas_concentration', unit: '%LEL' },
  elevator: { metric: 'vibration', unit: 'mm/s' },
  'cold-storage': { metric: 'temperature', unit: '°C' },
} as const;

/** What a story makes of a device: its value, null for silence, or undefined for an ordinary reading. */
export type Script = (deviceId: string, instantMs: number, random: Random) => number | null | undefined;

/** The readings of a day of all devices, hour by hour. */
export function readingsOf(day: Day, devices: readonly Device[], script: Script): void {
  const random = day.random('reading');
  const outages = devices.map(() => outage(random));
  for (let hour = 0; hour < 24; hour++) {
    devices.forEach((device, number) => {
      // Each device has a minute of its own, so that the hour's load is spread.
      const phase = ((number * 7919) % 3500) * 1000;
      const time = dayStart(day.day) + hour * HOUR_MS + phase + random.between(0, 20_000);
      const usual = ordinary(device, hour, random);
      const lost = random.chance(LOST_SHARE);
      const [from, until] = outages[number] as [number, number];
      const scripted = script(device.id, time, random);
      if (scripted === null || (scripted === undefined && (lost || (hour >= from && hour < until)))) return;
      const delay = random.chance(LATE_SHARE)
        ? random.between(2, 40) * MINUTE_MS
        : random.between(300, 30_000);
      day.emit(
        draft(
          reading(device, `${dayAndHour(day, hour)}-${device.id.slice(4)}`, time, delay, scripted ?? usual),
        ),
      );
    });
  }
}

function reading(device: Device, id: string, time: number, delay: number, value: number): DraftFields {
  const { source, id: subject, kind } = device;
  const { metric, unit } = METRICS[kind];
  const data: JsonObject = { metric, unit, value: Math.round(value * 10) / 10, quality: 'good' };
  return { id, source, stream: 'sensor-reading', subject, time, at: time + delay, data };
}

function dayAndHour(day: Day, hour: number): string {
  return `rdg-${String(day.index).padStart(3, '0')}-${String(hour).padStart(2, '0')}`;
}

/** The hours of the day in which a device is off the net; mostly none, rarely long enough to be a warning of its own. */
function outage(random: Random): [from: number, until: number] {
  if (!random.chance(OUTAGES_PER_DEVICE_AND_DAY)) return [0, 0];
  const hours = random.chance(LONG_OUTAGE_SHARE) ? random.between(7, 9) : random.between(2, 4);
  const from = random.between(0, 14);
  return [from, from + hours];
}

function ordinary(device: Device, hour: number, random: Random): number {
  switch (device.kind) {
    case 'gas-alarm': {
      const cooking = (hour >= 10 && hour <= 13) || (hour >= 16 && hour <= 20) ? 1.2 : 0;
      const value = 0.4 + cooking + random.next() * 1.6;
      return random.chance(SPIKE_SHARE) ? 10 + random.next() * 6 : value;
    }
    case 'elevator':
      return 0.4 + (hour >= 7 && hour <= 20 ? 0.3 : 0) + random.next() * 0.4;
    case 'cold-storage':
      return -19 + (hour >= 9 && hour <= 18 ? 1 : 0) + random.next() * 1.5;
    default:
      return device.kind satisfies never;
  }
}
