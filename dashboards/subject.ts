// 对象画像: one subject, who it is, how its credit ran, and everything that happened to it on one time line.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { boardOf } from './board.js';
import type { Names } from './names.js';
import { ranks, rows } from './panels.js';

export function subject(names: Names): DashboardBuilder {
  return boardOf(names, {
    board: 'subject',
    title: '对象画像',
    description: '一个监管对象的登记信息、信用变化、风险构成，以及它的全部事件和预警。',
    choices: ['region', 'subject'],
    from: 'now-1y',
  })
    .withPanel(
      rows(
        names,
        {
          title: '基本信息',
          asks: '这个对象是谁，在哪里，归哪些领域监管？',
          from: 'subject/profile',
          size: [24, 4],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['key', 'name', 'kind', 'region', 'industry', 'domains', 'tags', 'credit', 'status', 'since'],
      ),
    )
    .withPanel(
      ranks(
        names,
        {
          title: '风险构成',
          asks: '它的风险有多高，主要从哪里来？',
          from: 'subject/risk',
          size: [8, 9],
          leads: { board: 'overview', title: '看总览' },
        },
        ['component', 'points'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '信用变化',
          asks: '它的信用等级怎么变的，为什么？',
          from: 'subject/credit',
          size: [16, 9],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['time', 'credit', 'kind', 'reason'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '预警',
          asks: '它有过哪些预警，结果如何？',
          from: 'subject/warnings',
          size: [24, 8],
          leads: { board: 'department', title: '按部门看' },
        },
        ['raised', 'title', 'gravest', 'status', 'finding', 'lead', 'warning'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '全过程',
          asks: '它身上依次发生了什么？事件和预警排在一条时间线上，最近的在前。',
          from: 'subject/timeline',
          size: [24, 14],
          leads: { board: 'overview', title: '看总览' },
        },
        ['time', 'kind', 'what', 'level', 'detail', 'link'],
      ),
    );
}
