// A sweep as lines and tables, in Chinese.
import { interval, percentOf } from './backtest-lines.js';
import type { SweepResult } from './sweeping.js';
import { block, type Block } from './terminal-table.js';

/** The trade-off: what each value costs in warnings a day, and what it is worth. */
export function sweepBlocks({ model, path, points, threads, seconds }: SweepResult): Block[] {
  return [
    `${model}：${path} 取不同值（${threads} 个线程，${seconds.toFixed(1)} 秒）`,
    ...block([
      [path, '预警', '每日', '精确率', '95%区间', '召回率', '95%区间', '提前（中位）', '95%区间'],
      ...points.map(({ value, warnings, perDay, accuracy }) => {
        const { precision = null, recall = null } = accuracy ?? {};
        const median = accuracy?.lead.median ?? null;
        return [
          value,
          String(warnings),
          perDay.toFixed(3),
          precision === null ? '—' : percentOf(precision.value),
          interval(precision),
          recall === null ? '—' : percentOf(recall.value),
          interval(recall),
          median === null ? '—' : `${median.value.toFixed(1)} 日`,
          interval(median, (days) => days.toFixed(1)),
        ];
      }),
    ]),
  ];
}
