// 态势总览: what stands now, where, and whether it grows.
import type { BoardSpec } from './board.js';

const PARTS = ['penalties', 'inspections', 'complaints', 'judgments', 'listings', 'opinions', 'warnings'];
/** Of what overview/riskiest and overview/gravest say. */
export const RISKIEST = ['key', 'name', 'region', 'industry', 'credit', 'index', ...PARTS];
export const STANDING = [
  ...['raised', 'level', 'title', 'name', 'key', 'device', 'region', 'domain', 'status', 'lead', 'warning'],
];
const LEVELS = ['red', 'orange', 'yellow', 'blue'];

export const OVERVIEW: BoardSpec = {
  board: 'overview',
  title: '态势总览',
  description: '全域预警的总体态势：当前各级预警、地区分布、走势、重点行业和领域。',
  from: 'now-30d',
  panels: [
    {
      kind: 'figures',
      title: '当前预警',
      asks: '现在各级预警各有多少条？',
      from: 'overview/levels',
      size: [24, 4],
      leads: { board: 'domain', title: '按领域看' },
      columns: LEVELS,
    },
    {
      kind: 'places',
      title: '地区态势',
      asks: '现在哪些地方有预警，最高到哪一级？点越大预警越多，颜色是最高级别。',
      from: 'overview/places',
      size: [12, 12],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['region', 'warnings', 'grade', ...LEVELS],
    },
    {
      kind: 'bars',
      title: '预警走势',
      asks: '每天新发多少条预警，最高到哪一级？',
      from: 'overview/trend',
      size: [12, 6],
      leads: { board: 'models', title: '按模型看' },
      columns: LEVELS,
    },
    {
      kind: 'bars',
      title: '事件走势',
      asks: '每天各类数据收到多少事件，有没有中断？',
      from: 'overview/events-trend',
      size: [12, 6],
      leads: { board: 'operations', title: '看系统运行' },
      columns: ['stream', 'total'],
    },
    {
      kind: 'rows',
      title: '级别最高的预警',
      asks: '现在级别最高的预警有哪些，由谁牵头，办到哪一步？',
      from: 'overview/gravest',
      size: [24, 10],
      leads: { board: 'department', title: '按部门看' },
      columns: STANDING,
    },
    {
      kind: 'rows',
      title: '高风险对象',
      asks: '哪些对象的风险指数最高，分值从哪里来？选了地区，只算发生在那里的；选了领域，只看归它监管的。',
      from: 'overview/riskiest',
      size: [24, 10],
      leads: { board: 'subject', title: '看对象画像' },
      columns: RISKIEST,
    },
    {
      kind: 'parts',
      title: '地区风险构成',
      asks: '哪些地区风险最高，主要从哪里来？每个监管对象平均多少分，过一年减半。',
      from: 'overview/region-risk',
      size: [12, 11],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['region', ...PARTS],
    },
    {
      kind: 'parts',
      title: '行业风险构成',
      asks: '全域哪些行业风险最高，主要从哪里来？每个监管对象平均多少分，过一年减半。',
      from: 'overview/industry-risk',
      size: [12, 11],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['industry', ...PARTS],
    },
    {
      kind: 'rows',
      title: '重点行业',
      asks: '全域哪些行业的风险指数最高，各有多少预警和事件？',
      from: 'overview/top-industries',
      size: [12, 10],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['industry', 'index', 'points', 'subjects', 'warnings', 'red', 'events'],
    },
    {
      kind: 'rows',
      title: '各领域',
      asks: '各领域新发多少、未办结多少、其中红色多少？',
      from: 'overview/domains',
      size: [12, 10],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['domain', 'issued', 'open', 'red'],
    },
    {
      kind: 'rows',
      title: '各地区',
      asks: '各地区新发多少预警，风险指数多高，有多少事件和监管对象？',
      from: 'overview/map',
      size: [24, 9],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['region', 'warnings', ...LEVELS, 'events', 'subjects', 'index'],
    },
  ],
};
