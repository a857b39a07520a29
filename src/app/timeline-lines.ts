// The time line of a failed case, for a terminal: readable without colour, and easier with it.
import { styleText } from 'node:util';
import { LEVEL_NAMES } from '../alerts/wording.js';
import type { Json } from '../events/event.js';
import { blankOf, visible } from '../model/format-diagnostic.js';
import type { FigureDifference } from '../pipeline/case-comparison.js';
import type { Timeline, TimelineEntry, TimelineMark, TimelinePoint } from '../pipeline/case-timeline.js';

const SIGNS: { readonly [mark in TimelineMark]: string } = {
  same: ' ',
  figures: '!',
  moved: '~',
  missing: '-',
  unexpected: '+',
};

const COLOURS = { figures: 'yellow', moved: 'yellow', missing: 'red', unexpected: 'green' } as const;

const FEED_NAMES = { key: '未按时上报数据', source: '数据源中断' } as const;

/** What a terminal is asked. */
export interface Terminal {
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** Whether colours are to be used: on a terminal that has some, unless NO_COLOR is set. */
export function isColoured(terminal: Terminal): boolean {
  return terminal.isTTY === true && terminal.hasColors?.() === true;
}

/** The line of time, a transition a line. @param coloured whether its differences are coloured */
export function timelineLines({ zone, entries, omitted }: Timeline, coloured: boolean): string[] {
  const rows = entries.map((entry) => ({ entry, cells: cellsOf(entry) }));
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map(({ cells }) => blankOf(cells[column] ?? '').length)),
  );
  const lines = rows.map(({ entry: { mark }, cells }) => {
    const [local = '', at = '', what = '', said = ''] = cells;
    const padded = [local, at, what].map((cell, column) => padTo(cell, widths[column] ?? 0));
    const line = `    ${SIGNS[mark]} ${[...padded, said].join('  ')}`.trimEnd();
    return coloured && mark !== 'same' ? styleText(COLOURS[mark], line, { validateStream: false }) : line;
  });
  const more = omitted === 0 ? [] : [`      另有 ${omitted} 次变化没有列出`];
  return [`    应有（-）与实际（+），${visible(zone)} 时间：`, ...lines, ...more];
}

function padTo(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - blankOf(cell).length));
}

function cellsOf({ mark, expected, came, figures }: TimelineEntry): string[] {
  const point = came ?? expected;
  if (point === null) return [];
  const said = [...saidOf(mark, expected), ...figures.map(figureWords)];
  return [point.local, point.at, visible(nameOf(point)), visible(said.join('；'))];
}

function nameOf({ level, feed, key }: TimelinePoint): string {
  const name = `${LEVEL_NAMES[level]}${feed === null ? '' : `（${FEED_NAMES[feed]}）`}`;
  return key === null ? name : `${name} ${key}`;
}

function saidOf(mark: TimelineMark, expected: TimelinePoint | null): string[] {
  switch (mark) {
    case 'missing':
      return ['缺少：应有而没有发生'];
    case 'unexpected':
      return ['多出：发生了而没有写明'];
    case 'moved':
      return [`时刻不同：应在 ${expected?.local ?? ''}（${expected?.at ?? ''}）`];
    default:
      return [];
  }
}

function figureWords({ name, expected, came }: FigureDifference): string {
  const actual = came === undefined ? '没有这个指标' : `实为 ${wordOf(came)}`;
  return `${name} 应为 ${wordOf(expected)}，${actual}`;
}

function wordOf(value: Json): string {
  return value === null ? '空' : JSON.stringify(value);
}
