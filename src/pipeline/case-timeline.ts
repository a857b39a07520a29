// What a case expects and what came on one line of time: what is the same, missing, unexpected, or at another instant.
import { localTime } from '../alerts/wording.js';
import { offsetText } from '../catalogue/duration.js';
import type { Level } from '../model/model.js';
import { TEST_ORIGIN_MS, type Expectation } from '../model/tests.js';
import {
  cameWords,
  expectedWords,
  figureDifferences,
  keyName,
  offsetOf,
  type Came,
  type FigureDifference,
} from './case-comparison.js';

/** One transition on the line. */
export interface TimelinePoint {
  /** Since the origin of the case, as authors write it: `1d12h`. */
  readonly at: string;
  /** In the zone of the calendar: `2025-03-04 12:00:00`. */
  readonly local: string;
  readonly level: Level;
  readonly feed: Expectation['feed'];
  /** As the case names it; null for its own. */
  readonly key: string | null;
}

export type TimelineMark =
  | 'same'
  /** At its instant, with other figures. */
  | 'figures'
  /** Expected at one instant, come at another. */
  | 'moved'
  | 'missing'
  | 'unexpected';

export interface TimelineEntry {
  readonly mark: TimelineMark;
  /** Null where nobody expected it. */
  readonly expected: TimelinePoint | null;
  /** Null where it did not come. */
  readonly came: TimelinePoint | null;
  readonly figures: readonly FigureDifference[];
}

export interface Timeline {
  readonly zone: string;
  /** In the order of time: of what came, and of what was expected where it did not. */
  readonly entries: readonly TimelineEntry[];
  /** Transitions that came beyond those shown. */
  readonly omitted: number;
}

/** As many transitions as a case may expect. */
const CAME_MAX = 1_000;

/** Sets expectations against what came, with the fewest differences. @param zone of the calendar */
export function timelineOf(expect: readonly Expectation[], all: readonly Came[], zone: string): Timeline {
  const came = all.slice(0, CAME_MAX);
  const entries = aligned(expect, came).map(([expected, actual]) => entryOf(expected, actual, zone));
  entries.sort((a, b) => a.atMs - b.atMs);
  return { zone, entries: entries.map(({ entry }) => entry), omitted: all.length - came.length };
}

type Pair = readonly [Expectation | undefined, Came | undefined];

/**
 * Pairs by the least number of differences, where one alone is a difference, and a pair at two instants another
 * (the alignment of two sequences by Needleman and Wunsch, 1970).
 */
function aligned(expect: readonly Expectation[], came: readonly Came[]): Pair[] {
  const width = came.length + 1;
  const costs = new Uint16Array((expect.length + 1) * width);
  const costAt = (row: number, column: number) => costs[row * width + column] ?? 0;
  for (let row = expect.length; row >= 0; row -= 1) {
    for (let column = came.length; column >= 0; column -= 1) {
      const ways: number[] = [];
      if (row < expect.length) ways.push(1 + costAt(row + 1, column));
      if (column < came.length) ways.push(1 + costAt(row, column + 1));
      const together = pairCost(expect[row], came[column]);
      if (together !== null) ways.push(together + costAt(row + 1, column + 1));
      costs[row * width + column] = ways.length === 0 ? 0 : Math.min(...ways);
    }
  }
  const pairs: Pair[] = [];
  for (let row = 0, column = 0; row < expect.length || column < came.length;) {
    const together = pairCost(expect[row], came[column]);
    const cost = costAt(row, column);
    if (together !== null && cost === together + costAt(row + 1, column + 1)) {
      pairs.push([expect[row++], came[column++]]);
    } else if (row < expect.length && cost === 1 + costAt(row + 1, column)) {
      pairs.push([expect[row++], undefined]);
    } else {
      pairs.push([undefined, came[column++]]);
    }
  }
  return pairs;
}

/** Null where the two are not the same thing at whatever instant. */
function pairCost(expected: Expectation | undefined, actual: Came | undefined): number | null {
  if (expected === undefined || actual === undefined) return null;
  if (expectedWords(expected) !== cameWords(actual, expected)) return null;
  return expected.atMs === offsetOf(actual) ? 0 : 1;
}

function entryOf(
  expected: Expectation | undefined,
  actual: Came | undefined,
  zone: string,
): { readonly atMs: number; readonly entry: TimelineEntry } {
  const figures = expected === undefined || actual === undefined ? [] : figureDifferences(expected, actual);
  const point = (atMs: number, { level, feed, key }: Omit<TimelinePoint, 'at' | 'local'>) => {
    return { at: offsetText(atMs), local: localTime(TEST_ORIGIN_MS + atMs, zone), level, feed, key };
  };
  const wanted = expected === undefined ? null : point(expected.atMs, expected);
  const shown =
    actual === undefined
      ? null
      : point(offsetOf(actual), {
          level: actual.transition.level,
          feed: actual.feed,
          key: keyName(actual.transition, expected),
        });
  const mark = markOf(wanted, shown, figures.length > 0);
  const atMs = actual === undefined ? (expected?.atMs ?? 0) : offsetOf(actual);
  return { atMs, entry: { mark, expected: wanted, came: shown, figures } };
}

function markOf(
  expected: TimelinePoint | null,
  came: TimelinePoint | null,
  hasOtherFigures: boolean,
): TimelineMark {
  if (came === null) return 'missing';
  if (expected === null) return 'unexpected';
  if (expected.at !== came.at) return 'moved';
  return hasOtherFigures ? 'figures' : 'same';
}
