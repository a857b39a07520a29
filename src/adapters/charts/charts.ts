// Charts as SVG texts, drawn by ECharts without a browser: no script, no font and no network is needed to see them.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Figures over categories; null where there is none. */
export interface CategorySeries {
  readonly name: string;
  /** Bars of one chart stand on each other. */
  readonly kind: 'bar' | 'line';
  readonly color: string;
  readonly values: readonly (number | null)[];
}

export interface CategoryChart {
  readonly title: string;
  readonly categories: readonly string[];
  /** Of the vertical axis. */
  readonly unit: string;
  readonly series: readonly CategorySeries[];
}

/** Points over a measured axis, in the order in which a line joins them. */
export interface PointChart {
  readonly title: string;
  readonly across: string;
  /** Each against an axis of its own, the first on the left; two at most. */
  readonly series: readonly {
    readonly name: string;
    readonly color: string;
    readonly points: readonly { readonly x: number; readonly y: number; readonly label: string }[];
  }[];
}

const SIZE = { width: 880, height: 320 } as const;
const GRID = { left: 60, right: 60, top: 64, bottom: 64 } as const;

/** @returns an SVG document; texts of the chart are escaped in it */
export function categoryChart({ title, categories, unit, series }: CategoryChart): string {
  return drawn({
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { top: 28 },
    grid: GRID,
    xAxis: {
      type: 'category',
      data: [...categories],
      axisLabel: { rotate: categories.length > 12 ? 35 : 0 },
    },
    yAxis: { type: 'value', name: unit, minInterval: 1 },
    series: series.map(({ name, kind, color, values }) => ({
      ...{ name, type: kind, data: [...values], itemStyle: { color }, lineStyle: { color } },
      ...(kind === 'bar' ? { stack: 'all' } : { showSymbol: false }),
    })),
  });
}

/** @returns an SVG document; texts of the chart are escaped in it */
export function pointChart({ title, across, series }: PointChart): string {
  return drawn({
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { top: 28 },
    grid: GRID,
    xAxis: { type: 'value', name: across, nameLocation: 'middle', nameGap: 30 },
    yAxis: series.map(({ name, color }) => ({
      type: 'value',
      name,
      axisLine: { show: true, lineStyle: { color } },
    })),
    series: series.map(({ name, color, points }, index) => ({
      ...{ name, type: 'line', yAxisIndex: index, itemStyle: { color }, lineStyle: { color } },
      data: points.map(({ x, y, label }) => ({ value: [x, y], name: label })),
      label: { show: true, formatter: ({ name: label }: { readonly name: string }) => label, color },
    })),
  });
}

function drawn(option: object): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  try {
    chart.setOption({ animation: false, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
