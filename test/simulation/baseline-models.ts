// Models of the simulation whose figures compare a pane with the ones before it.
import type { Event } from '../../src/events/event.js';
import type { Described } from './models.js';
import { paneEnd } from './pane-models.js';
import type { HistoryView } from './reference.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Basis = 'time' | 'arrival';

interface Panes {
  readonly stream: string;
  readonly over: number;
  readonly every: number;
  readonly min: number;
  readonly basis?: Basis;
  readonly weekday?: true;
  /** Whether an event enters the indicator at all. */
  readonly takes: (event: Event) => boolean;
  readonly figure: (events: readonly Event[]) => number | null;
}

/** The last closed pane and the ones before it, oldest first; null where they are too few. */
function series(view: HistoryView, panes: Panes): { now: number | null; before: number[] } | null {
  const { stream, over, every, basis = 'time' } = panes;
  const at = (event: Event) => (basis === 'arrival' ? event.at : event.time);
  const events = view.window(stream, Infinity, basis === 'arrival' ? basis : undefined).filter(panes.takes);
  const known = Math.min(view.registered ?? Infinity, ...events.slice(0, 1).map(at));
  if (known === Infinity) return null;
  const lastEnd = paneEnd(view.clock, every) - every;
  const figures: (number | null)[] = [];
  for (let end = lastEnd; end > lastEnd - over && end >= paneEnd(known, every); end -= every) {
    if (panes.weekday === true && (lastEnd - end) % (7 * DAY) !== 0) continue;
    figures.unshift(panes.figure(events.filter((one) => at(one) >= end - every && at(one) < end)));
  }
  const now = figures.pop() ?? null;
  const before = figures.filter((one) => one !== null);
  return before.length < panes.min ? null : { now, before };
}

const sumOf = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
const meanOf = (list: readonly number[]) => sumOf(list) / list.length;

/** Of whole numbers: rounded nowhere before the division. */
function deviationOf(list: readonly number[]): number {
  const squares = list.length * sumOf(list.map((one) => one * one)) - sumOf(list) ** 2;
  return Math.sqrt(squares / (list.length * (list.length - 1)));
}

