// The models of the simulation, as rules and again as plain functions over a key's history.
import { loadRules } from '../../src/model/load.js';
import type { Event } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { START } from './generate.js';
import { BASELINE_MODELS } from './baseline-models.js';
import { PANE_MODELS } from './pane-models.js';
import type { HistoryView } from './reference.js';
import { SCORE_MODELS } from './score-models.js';
import { SEQUENCE_MODELS } from './sequence-models.js';
import { SPAN_MODELS } from './span-models.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const CATALOGUE = {
  'catalogue/items.yaml': `
item: { title: 事项, domain: test, lead: lead, cooperating: [], object: 对象, method: 方式, level: county,
        legal: [ { law: 法, article: 第一条, from: 2000-01-01 } ] }`,
  'catalogue/departments.yaml': 'lead: { name: 部门 }',
  'catalogue/regions.yaml': '"330199": 模拟县',
  'catalogue/plans.yaml': `
plan: { title: 预案, levels: { blue: { action: 核查, sign_within: 2h, feedback_within: 1 workdays, close_within: 5 workdays } } }`,
  'catalogue/calendar.yaml': '{ zone: Asia/Shanghai, years: [2020, 2026], holidays: [], workdays: [] }',
  'catalogue/lists.yaml': 'codes: { title: 码, values: [a, b] }',
};

/** What a model says at one instant, computed from nothing but the key's known history. */
export interface ReferenceModel {
  readonly name: string;
  readonly forMs: number;
  readonly holdMs: number;
  /** Its figures change at edges of panes alone: at multiples of this in local time, ms. */
  readonly panesMs?: number;
  applies(view: HistoryView): boolean;
  /** Whether an event that was just taken back lay in one of the indicators. */
  rests(event: Event, view: HistoryView): boolean;
  /** Gravest first: the level, its condition, and its `clear` where it has one. */
  levels(view: HistoryView): readonly { level: string; on: boolean; clear?: boolean }[];
}

/** A model with the text of its rules below the head that all share. */
export interface Described extends ReferenceModel {
  readonly yaml: string;
}

const head = (name: string) => `model: ${name}
title: 题
summary: 述
item: item
scope: subject
plan: plan
advise: 议
`;

/** Whether an event states facts of the profile: models that read it rest on every one of them. */
const statesFacts = ({ stream }: Event) => stream === 'registration' || stream === 'credit-change';

const is = (value: unknown) => value === true;

/** Number fields of events that have them; in whole tenths where `scale` is 10, so that plain sums are exact. */
const amountsOf = (events: readonly Event[], scale = 1): number[] =>
  events
    .map((one) => one.data['amount'])
    .filter((amount) => typeof amount === 'number')
    .map((amount) => Math.round(amount * scale));

const sumOf = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);

/** The quantile at a number of quarters, times four: whole for whole numbers. Null over nothing. */
function quarterTimesFour(list: readonly number[], quarters: number): number | null {
  const sorted = [...list].sort((a, b) => a - b);
  const rank = quarters * (sorted.length - 1);
  const below = sorted[Math.floor(rank / 4)];
  const above = sorted[Math.ceil(rank / 4)];
  return below === undefined || above === undefined ? null : 4 * below + (rank % 4) * (above - below);
}

/** Slope a day over whole hours and whole amounts: rounded nowhere but in its one division. */
function slopeOf(events: readonly Event[]): number | null {
  const valued = events.filter((one) => typeof one.data['amount'] === 'number');
  const hours = valued.map((one) => (one.time - START) / HOUR);
  const amounts = amountsOf(valued);
  const products = hours.map((hour, index) => hour * (amounts[index] ?? NaN));
  const squares = hours.map((hour) => hour * hour);
  const spread = valued.length * sumOf(squares) - sumOf(hours) ** 2;
  return spread === 0
    ? null
    : (24 * (valued.length * sumOf(products) - sumOf(hours) * sumOf(amounts))) / spread;
}

