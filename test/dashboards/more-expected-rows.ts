// What the queries of subjects, sensors, models and joint tasks answer over the given rows.
import {
  type Expected,
  iso,
  D1,
  D2,
  levels,
  utcDay,
  worth,
  COMPLAINTS,
  WARNED,
  thousandth,
} from './expected-parts.js';
import { DAY_MS, idOf, noon, NOW } from './given-rows.js';

const counts = (red: number, orange: number, yellow: number, blue: number) => ({ red, orange, yellow, blue });

export const MORE_EXPECTED: Readonly<Record<string, readonly Expected[]>> = {
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
          ...{ tags: '食品经营', credit: 'C', state: 'active', since: iso(noon(30)) },
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
      chosen: { subject: 's2' },
      rows: [
        {
          ...{ time: iso(noon(1)), kind: 'event', what: 'complaint', level: '', name: '', detail: '异味' },
          ...{ event: 'e5', warning: '' },
        },
        {
          ...{
            time: iso(noon(1)),
            kind: 'joint',
            what: '某类预警',
            level: 'red',
            name: '',
            detail: 'raised',
          },
          ...{ event: '', warning: idOf('d') },
        },
      ],
    },
    {
      rows: [
        {
          ...{ time: iso(noon(1)), kind: 'warning', what: '某类预警', level: 'blue', name: '甲表' },
          ...{ detail: 'raised', event: '', warning: idOf('f') },
        },
        {
          time: iso(noon(2)),
          kind: 'event',
          what: 'complaint',
          level: '',
          name: '',
          detail: '油烟',
          event: 'e3',
          warning: '',
        },
        {
          time: iso(noon(2)),
          kind: 'event',
          what: 'complaint',
          level: '',
          name: '',
          detail: '异味',
          event: 'e4',
          warning: '',
        },
        ...['a', 'b'].map((name) => ({
          ...{
            time: iso(noon(2)),
            kind: 'warning',
            what: '某类预警',
            level: name === 'a' ? 'red' : 'orange',
            name: '',
          },
          ...{ detail: 'raised', event: '', warning: idOf(name) },
        })),
        {
          time: iso(noon(5)),
          kind: 'event',
          what: 'credit-change',
          level: '',
          name: '',
          detail: 'evaluation C',
          event: 'e6',
          warning: '',
        },
        {
          ...{
            time: iso(noon(9)),
            kind: 'event',
            what: 'registration',
            level: '',
            name: '甲表',
            detail: 'device',
          },
          ...{ event: 'e11', warning: '' },
        },
        {
          time: iso(noon(30)),
          kind: 'event',
          what: 'registration',
          level: '',
          name: '',
          detail: 'enterprise B',
          event: 'e2',
          warning: '',
        },
      ],
    },
  ],
  'subject/devices': [
    {
      rows: [
        { device: 'd9', name: '乙表', metrics: '', latest: null, readings: 0, bad_share: null },
        { device: 'd1', name: '甲表', metrics: 'voc', latest: iso(noon(2)), readings: 2, bad_share: 0.5 },
      ],
    },
    { chosen: { subject: 's2' }, rows: [] },
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
    {
      chosen: { device: ['d2'], metric: ['voc'] },
      rows: [{ time: utcDay(noon(1)), metric: 'voc', mean: 6, lowest: 6, highest: 6 }],
    },
    { chosen: { metric: ['noise'] }, rows: [] },
  ],
  'variables/metric': [{ rows: [{ metric: 'voc' }] }],
  'variables/device': [
    { rows: [{ device: 'd1' }, { device: 'd2' }] },
    { chosen: { metric: ['noise'] }, rows: [] },
  ],
  'sensors/silent': [
    {
      rows: [
        { device: 'd1', latest: iso(noon(2)), readings: 2, hours: Math.floor((NOW - noon(2)) / 3_600_000) },
        { device: 'd2', latest: iso(noon(1)), readings: 1, hours: Math.floor((NOW - noon(1)) / 3_600_000) },
      ],
    },
  ],
  'sensors/worst': [
    { rows: [{ device: 'd1', metric: 'voc', bad: 1, readings: 2, bad_share: 0.5 }] },
    { chosen: { device: ['d2'] }, rows: [] },
  ],
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
            issued: 4,
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
        { replay: 'trial', model: 'food/a', shadow: 2, live: 4, both: 1 },
        { replay: 'trial', model: 'gas/b', shadow: 0, live: 1, both: 0 },
      ],
    },
    {
      chosen: { model: ['gas/b'] },
      rows: [{ replay: 'trial', model: 'gas/b', shadow: 0, live: 1, both: 0 }],
    },
  ],
  'models/trial': [
    {
      chosen: { model: ['food/t'] },
      rows: [
        { time: D1, item: 'food-operation', kind: 'live', model: 'food/a', ...counts(0, 0, 0, 1) },
        { time: D1, item: 'food-operation', kind: 'live', model: 'gas/b', ...counts(0, 0, 1, 0) },
        { time: D2, item: 'food-operation', kind: 'shadow', model: 'food/t', ...counts(0, 1, 0, 0) },
        { time: D2, item: 'food-operation', kind: 'live', model: 'food/a', ...counts(1, 1, 0, 1) },
      ],
    },
    { chosen: { model: ['food/a'] }, rows: [] },
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
    { chosen: { region: ['110105'] }, rows: [] },
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
