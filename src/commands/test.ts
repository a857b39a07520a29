// fenghuo test: the tests beside models.
import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { TestedRules } from '../app/model-testing.js';
import type { Reached } from '../pipeline/model-coverage.js';
import { table } from '../app/terminal-table.js';
import { isColoured, timelineLines } from '../app/timeline-lines.js';
import { CodedError } from '../events/coded-error.js';
import { visible } from '../model/format-diagnostic.js';
import { failureLines } from './frame.js';

interface Options {
  readonly format: 'text' | 'json' | 'junit';
  readonly output?: string;
  readonly coverageMinimum?: number;
  readonly watch?: true;
}

/** Editors write several files, and one in several steps. */
const SETTLE_MS = 200;

const NOTES = `
A path is a folder of rules, a folder in one, a model or its tests; without one it is ./rules, else the rules of the
package. The exit code is 1 where a case fails, or a model has not both a case that warns and one in which it stays
silent. Levels, branches of their conditions and lines of the score that no case reaches are warnings; with
--coverage-minimum it is 1, too, where a model has less of them reached than that.
--watch runs again what a changed model, test or catalogue can touch, until Ctrl-C; the exit code is that of the last
result, of all tests together.`;

export function register(program: Command): void {
  program
    .command('test')
    .description('run the tests beside models')
    .argument('[path...]', 'which tests to run')
    .addOption(
      new Option('--format <format>', 'of the result').choices(['text', 'json', 'junit']).default('text'),
    )
    .option('-o, --output <file>', 'where a result as json or junit is written; else to standard output')
    .option('--coverage-minimum <percent>', 'of levels, branches and score lines, for each model', percentOf)
    .option('--watch', 'run again what changes of files touch')
    .addHelpText('after', NOTES)
    .action(async (paths: string[], options: Options) => {
      const { format, output, coverageMinimum } = options;
      if (output !== undefined && format === 'text')
        throw new CodedError('USAGE', '--output takes --format json or junit.');
      if (options.watch === true) return watchThem(paths, options);
      const { testRules } = await import('../app/model-testing.js');
      const sets = await testRules(paths, { coverageMinimum });
      await show(sets, sets, options);
      if (!isGood(sets)) process.exitCode = 1;
    });
}

async function watchThem(paths: readonly string[], options: Options): Promise<void> {
  const { format, output, coverageMinimum } = options;
  if (format !== 'text' && output === undefined)
    throw new CodedError('USAGE', '--watch prints text; with --format json or junit name --output.');
  const { watchTests } = await import('../app/test-watching.js');
  const ended = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  await watchTests({
    ...{ paths, coverageMinimum, ended },
    settle: () => delay(SETTLE_MS),
    onRun: async (run, changed) => {
      if (changed.length > 0) console.log(visible(`\nchanged: ${changed.map(shownPath).join(', ')}`));
      if (run.kind === 'tested') await show(run.ran, run.all, options);
      else for (const line of failureLines(run.error)) console.error(line);
      process.exitCode = run.kind === 'tested' && isGood(run.all) ? 0 : 1;
      console.log('waiting for changes; Ctrl-C ends');
    },
  });
}

/** The path from the current folder, where the file lies below it. */
function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}

/** @param ran what is shown in words; of `all` tests together a document is made */
async function show(
  ran: readonly TestedRules[],
  all: readonly TestedRules[],
  { format, output }: Options,
): Promise<void> {
  const text = format === 'text' ? null : await documentOf(all, format);
  if (text === null || output !== undefined) {
    for (const set of text === null ? ran : []) print(set);
    const [now, whole] = [ran, all]
      .map(countsOf)
      .map(({ passed, failed }) => `${passed} passed, ${failed} failed`);
    console.log(now === whole ? now : `${now} (${whole} in all)`);
  }
  if (text === null) return;
  if (output === undefined) return console.log(text);
  const { writeText } = await import('../app/record-files.js');
  await writeText(output, text);
}

async function documentOf(sets: readonly TestedRules[], format: 'json' | 'junit'): Promise<string> {
  if (format === 'json') return JSON.stringify({ ...countsOf(sets), sets }, null, 2);
  const { asJunit } = await import('../app/junit.js');
  return asJunit(sets);
}

function countsOf(sets: readonly TestedRules[]): { readonly passed: number; readonly failed: number } {
  const cases = sets.flatMap(({ files }) => files.flatMap((file) => file.cases));
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  return { passed: cases.length - failed, failed };
}

/** Whether every case passes, and nothing is lacking that must be there. */
function isGood(sets: readonly TestedRules[]): boolean {
  const isLacking = sets.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
  return countsOf(sets).failed === 0 && !isLacking;
}

function print({ files, findings, coverage }: TestedRules): void {
  for (const { file, cases } of files) {
    for (const { name, failures, timeline } of cases) {
      for (const { line, message } of failures) console.log(visible(`${file}:${line}: ${name}: ${message}`));
      if (timeline === undefined) continue;
      for (const line of timelineLines(timeline, isColoured(process.stdout))) console.log(line);
    }
  }
  for (const { file, severity, code, message } of findings)
    console.log(visible(`${file}: ${severity} ${code}: ${message}`));
  if (coverage.length === 0) return;
  const of = ({ reached, all }: Reached) => (all === 0 ? '-' : `${reached}/${all}`);
  const rows = coverage.map(({ model, percent, levels, branches, score }) => {
    return [model, `${percent} %`, of(levels), of(branches), of(score)];
  });
  for (const line of table([['', 'reached', 'levels', 'branches', 'score lines'], ...rows]))
    console.log(line);
}

function percentOf(text: string): number {
  const percent = Number(text);
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text) || percent > 100) throw new InvalidArgumentError('0 to 100');
  return percent;
}
