// fenghuo backtest: rules over history.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BacktestResult } from '../app/backtesting.js';
import { visible } from '../model/format-diagnostic.js';
import type { BacktestSummary, RefusedEvent, WarningCount } from '../pipeline/backtest.js';

interface Options {
  readonly rules?: string;
  readonly events: string[];
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
  readonly sortLimit?: number;
  readonly format: 'text' | 'json';
}

const NOTES = `
Events are CloudEvents, one JSON object a line. They count in the order of their arrival: recordedtime, else time.
The result has one transition of a warning a line, and is the same however the events are split over files.
A file in order of arrival may have any length; another one is sorted in memory.
An instant is RFC 3339, or a date: its midnight in the zone of the catalogue.

Example:
  fenghuo backtest --rules rules --events 2025.ndjson.gz 2026.ndjson.gz --from 2026-01-01 --out warnings.ndjson`;

export function register(program: Command): void {
  program
    .command('backtest')
    .description('run rules over past events, and list every warning that they would have raised')
    .option('-r, --rules <dir>', 'the rules folder; else ./rules, else the rules of the package')
    .requiredOption('-e, --events <file...>', 'NDJSON files, plain or gzip; - is standard input')
    .option('--from <instant>', 'write no transition before it; earlier events count')
    .option('--to <instant>', 'read no event that arrives after it, and let time pass until then')
    .option(
      '-o, --out <file>',
      'where transitions go, gzip if it ends in .gz; standard output if - or left out',
    )
    .option('--sort-limit <events>', 'events held in memory to be sorted (default: 2000000)', countOf)
    .addOption(new Option('--format <format>', 'of the summary').choices(['text', 'json']).default('text'))
    .addHelpText('after', NOTES)
    .action(async (options: Options) => {
      const { backtestFiles } = await import('../app/backtesting.js');
      const { rules: rulesDir, events: files, format, ...rest } = options;
      const result = await backtestFiles({ ...rest, rulesDir, files });
      const lines = format === 'json' ? [JSON.stringify(result, null, 2)] : summaryOf(result);
      // Standard output belongs to the transitions where no file takes them.
      const print = (options.out ?? '-') === '-' ? console.error : console.log;
      if (format !== 'json') for (const line of result.warnings) console.error(line);
      for (const line of lines) print(line);
    });
}

function summaryOf({ summary, refused, seconds }: BacktestResult): string[] {
  const { events, clock, transitions, duplicates, revoked } = summary;
  const until = clock === null ? '' : ` up to ${new Date(clock).toISOString()}`;
  const notStepped = summary.refused.reduce((total, { count }) => total + count, 0);
  const warned = summary.warnings.reduce((total, { total: count }) => total + count, 0);
  return [
    `${events} events${until}, ${notStepped} refused, ${duplicates} duplicates, ${revoked} revoked, ` +
      `${seconds.toFixed(1)} s, revision ${summary.revision}`,
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
    throw new InvalidArgumentError('a number of events is from 1 to 999999999');
  }
  return count;
}
