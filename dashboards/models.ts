// 预警模型: how much each says, how often it is right, and what a trial would have said.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { boardOf } from './board.js';
import type { Names } from './names.js';
import { bars, lines, rows } from './panels.js';

export function models(names: Names): DashboardBuilder {
  return boardOf(names, {
    board: 'models',
    title: '预警模型',
    description: '各模型的预警量、属实率、提前量，以及试运行与正式运行的对照。',
    choices: ['model', 'region'],
    from: 'now-90d',
  })
    .withPanel(
      bars(
        names,
        {
          title: '预警量',
          asks: '每个模型每天发多少预警？',
          from: 'models/warnings',
          size: [24, 8],
          leads: { board: 'department', title: '按部门看' },
        },
        ['model', 'total'],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '准不准、早不早',
          asks: '每个模型有多准（95% 区间），比损害早多少小时，代价多大？',
          from: 'models/precision',
          size: [24, 12],
          leads: { board: 'domain', title: '按领域看' },
        },
        [
          'model',
          'raised',
          'per_day',
          'withdrawn',
          'judged',
          'confirmed',
          'refuted',
          'precision',
          'low',
          'high',
          'hours_to_sign',
          'harms',
          'hours_of_lead',
        ],
      ),
    )
    .withPanel(
      rows(
        names,
        {
          title: '试运行对照',
          asks: '回放的模型会说什么，和正式运行说的差多少？',
          from: 'models/shadow',
          size: [12, 9],
          leads: { board: 'overview', title: '看总览' },
        },
        ['replay', 'model', 'shadow', 'live', 'both'],
      ),
    )
    .withPanel(
      lines(
        names,
        {
          title: '指标数值',
          asks: '模型的预警变化时，它的指标是多少？',
          from: 'models/indicators',
          size: [12, 9],
          leads: { board: 'domain', title: '按领域看' },
        },
        ['model', 'indicator', 'mean', 'lowest', 'highest'],
      ),
    );
}
