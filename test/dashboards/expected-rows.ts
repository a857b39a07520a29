// What each query of a dashboard answers over the given rows, by what is chosen.
import type { Row } from '../../src/ports/warehouse.js';
import type { Asked } from '../support/dashboard-query.js';
import { DAY_MS, dayOf, idOf, noon, NOW } from './given-rows.js';

interface Expected {
  readonly chosen?: NonNullable<Asked['chosen']>;
  readonly rows: readonly Row[];
}

const iso = (instant: number) => new Date(instant).toISOString();
const [D1, D2, D5] = [dayOf(noon(1)), dayOf(noon(2)), dayOf(noon(5))];
const levels = (time: string, red: number, orange: number, yellow: number, blue: number) => ({
  ...{ time, red, orange, yellow, blue },
});
const FOOD = { domain: ['food'] };
const GAS = { domain: ['gas'] };
const listed = (name: string, columns: readonly (string | number)[]) => {
  const [level, title, label, key, region, domain, status, lead, days] = columns;
  const raised = iso(noon(Number(days)));
  return { raised, level, title, name: label, key, region, domain, status, lead, warning: idOf(name) };
};
const A = listed('a', ['red', '某类预警', '甲店', 's1', '110105', 'food', 'pushed', 'market', 2]);
const D = listed('d', ['yellow', '联合检查', '乙站', 's2', '110108', 'gas', 'pushed', 'housing', 1]);
const F = listed('f', ['blue', '某类预警', '甲店', 'd1', '110105', 'food', 'fed-back', 'market', 1]);
const owed = (kind: string, name: string, due: number) => ({
  ...{ due: iso(due), department: 'market', kind, level: 'red', model: 'food/a', warning: idOf(name) },
});
const TREND: readonly Expected[] = [
  { rows: [levels(D2, 1, 1, 0, 1), levels(D1, 0, 0, 1, 1)] },
  { chosen: GAS, rows: [levels(D1, 0, 0, 1, 0)] },
  { chosen: { region: ['110108'] }, rows: [levels(D1, 0, 0, 1, 0)] },
];
/** The Monday of the week in which a deadline was met. */
const WEEK = (() => {
  const local = new Date(noon(2) + 8 * 3_600_000);
  return dayOf(noon(2) - ((local.getUTCDay() + 6) % 7) * DAY_MS);
})();

const utcDay = (instant: number) =>
  new Date(Math.floor(instant / DAY_MS) * DAY_MS).toISOString().replace('.000', '');

