// Models of the simulation that judge by a score.
import type { Event } from '../../src/events/event.js';
import type { Described } from './models.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const amountsOf = (events: readonly Event[]) =>
  events.flatMap((one) => (typeof one.data['amount'] === 'number' ? [one.data['amount']] : []));

/** From nothing at `low` to all at `high`; nothing where there is no value. */
const linear = (value: number | null, low: number, high: number) =>
  value === null || value <= low ? 0 : value >= high ? 1 : (value - low) / (high - low);

const statesFacts = ({ stream }: Event) => stream === 'registration' || stream === 'credit-change';
const isFailure = (event: Event) => event.stream === 'inspection' && event.data['result'] === 'fail';

/** Thresholds lie between the scores that can come of whole and half figures, whatever is rounded. */
export const SCORE_MODELS: readonly Described[] = [
  {
    name: 'sim/score',
    forMs: 0,
    holdMs: 5 * HOUR,
    yaml: `
indicators:
  complaints: { from: complaint, count: '*', over: 9d }
  people: { from: complaint, distinct: 'event.complainant', over: 6d }
  failures: { from: inspection, where: 'event.result == "fail"', count: '*', over: 15d }
  fined: { from: penalty, sum: 'event.amount', over: 12d, basis: arrival }
  both: { value: 'complaints + people' }
score:
  - { name: 投诉, weight: 30, of: 'both', low: 1, high: 9 }
  - { name: 检查, weight: 25, if: 'failures >= 2' }
  - { name: 处罚, weight: 25, of: 'fined', bands: [[20.05, 0.2], [80.05, 0.6], [150.05, 1]] }
  - { name: 信用, weight: 20, if: 'subject.credit in ["C", "D"]' }
levels:
  red: 'score >= 61.001'
  orange: 'score > 42.001'
  yellow: 'score >= 26.001 || people >= 4'
hold: 5h
`,
    rests: (event, view) =>
      statesFacts(event) ||
      (event.stream === 'complaint' && event.time > view.clock - 9 * DAY) ||
      (isFailure(event) && event.time > view.clock - 15 * DAY) ||
      (event.stream === 'penalty' && event.data['amount'] !== undefined && event.at > view.clock - 12 * DAY),
    applies: () => true,
    levels: (view) => {
      const complaints = view.window('complaint', 9 * DAY).length;
      const people = new Set(
        view.window('complaint', 6 * DAY).flatMap((one) => one.data['complainant'] ?? []),
      ).size;
      const failures = view.window('inspection', 15 * DAY).filter(isFailure).length;
      const tenths = amountsOf(view.window('penalty', 12 * DAY, 'arrival')).reduce(
        (total, amount) => total + Math.round(amount * 10),
        0,
      );
      const fined = tenths > 1500 ? 1 : tenths > 800 ? 0.6 : tenths > 200 ? 0.2 : 0;
      const { credit } = view.profile;
      const score =
        30 * linear(complaints + people, 1, 9) +
        (failures >= 2 ? 25 : 0) +
        25 * fined +
        (credit === 'C' || credit === 'D' ? 20 : 0);
      return [
        { level: 'red', on: score >= 61.001 },
        { level: 'orange', on: score > 42.001 },
        { level: 'yellow', on: score >= 26.001 || people >= 4 },
      ];
    },
  },
  {
    name: 'sim/calm',
    forMs: 3 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  complaints: { from: complaint, count: '*', over: 8d }
  mean: { from: complaint, avg: 'event.amount', over: 5d }
  idle: { from: inspection, since: last, over: 20d }
score:
  - { name: 少投诉, weight: 40, of: '4 - complaints', low: 0, high: 4 }
  - { name: 金额, weight: 30, of: 'mean', low: 5, high: 35 }
  - { name: 未检查, weight: 30, if: 'idle >= days(6)' }
levels:
  red: 'score >= 75.001'
  orange: 'score < 20.001'
for: 3h
`,
    rests: (event, view) =>
      (event.stream === 'complaint' && event.time > view.clock - 8 * DAY) ||
      (event.stream === 'inspection' && event.time > view.clock - 20 * DAY),
    applies: () => true,
    levels: (view) => {
      const complaints = view.window('complaint', 8 * DAY).length;
      const amounts = amountsOf(view.window('complaint', 5 * DAY));
      const mean =
        amounts.length === 0 ? null : amounts.reduce((total, amount) => total + amount, 0) / amounts.length;
      const last = view.window('inspection', 20 * DAY).at(-1);
      const idle = last !== undefined && view.clock - last.time >= 6 * DAY;
      const score = 40 * linear(4 - complaints, 0, 4) + 30 * linear(mean, 5, 35) + (idle ? 30 : 0);
      return [
        { level: 'red', on: score >= 75.001 },
        { level: 'orange', on: score < 20.001 },
      ];
    },
  },
];
