// fenghuo check: faults in rules, each with its place.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CheckedRules } from '../app/checking.js';
import { isLocalDate } from '../catalogue/calendar.js';

interface Options {
  readonly today?: string;
  readonly format: 'text' | 'json';
}

const NOTES = `
A path is a folder of rules, a folder in one, or a file; without one it is ./rules, else the rules of the package.
The exit code is 1 where there is an error. Warnings do not count.`;

export function register(program: Command): void {
  program
    .command('check')
    .description('check rules: models, the tests beside them, and the catalogue')
    .argument('[path...]', 'what to check')
    .option('--today <date>', 'the local day on which legal bases must be in force; else today', dateOf)
    .addOption(new Option('--format <format>', 'of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', NOTES)
    .action(async (paths: string[], { today, format }: Options) => {
      const { checkRules } = await import('../app/checking.js');
      const sets = await checkRules(paths, { today });
      const isGood = sets.every((set) => count(set, 'error') === 0);
      if (format === 'json') console.log(JSON.stringify({ ok: isGood, sets: sets.map(asJson) }, null, 2));
      else for (const set of sets) print(set);
      if (!isGood) process.exitCode = 1;
    });
}

function print(set: CheckedRules): void {
  for (const line of set.lines) console.log(line);
  const found = `${plural(count(set, 'error'), 'error')}, ${plural(count(set, 'warning'), 'warning')}`;
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
