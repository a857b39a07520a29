// fenghuo fmt: expressions of models into the quotes that the language asks for.
import type { Command } from 'commander';
import { visible } from '../model/format-diagnostic.js';

interface Options {
  readonly check?: boolean;
}

const NOTES = `
A path is a folder of rules, a folder in one, or a model; without one it is ./rules, else the rules of the package.
Expressions come to stand in single quotes unless they are block scalars; everything else stays byte for byte, and
links are passed over. The files that were changed are listed. The exit code is 1 where an expression must be put
right by hand, and with --check where a file would change.`;

export function register(program: Command): void {
  program
    .command('fmt')
    .description('put expressions of models into single quotes')
    .argument('[path...]', 'what to put right')
    .option('--check', 'change nothing, list the files that would change')
    .addHelpText('after', NOTES)
    .action(async (paths: string[], { check = false }: Options) => {
      const { formatRules } = await import('../app/formatting.js');
      const { changed, left } = await formatRules(paths, !check);
      for (const file of changed) console.log(visible(file));
      for (const line of left) console.error(line);
      if (left.length > 0 || (check && changed.length > 0)) process.exitCode = 1;
    });
}
