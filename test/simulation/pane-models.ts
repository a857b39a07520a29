// Models of the simulation whose windows are kept in panes.
import type { Event } from '../../src/events/event.js';
import { START } from './generate.js';
import type { Described } from './models.js';
import type { HistoryView } from './reference.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Asia/Shanghai, which has not changed its clocks since 1991. */
const OFFSET = 8 * HOUR;
/** Monday, 5 January 1970: panes of several days are counted from it. */
const MONDAY = 4 * DAY;

type Basis = 'time' | 'arrival';

const placementOf = (event: Event, basis: Basis) => (basis === 'arrival' ? event.at : event.time);

/** Where the pane that an instant lies in ends. */
export function paneEnd(instant: number, every: number): number {
  const origin = MONDAY - OFFSET;
  return origin + (Math.floor((instant - origin) / every) + 1) * every;
}

const isOpen = (event: Event, view: HistoryView, over: number, every: number, basis: Basis = 'time') =>
  paneEnd(placementOf(event, basis), every) > view.clock - over;

/** The events of panes that end after `clock - over`. */
function paned(
  view: HistoryView,
  stream: string,
  over: number,
  every: number,
  basis: Basis = 'time',
): Event[] {
  return view
    .window(stream, over + every, basis === 'arrival' ? basis : undefined)
    .filter((one) => isOpen(one, view, over, every, basis));
}

/** Amounts of events that have them; in whole tenths where `scale` is 10, so that plain sums are exact. */
const amountsOf = (events: readonly Event[], scale = 1): number[] =>
  events.flatMap(({ data }) =>
    typeof data['amount'] === 'number' ? [Math.round(data['amount'] * scale)] : [],
  );

const sumOf = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
const peopleOf = (events: readonly Event[]) =>
  new Set(events.flatMap((one) => one.data['complainant'] ?? [])).size;

/** Slope a day over whole hours and whole amounts: rounded nowhere but in its one division. */
function slopeOf(events: readonly Event[]): number | null {
  const valued = events.filter((one) => typeof one.data['amount'] === 'number');
  const hours = valued.map((one) => (one.time - START) / HOUR);
  const amounts = amountsOf(valued);
  const count = valued.length;
  const spread = count * sumOf(hours.map((hour) => hour * hour)) - sumOf(hours) ** 2;
  const products = sumOf(hours.map((hour, index) => hour * (amounts[index] ?? NaN)));
  return spread === 0 ? null : (24 * (count * products - sumOf(hours) * sumOf(amounts))) / spread;
}

