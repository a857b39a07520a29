// What the expected rows of queries of dashboards are made of.
import type { Row } from '../../src/ports/warehouse.js';
import type { Asked } from '../support/dashboard-query.js';
import { DAY_MS, dayOf, idOf, noon, NOW } from './given-rows.js';

export interface Expected {
  readonly chosen?: NonNullable<Asked['chosen']>;
  readonly rows: readonly Row[];
}

export const iso = (instant: number) => new Date(instant).toISOString();
export const [D1, D2, D5] = [dayOf(noon(1)), dayOf(noon(2)), dayOf(noon(5))];
export const levels = (time: string, red: number, orange: number, yellow: number, blue: number) => ({
  ...{ time, red, orange, yellow, blue },
});
export const FOOD = { domain: ['food'] };
export const GAS = { domain: ['gas'] };
export const listed = (name: string, columns: readonly (string | number)[]) => {
  const [level, title, label, subject, region, domain, status, lead, days] = columns;
  const [key, device] = String(subject).startsWith('d') ? ['', subject] : [subject, ''];
  const raised = iso(noon(Number(days)));
  return {
    raised,
    level,
    title,
    name: label,
    key,
    device,
    region,
    domain,
    status,
    lead,
    warning: idOf(name),
  };
};
export const A = listed('a', ['red', '某类预警', '甲店', 's1', '110105', 'food', 'pushed', 'market', 2]);
export const D = listed('d', ['yellow', '联合检查', '乙站', 's2', '110108', 'gas', 'pushed', 'housing', 1]);
export const F = listed('f', ['blue', '某类预警', '甲店', 'd1', '110105', 'food', 'fed-back', 'market', 1]);
export const owed = (kind: string, name: string, due: number) => ({
  ...{ due: iso(due), department: 'market', kind, level: 'red', title: '某类预警', name: '甲店' },
  ...{ model: 'food/a', warning: idOf(name) },
});
export const TREND: readonly Expected[] = [
  { rows: [levels(D2, 1, 1, 0, 1), levels(D1, 0, 0, 1, 1)] },
  { chosen: GAS, rows: [levels(D1, 0, 0, 1, 0)] },
  { chosen: { region: ['110108'] }, rows: [levels(D1, 0, 0, 1, 0)] },
];
/** The Monday of the week in which a deadline was met. */
export const WEEK = (() => {
  const local = new Date(noon(2) + 8 * 3_600_000);
  return dayOf(noon(2) - ((local.getUTCDay() + 6) % 7) * DAY_MS);
})();

export const utcDay = (instant: number) =>
  new Date(Math.floor(instant / DAY_MS) * DAY_MS).toISOString().replace('.000', '');

/** What points of some days ago are worth at the end of the span, as infra/clickhouse/README.md reckons. */
export const worth = (parts: readonly (readonly [points: number, daysAgo: number])[]) => {
  const years = (instant: number) => (instant / 1000 - 1_577_836_800) / 31_536_000;
  const stored = parts.map(([points, days]) => Math.round(1000 * points * 2 ** years(noon(days))));
  return (stored.reduce((sum, one) => sum + one, 0) * 2 ** -years(NOW + 60_000)) / 1000;
};
export const indexOf = (points: number) => Math.round(1e5 * (1 - Math.exp(-points / 100))) / 1e3;
export const [COMPLAINTS, WARNED, ON_DEVICE] = [
  [
    [1.5, 2],
    [1.5, 2],
  ],
  [
    [20, 2],
    [10, 2],
    [2, 2],
  ],
  [[2, 1]],
] as const;
export const FIRST = worth([...COMPLAINTS, ...WARNED, ...ON_DEVICE]);
export const SECOND = worth([
  [1.5, 1],
  [5, 1],
]);
/** Points that have no other components. */
export const parted = (complaints: number, warnings: number) => ({
  ...{ penalties: 0, inspections: 0, complaints, judgments: 0, listings: 0, opinions: 0, warnings },
});
export const thousandth = (value: number) => Math.round(value * 1e3) / 1e3;
export const tenth = (value: number) => Math.round(value * 10) / 10;
