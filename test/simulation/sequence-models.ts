// Models of the simulation with sequences, and what they count by trying every first event.
import type { Event, StreamName } from '../../src/events/event.js';
import type { Described } from './models.js';
import type { HistoryView } from './reference.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const EVER = 10_000 * DAY;
const memory = new WeakMap<readonly Event[], Map<readonly Step[], number[]>>();

interface Step {
  readonly streams: readonly StreamName[];
  /** Whether an event serves the step, by the events that served the steps before; null at a `not`. */
  readonly serves: (event: Event, before: readonly (Event | null)[]) => boolean;
  readonly within?: number;
  /** Of a `not`: until when, by the instant of the step before and the events so far; null for never. */
  readonly until?: (previous: number, before: readonly (Event | null)[]) => number | null;
}

/** The completions among the known events, remembered as long as nothing arrives. */
function completions(view: HistoryView, steps: readonly Step[]): number[] {
  const known = view.known('inspection');
  const remembered = memory.get(known) ?? new Map<readonly Step[], number[]>();
  memory.set(known, remembered);
  const found = remembered.get(steps) ?? completionsOf(view, steps);
  remembered.set(steps, found);
  return found;
}

/** The instants at which the matches among the known events are complete, whether they have come yet or not. */
function completionsOf(view: HistoryView, steps: readonly Step[]): number[] {
  const all = [...new Set(steps.flatMap(({ streams }) => streams))]
    .flatMap((stream) => [...view.known(stream)])
    .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  const [start, ...rest] = steps;
  const firsts = all.filter((one) => start?.streams.includes(one.stream) === true && start.serves(one, []));
  return firsts.flatMap((first) => {
    const before: (Event | null)[] = [first];
    let instant = first.time;
    for (const { streams, serves, within, until } of rest) {
      const previous = before.at(-1) ?? null;
      const later = all.filter(
        (one) => one.time > instant || (previous !== null && one.time === instant && one.id > previous.id),
      );
      const served = later.filter((one) => streams.includes(one.stream) && serves(one, before));
      if (until !== undefined) {
        const end = until(instant, before);
        if (end === null || served.some((one) => one.time <= end)) return [];
        before.push(null);
        instant = Math.max(end, instant);
        continue;
      }
      const found = served[0];
      if (found === undefined || found.time > instant + (within ?? EVER)) return [];
      before.push(found);
      instant = found.time;
    }
    return [instant];
  });
}

function counted(view: HistoryView, over: number, steps: readonly Step[]): number {
  return completions(view, steps).filter((instant) => instant > view.clock - over && instant <= view.clock)
    .length;
}

const amountOf = (event: Event | null | undefined): number | null => {
  const amount = event?.data['amount'];
  return typeof amount === 'number' ? amount : null;
};
const moreThan = (event: Event, amount: number | null) =>
  amount !== null && (amountOf(event) ?? -Infinity) > amount;
const fails = (event: Event) => event.data['result'] === 'fail';

const IGNORED: readonly Step[] = [
  { streams: ['inspection'], serves: fails },
  {
    streams: ['rectification'],
    serves: (event, [order]) => event.data['inspection'] === order?.data['inspection'],
    until: (_previous, [order]) => {
      const deadline = order?.data['deadline'];
      return typeof deadline === 'string' ? Date.parse(deadline) : null;
    },
  },
];

const GROWING: readonly Step[] = [
  { streams: ['inspection'], serves: fails },
  { streams: ['complaint'], serves: (event) => moreThan(event, 10), within: 4 * DAY },
  {
    streams: ['penalty', 'complaint'],
    serves: (event, [, report]) => moreThan(event, amountOf(report)),
    within: 6 * DAY,
  },
];

const QUIET: readonly Step[] = [
  { streams: ['penalty'], serves: () => true },
  {
    streams: ['complaint'],
    serves: (event) => event.data['complainant'] !== 'p:0' && event.data['complainant'] !== undefined,
    until: (previous) => previous + 2 * DAY,
  },
  { streams: ['inspection', 'penalty'], serves: () => true, within: 5 * DAY },
  { streams: ['rectification'], serves: () => true, until: (previous) => previous + DAY },
];

export const SEQUENCE_MODELS: readonly Described[] = [
  {
    name: 'sim/steps',
    forMs: 0,
    holdMs: 12 * HOUR,
    yaml: `
indicators:
  ignored:
    sequence:
      - { as: order, from: inspection, where: 'event.result == "fail"' }
      - { not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }
    over: 12d
  growing:
    sequence:
      - { from: inspection, where: 'event.result == "fail"' }
      - { as: report, from: complaint, where: 'event.amount > 10', within: 4d }
      - { from: [penalty, complaint], where: 'event.amount > report.amount', within: 6d }
    over: 15d
levels:
  red: 'growing >= 3'
  orange: 'ignored >= 2'
  blue: 'ignored + growing >= 1'
hold: 12h
`,
    rests: ({ stream, data, time }, view) =>
      ['penalty', 'complaint', 'rectification'].includes(stream)
        ? // Whether it is more than the amount before it, or of the order, is not asked when it comes.
          stream === 'rectification' || time > view.clock - 25 * DAY
        : stream === 'inspection' && data['result'] === 'fail',
    applies: () => true,
    levels: (view) => {
      const ignored = counted(view, 12 * DAY, IGNORED);
      const growing = counted(view, 15 * DAY, GROWING);
      return [
        { level: 'red', on: growing >= 3 },
        { level: 'orange', on: ignored >= 2 },
        { level: 'blue', on: ignored + growing >= 1 },
      ];
    },
  },
  {
    name: 'sim/quiet-steps',
    forMs: 6 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  quiet:
    sequence:
      - { from: penalty }
      - { not: complaint, where: 'event.complainant != "p:0"', until: 2d }
      - { from: [inspection, penalty], within: 5d }
      - { not: rectification, until: 1d }
    over: 10d
levels:
  yellow: 'quiet >= 2'
  blue: 'quiet == 1'
for: 6h
`,
    rests: ({ stream, data, time }, view) =>
      (['penalty', 'inspection', 'rectification'].includes(stream) ||
        (stream === 'complaint' && data['complainant'] !== undefined && data['complainant'] !== 'p:0')) &&
      time > view.clock - 18 * DAY,
    applies: () => true,
    levels: (view) => {
      const quiet = counted(view, 10 * DAY, QUIET);
      return [
        { level: 'yellow', on: quiet >= 2 },
        { level: 'blue', on: quiet === 1 },
      ];
    },
  },
];
