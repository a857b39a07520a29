// 部门: what waits for whom, what is late, and how often warnings were right.
import type { BoardSpec } from './board.js';

const DEADLINE = ['due', 'department', 'kind', 'level', 'model', 'warning'];

export const DEPARTMENT: BoardSpec = {
  board: 'department',
  title: '部门',
  description: '各部门未办结和逾期的预警、工作量、按期率、属实率。',
  choices: ['department', 'domain', 'level'],
  from: 'now-30d',
  panels: [
    {
      kind: 'rows',
      title: '待办和逾期',
      asks: '每个部门还有多少预警没办，多少已经逾期，多少是红色？',
      from: 'department/open',
      size: [12, 9],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['department', 'open', 'overdue', 'red'],
    },
    {
      kind: 'rows',
      title: '属实率',
      asks: '部门核实过的预警里，有多少属实？',
      from: 'department/precision',
      size: [12, 9],
      leads: { board: 'models', title: '按模型看' },
      columns: ['department', 'confirmed', 'refuted', 'precision'],
    },
    {
      kind: 'rows',
      title: '逾期事项',
      asks: '哪些期限已经过了，拖得最久的是哪条？',
      from: 'department/overdue',
      size: [12, 10],
      leads: { board: 'joint', title: '看联合检查' },
      columns: DEADLINE,
    },
    {
      kind: 'rows',
      title: '三日内到期',
      asks: '三天之内有哪些期限要到？',
      from: 'department/due-soon',
      size: [12, 10],
      leads: { board: 'joint', title: '看联合检查' },
      columns: DEADLINE,
    },
    {
      kind: 'bars',
      title: '工作量',
      asks: '每天有多少预警到各部门？',
      from: 'department/load',
      size: [12, 8],
      leads: { board: 'models', title: '按模型看' },
      columns: ['department', 'total'],
    },
    {
      kind: 'lines',
      title: '按期率',
      asks: '各部门每周有多大比例的期限按期办了？',
      from: 'department/punctuality',
      size: [12, 8],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['share', 'kept', 'missed'],
      unit: 'percentunit',
    },
    {
      kind: 'bars',
      title: '推送',
      asks: '每天给各部门推送多少条，有没有送不到的？',
      from: 'department/messages',
      size: [24, 7],
      leads: { board: 'operations', title: '看系统运行' },
      columns: ['delivered', 'undeliverable'],
    },
  ],
};
