// Where panes begin and end: local midnights of the configured zone, and even parts of the days between them.
import { IANAZone } from 'luxon';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Monday, 5 January 1970: days are counted from it, so that panes of whole weeks begin on Mondays. */
const FIRST_MONDAY = 4;
/** A day may be as long as this, where clocks are set back. */
export const LONGEST_DAY_MS = DAY_MS + 3 * HOUR_MS;
const DAYS_CACHED_MAX = 8_192;

/** Local midnights of one zone as instants; remembered, since a zone is slow to ask. */
class LocalDays {
  private readonly zone: IANAZone;
  private readonly usualOffsetMs: number;
  private readonly starts = new Map<number, number>();

  constructor(zone: string) {
    this.zone = IANAZone.create(zone);
    this.usualOffsetMs = this.offsetMs(Date.UTC(2000, 0, 1));
  }

  /** Number of the local day (from 1 January 1970) that an instant lies in. */
  dayAt(instant: number): number {
    let day = Math.floor((instant + this.usualOffsetMs) / DAY_MS);
    // The zone may have another offset at the instant; and where clocks are set back over midnight, the day goes on.
    while (instant >= this.startOf(day + 1)) day++;
    while (instant < this.startOf(day)) day--;
    return day;
  }

  /** The first instant that belongs to a local day or a later one. */
  startOf(day: number): number {
    const known = this.starts.get(day);
    if (known !== undefined) return known;
    const start = this.findStart(day);
    if (this.starts.size >= DAYS_CACHED_MAX) this.starts.clear();
    this.starts.set(day, start);
    return start;
  }

  private findStart(day: number): number {
    const local = day * DAY_MS;
    const before = this.offsetMs(local - this.offsetMs(local) - 4 * HOUR_MS);
    const start = local - before;
    if (this.offsetMs(start + 4 * HOUR_MS) === before) return start;
    // The clocks change near this midnight: the first quarter of an hour that belongs to the day begins it.
    let instant = Math.floor(start / QUARTER_MS) * QUARTER_MS - 4 * HOUR_MS;
    while (Math.floor((instant + this.offsetMs(instant)) / DAY_MS) < day) instant += QUARTER_MS;
    return instant;
  }

  private offsetMs(instant: number): number {
    return Math.round(this.zone.offset(instant) * 60_000);
  }
}

const zones = new Map<string, LocalDays>();

function daysOf(zone: string): LocalDays {
  let days = zones.get(zone);
  if (days === undefined) zones.set(zone, (days = new LocalDays(zone)));
  return days;
}

/** Whether panes of this size fit: an even part of a day from one second on, or whole days. */
export function isPaneSize(everyMs: number): boolean {
  return everyMs >= DAY_MS ? everyMs % DAY_MS === 0 : everyMs >= 1_000 && DAY_MS % everyMs === 0;
}

/**
 * Panes of one size in one zone. A pane holds the instants from its start up to, not with, its end. Panes within a day
 * count from local midnight; the last one of a day ends at midnight, however long clocks make the day.
 */
export class PaneClock {
  private readonly days: LocalDays;
  private readonly dayCount: number;
  /** The day that was asked for last: most instants follow each other. */
  private dayStart = NaN;
  private dayEnd = NaN;
  private start = NaN;
  private end = NaN;

  constructor(
    readonly everyMs: number,
    readonly zone: string,
  ) {
    this.days = daysOf(zone);
    this.dayCount = Math.max(1, everyMs / DAY_MS);
  }

  /** Start of the pane that an instant (epoch ms) lies in. */
  startOf(instant: number): number {
    this.seek(instant);
    return this.start;
  }

  /** End of the pane that an instant lies in: the start of the next one. */
  endOf(instant: number): number {
    this.seek(instant);
    return this.end;
  }

  /** Start of the pane before the one that an instant lies in. */
  startBefore(instant: number): number {
    return this.startOf(this.startOf(instant) - 1);
  }

  /** Day of the week on which the pane of an instant begins: 1 for Monday to 7 for Sunday. */
  weekdayOf(instant: number): number {
    return ((((this.days.dayAt(this.startOf(instant)) - FIRST_MONDAY) % 7) + 7) % 7) + 1;
  }

  private seek(instant: number): void {
    if (instant >= this.start && instant < this.end) return;
    if (!(instant >= this.dayStart && instant < this.dayEnd)) this.seekDay(instant);
    if (this.everyMs >= DAY_MS) {
      this.start = this.dayStart;
      this.end = this.dayEnd;
      return;
    }
    const { everyMs } = this;
    this.start = this.dayStart + Math.floor((instant - this.dayStart) / everyMs) * everyMs;
    this.end = Math.min(this.start + everyMs, this.dayEnd);
  }

  private seekDay(instant: number): void {
    const { dayCount } = this;
    const day = this.days.dayAt(instant);
    const first = Math.floor((day - FIRST_MONDAY) / dayCount) * dayCount + FIRST_MONDAY;
    this.dayStart = this.days.startOf(first);
    this.dayEnd = this.days.startOf(first + dayCount);
  }
}
