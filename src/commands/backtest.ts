// fenghuo backtest: rules over history.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BacktestResult, MeasureRequest } from '../app/backtesting.js';
import { releasedLines, releasedText } from '../app/released-lines.js';
import type * as ReportCharts from '../app/report-charts.js';
import { CodedError } from '../events/coded-error.js';
import { visible } from '../model/format-diagnostic.js';
import type { BacktestSummary, RefusedEvent, WarningCount } from '../pipeline/backtest/backtest.js';
import { linesOf, type Block } from '../app/terminal-table.js';
import { placeFrom, type PlaceOptions } from './place.js';
import { progress } from './progress.js';

interface Options extends PlaceOptions {
  readonly rules?: string;
  readonly events?: string[];
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
  readonly sortLimit?: number;
  readonly format: 'text' | 'json';
  readonly report?: true;
  readonly json?: true;
  readonly html?: string;
  readonly compare?: string[];
  readonly sweep?: string;
  readonly model?: string;
  readonly outcomes?: string;
  readonly horizon?: string;
  readonly knownUntil?: string;
  readonly first?: number[];
  readonly at?: string;
  readonly baseline?: string;
  readonly seed?: number;
  readonly resamples?: number;
}

const NOTES = `
Events are CloudEvents, one JSON object a line. They count in the order of their arrival: recordedtime, else time.
The result has one transition of a warning a line, and is the same however the events are split over files.
Files may have any length: what is out of order and more than --sort-limit is sorted in nameless files under TMPDIR.
An instant is RFC 3339, or a date: its midnight in the zone of the catalogue.
With --data or --config the whole stored history of a deployment is read instead, which may run meanwhile.

With --report, --json, --html or --outcomes there is a report instead: warnings by level, model, department and week, the subjects
with most of them, and the load of departments against inspections_per_week of departments.yaml or queue.yaml; transitions
are written where --out names a file. --outcomes is a CSV with the columns subject, time, kind and, where needed, scope
(subject unless named) and event (the id of the event that tells of it): precision, recall, lead times, precision of the
first of each week, AUC of scores, each with a 95 % interval from resampled subjects, and what was known too early.
With --at 2026-07-01 --first 100 500 --horizon 180d it also says to how many of the 100 and 500 highest scores of that instant
something happens within 180 days, and with --baseline by how much better that is than another score.

--compare runs two folders of rules over the same events: which warnings are new, gone, earlier or later, by model and by
subject; with --outcomes how right each of them is. --sweep runs one model with several values in the place of one of its
own: 'params.many=3..10', 'params.many=2..4:0.5', 'hold=1d,3d,7d'; a parameter that a profile chooses is varied by its default.

Examples:
  fenghuo backtest --rules rules --events 2025.ndjson.gz 2026.ndjson.gz --from 2026-01-01 --out warnings.ndjson
  fenghuo backtest --events 2025.ndjson.gz --outcomes accidents.csv --horizon 90d --json
  fenghuo backtest --events 2025.ndjson.gz --compare rules stricter-rules
  fenghuo backtest --events 2025.ndjson.gz --model food/repeat-complaints --sweep 'params.many=3..10' --outcomes accidents.csv`;

/** A deployment has to be named: no data folder is read unless asked for. */
function placedAt(command: Command): Command {
  return command
    .option('-d, --data <dir>', 'the stored history of this data folder, in place of files')
    .option('-c, --config <file>', 'that of the deployment on the servers of this file');
}

