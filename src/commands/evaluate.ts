// fenghuo evaluate: the quarterly public credit evaluation, and its check.
import type { Command } from 'commander';
import { CodedError } from '../events/coded-error.js';
import { visible } from '../model/format-diagnostic.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly quarter?: string;
  readonly out?: string;
}

const NOTES = `
Every subject gets the score that the model of catalogue/evaluation.yaml gives it at the end of the quarter, from what had
arrived by then, and a class by the bounds there. The record has all of it, and is signed with the key of the seals. Each
department is told a summary once, when the system runs next; the same quarter again tells nobody anything.
A data folder must not be in use; with --config servers may run, and seal.key must be on this machine.

Example:
  fenghuo evaluate --quarter 2026Q3
  fenghuo evaluate verify evaluation-2026Q3.json --key seal-key.txt`;

export function register(program: Command): void {
  const evaluate = placed(program.command('evaluate'))
    .description('evaluate the credit of every subject at the end of a quarter (公共信用综合评价)')
    .option('--quarter <quarter>', 'which has ended, such as 2026Q3')
    .option('-o, --out <file>', 'where the record goes (default: evaluation-<quarter>.json)')
    .addHelpText('after', NOTES)
    .action(async ({ quarter, out, ...place }: Options) => {
      if (quarter === undefined) throw new CodedError('USAGE', 'Name --quarter, such as --quarter 2026Q3.');
      const { evaluateQuarter, evaluationLines } = await import('../app/evaluating.js');
      const { record, path, told } = await evaluateQuarter({ place: placeFrom(place), quarter, out });
      for (const line of evaluationLines(record)) console.log(visible(line));
      console.log(told === 0 ? '此前已评价，不再推送。' : `下次运行时推送 ${told} 个部门各一条。`);
      console.log(path);
    });
  evaluate
    .command('verify')
    .argument('<file>', 'the record of an evaluation')
    .description('check an evaluation offline: digest, signature, sums and classes')
    .option('--key <key...>', 'public keys that are trusted, 64 hex digits, or files that hold one', [])
    .action(async (file: string, { key }: { key: string[] }) => {
      const { evaluationLines, verifyEvaluationFile } = await import('../app/evaluating.js');
      const { record, fault } = await verifyEvaluationFile(file, key);
      if (fault !== null) {
        console.log('核验不通过 / the evaluation does not hold');
        console.log(visible(`位置 / place: ${fault.place}`));
        console.log(visible(`应为 / expected: ${fault.expected}`));
        console.log(visible(`实为 / found: ${fault.found}`));
        process.exitCode = 1;
        return;
      }
      const trust = key.length === 0 ? '，密钥取自文件本身 / TRUSTS THE KEY IN THE FILE' : '';
      console.log(`核验通过 / the evaluation holds${trust}`);
      for (const line of evaluationLines(record)) console.log(visible(line));
    });
}
