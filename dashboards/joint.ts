// 联合检查: which inspections several departments make together, and how far they have come.
import type { BoardSpec } from './board.js';

export const JOINT: BoardSpec = {
  board: 'joint',
  title: '联合检查',
  description: '跨部门联合检查任务：进行中的、各部门参与的、每天新增的。',
  from: 'now-90d',
  panels: [
    {
      kind: 'rows',
      title: '进行中的任务',
      asks: '现在有哪些联合检查，谁牵头，查哪些事项，什么时候到期？',
      from: 'joint/open',
      size: [24, 12],
      leads: { board: 'department', title: '按部门看' },
      columns: [
        'raised',
        'title',
        'name',
        'key',
        'region',
        'status',
        'lead',
        'departments',
        'items',
        'drawn',
        'due',
        'warning',
      ],
    },
    {
      kind: 'rows',
      title: '各部门',
      asks: '每个部门参加了多少联合检查，办结了多少？',
      from: 'joint/departments',
      size: [12, 9],
      leads: { board: 'department', title: '按部门看' },
      columns: ['department', 'tasks', 'open', 'closed'],
    },
    {
      kind: 'bars',
      title: '每日新增',
      asks: '每天新增多少联合检查（各部门合计）？',
      from: 'joint/trend',
      size: [12, 9],
      leads: { board: 'overview', title: '看总览' },
      columns: ['tasks'],
    },
  ],
};