export function register(program: Command): void {
  placedAt(program.command('backtest'))
    .description('run rules over past events: every warning that they would have raised, or a report of them')
    .option('-r, --rules <dir>', 'the rules folder; else ./rules, else the rules of the package')
    .option('-e, --events <file...>', 'NDJSON files, plain or gzip; - is standard input')
    .option('--from <instant>', 'write no transition before it; earlier events count')
    .option('--to <instant>', 'read no event that arrives after it, and let time pass until then')
    .option(
      '-o, --out <file>',
      'where transitions go, gzip if it ends in .gz; standard output if - or left out',
    )
    .option('--sort-limit <events>', 'events held in memory to be sorted (default: 2000000)', countOf)
    .addOption(new Option('--format <format>', 'of the summary').choices(['text', 'json']).default('text'))
    .option('--report', 'a report to read')
    .option('--json', 'the report as one JSON document')
    .option('--html <file>', 'the report as one page with charts')
    .option('--compare <dir...>', 'the old and the new rules folder: what the new one changes')
    .option('--sweep <values>', "one value of a model varied, such as 'params.many=3..10', over all cores")
    .option('--model <name>', 'the model that --sweep varies')
    .option('--outcomes <file>', 'what really happened, to measure the warnings by')
    .option('--horizon <duration>', 'how long before an outcome a warning foresees it (default: 90d)')
    .option(
      '--known-until <instant>',
      'up to when outcomes are known (default: the end, or the last outcome)',
    )
    .option(
      '--first <k...>',
      'places of each week, and of the scores of --at, whose precision is measured (default: 10 50 100)',
      placesOf,
    )
    .option(
      '--at <instant>',
      'measure the highest scores there: to how many something happens within the horizon',
    )
    .option('--baseline <model>', 'with --at: by how much each score is more precise than that of this model')
    .option('--seed <number>', 'of the intervals (default: 1)', seedOf)
    .option('--resamples <number>', 'for each interval (default: 1000)', countOf)
    .addHelpText('after', NOTES)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { report, json, html, outcomes, events = [] } = options;
  if (html !== undefined) {
    const { refuseOverlap } = await import('../app/backtest-input.js');
    refuseOverlap([...events, outcomes ?? '-'], [html]);
  }
  if (options.sweep !== undefined) await runSweep(options, options.sweep);
  else if (options.compare !== undefined) await runComparison(options, options.compare);
  else if (report === true || json === true || html !== undefined || outcomes !== undefined)
    await runReport(options);
  else await runTransitions(options);
}

/** What is read: files, or the history of a deployment. */
function inputOf({ events: files = [], config, data, from, to, sortLimit }: Options) {
  const isPlaced = config !== undefined || data !== undefined;
  const place = isPlaced ? placeFrom({ config, data }) : undefined;
  return { files, place, from, to, sortLimit, onProgress: progress() };
}

async function runTransitions(options: Options): Promise<void> {
  const { backtestFiles } = await import('../app/backtesting.js');
  const { rules: rulesDir, out, format } = options;
  const result = await backtestFiles({ ...inputOf(options), rulesDir, out });
  const lines = format === 'json' ? [JSON.stringify(result, null, 2)] : summaryOf(result);
  // Standard output belongs to the transitions where no file takes them.
  const print = (out ?? '-') === '-' ? console.error : console.log;
  if (format !== 'json') for (const line of result.warnings) console.error(line);
  for (const line of lines) print(line);
}

async function runReport(options: Options): Promise<void> {
  const { backtestReport } = await import('../app/backtesting.js');
  const { rules: rulesDir, out } = options;
  const measures: MeasureRequest = options;
  const result = await backtestReport({ ...measures, ...inputOf(options), rulesDir, out });
  notice(result, result.report);
  const { reportBlocks } = await import('../app/backtest-lines.js');
  await show(options, '预警回测', result, reportBlocks(result.report), ({ reportCharts }) =>
    reportCharts(result.report),
  );
}

async function runComparison(options: Options, folders: readonly string[]): Promise<void> {
  const { rules, out } = options;
  const [former, latter] = folders;
  if (former === undefined || latter === undefined || folders.length > 2)
    throw new CodedError('USAGE', '--compare names two folders of rules: the old one, then the new one.');
  if (rules !== undefined || out !== undefined)
    throw new CodedError('USAGE', '--compare takes neither --rules nor --out.');
  const { compareRules } = await import('../app/backtest-comparing.js');
  const measures: MeasureRequest = options;
  const result = await compareRules({ ...measures, ...inputOf(options), former, latter });
  notice(result, result.latter);
  const { comparisonBlocks } = await import('../app/comparison-lines.js');
  await show(options, '规则比较', result, comparisonBlocks(result), ({ comparisonCharts }) =>
    comparisonCharts(result.comparison),
  );
}

