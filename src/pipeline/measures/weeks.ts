// Local weeks: by which warnings are counted and inspections planned.
import { DateTime } from 'luxon';

/** Most weeks of one report: forty years. */
export const WEEKS_MAX = 2_100;

/** Weeks of a zone, which begin on Monday. */
export class Weeks {
  /** The week that was asked for last, since what comes in order of time mostly stays in it. */
  private from = Infinity;
  private to = -Infinity;

  constructor(private readonly zone: string) {}

  /** When the week of an instant began; epoch ms both. */
  beginOf(instant: number): number {
    if (instant >= this.from && instant < this.to) return this.from;
    const begin = DateTime.fromMillis(instant, { zone: this.zone }).startOf('week');
    this.from = begin.toMillis();
    this.to = begin.plus({ weeks: 1 }).toMillis();
    return this.from;
  }

  /** When the week after the one that began at an instant begins. */
  nextOf(begin: number): number {
    return DateTime.fromMillis(begin, { zone: this.zone }).plus({ weeks: 1 }).toMillis();
  }

  /** The weeks from that of one instant to that of another, by their beginnings; the last ones where there are too many. */
  between(fromMs: number, toMs: number): number[] {
    const begins: number[] = [];
    for (let begin = this.beginOf(toMs); begin >= this.beginOf(fromMs); begin = this.beginOf(begin - 1)) {
      begins.push(begin);
      if (begins.length === WEEKS_MAX) break;
    }
    return begins.reverse();
  }

  /** The local date on which a week begins, `2026-03-02`. */
  dateOf(begin: number): string {
    return DateTime.fromMillis(begin, { zone: this.zone }).toISODate() ?? '';
  }
}
