// Windows in panes: which indicators may have them, and of which size.
import { parseDuration } from '../catalogue/duration.js';
import type { Code } from '../events/codes.js';
import type { SourceName } from '../events/event.js';
import { declarationOf } from '../events/sources.js';
import { PANES_EXPECTED, PANES_NEEDED, type Baseline } from './baseline.js';
import type { Form } from './forms.js';
import type { WindowOperator } from './model.js';
import { operatorsThat } from './operators/operators.js';
import { DAY_MS, isPaneSize, LONGEST_DAY_MS, PaneClock } from './pane-clock.js';
import type { Report } from './report.js';
import type { IndicatorContent } from './shape.js';
import { nodeAt, type YamlNode } from './yaml.js';

const HOUR_MS = 3_600_000;
/** What a key may cost: panes of one window. */
export const PANES_MAX = 20_000;
const USUAL_SIZES = ['1m', '5m', '10m', '15m', '30m', '1h', '2h', '3h', '6h', '12h'];

const PANED = operatorsThat(({ paned }) => paned);

/** How an indicator is kept in panes; `panes: null` for one entry after another. */
export interface PaneSettings {
  readonly panes: PaneClock | null;
  readonly keepsEntries: boolean;
  readonly approx: boolean;
  readonly baseline: Baseline | null;
}

const EXACT: PaneSettings = { panes: null, keepsEntries: true, approx: false, baseline: null };

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
  const { content, from, zone } = context;
  const { every, over = 0 } = content;
  const approx = content.approx === 'true';
  if (approx && !mayBeApproximate(context)) return null;
  if (content.baseline !== undefined) {
    const baseline = baselineOf(context, content.baseline);
    const panes = new PaneClock(content.baseline.every, zone);
    return baseline === null ? null : { panes, keepsEntries: keepsEntries(from), approx, baseline };
  }
  if (every === undefined) return EXACT;
  if (!mayHavePanes(context, 'every') || !fits(context, ['every'], every, over)) return null;
  if (content.versus !== undefined && !isFewPanes(context, ['every'], every, 2 * over)) return null;
  return { panes: new PaneClock(every, zone), keepsEntries: keepsEntries(from), approx, baseline: null };
}

function mayBeApproximate({ report, node, content, operator }: PaneContext): boolean {
  const key = nodeAt(node, ['approx'], 'key');
  if (operator !== 'distinct') {
    const message = `"approx" has no meaning beside "${operator}", it belongs to "distinct"`;
    report.add('MODEL_OPERATOR', key, message);
    return false;
  }
  if (content.every !== undefined || content.baseline !== undefined) return true;
  const message =
    'a count of different values that is approximate cannot forget one, only whole panes of them';
  const expected = 'every: <size of the panes>, for example every: 1d, beside approx';
  report.add('MODEL_MISSING_KEY', key, message, { expected });
  return false;
}

function baselineOf(context: PaneContext, given: NonNullable<IndicatorContent['baseline']>): Baseline | null {
  const { report, node, content } = context;
  const refuse = (code: Code, path: readonly string[], message: string, expected: string): null => {
    report.add(code, nodeAt(node, path, path.length === 1 ? 'key' : 'value'), message, { expected });
    return null;
  };
  if (!mayHavePanes(context, 'baseline')) return null;
  if (content.every !== undefined) {
    const message = '"every" does not go together with "baseline", which says the size of its panes itself';
    return refuse('MODEL_FORMS', ['every'], message, 'every: inside baseline only');
  }
  if (content.over !== undefined && content.over !== given.every) {
    const message = 'a baseline compares figures over one pane, not over another window';
    return refuse('MODEL_FORMS', ['over'], message, 'no "over" here, or that of "every" inside baseline');
  }
  if (!fits(context, ['baseline', 'every'], given.every, given.over)) return null;
  const byWeekday = given.season === 'weekday';
  if (byWeekday && given.every > DAY_MS) {
    const message = 'a pane longer than a day has no day of the week';
    return refuse(
      'MODEL_BASELINE',
      ['baseline', 'season'],
      message,
      'no "season", or panes of at most a day',
    );
  }
  const panesMin = Math.max(given.min ?? PANES_EXPECTED, PANES_NEEDED[given.method]);
  const neededMs = (panesMin + 1) * given.every * (byWeekday ? 7 : 1);
  if (given.over >= neededMs) return { method: given.method, byWeekday, panesMin };
  const message = `the window never holds the ${panesMin} panes that are needed before the compared one`;
  const expected = `over: ${Math.ceil(neededMs / HOUR_MS)}h or more`;
  return refuse('MODEL_BASELINE', ['baseline', 'over'], message, expected);
}

/** What panes add to the identity of an indicator. */
export function paneMeaning({ panes, approx, baseline }: PaneSettings): { [name: string]: unknown } {
  if (panes === null) return {};
  return {
    everyMs: panes.everyMs,
    zone: panes.zone,
    approx,
    ...(baseline === null ? {} : { baseline: { ...baseline } }),
  };
}

/** Whether panes keep the entries that make them up: where one of them could be taken back. */
function keepsEntries(from: readonly SourceName[]): boolean {
  return from.some((stream) => declarationOf(stream).revocable);
}

/** Whether the operator knows panes at all; if not, that is in the report. */
function mayHavePanes({ report, node, operator }: PaneContext, key: 'every' | 'baseline'): boolean {
  if ((PANED as readonly string[]).includes(operator)) return true;
  const message = `"${key}" has no meaning beside "${operator}", which needs the order of single events`;
  report.add('MODEL_OPERATOR', nodeAt(node, [key], 'key'), message, {
    expected: `one of ${PANED.join(', ')}`,
  });
  return false;
}

/** Whether panes of a size fit into days and into a window; if not, that is in the report. */
function fits(context: PaneContext, path: readonly string[], everyMs: number, overMs: number): boolean {
  const { report, node } = context;
  const refuse = (message: string, expected: string): boolean => {
    report.add('MODEL_PANES', nodeAt(node, path), message, { expected });
    return false;
  };
  if (!isPaneSize(everyMs)) {
    const expected = 'whole days, or an even part of a day such as 1m, 15m, 1h, 6h';
    return refuse('panes begin at midnight and come out even with the day', expected);
  }
  if (everyMs > overMs) return refuse('a pane is longer than the window', 'at most as long as "over"');
  return isFewPanes(context, path, everyMs, overMs);
}

/** Whether a key can be kept in so many panes; if not, that is in the report. */
function isFewPanes(
  { report, node }: PaneContext,
  path: readonly string[],
  everyMs: number,
  spanMs: number,
): boolean {
  if (spanMs / everyMs <= PANES_MAX) return true;
  const message = `the window has ${Math.ceil(spanMs / everyMs)} panes`;
  const enough = USUAL_SIZES.find((size) => spanMs / (parseDuration(size) ?? 1) <= PANES_MAX) ?? '1d';
  report.add('MODEL_PANES', nodeAt(node, path), message, {
    expected: `at most ${PANES_MAX} panes: every: ${enough} or longer`,
  });
  return false;
}

/** How long an event can matter after its placement. */
export function keptMsOf(form: Form, { panes, keepsEntries, baseline }: PaneSettings): number {
  if (panes === null) return form.keptMs;
  if (!keepsEntries) return 0;
  // The pane that holds it, which ends later, and with a baseline the open one, from whose start the panes count back.
  const longestMs = panes.everyMs + LONGEST_DAY_MS - DAY_MS;
  return form.keptMs + (baseline === null ? 1 : 2) * longestMs;
}
