// The report of a backtest as lines and tables, in Chinese.
import { formatInstant } from '../events/timestamp.js';
import type { Estimate } from '../pipeline/measures/bootstrap.js';
import type { CountedShare } from '../pipeline/measures/accuracy.js';
import type { AgainstOutcomes, BacktestReport } from '../pipeline/backtest/report.js';
import type { LevelCounts, WarningCounts } from '../pipeline/measures/warning-counts.js';
import { block, type Block } from './terminal-table.js';

/** What officials call the levels. */
export const LEVEL_NAMES: { readonly [level: string]: string } = {
  red: '红',
  orange: '橙',
  yellow: '黄',
  blue: '蓝',
  none: '无',
};

const COUNT_HEAD = ['合计', '红', '橙', '黄', '蓝'];
const LOAD_HEAD = ['部门', '每周可查', '周均户数', '最多', '超出的周数', '期末积压至多'];
const ACCURACY_HEAD = [
  '',
  '预警',
  '未到期',
  '精确率',
  '95%区间',
  '召回率',
  '95%区间',
  '提前（中位）',
  '95%区间',
];
const WEEKS_SHOWN = 12;

/** The parts of a report; no figure of any event, keys of subjects alone. */
export function reportBlocks(report: BacktestReport): Block[] {
  const { from, to, events, warnings, perDay, load } = report;
  if (from === null || to === null) return ['没有可研判的事件。'];
  return [
    `回测 ${from} 至 ${to}：${events} 条事件，${warnings.total} 条预警，每日 ${perDay.toFixed(2)} 条（规则版本 ${report.revision}）`,
    '',
    ...countTable(
      '模型',
      report.models.map(({ model, ...counts }) => [model, counts]),
    ),
    '',
    ...countedBlocks(report),
    '',
    ...block([
      LOAD_HEAD,
      ...load.map(({ department, name, capacity, mean, most, over, weeks: rows }) => [
        name ?? department,
        capacity === null ? '未写明' : String(capacity),
        mean.toFixed(1),
        String(most),
        over === null ? '—' : `${over}/${rows.length}`,
        shown(rows[rows.length - 1]?.waiting ?? null),
      ]),
    ]),
    ...(report.accuracy === null ? [] : ['', ...accuracyLines(report.accuracy)]),
  ];
}

/** Warnings by department and week, and the subjects with most. */
export function countedBlocks(counts: Pick<WarningCounts, 'departments' | 'weeks' | 'subjects'>): Block[] {
  const weeks = counts.weeks.slice(-WEEKS_SHOWN);
  return [
    ...countTable(
      '牵头部门',
      counts.departments.map(({ name, ...own }) => [name, own]),
    ),
    '',
    ...countTable(
      counts.weeks.length > weeks.length ? `周（最近 ${weeks.length} 周）` : '周',
      weeks.map(({ week, ...own }) => [week, own]),
    ),
    '',
    ...block([
      ['预警最多的对象', '条数', '最高', '模型数'],
      ...counts.subjects.map(({ scope, key, total, gravest, models }) => {
        return [`${scope}:${key}`, String(total), LEVEL_NAMES[gravest] ?? gravest, String(models.length)];
      }),
    ]),
  ];
}

function countTable(head: string, rows: readonly (readonly [name: string, counts: LevelCounts])[]): Block[] {
  return block([
    [head, ...COUNT_HEAD],
    ...rows.map(([name, { total, red, orange, yellow, blue }]) => [
      name,
      ...[total, red, orange, yellow, blue].map(String),
    ]),
  ]);
}

function accuracyLines(accuracy: AgainstOutcomes): Block[] {
  const { outcomes, horizonDays, until, levels, kinds, first, scores, unmeasured } = accuracy;
  const models = accuracy.models.filter(({ warnings }) => warnings > 0);
  return [
    `与结果对照：${outcomes} 件，已知至 ${until}；预警后 ${trimmed(horizonDays)} 日内发生的算预警对了`,
    ...block([
      ACCURACY_HEAD,
      ...levels.map((one) => accuracyRow(`${LEVEL_NAMES[one.level]}以上`, one)),
      ...models.map((one) => accuracyRow(one.model, one)),
    ]),
    ...(models.length < accuracy.models.length
      ? [`另有 ${accuracy.models.length - models.length} 个模型没有预警`]
      : []),
    ...(unmeasured.length === 0 ? [] : [unmeasuredLine(unmeasured)]),
    ...leadLines(accuracy),
    ...block([
      ['结果', '件数', '召回率', '95%区间'],
      ...kinds.map((one) => [one.kind, String(one.outcomes), percent(one.recall), interval(one.recall)]),
    ]),
    ...block([
      ['每周前几名', '周数', '精确率', '95%区间'],
      ...first.map(({ k, weeks, precision }) => {
        return [String(k), String(weeks), percent(precision), interval(precision)];
      }),
    ]),
    ...scoreLines(scores),
    ...firstScoreLines(accuracy),
    ...leakLines(accuracy),
  ];
}

