// What each query of a dashboard answers over the given rows, by what is chosen.
import {
  type Expected,
  D1,
  D2,
  D5,
  FOOD,
  GAS,
  A,
  D,
  F,
  owed,
  TREND,
  WEEK,
  indexOf,
  FIRST,
  SECOND,
  tenth,
} from './expected-parts.js';
import { DAY_MS, dayOf, noon, NOW } from './given-rows.js';
import { EXPECTED_RISK } from './expected-risk.js';
import { MORE_EXPECTED } from './more-expected-rows.js';

export const EXPECTED: Readonly<Record<string, readonly Expected[]>> = {
  'variables/department': [{ rows: ['fire', 'housing', 'market'].map((department) => ({ department })) }],
  'variables/domain': [{ rows: [{ domain: 'food' }, { domain: 'gas' }] }],
  'variables/region': [{ rows: [{ region: '110105' }, { region: '110108' }] }],
  'variables/level': [{ rows: ['red', 'orange', 'yellow', 'blue'].map((level) => ({ level })) }],
  'variables/model': [{ rows: [{ model: 'food/a' }, { model: 'food/t' }, { model: 'gas/b' }] }],
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
    { rows: [{ red: 1, orange: 0, yellow: 1, blue: 1 }] },
    { chosen: { ...FOOD, region: ['110105'] }, rows: [{ red: 1, orange: 0, yellow: 0, blue: 1 }] },
    { chosen: { domain: ['nothing'] }, rows: [{ red: 0, orange: 0, yellow: 0, blue: 0 }] },
  ],
  'overview/places': [
    {
      chosen: { level: ['blue'] },
      rows: [{ region: '110105', warnings: 1, grade: 1, red: 0, orange: 0, yellow: 0, blue: 1 }],
    },
    {
      rows: [
        { region: '110105', warnings: 2, grade: 4, red: 1, orange: 0, yellow: 0, blue: 1 },
        { region: '110108', warnings: 1, grade: 2, red: 0, orange: 0, yellow: 1, blue: 0 },
      ],
    },
    {
      chosen: { region: ['110108'] },
      rows: [{ region: '110108', warnings: 1, grade: 2, red: 0, orange: 0, yellow: 1, blue: 0 }],
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
    { chosen: { level: ['red'] }, rows: [{ domain: 'food', issued: 1, open: 1, red: 1 }] },
    {
      rows: [
        { domain: 'food', issued: 4, open: 2, red: 1 },
        { domain: 'gas', issued: 1, open: 1, red: 0 },
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
    { chosen: { level: ['blue'] }, rows: [{ department: 'market', open: 1, overdue: 0, red: 0 }] },
  ],
  'department/overdue': [
    { rows: [owed('sign', 'a', NOW - DAY_MS)] },
    { chosen: { level: ['yellow'] }, rows: [] },
    { chosen: { department: ['housing'] }, rows: [] },
  ],
  'department/due-soon': [{ rows: [owed('feedback', 'a', NOW + DAY_MS)] }, { chosen: GAS, rows: [] }],
  'department/punctuality': [
    { rows: [{ time: WEEK, department: 'market', share: 0.5 }] },
    { chosen: { department: ['fire'] }, rows: [] },
  ],
  'department/speed': [
    { rows: [{ department: 'market', kind: 'sign', kept: 1, missed: 1, hours_taken: 3 }] },
    { chosen: { level: ['yellow'] }, rows: [] },
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
    {
      chosen: { level: ['orange'] },
      rows: [{ department: 'market', confirmed: 1, refuted: 0, precision: 1 }],
    },
    { chosen: GAS, rows: [] },
  ],
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
    { chosen: { level: ['red'] }, rows: [{ region: '110105', issued: 1, open: 1, closed: 0, red: 1 }] },
    {
      rows: [
        { region: '110105', issued: 4, open: 2, closed: 2, red: 1 },
        { region: '110108', issued: 1, open: 1, closed: 0, red: 0 },
      ],
    },
  ],
  'domain/status': [
    { chosen: { level: ['red'] }, rows: [{ status: 'pushed', total: 1 }] },
    {
      rows: [
        { status: 'closed', total: 2 },
        { status: 'pushed', total: 2 },
        { status: 'quiet', total: 2 },
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
  ...MORE_EXPECTED,
  ...EXPECTED_RISK,
};