/** Growth of a counter, by the runs between its resets. */
function growthOf(list: readonly number[]): number {
  let growth = 0;
  let start = list[0] ?? 0;
  let latest = start;
  for (const one of list) {
    if (one < latest) {
      growth += latest - start;
      start = 0;
    }
    latest = one;
  }
  return growth + latest - start;
}

const MODELS: readonly Described[] = [
  {
    name: 'sim/counts',
    forMs: 0,
    holdMs: DAY,
    yaml: `
where: '"x" in subject.tags'
params:
  many: { default: 4, by: subject.credit, A: 6, D: 2 }
indicators:
  complaints: { from: complaint, where: 'event.amount > 10', count: '*', over: 7d }
  people: { from: complaint, distinct: 'event.complainant', over: 5d }
levels:
  red: 'complaints >= 2 * params.many'
  orange: 'complaints >= params.many && people >= 3'
  blue: 'complaints >= 2'
hold: 1d
`,
    // Its filter and its parameters read the profile.
    rests: (event, view) =>
      statesFacts(event) ||
      (event.stream === 'complaint' &&
        ((Number(event.data['amount'] ?? 0) > 10 && event.time > view.clock - 7 * DAY) ||
          (event.data['complainant'] !== undefined && event.time > view.clock - 5 * DAY))),
    applies: (view) => Array.isArray(view.profile['tags']) && view.profile['tags'].includes('x'),
    levels: (view) => {
      const { credit } = view.profile;
      const many = credit === 'A' ? 6 : credit === 'D' ? 2 : 4;
      const complaints = view
        .window('complaint', 7 * DAY)
        .filter((one) => Number(one.data['amount'] ?? 0) > 10).length;
      const people = new Set(
        view.window('complaint', 5 * DAY).flatMap((one) => one.data['complainant'] ?? []),
      ).size;
      return [
        { level: 'red', on: complaints >= 2 * many },
        { level: 'orange', on: complaints >= many && people >= 3 },
        { level: 'blue', on: complaints >= 2 },
      ];
    },
  },
  {
    name: 'sim/figures',
    forMs: 12 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  fined: { from: penalty, sum: 'event.amount', over: 10d, basis: arrival }
  mean: { from: penalty, avg: 'event.amount', over: 10d }
  least: { from: penalty, min: 'event.amount', over: 10d }
  most: { from: penalty, max: 'event.amount', over: 4d }
  span: { value: 'most - least' }
levels:
  orange: 'span > 50 && fined > 120'
  yellow: 'mean > 40'
for: 12h
`,
    rests: (event, view) =>
      event.stream === 'penalty' && event.data['amount'] !== undefined && event.at > view.clock - 10 * DAY,
    applies: () => true,
    levels: (view) => {
      const amounts = (over: number, basis?: 'arrival') =>
        view
          .window('penalty', over, basis)
          .flatMap((one) => (one.data['amount'] as number | undefined) ?? []);
      // Amounts are tenths: summed as whole numbers, since a plain sum of doubles drifts over the threshold.
      const sum = (list: number[]) => list.reduce((total, one) => total + Math.round(one * 10), 0) / 10;
      const last10 = amounts(10 * DAY);
      const last4 = amounts(4 * DAY);
      const span = last10.length > 0 && last4.length > 0 ? Math.max(...last4) - Math.min(...last10) : null;
      return [
        { level: 'orange', on: span !== null && span > 50 && sum(amounts(10 * DAY, 'arrival')) > 120 },
        { level: 'yellow', on: last10.length > 0 && sum(last10) / last10.length > 40 },
      ];
    },
  },
  {
    // What leaves can lift the mean, but not below three of them; what leaves the sum only lowers it.
    name: 'sim/guarded',
    forMs: 0,
    holdMs: 0,
    yaml: `
indicators:
  mean: { from: penalty, avg: 'event.amount', over: 6d }
  times: { from: penalty, count: '*', over: 6d }
  whole: { from: complaint, sum: 'event.amount', over: 3d }
  people: { from: complaint, distinct: 'event.complainant', over: 3d }
levels:
  orange: 'mean > 45 && times >= 3'
  yellow: 'whole - people > 60'
  blue: '!(people < 4)'
`,
    rests: (event, view) =>
      (event.stream === 'penalty' && event.time > view.clock - 6 * DAY) ||
      (event.stream === 'complaint' && event.time > view.clock - 3 * DAY),
    applies: () => true,
    levels: (view) => {
      const penalties = view.window('penalty', 6 * DAY);
      const complaints = view.window('complaint', 3 * DAY);
      const tenths = (list: number[]) => list.reduce((total, one) => total + one, 0);
      const amounts = amountsOf(penalties, 10);
      const people = new Set(complaints.flatMap((one) => one.data['complainant'] ?? [])).size;
      return [
        { level: 'orange', on: tenths(amounts) / 10 / amounts.length > 45 && penalties.length >= 3 },
        { level: 'yellow', on: tenths(amountsOf(complaints, 10)) / 10 - people > 60 },
        { level: 'blue', on: people >= 4 },
      ];
    },
  },
  {
    name: 'sim/sequence-like',
    forMs: 0,
    holdMs: 6 * HOUR,
    yaml: `
indicators:
  result: { from: inspection, last: 'event.result', over: 20d }
  idle: { from: inspection, since: last, over: 20d }
  first: { from: inspection, since: first, over: 20d }
  failing: { from: inspection, streak: 'event.result == "fail"', over: 15d }
  rate: { from: inspection, share: 'event.result == "fail"', over: 15d }
  silent: { from: complaint, absent: true, over: 3d }
levels:
  red: 'failing >= 3'
  orange: 'result == "fail" && idle > days(2)'
  yellow: 'rate >= 0.5 && first >= days(4)'
  blue: 'silent'
clear: { orange: 'failing == 0' }
hold: 6h
`,
    // An absence counts from the registration.
    rests: (event, view) =>
      statesFacts(event) ||
      (event.stream === 'inspection' && event.time > view.clock - 20 * DAY) ||
      (event.stream === 'complaint' && view.wasLatest(event)),
    applies: () => true,
    levels: (view) => {
      const inspections = view.window('inspection', 20 * DAY);
      const recent = view.window('inspection', 15 * DAY);
      const failed = recent.map((one) => one.data['result'] === 'fail');
      const failing = failed.length - 1 - failed.lastIndexOf(false);
      const last = inspections.at(-1);
      const first = inspections[0];
      const idle = last === undefined ? null : view.clock - last.time;
      const rate = failed.length === 0 ? null : failed.filter(is).length / failed.length;
      const base = Math.max(view.latest('complaint') ?? -Infinity, view.registered ?? -Infinity);
      const silent = base !== -Infinity && view.clock - base - view.gapsSince(base) >= 3 * DAY;
      return [
        { level: 'red', on: failing >= 3 },
        {
          level: 'orange',
          on: last?.data['result'] === 'fail' && idle !== null && idle > 2 * DAY,
          clear: failing === 0,
        },
        {
          level: 'yellow',
          on: rate !== null && rate >= 0.5 && first !== undefined && view.clock - first.time >= 4 * DAY,
        },
        { level: 'blue', on: silent },
      ];
    },
  },
  {
    name: 'sim/spread',
    forMs: 0,
    holdMs: 12 * HOUR,
    yaml: `
indicators:
  spread: { from: complaint, stddev: 'event.amount', over: 7d }
  high: { from: complaint, quantile: 'event.amount', q: 0.75, over: 5d }
  middle: { from: complaint, quantile: 'event.amount', q: 0.5, over: 5d, basis: arrival }
  slope: { from: complaint, trend: 'event.amount', over: 10d }
levels:
  red: 'spread > 13.456789 && slope > 0'
  orange: 'high >= 32'
  yellow: 'middle < 15.5 && slope < 0'
  blue: 'slope >= 2.3456789'
hold: 12h
`,
    rests: (event, view) =>
      event.stream === 'complaint' &&
      event.data['amount'] !== undefined &&
      (event.time > view.clock - 10 * DAY || event.at > view.clock - 5 * DAY),
    applies: () => true,
    levels: (view) => {
      const week = amountsOf(view.window('complaint', 7 * DAY));
      const squares = week.length * sumOf(week.map((one) => one * one)) - sumOf(week) ** 2;
      const deviation = Math.sqrt(squares / (week.length * (week.length - 1)));
      const high = quarterTimesFour(amountsOf(view.window('complaint', 5 * DAY)), 3);
      const middle = quarterTimesFour(amountsOf(view.window('complaint', 5 * DAY, 'arrival')), 2);
      const slope = slopeOf(view.window('complaint', 10 * DAY));
      return [
        { level: 'red', on: week.length > 1 && deviation > 13.456789 && slope !== null && slope > 0 },
        { level: 'orange', on: high !== null && high >= 4 * 32 },
        { level: 'yellow', on: middle !== null && middle < 4 * 15.5 && slope !== null && slope < 0 },
        { level: 'blue', on: slope !== null && slope >= 2.3456789 },
      ];
    },
  },
  {
    name: 'sim/succession',
    forMs: 2 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  fresh: { from: complaint, new: 'event.complainant', over: 6d }
  opener: { from: complaint, first: 'event.complainant', over: 8d }
  turns: { from: inspection, changes: 'event.result', over: 20d }
  grown: { from: complaint, increase: 'event.amount', over: 12d }
  paid: { from: penalty, increase: 'event.amount', over: 15d, basis: arrival }
levels:
  red: 'grown >= 110'
  orange: 'turns >= 3'
  yellow: 'fresh && opener == "p:0"'
  blue: 'opener == null && paid > 60.05'
for: 2h
`,
    rests: (event, view) => {
      const { stream, data, time, at } = event;
      if (stream === 'inspection') return time > view.clock - 20 * DAY;
      if (stream === 'penalty') return data['amount'] !== undefined && at > view.clock - 15 * DAY;
      // The first one counts without a complainant as well.
      const spanDays = data['amount'] === undefined ? 8 : 12;
      return stream === 'complaint' && time > view.clock - spanDays * DAY;
    },
    applies: () => true,
    levels: (view) => {
      const people = view.window('complaint', 6 * DAY).flatMap((one) => one.data['complainant'] ?? []);
      const opener = view.window('complaint', 8 * DAY)[0]?.data['complainant'] ?? null;
      const results = view.window('inspection', 20 * DAY).map((one) => one.data['result']);
      const turns = results.slice(1).filter((result, index) => result !== results[index]).length;
      const grown = growthOf(amountsOf(view.window('complaint', 12 * DAY)));
      const paid = growthOf(amountsOf(view.window('penalty', 15 * DAY, 'arrival'), 10));
      const fresh = people.length > 0 && !people.slice(0, -1).includes(people.at(-1) as string);
      return [
        { level: 'red', on: grown >= 110 },
        { level: 'orange', on: turns >= 3 },
        { level: 'yellow', on: fresh && opener === 'p:0' },
        { level: 'blue', on: opener === null && paid > 600.5 },
      ];
    },
  },
  ...SCORE_MODELS,
  ...SPAN_MODELS,
  ...PANE_MODELS,
  ...BASELINE_MODELS,
  ...SEQUENCE_MODELS,
];

export const REFERENCE_MODELS: readonly ReferenceModel[] = MODELS;

export function simulationRules(): RuleSet {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const { name, yaml } of MODELS) files.set(`${name}.yaml`, head(name) + yaml.trimStart());
  const { rules, diagnostics } = loadRules(files);
  const errors = diagnostics.filter((one) => one.severity === 'error');
  if (rules === null || errors.length > 0) throw new Error(JSON.stringify(errors, null, 1));
  return rules;
}
