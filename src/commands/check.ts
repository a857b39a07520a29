// fenghuo check: faults in rules, each with its place.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CheckedRules } from '../app/checking.js';
import { isLocalDate } from '../catalogue/calendar.js';
import { DURATION_FORM, parseDuration } from '../catalogue/duration.js';
import { CodedError } from '../events/coded-error.js';
import { visible } from '../model/format-diagnostic.js';
import { placeFrom, type PlaceOptions } from './place.js';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;

interface Options extends PlaceOptions {
  readonly today?: string;
  readonly format: (typeof FORMATS)[number];
  readonly fix?: boolean;
  readonly events: readonly string[];
  readonly retention?: number;
  readonly explain?: string;
}

const NOTES = `
A path is a folder of rules, a folder in one, or a file; without one it is ./rules, else the rules of the package.
The exit code is 1 where there is an error. Warnings do not count. A model allows one with a reason:
lint: [{ allow: MODEL_DELAY, because: ... }]. rules/checks.md explains every code, --explain a single one.
--fix puts right what can be without changing what rules mean, byte for byte nothing else, names the files that it
changed on standard error, and then checks. --events tells fields that no event ever had, and those that no model reads; --data and --config tell it of all that a
deployment stored, which may run meanwhile.`;

export function register(program: Command): void {
  program
    .command('check')
    .description('check rules: models, the tests beside them, and the catalogue')
    .argument('[path...]', 'what to check')
    .option('--today <date>', 'the local day on which legal bases must be in force; else today', dateOf)
    .addOption(new Option('--format <format>', 'of the result').choices(FORMATS).default('text'))
    .option('--fix', 'put right what can be put right safely')
    .option(
      '--events <file>',
      'events as NDJSON (plain or gzip, - for standard input); may be repeated',
      added,
      [],
    )
    .option('-d, --data <dir>', 'the stored history of this data folder, in place of --events')
    .option('-c, --config <file>', 'that of the deployment on the servers of this file')
    .option('--retention <span>', 'for how long events are kept, such as 400d', spanOf)
    .option('--explain <code>', 'explain one check with an example, and check nothing')
    .addHelpText('after', NOTES)
    .action(async (paths: string[], options: Options) => {
      if (options.explain !== undefined) return explain(options.explain);
      const { today, events, retention: keptMs, format, data, config } = options;
      const place = config !== undefined || data !== undefined ? placeFrom({ config, data }) : undefined;
      if (options.fix === true) await mend(paths, { today, keptMs });
      const { checkRules } = await import('../app/checking.js');
      const sets = await checkRules(paths, { today, events, place, keptMs });
      await show(sets, format);
      if (!isGood(sets)) process.exitCode = 1;
    });
}

async function explain(code: string): Promise<void> {
  const { explainedCheck } = await import('../app/check-page.js');
  const text = explainedCheck(code);
  if (text === undefined) throw new CodedError('USAGE', `There is no check ${code}; see rules/checks.md.`);
  console.log(text.trimEnd());
}

async function mend(
  paths: readonly string[],
  request: { readonly today: string | undefined; readonly keptMs: number | undefined },
): Promise<void> {
  const { mendRules } = await import('../app/mending.js');
  for (const file of await mendRules(paths, request)) console.error(`mended ${visible(file)}`);
}

async function show(sets: readonly CheckedRules[], format: Options['format']): Promise<void> {
  if (format === 'text') {
    for (const set of sets) print(set);
  } else if (format === 'json') {
    console.log(JSON.stringify({ ok: isGood(sets), sets: sets.map(asJson) }, null, 2));
  } else {
    const { asAnnotations, asSarif } = await import('../app/check-formats.js');
    if (format === 'sarif') console.log(JSON.stringify(asSarif(sets), null, 2));
    else for (const line of asAnnotations(sets)) console.log(line);
  }
}

function isGood(sets: readonly CheckedRules[]): boolean {
  return sets.every((set) => count(set, 'error') === 0);
}

function print(set: CheckedRules): void {
  for (const line of set.lines) console.log(line);
  const [hiding] = set.hiding;
  if (hiding !== undefined) {
    const more = set.hiding.length === 1 ? '' : ` and ${set.hiding.length - 1} more`;
    const said = `${visible(hiding)}${more} has errors; what concerns all of ${set.rules} was not looked for.`;
    console.log(said);
  }
  const allowed = set.allowed === 0 ? '' : ` (${set.allowed} more allowed)`;
  const found = `${plural(count(set, 'error'), 'error')}, ${plural(count(set, 'warning'), 'warning')}${allowed}`;
  const revision = set.revision === null ? '' : `, revision ${set.revision}`;
  const looked = `${plural(set.models, 'model')}, ${plural(set.tests, 'file')} of tests`;
  console.log(`${set.rules}: ${looked}: ${found}${revision}`);
}

function asJson(set: CheckedRules) {
  const { lines: _, diagnostics, ...rest } = set;
  return { ...rest, errors: count(set, 'error'), warnings: count(set, 'warning'), diagnostics };
}

function count({ diagnostics }: CheckedRules, severity: 'error' | 'warning'): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function dateOf(text: string): string {
  if (!isLocalDate(text)) throw new InvalidArgumentError('a date looks like 2026-03-01');
  return text;
}

function spanOf(text: string): number {
  const spanMs = parseDuration(text);
  if (spanMs === null || spanMs === 0) throw new InvalidArgumentError(DURATION_FORM);
  return spanMs;
}

function added(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