function medianOf(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

/** Comparisons with NaN are false, as conditions over null count as false. */
const scoreOf = (now: number | null, expected: number, spread: number) =>
  now === null || spread === 0 ? NaN : (now - expected) / spread;

function zscore(found: ReturnType<typeof series>): number {
  return found === null ? NaN : scoreOf(found.now, meanOf(found.before), deviationOf(found.before));
}

function mad(found: ReturnType<typeof series>): number {
  if (found === null) return NaN;
  const middle = medianOf(found.before);
  return scoreOf(found.now, middle, 1.4826 * medianOf(found.before.map((one) => Math.abs(one - middle))));
}

function ewma(found: ReturnType<typeof series>): number {
  if (found === null) return NaN;
  let [mean, variance] = [found.before[0] ?? NaN, 0];
  for (const one of found.before.slice(1)) {
    variance = 0.7 * (variance + 0.3 * (one - mean) ** 2);
    mean += 0.3 * (one - mean);
  }
  return scoreOf(found.now, mean, Math.sqrt(variance));
}

function cusum(found: ReturnType<typeof series>): number {
  if (found === null || found.now === null || deviationOf(found.before) === 0) return NaN;
  const [mean, deviation] = [meanOf(found.before), deviationOf(found.before)];
  return [...found.before, found.now].reduce(
    (total, one) => Math.max(0, total + (one - mean) / deviation - 0.5),
    0,
  );
}

/** EARS: the number at an index against seven before it, leaving out `lag`. */
function ears(all: readonly number[], index: number, lag: number): number {
  const base = all.slice(index - 7 - lag, index - lag);
  return scoreOf(all[index] ?? null, meanOf(base), deviationOf(base));
}

function c1(found: ReturnType<typeof series>): number {
  return found === null ? NaN : ears([...found.before, found.now ?? NaN], found.before.length, 0);
}

function c3(found: ReturnType<typeof series>): number {
  if (found === null) return NaN;
  const all = [...found.before, found.now ?? NaN];
  return sumOf(
    [1, 2, 3].map((back) => {
      const score = ears(all, all.length - back, 2);
      return Number.isNaN(score) ? NaN : Math.max(0, score - 1);
    }),
  );
}

const count = (events: readonly Event[]) => events.length;
const amountsOf = (events: readonly Event[]) =>
  events.flatMap(({ data }) => (typeof data['amount'] === 'number' ? [Math.round(data['amount'] * 10)] : []));
const hasAmount = ({ data }: Event) => data['amount'] !== undefined;
const meanAmount = (events: readonly Event[]) =>
  events.length === 0 ? null : sumOf(amountsOf(events)) / 10 / events.length;
const statesFacts = ({ stream }: Event) => stream === 'registration' || stream === 'credit-change';

const LOAD: Panes = {
  stream: 'complaint',
  over: 14 * DAY,
  every: DAY,
  min: 5,
  takes: () => true,
  figure: count,
};
const FINED: Panes = {
  stream: 'penalty',
  over: 16 * DAY,
  every: 2 * DAY,
  min: 3,
  basis: 'arrival',
  takes: hasAmount,
  figure: (events) => sumOf(amountsOf(events)),
};
const MEAN: Panes = {
  stream: 'complaint',
  over: 20 * DAY,
  every: DAY,
  min: 3,
  takes: hasAmount,
  figure: meanAmount,
};
const WEEKLY: Panes = { ...LOAD, over: 30 * DAY, min: 2, weekday: true };

export const BASELINE_MODELS: readonly Described[] = [
  {
    name: 'sim/baseline',
    forMs: 0,
    holdMs: 7 * HOUR,
    panesMs: DAY,
    yaml: `
indicators:
  load: { from: complaint, count: '*', baseline: { over: 14d, every: 1d, method: zscore, min: 5 } }
  fined: { from: penalty, sum: 'event.amount', basis: arrival, baseline: { over: 16d, every: 2d, method: mad, min: 3 } }
  mean: { from: complaint, avg: 'event.amount', baseline: { over: 20d, every: 1d, method: ewma, min: 3 } }
levels:
  red: 'load.score > 2.12345'
  orange: 'fined.score > 2.12345'
  yellow: 'mean.score > 1.54321 || mean.score < -1.54321'
  blue: 'load.now == 0 && load.expected > 0.61234'
hold: 7h
`,
    rests: (event) =>
      event.stream === 'complaint' || (event.stream === 'penalty' && hasAmount(event)) || statesFacts(event),
    applies: () => true,
    levels: (view) => {
      const load = series(view, LOAD);
      const mean = ewma(series(view, MEAN));
      return [
        { level: 'red', on: zscore(load) > 2.12345 },
        { level: 'orange', on: mad(series(view, FINED)) > 2.12345 },
        { level: 'yellow', on: mean > 1.54321 || mean < -1.54321 },
        { level: 'blue', on: load !== null && load.now === 0 && meanOf(load.before) > 0.61234 },
      ];
    },
  },
  {
    name: 'sim/ears',
    forMs: 4 * HOUR,
    holdMs: 0,
    panesMs: DAY,
    yaml: `
indicators:
  one: { from: complaint, count: '*', baseline: { over: 14d, every: 1d, method: c1 } }
  three: { from: complaint, count: '*', baseline: { over: 14d, every: 1d, method: c3 } }
  climbing: { from: complaint, count: '*', baseline: { over: 14d, every: 1d, method: cusum, min: 5 } }
  usual: { from: complaint, count: '*', baseline: { over: 30d, every: 1d, season: weekday, method: zscore, min: 2 } }
levels:
  red: 'three.score > 2.12345'
  orange: 'one.score > 2.12345'
  yellow: 'climbing.score > 1.54321'
  blue: 'usual.score > 1.12345'
for: 4h
`,
    rests: (event) => event.stream === 'complaint' || statesFacts(event),
    applies: () => true,
    levels: (view) => [
      { level: 'red', on: c3(series(view, { ...LOAD, min: 11 })) > 2.12345 },
      { level: 'orange', on: c1(series(view, { ...LOAD, min: 7 })) > 2.12345 },
      { level: 'yellow', on: cusum(series(view, LOAD)) > 1.54321 },
      { level: 'blue', on: zscore(series(view, WEEKLY)) > 1.12345 },
    ],
  },
];
