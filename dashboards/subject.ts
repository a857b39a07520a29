// 对象画像: one subject, who it is, how its credit ran, and everything that happened to it on one time line.
import type { BoardSpec } from './board.js';

export const SUBJECT: BoardSpec = {
  board: 'subject',
  title: '对象画像',
  description: '一个监管对象的登记信息、信用变化、风险构成，以及它的全部事件和预警。',
  choices: ['region', 'subject'],
  from: 'now-1y',
  panels: [
    {
      kind: 'rows',
      title: '基本信息',
      asks: '这个对象是谁，在哪里，归哪些领域监管？',
      from: 'subject/profile',
      size: [24, 4],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['key', 'name', 'kind', 'region', 'industry', 'domains', 'tags', 'credit', 'status', 'since'],
    },
    {
      kind: 'ranks',
      title: '风险构成',
      asks: '它的风险有多高，主要从哪里来？',
      from: 'subject/risk',
      size: [8, 9],
      leads: { board: 'overview', title: '看总览' },
      columns: ['component', 'points'],
    },
    {
      kind: 'rows',
      title: '信用变化',
      asks: '它的信用等级怎么变的，为什么？',
      from: 'subject/credit',
      size: [16, 9],
      leads: { board: 'domain', title: '按领域看' },
      columns: ['time', 'credit', 'kind', 'reason'],
    },
    {
      kind: 'rows',
      title: '预警',
      asks: '它有过哪些预警，结果如何？',
      from: 'subject/warnings',
      size: [24, 8],
      leads: { board: 'department', title: '按部门看' },
      columns: ['raised', 'title', 'gravest', 'status', 'finding', 'lead', 'warning'],
    },
    {
      kind: 'rows',
      title: '全过程',
      asks: '它身上依次发生了什么？事件和预警排在一条时间线上，最近的在前。',
      from: 'subject/timeline',
      size: [24, 14],
      leads: { board: 'overview', title: '看总览' },
      columns: ['time', 'kind', 'what', 'level', 'detail', 'link'],
    },
  ],
};
