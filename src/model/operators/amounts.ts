// Operators that make one number of the events of a window.
import type { FieldType } from '../../events/fields.js';
import { happens, later, type ExampleEvent, type Operator } from './operator.js';

const NUMBER: FieldType = { type: 'number' };

const TAKES_NUMBER = { kind: 'expression', type: 'number' } as const;
const AGGREGATE = { yields: NUMBER, aggregate: true, paned: true } as const;
const ORDERED = { yields: NUMBER, aggregate: true, paned: false } as const;

const fine = (at: string, amount: number): ExampleEvent => happens(at, 'penalty', `{ amount: ${amount} }`);
/** Readings of one metric alone. */
const TEMPERATURE = `'event.metric == "temperature"'`;

const reading = (at: string, value: number): ExampleEvent =>
  happens(at, 'sensor-reading', `{ metric: temperature, value: ${value} }`);
const complaint = (at: string, complainant: string): ExampleEvent =>
  happens(at, 'complaint', `{ category: 食品过期, complainant: ${complainant} }`);
const inspection = (at: string, number: string, result: string): ExampleEvent =>
  happens(at, 'inspection', `{ inspection: ${number}, result: ${result} }`);

export const AMOUNTS = {
  count: {
    name: { zh: '件数', en: 'count' },
    says: {
      zh: "窗口内有多少件。`'*'` 数全部；写表达式的，只数结果不为空的；窗口里没有事件时为 0。",
      en: "How many events lie in the window: all with '*', with an expression those where it is not null.",
    },
    argument: { kind: 'expression', type: 'any', all: true },
    ...AGGREGATE,
    nullable: false,
    unit: '件',
    work: 'constant',
    memory: 'event',
    example: {
      scope: 'subject',
      indicator: "{ from: complaint, count: '*', over: 7d }",
      level: 'x >= 3',
      events: [
        complaint('0d', 'p1'),
        complaint('2d', 'p2'),
        complaint('2d12h', 'p1'),
        later('7d'),
        later('10d'),
      ],
    },
  },
  sum: {
    name: { zh: '合计', en: 'sum' },
    says: {
      zh: '窗口内各件数值的合计，逐件精确相加，不随时间漂移；窗口里没有事件时为 0。',
      en: 'The sum of a number over the events, exactly rounded, so that it does not drift; 0 over none.',
    },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: false,
    unit: '与所加的字段相同，如元',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: "{ from: penalty, sum: 'event.amount', over: 365d }",
      level: 'x >= 100000',
      events: [later('0d'), fine('1d', 80_000), fine('40d', 25_000.5), later('366d')],
    },
  },
  avg: {
    name: { zh: '平均', en: 'average' },
    says: {
      zh: '窗口内各件数值的算术平均；窗口里没有事件时为空。',
      en: 'The arithmetic mean of a number over the events; null over none.',
    },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: true,
    unit: '与所算的字段相同',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, avg: 'event.value', over: 1h }`,
      level: 'x > 8',
      events: [reading('0m', 4), reading('20m', 10), reading('40m', 10), later('1h'), later('1h40m')],
    },
  },
  min: {
    name: { zh: '最小', en: 'minimum' },
    says: { zh: '窗口内最小的数值；窗口里没有事件时为空。', en: 'The least number; null over no events.' },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: true,
    unit: '与所算的字段相同',
    work: 'constant, n at times',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, min: 'event.value', over: 1h }`,
      level: 'x > 8',
      events: [reading('0m', 6), reading('20m', 9), reading('40m', 12), later('1h'), later('2h')],
    },
  },
  max: {
    name: { zh: '最大', en: 'maximum' },
    says: {
      zh: '窗口内最大的数值；窗口里没有事件时为空。',
      en: 'The largest number; null over no events.',
    },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: true,
    unit: '与所算的字段相同',
    work: 'constant, n at times',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, max: 'event.value', over: 1h }`,
      level: 'x > 8',
      events: [reading('0m', 9), reading('20m', 4), reading('40m', 5), later('1h'), later('2h')],
    },
  },
  distinct: {
    name: { zh: '不同值', en: 'distinct values' },
    says: {
      zh: '窗口内有多少个不同的值，例如多少名投诉人；空值不算。一万个以内准确，再多是超限错误；加写 `approx: true` 用估计。',
      en: 'How many different values lie in the window, null aside; exact to 10,000, or approx: true.',
    },
    argument: { kind: 'expression', type: 'any' },
    ...AGGREGATE,
    nullable: false,
    unit: '个',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: "{ from: complaint, distinct: 'event.complainant', over: 7d }",
      level: 'x >= 2',
      events: [
        complaint('0d', 'p1'),
        complaint('1d', 'p1'),
        complaint('3d', 'p2'),
        later('8d'),
        later('10d'),
      ],
    },
  },
  stddev: {
    name: { zh: '波动', en: 'standard deviation' },
    says: {
      zh: '数值上下波动多少（样本标准差）；不足两个数时为空，全都相同时为 0。',
      en: 'The sample standard deviation; null below two numbers, 0 where all are equal.',
    },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: true,
    unit: '与所算的字段相同',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, stddev: 'event.value', over: 1h }`,
      level: 'x > 3',
      events: [reading('0m', 2), reading('20m', 4), reading('40m', 9), later('1h30m')],
    },
  },
  quantile: {
    name: { zh: '分位数', en: 'quantile' },
    says: {
      zh: '`q: 0.95` 是 95% 的数值不超过的那个数，0.5 就是中位数；两数之间按比例内插；窗口里没有事件时为空。',
      en: 'The number that a part q of the numbers does not exceed, linearly interpolated; null over none.',
    },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: true,
    unit: '与所算的字段相同',
    work: 'sorted',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, quantile: 'event.value', q: 0.5, over: 1h }`,
      level: 'x > 5',
      events: [reading('0m', 3), reading('15m', 30), reading('30m', 5), later('1h30m')],
    },
  },
  share: {
    name: { zh: '占比', en: 'share' },
    says: {
      zh: '满足条件的占全部的多少，从 0 到 1；窗口里没有事件时为空。',
      en: 'The part of the events for which the condition holds, 0 to 1; null over no events.',
    },
    argument: { kind: 'expression', type: 'bool' },
    ...AGGREGATE,
    nullable: true,
    unit: '0 到 1 的比例',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: `{ from: inspection, share: 'event.result == "fail"', over: 180d }`,
      level: 'x >= 0.5',
      events: [
        inspection('0d', 'J-1', 'pass'),
        inspection('30d', 'J-2', 'fail'),
        inspection('60d', 'J-3', 'fail'),
        later('180d'),
        later('240d'),
      ],
    },
  },
  trend: {
    name: { zh: '趋势', en: 'trend' },
    says: {
      zh: '数值平均每日升高多少（最小二乘直线的斜率），下降为负；不足两个时刻时为空。',
      en: 'Growth a day: the slope of the least-squares line; null below two instants.',
    },
    argument: TAKES_NUMBER,
    ...AGGREGATE,
    nullable: true,
    unit: '所算的字段每日多少',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, trend: 'event.value', over: 2d }`,
      level: 'x > 4',
      events: [reading('0d', 10), reading('12h', 13), reading('1d', 16), later('2d'), later('2d12h')],
    },
  },
  changes: {
    name: { zh: '变化次数', en: 'changes' },
    says: {
      zh: '按先后顺序，值与前一件不同的有几次；只有一件或没有时为 0。',
      en: 'How many events bring another value than the one before them; 0 below two events.',
    },
    argument: { kind: 'expression', type: 'any' },
    ...ORDERED,
    nullable: false,
    unit: '次',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'subject',
      indicator: "{ from: inspection, changes: 'event.result', over: 180d }",
      level: 'x >= 2',
      events: [
        inspection('0d', 'J-1', 'pass'),
        inspection('30d', 'J-2', 'fail'),
        inspection('60d', 'J-3', 'fail'),
        inspection('90d', 'J-4', 'pass'),
        later('180d'),
      ],
    },
  },
  increase: {
    name: { zh: '增加量', en: 'increase' },
    says: {
      zh: '表计读数在窗口内增加了多少；读数变小视为归零重计，从零算起；不足两件时为 0。',
      en: 'Growth of a counter in the window; a smaller number is a reset to zero; 0 below two events.',
    },
    argument: TAKES_NUMBER,
    ...ORDERED,
    nullable: false,
    unit: '与所算的字段相同',
    work: 'constant',
    memory: 'event and value',
    example: {
      scope: 'device',
      indicator: `{ from: sensor-reading, where: ${TEMPERATURE}, increase: 'event.value', over: 1d }`,
      level: 'x > 40',
      events: [reading('0h', 100), reading('6h', 130), reading('12h', 20), later('1d'), later('1d12h')],
    },
  },
} as const satisfies { readonly [name: string]: Operator };
