// 态势总览: what stands now, where, and whether it grows.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { boardOf } from './board.js';
import type { Names } from './names.js';
import { bars, figures, places, rows } from './panels.js';

const LEVELS = ['red', 'orange', 'yellow', 'blue'];

export function overview(names: Names): DashboardBuilder {
  return boardOf(names, {
    board: 'overview',
    title: '态势总览',
    description: '全域预警的总体态势：当前各级预警、地区分布、走势、重点行业和领域。',
    choices: ['domain', 'region', 'level'],
    from: 'now-30d',
  })
    .withPanel(
      figures(
        names,
        {
          title: '当前预警',
          asks: '现在各级预警各有多少条？',
          from: 'overview/levels',
          size: [24, 4],
          leads: { board: 'domain', title: '按领域看' },
        },
        LEVELS,
      ),
    )
    .withPanel(
      places(
        names,
        {
          title: '地区态势',
          asks: '现在哪些地方有预警，最高到哪一级？点越大预警越多，颜色是最高级别。',
          from: 'overview/places',
          size: [12, 12],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['region', 'warnings', 'grade', ...LEVELS],
      ),
    )
    .withPanel(
      bars(
        names,
        {
          title: '预警走势',
          asks: '每天新发多少条预警，最高到哪一级？',
          from: 'overview/trend',
          size: [12, 6],
          leads: { board: 'models', title: '按模型看' },
        },
        LEVELS,
      ),
    )
    .withPanel(
      bars(
        names,
        {
          title: '事件走势',
          asks: '每天各数据流来多少事件，有没有断？',
          from: 'overview/events-trend',
          size: [12, 6],
          leads: { board: 'operations', title: '看系统运行' },
        },
        ['stream', 'total'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '最重的预警',
          asks: '现在最重的预警是哪些，归谁牵头，办到哪一步？',
          from: 'overview/gravest',
          size: [24, 10],
          leads: { board: 'department', title: '按部门看' },
        },
        ['raised', 'level', 'title', 'name', 'key', 'region', 'domain', 'status', 'lead', 'warning'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '重点行业',
          asks: '哪些行业风险最高，各有多少预警和事件？',
          from: 'overview/top-industries',
          size: [12, 10],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['industry', 'index', 'points', 'subjects', 'warnings', 'red', 'events'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '各领域',
          asks: '各领域新发多少、未办结多少、其中红色多少？',
          from: 'overview/domains',
          size: [12, 10],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['domain', 'raised', 'open', 'red'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '各地区',
          asks: '各地区新发多少预警，风险指数多高，有多少事件和监管对象？',
          from: 'overview/map',
          size: [24, 9],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['region', 'warnings', ...LEVELS, 'events', 'subjects', 'index'],
      ),
    );
}
