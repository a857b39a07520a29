// Windows in panes: which indicators may have them, and of which size.
import { parseDuration } from '../catalogue/duration.js';
import type { SourceName } from '../events/event.js';
import { declarationOf } from '../events/sources.js';
import type { WindowOperator } from './model.js';
import { DAY_MS, isPaneSize, LONGEST_DAY_MS, PaneClock } from './pane-clock.js';
import type { Report } from './report.js';
import type { IndicatorContent } from './shape.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** What a key may cost: panes of one window. */
export const PANES_MAX = 20_000;
const USUAL_SIZES = ['1m', '5m', '10m', '15m', '30m', '1h', '2h', '3h', '6h', '12h'];

/** Operators whose figure is the same in whatever order the events of a pane came. */
const PANED: readonly WindowOperator[] = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'distinct',
  'stddev',
  'quantile',
  'share',
  'trend',
];

/** How an indicator is kept in panes; `panes: null` for one entry after another. */
export interface PaneSettings {
  readonly panes: PaneClock | null;
  readonly keepsEntries: boolean;
  readonly approx: boolean;
}

const EXACT: PaneSettings = { panes: null, keepsEntries: true, approx: false };

/** What the checks of one indicator share. */
export interface PaneContext {
  readonly report: Report;
  /** The map of the indicator. */
  readonly node: YamlNode;
  readonly content: IndicatorContent;
  readonly operator: WindowOperator;
  readonly from: readonly SourceName[];
  readonly zone: string;
}

/** The panes of an indicator; null where they have a fault, which is then in the report. */
export function panesOf(context: PaneContext): PaneSettings | null {
  const { report, node, content, operator } = context;
  const { every, over = 0 } = content;
  const approx = content.approx === 'true';
  if (approx && operator !== 'distinct') {
    const message = `"approx" has no meaning beside "${operator}", it belongs to "distinct"`;
    report.add('MODEL_OPERATOR', nodeAt(node, ['approx'], 'key'), message);
    return null;
  }
  if (approx && every === undefined) {
    const message =
      'a count of different values that is approximate cannot forget one, only whole panes of them';
    const expected = 'every: <size of the panes>, for example every: 1d, beside approx';
    report.add('MODEL_MISSING_KEY', nodeAt(node, ['approx'], 'key'), message, { expected });
    return null;
  }
  if (every === undefined) return EXACT;
  if (!mayHavePanes(context, ['every'])) return null;
  if (!fits(context, ['every'], every, over)) return null;
  return { panes: new PaneClock(every, context.zone), keepsEntries: keepsEntries(context.from), approx };
}

/** Whether panes keep the entries that make them up: where one of them could be taken back. */
function keepsEntries(from: readonly SourceName[]): boolean {
  return from.some((stream) => declarationOf(stream).revocable);
}

/** Whether the operator knows panes at all; if not, that is in the report. */
function mayHavePanes({ report, node, operator, from }: PaneContext, path: readonly string[]): boolean {
  if (!PANED.includes(operator)) {
    const message = `"${path.join('.')}" has no meaning beside "${operator}", which needs the order of single events`;
    report.add('MODEL_OPERATOR', nodeAt(node, path, 'key'), message, {
      expected: `one of ${PANED.join(', ')}`,
    });
    return false;
  }
  if (operator !== 'quantile' || keepsEntries(from)) return true;
  const message = `panes of ${from.join(', ')} keep no single values, which "quantile" needs`;
  report.add('MODEL_OPERATOR', nodeAt(node, path, 'key'), message, {
    expected: `no "${path.join('.')}", or another operator, for example max`,
  });
  return false;
}

/** Whether panes of a size fit into days and into a window; if not, that is in the report. */
function fits(
  { report, node }: PaneContext,
  path: readonly string[],
  everyMs: number,
  overMs: number,
): boolean {
  const refuse = (message: string, expected: string): boolean => {
    report.add('MODEL_VALUE', nodeAt(node, path), message, { expected });
    return false;
  };
  if (!isPaneSize(everyMs)) {
    const expected = 'whole days, or an even part of a day such as 1m, 15m, 1h, 6h';
    return refuse('panes begin at midnight and come out even with the day', expected);
  }
  if (everyMs > overMs) return refuse('a pane is longer than the window', 'at most as long as "over"');
  if (overMs / everyMs <= PANES_MAX) return true;
  const message = `the window has ${Math.ceil(overMs / everyMs)} panes`;
  const enough = USUAL_SIZES.find((size) => overMs / (parseDuration(size) ?? 1) <= PANES_MAX) ?? '1d';
  return refuse(message, `at most ${PANES_MAX} panes: every: ${enough} or longer`);
}

/** How long an event can matter after its placement, where panes keep it. */
export function keptInPanesMs({ panes, keepsEntries }: PaneSettings, overMs: number): number {
  if (panes === null || !keepsEntries) return 0;
  return overMs + panes.everyMs + LONGEST_DAY_MS - DAY_MS;
}