/** What points of some days ago are worth at the end of the span, as infra/clickhouse/README.md reckons. */
const worth = (parts: readonly (readonly [points: number, daysAgo: number])[]) => {
  const years = (instant: number) => (instant / 1000 - 1_577_836_800) / 31_536_000;
  const stored = parts.map(([points, days]) => Math.round(1000 * points * 2 ** years(noon(days))));
  return (stored.reduce((sum, one) => sum + one, 0) * 2 ** -years(NOW + 60_000)) / 1000;
};
const indexOf = (points: number) => Math.round(1e5 * (1 - Math.exp(-points / 100))) / 1e3;
const [COMPLAINTS, WARNED, ON_DEVICE] = [
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
const FIRST = worth([...COMPLAINTS, ...WARNED, ...ON_DEVICE]);
const SECOND = worth([
  [1.5, 1],
  [5, 1],
]);
const thousandth = (value: number) => Math.round(value * 1e3) / 1e3;
const tenth = (value: number) => Math.round(value * 10) / 10;

export const EXPECTED: Readonly<Record<string, readonly Expected[]>> = {
  'variables/department': [{ rows: ['fire', 'housing', 'market'].map((department) => ({ department })) }],
  'variables/domain': [{ rows: [{ domain: 'food' }, { domain: 'gas' }] }],
  'variables/region': [{ rows: [{ region: '110105' }, { region: '110108' }] }],
  'variables/level': [{ rows: ['red', 'orange', 'yellow', 'blue'].map((level) => ({ level })) }],
  'variables/model': [{ rows: [{ model: 'food/a' }, { model: 'gas/b' }] }],
  'variables/subject': [
    { chosen: { region: ['110108'] }, rows: [{ __text: '乙站 s2', __value: 's2' }] },
    {
      rows: [
        { __text: '甲店 s1', __value: 's1' },
        { __text: '乙站 s2', __value: 's2' },
      ],
    },
  ],
  'overview/levels': [
    {
      rows: [
        { level: 'red', total: 1 },
        { level: 'yellow', total: 1 },
        { level: 'blue', total: 1 },
      ],
    },
    {
      chosen: { ...FOOD, region: ['110105'] },
      rows: [
        { level: 'red', total: 1 },
        { level: 'blue', total: 1 },
      ],
    },
  ],
  'overview/map': [
    {
      rows: [
        {
          ...{ region: '110105', warnings: 4, red: 1, orange: 1, yellow: 0, blue: 2, events: 7, subjects: 1 },
          index: indexOf(FIRST),
        },
        {
          ...{ region: '110108', warnings: 1, red: 0, orange: 0, yellow: 1, blue: 0, events: 1, subjects: 1 },
          index: indexOf(SECOND),
        },
      ],
    },
  ],
  'overview/top-industries': [
    {
      rows: [
        {
          ...{
            industry: 'H62',
            index: indexOf(FIRST),
            points: tenth(FIRST),
            subjects: 1,
            warnings: 4,
            red: 1,
          },
          events: 7,
        },
        {
          ...{
            industry: 'F52',
            index: indexOf(SECOND),
            points: tenth(SECOND),
            subjects: 1,
            warnings: 1,
            red: 0,
          },
          events: 1,
        },
      ],
    },
  ],
  'overview/trend': TREND,
  'overview/gravest': [
    { rows: [A, D, F] },
    { chosen: { level: ['red', 'blue'] }, rows: [A, F] },
    { chosen: GAS, rows: [D] },
  ],
  'overview/events-trend': [
    {
      chosen: { region: ['110108'] },
      rows: [{ time: D1, stream: 'complaint', total: 1 }],
    },
  ],
  'overview/domains': [
    {
      rows: [
        { domain: 'food', raised: 4, open: 2, red: 1 },
        { domain: 'gas', raised: 1, open: 1, red: 0 },
      ],
    },
  ],
  'department/open': [
    {
      rows: [
        { department: 'market', open: 2, overdue: 1, red: 1 },
        { department: 'fire', open: 1, overdue: 0, red: 0 },
        { department: 'housing', open: 1, overdue: 0, red: 0 },
      ],
    },
    { chosen: { department: ['housing'] }, rows: [{ department: 'housing', open: 1, overdue: 0, red: 0 }] },
  ],
  'department/overdue': [
    { rows: [owed('sign', 'a', NOW - DAY_MS)] },
    { chosen: { department: ['housing'] }, rows: [] },
  ],
  'department/due-soon': [{ rows: [owed('feedback', 'a', NOW + DAY_MS)] }, { chosen: GAS, rows: [] }],
  'department/punctuality': [
    { rows: [{ time: WEEK, department: 'market', kept: 1, missed: 1, share: 0.5 }] },
    { chosen: { department: ['fire'] }, rows: [] },
  ],
  'department/load': [
    {
      rows: [
        { time: D2, department: 'market', total: 3 },
        { time: D1, department: 'fire', total: 1 },
        { time: D1, department: 'housing', total: 1 },
        { time: D1, department: 'market', total: 1 },
      ],
    },
    { chosen: { level: ['red'] }, rows: [{ time: D2, department: 'market', total: 1 }] },
  ],
  'department/messages': [
    {
      rows: [
        { time: D2, department: 'housing', delivered: 1, undeliverable: 0 },
        { time: D2, department: 'market', delivered: 1, undeliverable: 1 },
      ],
    },
  ],
  'department/precision': [
    { rows: [{ department: 'market', confirmed: 1, refuted: 1, precision: 0.5 }] },
    { chosen: GAS, rows: [] },
  ],
  'domain/trend': TREND,
  'domain/events': [
    { chosen: GAS, rows: [{ time: D1, stream: 'complaint', total: 1 }] },
    {
      chosen: FOOD,
      rows: [
        { time: dayOf(noon(30)), stream: 'registration', total: 1 },
        { time: D5, stream: 'credit-change', total: 1 },
        // The penalty was taken back: nothing is left of it.
        { time: D2, stream: 'complaint', total: 2 },
      ],
    },
  ],
  'domain/regions': [
    {
      rows: [
        { region: '110105', raised: 4, open: 2, closed: 2, red: 1 },
        { region: '110108', raised: 1, open: 1, closed: 0, red: 0 },
      ],
    },
  ],
  'domain/status': [
    {
      rows: [
        { status: 'closed', total: 2 },
        { status: 'pushed', total: 2 },
        { status: 'fed-back', total: 1 },
        { status: 'withdrawn', total: 1 },
      ],
    },
  ],
  'domain/credit': [
    {
      rows: [
        { credit: 'C', total: 1 },
        { credit: 'unknown', total: 1 },
      ],
    },
    { chosen: FOOD, rows: [{ credit: 'C', total: 1 }] },
  ],
  'domain/open': [{ rows: [A, D, F] }, { chosen: GAS, rows: [D] }],
  'subject/profile': [
    {
      rows: [
        {
          ...{
            key: 's1',
            name: '甲店',
            kind: 'enterprise',
            region: '110105',
            industry: 'H6210',
            domains: 'food',
          },
          ...{ tags: '食品经营', credit: 'C', status: 'active', since: iso(noon(30)) },
        },
      ],
    },
    { chosen: { subject: 'nobody' }, rows: [] },
  ],
  'subject/credit': [
    {
      rows: [
        { time: iso(noon(30)), credit: 'B', kind: 'registration', reason: '' },
        { time: iso(noon(5)), credit: 'C', kind: 'evaluation', reason: '复评' },
      ],
    },
  ],
  'subject/risk': [
    {
      rows: [
        { component: 'warnings', points: thousandth(worth(WARNED)) },
        { component: 'complaints', points: thousandth(worth(COMPLAINTS)) },
        ...['inspections', 'judgments', 'listings', 'opinions', 'penalties'].map((component) => ({
          component,
          points: 0,
        })),
      ],
    },
  ],
  'subject/warnings': [
    {
      rows: (
        [
          ['c', 1, 'yellow', 'withdrawn', ''],
          ['a', 2, 'red', 'pushed', ''],
          ['b', 2, 'orange', 'closed', 'confirmed'],
          ['e', 2, 'blue', 'closed', 'not-confirmed'],
        ] as const
      ).map(([name, days, gravest, status, finding]) => ({
        ...{
          raised: iso(noon(days)),
          title: '某类预警',
          gravest,
          status,
          finding,
          lead: 'market',
          warning: idOf(name),
        },
      })),
    },
  ],
  'subject/timeline': [
    {
      rows: [
        { time: iso(noon(2)), kind: 'event', what: 'complaint', level: '', detail: '油烟', link: 'e3' },
        { time: iso(noon(2)), kind: 'event', what: 'complaint', level: '', detail: '异味', link: 'e4' },
        ...['a', 'b'].map((name) => ({
          ...{
            time: iso(noon(2)),
            kind: 'warning',
            what: '某类预警',
            level: name === 'a' ? 'red' : 'orange',
          },
          ...{ detail: 'raised', link: idOf(name) },
        })),
        {
          time: iso(noon(5)),
          kind: 'event',
          what: 'credit-change',
          level: '',
          detail: 'evaluation C',
          link: 'e6',
        },
        {
          time: iso(noon(30)),
          kind: 'event',
          what: 'registration',
          level: '',
          detail: 'enterprise B',
          link: 'e2',
        },
      ],
    },
  ],
  'sensors/volume': [
    {
      rows: [
        { time: utcDay(noon(2)), readings: 2, bad: 1, findings: 0 },
        { time: utcDay(noon(1)), readings: 1, bad: 0, findings: 0 },
      ],
    },
    { chosen: { region: ['110199'] }, rows: [] },
  ],
  'sensors/course': [
    {
      rows: [
        { time: utcDay(noon(2)), metric: 'voc', mean: 6, lowest: 4, highest: 8 },
        { time: utcDay(noon(1)), metric: 'voc', mean: 6, lowest: 6, highest: 6 },
      ],
    },
  ],
  'sensors/silent': [
    {
      rows: [
        { device: 'd1', latest: iso(noon(2)), readings: 2, hours: Math.floor((NOW - noon(2)) / 3_600_000) },
        { device: 'd2', latest: iso(noon(1)), readings: 1, hours: Math.floor((NOW - noon(1)) / 3_600_000) },
      ],
    },
  ],
  'sensors/worst': [{ rows: [{ device: 'd1', metric: 'voc', bad: 1, readings: 2, share: 0.5 }] }],
  'sensors/warnings': [{ rows: [levels(D1, 0, 0, 0, 1)] }, { chosen: { region: ['110108'] }, rows: [] }],
  'models/warnings': [
    {
      rows: [
        { time: D2, model: 'food/a', total: 3 },
        { time: D1, model: 'food/a', total: 1 },
        { time: D1, model: 'gas/b', total: 1 },
      ],
    },
    { chosen: { model: ['gas/b'] }, rows: [{ time: D1, model: 'gas/b', total: 1 }] },
  ],
  'models/precision': [
    {
      chosen: { model: ['food/a'] },
      rows: [
        {
          ...{
            model: 'food/a',
            raised: 4,
            per_day: 0.066,
            withdrawn: 1,
            confirmed: 1,
            refuted: 1,
            judged: 2,
          },
          // Wilson's interval of one in two, as test/alerts/outcome.test.ts has it.
          ...{ precision: 0.5, low: 0.0945, high: 0.9055, hours_to_sign: 1, harms: 1, hours_of_lead: 12 },
        },
      ],
    },
  ],
  'models/shadow': [
    {
      rows: [
        { replay: 'trial', model: 'food/a', shadow: 2, live: 2, both: 1 },
        { replay: 'trial', model: 'gas/b', shadow: 0, live: 1, both: 0 },
      ],
    },
    {
      chosen: { model: ['gas/b'] },
      rows: [{ replay: 'trial', model: 'gas/b', shadow: 0, live: 1, both: 0 }],
    },
  ],
  'models/indicators': [
    {
      rows: [
        { time: D2, model: 'food/a', indicator: 'n', mean: 3, lowest: 2, highest: 4 },
        { time: D1, model: 'gas/b', indicator: 'leaks', mean: 1, lowest: 1, highest: 1 },
      ],
    },
  ],
  'joint/departments': [
    {
      rows: [
        { department: 'fire', tasks: 1, open: 1, closed: 0 },
        { department: 'housing', tasks: 1, open: 1, closed: 0 },
      ],
    },
  ],
  'joint/trend': [{ rows: [{ time: D1, tasks: 1 }] }],
  'joint/open': [
    {
      rows: [
        {
          ...{
            raised: iso(noon(1)),
            title: '联合检查',
            name: '乙站',
            key: 's2',
            region: '110108',
            status: 'pushed',
          },
          ...{ lead: 'housing', departments: 'housing, fire', items: 'gas-safety, fire', drawn: false },
          ...{ due: iso(NOW + 9 * DAY_MS), warning: idOf('d') },
        },
      ],
    },
    { chosen: { department: ['market'] }, rows: [] },
  ],
};