function accuracyRow(
  name: string,
  one: AgainstOutcomes['levels'][number] | AgainstOutcomes['models'][number],
) {
  return [
    name,
    String(one.warnings),
    String(one.undecided),
    counted(one.precision),
    interval(one.precision),
    counted(one.recall),
    interval(one.recall),
    one.lead.median === null ? '—' : `${one.lead.median.value.toFixed(1)} 日`,
    interval(one.lead.median, (value) => value.toFixed(1)),
  ];
}

function leadLines({ levels }: AgainstOutcomes): string[] {
  const lead = levels[0]?.lead;
  if (lead === undefined || lead.foreseen === 0) return [];
  const within = lead.within.map(({ days, share }) => `${days} 日以内 ${percentOf(share)}`);
  return [`提前量：${lead.foreseen} 件事先有预警，其中提前 ${within.join('，')}`];
}

function scoreLines(scores: AgainstOutcomes['scores']): Block[] {
  if (scores.length === 0) return [];
  return block([
    ['评分', '周数', '对象周', '发生', 'AUC', '95%区间'],
    ...scores.map(({ model, weeks, cases, happened, area }) => [
      model,
      ...[weeks, cases, happened].map(String),
      area === null ? '—' : area.value.toFixed(3),
      interval(area, (value) => value.toFixed(3)),
    ]),
  ]);
}

function firstScoreLines({ firstScores, horizonDays }: AgainstOutcomes): Block[] {
  if (firstScores === null) return [];
  const { instant, keys, happened, baseline, first } = firstScores;
  const gainHead = baseline === null ? [] : [`比 ${baseline} 高`, '95%区间'];
  return [
    `${formatInstant(instant)} 的得分：${keys} 个对象，此后 ${trimmed(horizonDays)} 日内有事的 ${happened} 个`,
    ...block([
      ['评分', '得分最高的', '有分的对象', '精确率', '95%区间', ...gainHead],
      ...first.map(({ model, k, scored, precision, gain }) => [
        ...[model, `前 ${k}`, String(scored), percent(precision), interval(precision)],
        ...(baseline === null ? [] : [points(gain), interval(gain, pointsOf)]),
      ]),
    ]),
  ];
}

const UNMEASURED_SHOWN = 8;

function unmeasuredLine(names: readonly string[]): string {
  const shown = names.slice(0, UNMEASURED_SHOWN).join('、');
  return `没有同类对象的结果，不评：${shown}${names.length > UNMEASURED_SHOWN ? ` 等 ${names.length} 个模型` : ''}`;
}

function leakLines({ leaks }: AgainstOutcomes): string[] {
  const assumed = leaks.assumed.filter((one) => one.assumed > 0);
  return [
    '泄漏检查：',
    `  依据里就有结果本身的预警 ${leaks.restingOnOutcome} 条，发出前结果已经收到的 ${leaks.outcomeKnown} 条，` +
      `依据晚于预警的事件 ${leaks.laterEvidence} 件`,
    `  找不到对应事件的结果 ${leaks.unmatched} 件，日期晚于收到时间而拒收的事件 ${leaks.futureDated} 件`,
    ...unknownLines(leaks.unknownKeys),
    ...assumed.map(({ stream, assumed: count, of }) => {
      return `  ${stream}：${count}/${of} 条没有写明何时收到（recordedtime），当作发生时就已知道，提前量可能偏大`;
    }),
    ...(leaks.isPartial ? ['  事件太多，只记住了一部分，前两项可能偏少'] : []),
    ...leaks.examples.map(({ model, scope, key, at, outcome, event }) => {
      const times = `${new Date(at).toISOString()} → ${outcome.kind} ${new Date(outcome.time).toISOString()}`;
      return `  ${model} ${scope}:${key} ${times}（${event}）`;
    }),
  ];
}

function unknownLines({ total, first }: AgainstOutcomes['leaks']['unknownKeys']): string[] {
  if (total === 0) return [];
  const more = total > first.length ? '等' : '';
  return [
    `  有结果的对象 ${total} 个在数据里没有出现过，代码的写法是否与事件一致：${first.join('、')}${more}`,
  ];
}

function counted(share: CountedShare | null): string {
  return share === null ? '—' : `${percentOf(share.value)} (${share.count}/${share.of})`;
}

function points(estimate: Estimate | null): string {
  return estimate === null ? '—' : `${pointsOf(estimate.value)} 个百分点`;
}

function pointsOf(difference: number): string {
  return (difference * 100).toFixed(1);
}

/** A share as a percentage. */
export function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function percent(estimate: Estimate | null): string {
  return estimate === null ? '—' : percentOf(estimate.value);
}

/** The bounds of an estimate. */
export function interval(estimate: Estimate | null, textOf: (value: number) => string = percentOf): string {
  if (estimate === null || estimate.low === null || estimate.high === null) return '—';
  return `${textOf(estimate.low)}～${textOf(estimate.high)}`;
}

function shown(value: number | null): string {
  return value === null ? '—' : String(value);
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
