// 领域: one domain of supervision, its warnings, places and subjects.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { boardOf } from './board.js';
import type { Names } from './names.js';
import { bars, ranks, rows } from './panels.js';

export function domain(names: Names): DashboardBuilder {
  return boardOf(names, {
    board: 'domain',
    title: '领域',
    description: '一个监管领域的预警、事件、地区和监管对象。',
    choices: ['domain', 'region', 'level'],
    from: 'now-30d',
  })
    .withPanel(
      bars(
        names,
        {
          title: '预警走势',
          asks: '本领域每天新发多少预警，各到哪一级？',
          from: 'domain/trend',
          size: [12, 8],
          leads: { board: 'models', title: '按模型看' },
        },
        ['red', 'orange', 'yellow', 'blue'],
      ),
    )
    .withPanel(
      bars(
        names,
        {
          title: '事件走势',
          asks: '本领域每天有多少投诉、检查、处罚和其他事件？',
          from: 'domain/events',
          size: [12, 8],
          leads: { board: 'operations', title: '看系统运行' },
        },
        ['stream', 'total'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '当前预警',
          asks: '本领域现在有哪些预警，最重的在前？',
          from: 'domain/open',
          size: [24, 10],
          leads: { board: 'department', title: '按部门看' },
        },
        ['raised', 'level', 'title', 'name', 'key', 'region', 'domain', 'status', 'lead', 'warning'],
      ),
    )
    .withPanel(
      ranks(
        names,
        {
          title: '办理进度',
          asks: '这些预警办到了哪一步？',
          from: 'domain/status',
          size: [8, 9],
          leads: { board: 'department', title: '按部门看' },
        },
        ['status', 'total'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '各地区',
          asks: '本领域的预警在哪些地区，办了多少？',
          from: 'domain/regions',
          size: [8, 9],
          leads: { board: 'overview', title: '看总览' },
        },
        ['region', 'raised', 'open', 'closed', 'red'],
      ),
    )
    .withPanel(
      ranks(
        names,
        {
          title: '对象信用分布',
          asks: '本领域监管的对象，信用等级怎么分布？',
          from: 'domain/credit',
          size: [8, 9],
          leads: { board: 'subject', title: '看对象画像' },
        },
        ['credit', 'total'],
      ),
    );
}
