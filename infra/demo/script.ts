// What stories make of devices: one alarm climbs, one is silent, a platform dies for thirty hours, a lift shakes.
import type { Script } from './readings.js';
import type { Device, Registry } from './registry.js';
import { DAY_MS, dayStart, HOUR_MS, localDay } from './rhythm.js';
import { SOURCES } from './event.js';

export const LEAK_DEVICE = 0;
export const SILENT_DEVICE = 1;
export const LIFT = 0;
export const LEAK_HARM_BEFORE_END_MS = 2 * HOUR_MS;
const LEAK_CLIMBS_MS = 48 * HOUR_MS;
const SILENCE_MS = 8 * DAY_MS;
const LIFT_WEARS_MS = 5 * DAY_MS;

/** From two at night 16 days before the last until eight in the morning of the next: both ends, epoch ms. */
export function sourceDeath(endMs: number): { readonly from: number; readonly until: number } {
  const from = dayStart(localDay(endMs) - 16) + 2 * HOUR_MS;
  return { from, until: from + 30 * HOUR_MS };
}

/** The morning before the last day, ten past eight. */
export function liftHarm(endMs: number): number {
  return dayStart(localDay(endMs) - 1) + 8 * HOUR_MS + HOUR_MS / 6;
}

/** The alarms on the platform that dies. */
export function alarmsOfDeadSource(registry: Registry): Device[] {
  const devices: Device[] = [];
  for (let number = 0; number < registry.size.gasDevices; number++) {
    const device = registry.gasDevice(number);
    if (device.source === SOURCES.gasDining) devices.push(device);
  }
  return devices;
}

/** A climb from 0 to 1 that ends at an instant and stays there; null before it begins. */
function climbed(instantMs: number, until: number, spanMs: number): number | null {
  if (instantMs < until - spanMs) return null;
  return Math.min(1, 1 - (until - instantMs) / spanMs);
}

/** Methane climbs from 3 to 35 %LEL, vibration from 0.8 to 7 mm/s. */
export function deviceScript(registry: Registry, endMs: number): Script {
  const leaking = registry.gasDevice(LEAK_DEVICE).id;
  const silent = registry.gasDevice(SILENT_DEVICE).id;
  const lift = registry.equipmentDevice(LIFT).id;
  const dead = new Set(alarmsOfDeadSource(registry).map(({ id }) => id));
  const death = sourceDeath(endMs);
  return (deviceId, instantMs, random) => {
    if (deviceId === silent && instantMs > endMs - SILENCE_MS) return null;
    if (instantMs >= death.from && instantMs < death.until && dead.has(deviceId)) return null;
    if (deviceId === leaking) {
      const part = climbed(instantMs, endMs - LEAK_HARM_BEFORE_END_MS, LEAK_CLIMBS_MS);
      if (part !== null) return 3 + 32 * part + random.next() * 0.8;
    }
    if (deviceId === lift) {
      const part = climbed(instantMs, liftHarm(endMs), LIFT_WEARS_MS);
      if (part !== null) return 0.8 + 6.2 * part + random.next() * 0.3;
    }
    return undefined;
  };
}