function medianOf(list: readonly number[]): number | null {
  const sorted = [...list].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

const hasField = (event: Event, field: string) => event.data[field] !== undefined;

/** A figure over panes that end after `clock - over`, and over those that end in the window before. */
function panedVersus<T>(
  view: HistoryView,
  stream: string,
  over: number,
  every: number,
  figure: (events: readonly Event[]) => T,
) {
  const both = paned(view, stream, 2 * over, every);
  const late = both.filter((one) => isOpen(one, view, over, every));
  return { now: figure(late), before: figure(both.filter((one) => !late.includes(one))) };
}

/** The largest figure over `count` panes in a row, for the pane of any event that has a value. */
function panedDensest(
  view: HistoryView,
  stream: string,
  [over, count, every]: readonly [over: number, count: number, every: number],
  figure: (events: readonly Event[]) => number | null,
  hasValue: (event: Event) => boolean,
  basis: Basis = 'time',
): number | null {
  const events = paned(view, stream, over, every, basis).filter(hasValue);
  const endOf = (one: Event) => paneEnd(placementOf(one, basis), every);
  const figures = [...new Set(events.map(endOf))].flatMap((last) => {
    const within = events.filter((one) => endOf(one) <= last && endOf(one) > last - count * every);
    return figure(within) ?? [];
  });
  return figures.length === 0 ? null : Math.max(...figures);
}

const meanOf = (list: readonly number[]) => (list.length === 0 ? null : sumOf(list) / list.length);

const SPAN_PANE_MODELS: readonly Described[] = [
  {
    name: 'sim/paned-previous',
    forMs: 0,
    holdMs: 5 * HOUR,
    panesMs: 6 * HOUR,
    yaml: `
indicators:
  rise: { from: complaint, count: '*', over: 4d, every: 1d, versus: previous }
  crowd: { from: complaint, distinct: 'event.complainant', over: 60h, every: 6h, versus: previous }
  mean: { from: complaint, avg: 'event.amount', over: 4d, every: 12h, versus: previous }
  most: { from: complaint, max: 'event.amount', over: 3d, every: 1d, versus: previous }
levels:
  red: 'rise.ratio >= 1.5 && crowd.change > 0'
  orange: 'mean.change > 0 && mean.ratio < 1.7'
  yellow: 'most.now < most.before'
  blue: 'rise.before >= 2 && rise.now == 0'
hold: 5h
`,
    rests: (event, view) =>
      event.stream === 'complaint' &&
      (isOpen(event, view, 8 * DAY, DAY) ||
        (hasField(event, 'complainant') && isOpen(event, view, 120 * HOUR, 6 * HOUR)) ||
        (hasField(event, 'amount') &&
          (isOpen(event, view, 8 * DAY, 12 * HOUR) || isOpen(event, view, 6 * DAY, DAY)))),
    applies: () => true,
    levels: (view) => {
      const rise = panedVersus(view, 'complaint', 4 * DAY, DAY, (events) => events.length);
      const crowd = panedVersus(view, 'complaint', 60 * HOUR, 6 * HOUR, peopleOf);
      const mean = panedVersus(view, 'complaint', 4 * DAY, 12 * HOUR, (events) => meanOf(amountsOf(events)));
      const most = panedVersus(view, 'complaint', 3 * DAY, DAY, (events) => Math.max(...amountsOf(events)));
      const ratio = rise.before === 0 ? NaN : rise.now / rise.before;
      const { now, before } = mean;
      return [
        { level: 'red', on: ratio >= 1.5 && crowd.now > crowd.before },
        {
          level: 'orange',
          on: now !== null && before !== null && now > before && before > 0 && now / before < 1.7,
        },
        {
          level: 'yellow',
          on: Number.isFinite(most.now) && Number.isFinite(most.before) && most.now < most.before,
        },
        { level: 'blue', on: rise.before >= 2 && rise.now === 0 },
      ];
    },
  },
  {
    name: 'sim/paned-densest',
    forMs: 2 * HOUR,
    holdMs: 0,
    panesMs: 6 * HOUR,
    yaml: `
indicators:
  burst: { from: complaint, count: '*', over: 14d, every: 12h, densest: 2d }
  crowd: { from: complaint, distinct: 'event.complainant', over: 12d, every: 1d, densest: 3d }
  fined: { from: penalty, where: 'event.amount > 0', sum: 'event.amount', over: 15d, every: 6h, densest: 36h, basis: arrival }
  mean: { from: complaint, where: 'event.amount > 0', avg: 'event.amount', over: 10d, every: 1d, densest: 2d }
  least: { from: complaint, where: 'event.amount > 0', min: 'event.amount', over: 6d, every: 1d, densest: 2d }
levels:
  red: 'burst >= 4 && crowd >= 3'
  orange: 'fined > 100.05'
  yellow: 'mean > 22 && mean < 33'
  blue: 'least < 25'
for: 2h
`,
    rests: (event, view) => {
      if (event.stream === 'penalty') {
        return Number(event.data['amount'] ?? 0) > 0 && isOpen(event, view, 15 * DAY, 6 * HOUR, 'arrival');
      }
      return event.stream === 'complaint' && isOpen(event, view, 14 * DAY, 12 * HOUR);
    },
    applies: () => true,
    levels: (view) => {
      const paid = (event: Event) => Number(event.data['amount'] ?? 0) > 0;
      const named = (event: Event) => hasField(event, 'complainant');
      const tenths = (events: readonly Event[]) => sumOf(amountsOf(events, 10));
      const average = (events: readonly Event[]) => meanOf(amountsOf(events));
      const lowest = (events: readonly Event[]) => Math.min(...amountsOf(events));
      const count = (events: readonly Event[]) => events.length;
      const burst = panedDensest(view, 'complaint', [14 * DAY, 4, 12 * HOUR], count, () => true) ?? 0;
      const crowd = panedDensest(view, 'complaint', [12 * DAY, 3, DAY], peopleOf, named) ?? 0;
      const fined = panedDensest(view, 'penalty', [15 * DAY, 6, 6 * HOUR], tenths, paid, 'arrival') ?? 0;
      const mean = panedDensest(view, 'complaint', [10 * DAY, 2, DAY], average, paid);
      const least = panedDensest(view, 'complaint', [6 * DAY, 2, DAY], lowest, paid);
      return [
        { level: 'red', on: burst >= 4 && crowd >= 3 },
        { level: 'orange', on: fined > 1000.5 },
        { level: 'yellow', on: mean !== null && mean > 22 && mean < 33 },
        { level: 'blue', on: least !== null && least < 25 },
      ];
    },
  },
];

export const PANE_MODELS: readonly Described[] = [
  ...SPAN_PANE_MODELS,
  {
    name: 'sim/panes',
    forMs: 0,
    holdMs: 5 * HOUR,
    panesMs: 6 * HOUR,
    yaml: `
indicators:
  complaints: { from: complaint, count: '*', over: 5d, every: 1d }
  people: { from: complaint, distinct: 'event.complainant', over: 60h, every: 6h }
  most: { from: complaint, max: 'event.amount', over: 7d, every: 3d }
  fined: { from: penalty, sum: 'event.amount', over: 8d, every: 12h, basis: arrival }
levels:
  red: 'complaints >= 6 && people >= 3'
  orange: 'complaints >= 5'
  yellow: 'fined > 100.05'
  blue: 'most < 30'
hold: 5h
`,
    rests: (event, view) => {
      if (event.stream === 'penalty')
        return hasField(event, 'amount') && isOpen(event, view, 8 * DAY, HOUR * 12, 'arrival');
      if (event.stream !== 'complaint') return false;
      return (
        isOpen(event, view, 5 * DAY, DAY) ||
        (hasField(event, 'complainant') && isOpen(event, view, 60 * HOUR, 6 * HOUR)) ||
        (hasField(event, 'amount') && isOpen(event, view, 7 * DAY, 3 * DAY))
      );
    },
    applies: () => true,
    levels: (view) => {
      const complaints = paned(view, 'complaint', 5 * DAY, DAY).length;
      const people = peopleOf(paned(view, 'complaint', 60 * HOUR, 6 * HOUR));
      const amounts = amountsOf(paned(view, 'complaint', 7 * DAY, 3 * DAY));
      const fined = sumOf(amountsOf(paned(view, 'penalty', 8 * DAY, 12 * HOUR, 'arrival'), 10));
      return [
        { level: 'red', on: complaints >= 6 && people >= 3 },
        { level: 'orange', on: complaints >= 5 },
        { level: 'yellow', on: fined > 1000.5 },
        { level: 'blue', on: amounts.length > 0 && Math.max(...amounts) < 30 },
      ];
    },
  },
  {
    name: 'sim/paned-figures',
    forMs: 3 * HOUR,
    holdMs: 0,
    panesMs: 3 * HOUR,
    yaml: `
indicators:
  mean: { from: complaint, avg: 'event.amount', over: 4d, every: 1d }
  least: { from: complaint, min: 'event.amount', over: 3d, every: 3h }
  spread: { from: complaint, stddev: 'event.amount', over: 9d, every: 1d }
  middle: { from: complaint, quantile: 'event.amount', q: 0.5, over: 6d, every: 12h, basis: arrival }
  slope: { from: complaint, trend: 'event.amount', over: 8d, every: 2d }
  failing: { from: inspection, share: 'event.result == "fail"', over: 10d, every: 1d }
  crowd: { from: complaint, where: 'event.amount > 5', distinct: 'event.complainant', over: 9d, every: 1d, approx: true }
levels:
  red: 'crowd >= 5 && slope > 0.0123'
  orange: 'spread > 13.456789 && failing < 0.7'
  yellow: 'mean > 22 && mean < 33'
  blue: 'least > 10 || middle < 12.25'
clear: { red: 'crowd <= 3' }
for: 3h
`,
    rests: (event, view) => {
      if (event.stream === 'inspection') return isOpen(event, view, 10 * DAY, DAY);
      if (event.stream !== 'complaint' || !hasField(event, 'amount')) return false;
      return (
        isOpen(event, view, 9 * DAY, DAY) ||
        isOpen(event, view, 8 * DAY, 2 * DAY) ||
        isOpen(event, view, 6 * DAY, 12 * HOUR, 'arrival')
      );
    },
    applies: () => true,
    levels: (view) => {
      const recent = amountsOf(paned(view, 'complaint', 4 * DAY, DAY));
      const mean = recent.length === 0 ? NaN : sumOf(recent) / recent.length;
      const last = amountsOf(paned(view, 'complaint', 3 * DAY, 3 * HOUR));
      const long = amountsOf(paned(view, 'complaint', 9 * DAY, DAY));
      const squares = long.length * sumOf(long.map((one) => one * one)) - sumOf(long) ** 2;
      const spread = long.length < 2 ? NaN : Math.sqrt(squares / (long.length * (long.length - 1)));
      const middle = medianOf(amountsOf(paned(view, 'complaint', 6 * DAY, 12 * HOUR, 'arrival')));
      const slope = slopeOf(paned(view, 'complaint', 8 * DAY, 2 * DAY));
      const results = paned(view, 'inspection', 10 * DAY, DAY).map((one) => one.data['result']);
      const failing = results.filter((one) => one === 'fail').length / results.length;
      const crowd = peopleOf(
        paned(view, 'complaint', 9 * DAY, DAY).filter((one) => Number(one.data['amount'] ?? 0) > 5),
      );
      return [
        { level: 'red', on: crowd >= 5 && slope !== null && slope > 0.0123, clear: crowd <= 3 },
        { level: 'orange', on: spread > 13.456789 && failing < 0.7 },
        { level: 'yellow', on: mean > 22 && mean < 33 },
        {
          level: 'blue',
          on: (last.length > 0 && Math.min(...last) > 10) || (middle !== null && middle < 12.25),
        },
      ];
    },
  },
];
