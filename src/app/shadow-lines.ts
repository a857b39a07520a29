// What models in the shadow said, as lines and tables, in Chinese.
import type { LevelCounts } from '../pipeline/measures/warning-counts.js';
import type { BesideLive } from '../pipeline/shadow/beside-live.js';
import type { AddedLoad, ShadowReport, WeekLoad } from '../pipeline/shadow/shadow-models.js';
import { countedBlocks } from './backtest-lines.js';
import type { ShadowsFound } from './models-shadow.js';
import { block, linesOf, type Block } from './terminal-table.js';

const LIVE_HEAD = [
  '正式模型',
  ...['预警', '红', '橙', '黄', '蓝'],
  ...['共同对象', '仅试运行有', '仅正式有'],
  ...['试运行更早', '同时', '更晚', '正式早已预警', '时间不重合', '提前小时（中位）'],
];
const LOAD_HEAD = ['转正后的部门工作量', '每周可查', '周均户数', '最多', '超出的周数', '期末积压至多'];

/** Each model with everything that is known of it. */
export function shadowLines({ revision, models }: ShadowsFound): string[] {
  if (models.length === 0) return [`规则版本 ${revision} 里没有试运行的模型（status: shadow）`];
  return linesOf(models.flatMap((report, index) => [...(index === 0 ? [] : ['', '']), ...blocksOf(report)]));
}

/** The totals of a model, in a line. */
export function shadowTotals(report: ShadowReport): string {
  const { model, warnings, standing, live, load, since } = report;
  if (since === null) return `${model} 试运行以来没有预警`;
  const { both, onlyShadow, onlyLive } = live.together.subjects;
  const loads = load.map(({ name, live: before, together, capacity }) => {
    const most = capacity === null ? '' : `（每周可查 ${capacity}）`;
    return `${name}周均 ${before.mean.toFixed(1)} → ${together.mean.toFixed(1)} 户${most}`;
  });
  return [
    `${model} 试运行自 ${since}：${countText(warnings)}，现有 ${standing} 条`,
    `与同一事项的正式模型共同预警 ${both} 个对象，仅试运行有 ${onlyShadow} 个，仅正式有 ${onlyLive} 个`,
    ...loads,
  ].join('；');
}

function blocksOf(report: ShadowReport): Block[] {
  const { model, title, itemTitle, since, sinceBy, changed, to, days, warnings, standing } = report;
  const { live, load } = report;
  const head = `${model} ${title}（监管事项：${itemTitle}）`;
  if (since === null) return [head, `至 ${to} 没有预警，何时开始试运行没有记载`];
  const by = sinceBy === 'history' ? '按规则变更记录' : '按第一条预警';
  return [
    head,
    `试运行自 ${since}（${by}）至 ${to}，${days.toFixed(1)} 日${changed === null ? '' : `；其间改过模型，最近一次 ${changed}，以前的预警出自旧写法`}`,
    `${countText(warnings)}，现有 ${standing} 条`,
    ...(warnings.total === 0 ? [] : ['', ...countedBlocks(report)]),
    '',
    ...(live.models.length === 0
      ? ['同一监管事项没有正式运行的模型，无从对照']
      : block([
          LIVE_HEAD,
          ...live.models.map((one) => liveRow(one.model, one)),
          ...(live.models.length === 1 ? [] : [liveRow('合计', live.together)]),
        ])),
    ...(load.length === 0 ? [] : ['', ...block([LOAD_HEAD, ...load.map(loadRow)])]),
  ];
}

function countText({ total, red, orange, yellow, blue }: LevelCounts): string {
  return `预警 ${total} 条（红 ${red}、橙 ${orange}、黄 ${yellow}、蓝 ${blue}）`;
}

function liveRow(name: string, one: BesideLive & LevelCounts): string[] {
  const { subjects, order, hoursEarlier } = one;
  return [
    name,
    ...[one.total, one.red, one.orange, one.yellow, one.blue].map(String),
    ...[subjects.both, subjects.onlyShadow, subjects.onlyLive].map(String),
    ...[order.earlier, order.atOnce, order.later, order.already, order.apart].map(String),
    hoursEarlier === null ? '—' : hoursEarlier.toFixed(1),
  ];
}

function loadRow({ name, capacity, weeks, live, together }: AddedLoad): string[] {
  const both = (textOf: (load: WeekLoad) => string) => `${textOf(live)} → ${textOf(together)}`;
  return [
    name,
    capacity === null ? '未写明' : String(capacity),
    both(({ mean }) => mean.toFixed(1)),
    both(({ most }) => String(most)),
    capacity === null ? '—' : `${both(({ over }) => String(over))}（共 ${weeks} 周）`,
    capacity === null ? '—' : both(({ waiting }) => String(waiting)),
  ];
}
