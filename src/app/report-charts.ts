// The charts of a backtest: warnings by week, load of departments, lead times, and what a sweep trades for what.
import { categoryChart, pointChart, type CategorySeries } from '../adapters/charts/charts.js';
import { CHANGES } from '../pipeline/shadow/episodes.js';
import type { BacktestReport } from '../pipeline/backtest/report.js';
import type { RulesComparison } from '../pipeline/backtest/comparison.js';
import type { SweepPoint } from '../pipeline/backtest/sweep.js';
import { LEVEL_NAMES } from './backtest-lines.js';
import { CHANGE_NAMES } from './comparison-lines.js';

const COLORS = {
  red: '#c0392b',
  orange: '#e67e22',
  yellow: '#d4ac0d',
  blue: '#2e86c1',
  grey: '#5d6d7e',
} as const;
const LEVELS = ['blue', 'yellow', 'orange', 'red'] as const;
const DEPARTMENTS_SHOWN = 6;
const MODELS_SHOWN = 15;
/** Upper ends of the bars of lead times, in days. */
const LEAD_BOUNDS = [1, 3, 7, 14, 30, 60, 90];

/** SVG documents, in the order of the page. */
export function reportCharts(report: BacktestReport): string[] {
  const { weeks, load, accuracy } = report;
  if (weeks.length === 0) return [];
  const byWeek = categoryChart({
    title: '每周预警',
    categories: weeks.map(({ week }) => week),
    unit: '条',
    series: LEVELS.map((level) => ({
      ...{ name: LEVEL_NAMES[level] ?? level, kind: 'bar', color: COLORS[level] },
      values: weeks.map((one) => one[level]),
    })),
  });
  return [
    byWeek,
    ...load.slice(0, DEPARTMENTS_SHOWN).map(loadChart),
    ...(accuracy === null ? [] : [rightChart(accuracy), leadChart(accuracy)]),
  ];
}

function loadChart({ name, department, capacity, weeks }: BacktestReport['load'][number]): string {
  const line = (title: string, color: string, values: CategorySeries['values']): CategorySeries => {
    return { name: title, kind: 'line', color, values };
  };
  return categoryChart({
    title: `${name ?? department}：每周对象与可查数`,
    categories: weeks.map(({ week }) => week),
    unit: '户',
    series: [
      { name: '新增对象', kind: 'bar', color: COLORS.blue, values: weeks.map(({ subjects }) => subjects) },
      ...(capacity === null
        ? []
        : [
            line(
              '每周可查',
              COLORS.red,
              weeks.map(() => capacity),
            ),
            line(
              '积压至多',
              COLORS.grey,
              weeks.map(({ waiting }) => waiting),
            ),
          ]),
    ],
  });
}

type Against = NonNullable<BacktestReport['accuracy']>;

function rightChart({ levels }: Against): string {
  const percent = (share: { readonly value: number } | null) =>
    share === null ? null : Math.round(share.value * 1000) / 10;
  return categoryChart({
    title: '各等级以上的精确率和召回率',
    categories: levels.map(({ level }) => `${LEVEL_NAMES[level] ?? level}以上`),
    unit: '%',
    series: [
      {
        name: '精确率',
        kind: 'line',
        color: COLORS.red,
        values: levels.map(({ precision }) => percent(precision)),
      },
      {
        name: '召回率',
        kind: 'line',
        color: COLORS.blue,
        values: levels.map(({ recall }) => percent(recall)),
      },
    ],
  });
}

function leadChart({ levels }: Against): string {
  const days = levels[0]?.lead.days ?? [];
  const lower = (index: number) => (index === 0 ? 0 : (LEAD_BOUNDS[index - 1] ?? 0));
  const bars = [
    ...LEAD_BOUNDS.map((bound, index) => ({
      name: `${lower(index)}～${bound} 日`,
      count: days.filter((one) => one > lower(index) && one <= bound).length,
    })),
    { name: '更早', count: days.filter((one) => one > (LEAD_BOUNDS.at(-1) ?? 0)).length },
  ];
  return categoryChart({
    title: '提前量分布',
    categories: bars.map(({ name }) => name),
    unit: '件',
    series: [
      { name: '事先有预警的结果', kind: 'bar', color: COLORS.blue, values: bars.map(({ count }) => count) },
    ],
  });
}

/** What became of the warnings of each model that has a change. */
export function comparisonCharts({ models }: RulesComparison): string[] {
  const changed = models
    .filter(({ changes }) => CHANGES.some((change) => change !== 'same' && changes[change] > 0))
    .slice(0, MODELS_SHOWN);
  if (changed.length === 0) return [];
  const colors = {
    same: COLORS.grey,
    earlier: COLORS.blue,
    later: COLORS.yellow,
    new: COLORS.red,
    gone: COLORS.orange,
  };
  return [
    categoryChart({
      title: '预警的变化',
      categories: changed.map(({ model }) => model),
      unit: '条',
      series: CHANGES.filter((change) => change !== 'same').map((change) => ({
        ...{ name: CHANGE_NAMES[change], kind: 'bar', color: colors[change] },
        values: changed.map(({ changes }) => changes[change]),
      })),
    }),
  ];
}

/** Precision and lead time against warnings a day, a point for each value. */
export function sweepCharts(title: string, points: readonly SweepPoint[]): string[] {
  const ordered = [...points].sort((a, b) => a.perDay - b.perDay);
  const curve = (name: string, color: string, of: (point: SweepPoint) => number | null | undefined) => ({
    name,
    color,
    points: ordered.flatMap((point) => {
      const y = of(point) ?? null;
      return y === null ? [] : [{ x: point.perDay, y, label: point.value }];
    }),
  });
  const measured = points.some(({ accuracy }) => accuracy !== null);
  if (!measured) {
    const series = [
      {
        name: '每日预警',
        kind: 'bar',
        color: COLORS.blue,
        values: points.map(({ perDay }) => perDay),
      } as const,
    ];
    return [categoryChart({ title, categories: points.map(({ value }) => value), unit: '条', series })];
  }
  return [
    pointChart({
      title,
      across: '每日预警（条）',
      series: [
        curve('精确率（%）', COLORS.red, ({ accuracy }) =>
          accuracy?.precision === null || accuracy === null ? null : accuracy.precision.value * 100,
        ),
        curve('提前量中位（日）', COLORS.blue, ({ accuracy }) => accuracy?.lead.median?.value),
      ],
    }),
  ];
}
