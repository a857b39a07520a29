// A comparison of two sets of rules as lines and tables, in Chinese.
import { formatInstant } from '../events/timestamp.js';
import { CHANGES, type Difference } from '../pipeline/shadow/episodes.js';
import type { BacktestReport } from '../pipeline/backtest/report.js';
import type { CompareResult } from './backtest-comparing.js';
import { interval, LEVEL_NAMES, percentOf } from './backtest-lines.js';
import { block, type Block } from './terminal-table.js';

/** What officials call a change. */
export const CHANGE_NAMES = {
  same: '相同',
  earlier: '提早',
  later: '推迟',
  new: '新增',
  gone: '减少',
} as const;

const SUBJECTS_SHOWN = 20;
const DIFFERENCES_SHOWN = 20;

/** The parts of a comparison. */
export function comparisonBlocks({ comparison, former, latter }: CompareResult): Block[] {
  const names = CHANGES.map((change) => CHANGE_NAMES[change]);
  const { models, changes, subjects, subjectsChanged, differences } = comparison;
  return [
    `规则 ${former.revision} → ${latter.revision}，${latter.events} 条事件：`,
    ...block([
      ['模型', ...names, '加重', '减轻'],
      ...models.map(({ model, changes: own, graver, milder }) => [
        model,
        ...[...CHANGES.map((change) => own[change]), graver, milder].map(String),
      ]),
      ['合计', ...CHANGES.map((change) => String(changes[change])), ...sums(models)],
    ]),
    '',
    ...block([
      ['', '预警', '每日', '精确率', '95%区间', '召回率', '95%区间', '提前（中位）'],
      sideRow('原规则', former),
      sideRow('新规则', latter),
    ]),
    '',
    ...block([
      [`有变化的对象（${subjectsChanged} 个）`, ...names.slice(1), '提早小时数'],
      ...subjects
        .slice(0, SUBJECTS_SHOWN)
        .map(({ scope, key, changes: own, hoursWon }) => [
          `${scope}:${key}`,
          ...[own.earlier, own.later, own.new, own.gone].map(String),
          hoursWon.toFixed(1),
        ]),
    ]),
    ...(differences.length === 0 ? [] : ['', ...differences.slice(0, DIFFERENCES_SHOWN).map(differenceLine)]),
  ];
}

function sums(models: CompareResult['comparison']['models']): string[] {
  const sum = (of: (model: (typeof models)[number]) => number) =>
    String(models.reduce((total, model) => total + of(model), 0));
  return [sum(({ graver }) => graver), sum(({ milder }) => milder)];
}

function sideRow(name: string, { warnings, perDay, accuracy }: BacktestReport): string[] {
  const measured = accuracy?.levels[0];
  const { precision = null, recall = null } = measured ?? {};
  const median = measured?.lead.median ?? null;
  return [
    name,
    String(warnings.total),
    perDay.toFixed(2),
    precision === null ? '—' : percentOf(precision.value),
    interval(precision),
    recall === null ? '—' : percentOf(recall.value),
    interval(recall),
    median === null ? '—' : `${median.value.toFixed(1)} 日`,
  ];
}

/** One change in words. */
export function differenceLine({ change, model, scope, key, replayed, before }: Difference): string {
  const text = (one: Difference['before']) =>
    one === null ? '无' : `${LEVEL_NAMES[one.level]} ${formatInstant(one.raised)}`;
  return `  ${CHANGE_NAMES[change]}：${model} ${scope}:${key}：${text(before)} → ${text(replayed)}`;
}
