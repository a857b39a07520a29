// fenghuo test: the tests beside models.
import { Option, type Command } from 'commander';
import type { TestedRules } from '../app/model-testing.js';
import { visible } from '../model/format-diagnostic.js';

interface Options {
  readonly format: 'text' | 'json';
}

const NOTES = `
A path is a folder of rules, a folder in one, a model or its tests; without one it is ./rules, else the rules of the
package. The exit code is 1 where a case fails, or a model has not both a case that warns and one in which it stays
silent. Levels, branches of their conditions and lines of the score that no case reaches are warnings.`;

export function register(program: Command): void {
  program
    .command('test')
    .description('run the tests beside models')
    .argument('[path...]', 'which tests to run')
    .addOption(new Option('--format <format>', 'of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', NOTES)
    .action(async (paths: string[], { format }: Options) => {
      const { testRules } = await import('../app/model-testing.js');
      const sets = await testRules(paths);
      const cases = sets.flatMap(({ files }) => files.flatMap((file) => file.cases));
      const failed = cases.filter(({ failures }) => failures.length > 0).length;
      const passed = cases.length - failed;
      if (format === 'json') console.log(JSON.stringify({ passed, failed, sets }, null, 2));
      else {
        for (const set of sets) print(set);
        console.log(`${passed} passed, ${failed} failed`);
      }
      const isLacking = sets.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
      if (failed > 0 || isLacking) process.exitCode = 1;
    });
}

function print({ files, findings }: TestedRules): void {
  for (const { file, cases } of files) {
    for (const { name, failures } of cases) {
      for (const { line, message } of failures) console.log(visible(`${file}:${line}: ${name}: ${message}`));
    }
  }
  for (const { file, severity, code, message } of findings)
    console.log(visible(`${file}: ${severity} ${code}: ${message}`));
}
