// Models of the simulation whose figures compare a window with the one before it, or look for its densest span.
import type { Event } from '../../src/events/event.js';
import type { Described } from './models.js';
import type { HistoryView } from './reference.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Basis = 'time' | 'arrival';
type Figure = (events: readonly Event[]) => number | null;

const count: Figure = (events) => events.length;
const people: Figure = (events) => new Set(events.flatMap((one) => one.data['complainant'] ?? [])).size;

const amountsOf = (events: readonly Event[]) =>
  events.flatMap((one) => (typeof one.data['amount'] === 'number' ? [one.data['amount']] : []));
/** In whole tenths, since a plain sum of doubles drifts. */
const tenths: Figure = (events) =>
  amountsOf(events).reduce((total, amount) => total + Math.round(amount * 10), 0);
/** Of whole amounts. */
const mean: Figure = (events) => {
  const amounts = amountsOf(events);
  return amounts.length === 0 ? null : amounts.reduce((total, amount) => total + amount, 0) / amounts.length;
};
const least: Figure = (events) => {
  const amounts = amountsOf(events);
  return amounts.length === 0 ? null : Math.min(...amounts);
};

/** A figure over (clock - over, clock] and over (clock - 2 over, clock - over]. */
function versus(view: HistoryView, stream: string, over: number, figure: Figure, basis?: 'arrival') {
  const both = view.window(stream, 2 * over, basis);
  const late = view.window(stream, over, basis);
  return { now: figure(late), before: figure(both.filter((one) => !late.includes(one))) };
}

/** The largest figure over the events of a window in (t - span, t], for the placement t of any that has a value. */
function densest(
  view: HistoryView,
  stream: string,
  over: number,
  span: number,
  figure: Figure,
  field: string | null,
  basis: Basis = 'time',
): number | null {
  const at = (one: Event) => (basis === 'arrival' ? one.at : one.time);
  const events = view
    .window(stream, over, basis === 'arrival' ? basis : undefined)
    .filter((one) => field === null || one.data[field] !== undefined);
  const figures = events.map((last) =>
    figure(events.filter((one) => at(one) > at(last) - span && at(one) <= at(last))),
  );
  return figures.reduce((most, one) => (most === null || (one !== null && one > most) ? one : most), null);
}

const hasField = (event: Event, field: string) => event.data[field] !== undefined;

export const SPAN_MODELS: readonly Described[] = [
  {
    name: 'sim/previous',
    forMs: 0,
    holdMs: 3 * HOUR,
    yaml: `
indicators:
  rise: { from: complaint, count: '*', over: 7d, versus: previous }
  crowd: { from: complaint, distinct: 'event.complainant', over: 5d, versus: previous }
  fined: { from: penalty, sum: 'event.amount', over: 8d, basis: arrival, versus: previous }
  mean: { from: complaint, avg: 'event.amount', over: 6d, versus: previous }
  growth: { value: 'rise.ratio' }
levels:
  red: 'growth >= 1.5 && crowd.change > 0'
  orange: 'fined.change > 60.05'
  yellow: 'mean.change > 0 && mean.ratio < 1.5'
  blue: 'rise.before >= 2 && rise.now == 0'
hold: 3h
`,
    rests: (event, view) => {
      if (event.stream === 'penalty') return hasField(event, 'amount') && event.at > view.clock - 16 * DAY;
      return event.stream === 'complaint' && event.time > view.clock - 14 * DAY;
    },
    applies: () => true,
    levels: (view) => {
      const rise = versus(view, 'complaint', 7 * DAY, count);
      const crowd = versus(view, 'complaint', 5 * DAY, people);
      const fined = versus(view, 'penalty', 8 * DAY, tenths, 'arrival');
      const means = versus(view, 'complaint', 6 * DAY, mean);
      const { now, before } = means;
      return [
        {
          level: 'red',
          on:
            rise.before !== 0 &&
            Number(rise.now) / Number(rise.before) >= 1.5 &&
            Number(crowd.now) > Number(crowd.before),
        },
        { level: 'orange', on: Number(fined.now) - Number(fined.before) > 600.5 },
        {
          level: 'yellow',
          on: now !== null && before !== null && now > before && before !== 0 && now / before < 1.5,
        },
        { level: 'blue', on: Number(rise.before) >= 2 && rise.now === 0 },
      ];
    },
  },
  {
    name: 'sim/densest',
    forMs: 2 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  burst: { from: complaint, count: '*', over: 20d, densest: 2d }
  crowd: { from: complaint, distinct: 'event.complainant', over: 14d, densest: 3d }
  fined: { from: penalty, sum: 'event.amount', over: 15d, densest: 2d, basis: arrival }
  mean: { from: complaint, avg: 'event.amount', over: 12d, densest: 36h }
  least: { from: complaint, min: 'event.amount', over: 9d, densest: 1d }
levels:
  red: 'burst >= 4 && crowd >= 3'
  orange: 'fined > 100.05'
  yellow: 'mean > 22 && mean < 33'
  blue: 'least < 25'
for: 2h
`,
    rests: (event, view) => {
      if (event.stream === 'penalty') return hasField(event, 'amount') && event.at > view.clock - 15 * DAY;
      return event.stream === 'complaint' && event.time > view.clock - 20 * DAY;
    },
    applies: () => true,
    levels: (view) => {
      const burst = densest(view, 'complaint', 20 * DAY, 2 * DAY, count, null) ?? 0;
      const crowd = densest(view, 'complaint', 14 * DAY, 3 * DAY, people, 'complainant') ?? 0;
      const fined = densest(view, 'penalty', 15 * DAY, 2 * DAY, tenths, 'amount', 'arrival') ?? 0;
      const high = densest(view, 'complaint', 12 * DAY, 36 * HOUR, mean, 'amount');
      const low = densest(view, 'complaint', 9 * DAY, DAY, least, 'amount');
      return [
        { level: 'red', on: burst >= 4 && crowd >= 3 },
        { level: 'orange', on: fined > 1000.5 },
        { level: 'yellow', on: high !== null && high > 22 && high < 33 },
        { level: 'blue', on: low !== null && low < 25 },
      ];
    },
  },
];