async function runSweep(options: Options, sweep: string): Promise<void> {
  const { rules: rulesDir, model, out, compare } = options;
  if (out !== undefined || compare !== undefined)
    throw new CodedError('USAGE', '--sweep takes neither --out nor --compare.');
  const { sweepModel } = await import('../app/sweeping.js');
  const measures: MeasureRequest = options;
  const result = await sweepModel({ ...measures, ...inputOf(options), rulesDir, sweep, model });
  for (const line of result.warnings) console.error(line);
  const { sweepBlocks } = await import('../app/sweep-lines.js');
  const title = `${result.model}：${result.path}`;
  await show(options, title, result, sweepBlocks(result), ({ sweepCharts }) =>
    sweepCharts(title, result.points),
  );
}

/** Writes the page where one is asked for, and the rest to standard output. */
async function show(
  { json, html }: Pick<Options, 'json' | 'html'>,
  title: string,
  result: Pick<BacktestResult, 'released'>,
  found: readonly Block[],
  chartsOf: (charts: typeof ReportCharts) => readonly string[],
): Promise<void> {
  const blocks = [...releasedLines(result.released), ...found];
  if (html !== undefined) {
    const { reportPage, writePage } = await import('../app/report-page.js');
    // Drawing takes a second to load.
    const charts = chartsOf(await import('../app/report-charts.js'));
    await writePage(html, reportPage(title, charts, blocks));
  }
  if (json === true) return console.log(JSON.stringify(result, null, 2));
  for (const line of linesOf(blocks)) console.log(line);
}

/** What is to be noticed of rules and events, on standard error. */
function notice(
  { warnings, refused }: Pick<BacktestResult, 'warnings' | 'refused'>,
  { summary }: { readonly summary: BacktestSummary },
): void {
  const lines = [...warnings, ...counts('refused', summary.refused), ...refused.map(refusedLine)];
  for (const line of lines) console.error(line);
}

function summaryOf({ summary, refused, released, seconds }: BacktestResult): string[] {
  const { events, clock, transitions, duplicates, revoked } = summary;
  const until = clock === null ? '' : ` up to ${new Date(clock).toISOString()}`;
  const notStepped = summary.refused.reduce((total, { count }) => total + count, 0);
  const warned = summary.warnings.reduce((total, { total: count }) => total + count, 0);
  return [
    `${events} events${until}, ${notStepped} refused, ${duplicates} duplicates, ${revoked} revoked, ` +
      `${seconds.toFixed(1)} s, revision ${summary.revision}`,
    ...releasedText(released),
    `${warned} warnings in ${transitions} transitions`,
    ...summary.warnings.map(warningLine),
    ...counts('refused', summary.refused),
    ...refused.map(refusedLine),
    ...unmetLine(summary),
    ...counts('outside every window on arrival', lateOf(summary)),
    ...counts('operator alerts', summary.operatorAlerts),
  ];
}

function warningLine({ model, total, ...levels }: WarningCount): string {
  const reached = Object.entries(levels).filter(([, count]) => count > 0);
  return `  ${model}: ${total} (${reached.map(([level, count]) => `${level} ${count}`).join(', ')})`;
}

function counts(title: string, list: BacktestSummary['refused']): string[] {
  if (list.length === 0) return [];
  return [`${title}: ${list.map(({ code, count }) => `${code} ${count}`).join(', ')}`];
}

function unmetLine({ unmet }: BacktestSummary): string[] {
  if (unmet === 0) return [];
  return [`revoked or amended, but never seen: ${unmet} events (an unknown id, or another subject)`];
}

function lateOf({ late }: BacktestSummary): BacktestSummary['refused'] {
  return late.map(({ model, count }) => ({ code: model, count }));
}

function refusedLine({ source, line, code, field, message }: RefusedEvent): string {
  return visible(`  ${source}:${line}: ${code}${field === undefined ? '' : ` ${field}`}: ${message}`);
}

function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count < 1) {
    throw new InvalidArgumentError('a number from 1 to 999999999');
  }
  return count;
}

const PLACES_MAX = 10;

function placesOf(text: string, before: readonly number[] = []): number[] {
  const place = countOf(text);
  if (before.length >= PLACES_MAX) throw new InvalidArgumentError(`at most ${PLACES_MAX} of them`);
  return [...before, place];
}

function seedOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a seed is from 0 to 999999999');
  return Number(text);
}
