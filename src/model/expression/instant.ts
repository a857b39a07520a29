// Instants and spans: their literals, and the parts of an instant on a local clock.
import { DateTime, IANAZone } from 'luxon';
import { parseDateTime } from '../../events/timestamp.js';
import { ExpressionError, type Value } from './expression.js';

/** Seconds since the epoch of an RFC 3339 text with offset. */
export function parseInstant(text: string): number | ExpressionError {
  const ms = parseDateTime(text);
  if (ms !== undefined) return ms / 1000;
  return new ExpressionError(
    'EXPR_TYPE',
    'A timestamp is written as RFC 3339 with its offset, for example 2026-01-01T00:00:00+08:00.',
  );
}

/** The functions that make a span of a number. */
export const SPAN_SECONDS: { readonly [name: string]: number } = {
  days: 86_400,
  hours: 3600,
  minutes: 60,
  seconds: 1,
};

const UNIT_SECONDS: { readonly [unit: string]: number } = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  ns: 1e-9,
};

/** Longer ones are no durations. */
const MAX_DURATION_LENGTH = 64;

/** Seconds of a span as CEL writes it: `36h`, `1h30m`, `-1.5s`. */
export function parseDuration(text: string): number | ExpressionError {
  const body = text.replace(/^[+-]/, '');
  let seconds = 0;
  let matched = 0;
  for (const part of body.slice(0, MAX_DURATION_LENGTH).matchAll(/(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)/gy)) {
    seconds += Number(part[1]) * (UNIT_SECONDS[part[2] ?? ''] ?? 0);
    matched += part[0].length;
  }
  if (matched > 0 && matched === body.length) return text.startsWith('-') ? -seconds : seconds;
  return new ExpressionError(
    'EXPR_TYPE',
    'A duration is written as 36h, 1h30m or 90s; for days write days(n).',
  );
}

export function knowsZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Zones change their offset at multiples of this, in UTC, since 1972. */
const OFFSET_SPAN_MS = 15 * MINUTE_MS;
const OFFSETS_EXACT_FROM_MS = Date.UTC(1972, 0, 1);
const EARLIEST_MS = Date.UTC(1000, 0, 2);
const LATEST_MS = Date.UTC(9999, 11, 30);
const MAX_CACHED = 4096;

interface LocalDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

/** A local clock that remembers offsets and days: both are dear to compute and asked for again and again. */
class LocalClock {
  private readonly zone: IANAZone;
  private readonly offsetsMs = new Map<number, number>();
  private readonly days = new Map<number, LocalDay>();

  constructor(zone: string) {
    this.zone = IANAZone.create(zone);
  }

  read(seconds: number): Value {
    const ms = Math.floor(seconds * 1000);
    if (ms < EARLIEST_MS || ms > LATEST_MS) {
      return new ExpressionError('EXPR_RANGE', 'local() knows the years 1000 to 9999.');
    }
    const localMs = ms + this.offsetMs(ms);
    const dayNumber = Math.floor(localMs / DAY_MS);
    const { year, month, day, weekday } = this.day(dayNumber);
    const minutes = Math.floor((localMs - dayNumber * DAY_MS) / MINUTE_MS);
    return { year, month, day, hour: Math.floor(minutes / 60), minute: minutes % 60, weekday };
  }

  private offsetMs(ms: number): number {
    if (ms < OFFSETS_EXACT_FROM_MS) return Math.round(this.zone.offset(ms) * MINUTE_MS);
    const span = Math.floor(ms / OFFSET_SPAN_MS);
    let offset = this.offsetsMs.get(span);
    if (offset === undefined) {
      offset = Math.round(this.zone.offset(span * OFFSET_SPAN_MS) * MINUTE_MS);
      remember(this.offsetsMs, span, offset);
    }
    return offset;
  }

  private day(dayNumber: number): LocalDay {
    let known = this.days.get(dayNumber);
    if (known === undefined) {
      const { year, month, day, weekday } = DateTime.fromMillis(dayNumber * DAY_MS, { zone: 'utc' });
      known = { year, month, day, weekday };
      remember(this.days, dayNumber, known);
    }
    return known;
  }
}

function remember<V>(cache: Map<number, V>, key: number, value: V): void {
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, value);
}

/** The parts of an instant (seconds) in `zone`, an IANA name; see `LOCAL_FIELDS`. */
export function localClock(zone: string): (seconds: number) => Value {
  let clock: LocalClock | undefined;
  return (seconds) => {
    clock ??= new LocalClock(zone);
    return clock.read(seconds);
  };
}
