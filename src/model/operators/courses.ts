// Operators that look at the order of events, at time, or at other indicators.
import type { FieldType } from '../../events/fields.js';
import { happens, later, type ExampleEvent, type Operator } from './operator.js';

const NUMBER: FieldType = { type: 'number' };
const BOOL: FieldType = { type: 'bool' };
const ALONE = { aggregate: false, paned: false } as const;

/** Readings of one metric alone. */
const TEMPERATURE = `'event.metric == "temperature"'`;

const reading = (at: string, value: number): ExampleEvent =>
  happens(at, 'sensor-reading', `{ metric: temperature, value: ${value} }`);
const inspection = (at: string, number: string, result: string, more = ''): ExampleEvent =>
  happens(at, 'inspection', `{ inspection: ${number}, result: ${result}${more} }`);
const complaint = (at: string, category: string): ExampleEvent =>
  happens(at, 'complaint', `{ category: ${category} }`);

const FIELD_EXAMPLE_EVENTS = [
  inspection('0d', 'J-1', 'pass'),
  inspection('30d', 'J-2', 'fail'),
  later('180d'),
  later('210d'),
];

export const COURSES = {
  last: {
    name: { zh: '最近一次', en: 'last' },
    says: {
      zh: "最近一次事件的某个字段，按发生时间先后；窗口里没有事件时为空。写 `'event'` 得到整件，再取它的字段。",
      en: "A value of the latest event by time; null over no events. 'event' gives all its fields.",
    },
    argument: { kind: 'expression', type: 'any' },
    yields: null,
    nullable: true,
    ...ALONE,
    unit: '与所取的字段相同',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: "{ from: inspection, last: 'event.result', over: 180d }",
      level: 'x == "fail"',
      events: FIELD_EXAMPLE_EVENTS,
    },
  },
  first: {
    name: { zh: '最早一次', en: 'first' },
    says: {
      zh: '窗口内最早一次事件的某个字段，按发生时间先后；窗口里没有事件时为空。',
      en: 'A value of the earliest event of the window by time; null over no events.',
    },
    argument: { kind: 'expression', type: 'any' },
    yields: null,
    nullable: true,
    ...ALONE,
    unit: '与所取的字段相同',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: "{ from: inspection, first: 'event.result', over: 180d }",
      level: 'x == "fail"',
      events: FIELD_EXAMPLE_EVENTS,
    },
  },
  since: {
    name: { zh: '过了多久', en: 'since' },
    says: {
      zh: '距窗口内最近（`last`）或最早（`first`）一次事件过了多久，与 `days(30)`、`hours(6)` 比较；窗口里没有事件时为空。',
      en: 'Time since the last or first event of the window; null over no events.',
    },
    argument: { kind: 'word', among: ['last', 'first'] },
    yields: { type: 'duration' },
    nullable: true,
    ...ALONE,
    unit: '秒',
    work: 'constant',
    memory: 'event',
    example: {
      scope: 'subject',
      indicator: '{ from: inspection, since: last, over: 400d }',
      level: 'x >= days(30)',
      events: [inspection('0d', 'J-1', 'pass'), later('10d'), inspection('12d', 'J-2', 'pass'), later('42d')],
    },
  },
  streak: {
    name: { zh: '连续次数', en: 'streak' },
    says: {
      zh: '截至最近一件，连续多少件满足条件；最近一件不满足或者没有事件时为 0。',
      en: 'How many of the latest events in a row satisfy the condition; 0 where the latest does not.',
    },
    argument: { kind: 'expression', type: 'bool' },
    yields: NUMBER,
    nullable: false,
    ...ALONE,
    unit: '次',
    work: 'constant, n at times',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, streak: 'event.value >= 10', over: 1h }`,
      level: 'x >= 2',
      events: [reading('0m', 12), reading('10m', 11), reading('20m', 9), reading('30m', 10), later('1h30m')],
    },
  },
  new: {
    name: { zh: '是否新出现', en: 'new' },
    says: {
      zh: '最近一件的值，窗口内以前是否没有出现过；只有一件也算新，窗口里没有事件时为空。',
      en: 'Whether the value of the latest event was not seen before it in the window; null over no events.',
    },
    argument: { kind: 'expression', type: 'any' },
    yields: BOOL,
    nullable: true,
    ...ALONE,
    unit: '是或否',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: "{ from: complaint, new: 'event.category', over: 30d }",
      level: 'x',
      events: [
        complaint('0d', '食品过期'),
        complaint('3d', '食品过期'),
        complaint('5d', '食品异物'),
        later('35d'),
      ],
    },
  },
  absent: {
    name: { zh: '没有发生', en: 'absent' },
    says: {
      zh: '是否已有 `over` 那么久一件也没有，从最近一件和登记时间里较晚的算起，系统停机没有收数的时间不计；从未登记也从未有过的为空。',
      en: 'Whether nothing came for the span of over, counted from the later of the last event and the registration.',
    },
    argument: { kind: 'word', among: ['true'] },
    yields: BOOL,
    nullable: true,
    ...ALONE,
    unit: '是或否',
    work: 'constant',
    memory: 'event',
    example: {
      scope: 'device',
      indicator: '{ from: sensor-reading, absent: true, over: 2h }',
      level: 'x',
      events: [reading('0h', 5), later('1h'), later('2h'), reading('3h', 5), later('5h')],
    },
  },
  sequence: {
    name: { zh: '先后', en: 'sequence' },
    says: {
      zh: '几件事先后发生，或者到期没有发生，一共完成了几次；最后一步要落在 `over` 之内。迟到的、撤销的会重新核对。',
      en: 'How many times steps came one after the other, or did not come in time; the last step lies in over.',
    },
    argument: { kind: 'steps' },
    yields: NUMBER,
    nullable: false,
    ...ALONE,
    unit: '次',
    work: 'matches',
    memory: 'event and what later steps read',
    example: {
      scope: 'subject',
      indicator: `
    sequence:
      - { as: order, from: inspection, where: 'event.result == "fail"' }
      - { not: rectification, where: 'event.inspection == order.id', until: 10d }
    over: 180d`,
      level: 'x > 0',
      events: [
        inspection('0d', 'J-1', 'fail'),
        inspection('2d', 'J-2', 'fail'),
        happens('8d', 'rectification', '{ inspection: J-1, result: done }'),
        later('10d'),
        later('12d'),
        later('192d'),
      ],
    },
  },
  value: {
    name: { zh: '由其他指标算出', en: 'computed value' },
    says: {
      zh: '由这个模型的其他指标算出，不读事件，也没有窗口；分母为零、其中有空值的，结果为空。直接用到 `now` 或距某事多久的，加写 `every` 定时取样。',
      en: 'Computed from other indicators of the model; null where a denominator is 0 or a part is null.',
    },
    argument: { kind: 'figure' },
    yields: null,
    nullable: true,
    ...ALONE,
    unit: '依算式而定',
    work: 'expression',
    memory: 'nothing',
    example: {
      scope: 'subject',
      indicator: "{ value: 'failures / inspections' }",
      beside: {
        failures: `{ from: inspection, where: 'event.result == "fail"', count: '*', over: 180d }`,
        inspections: "{ from: inspection, count: '*', over: 180d }",
      },
      level: 'x >= 0.5',
      events: [
        later('0d'),
        inspection('1d', 'J-1', 'pass'),
        inspection('30d', 'J-2', 'fail'),
        later('181d'),
        later('210d'),
      ],
    },
  },
} as const satisfies { readonly [name: string]: Operator };
