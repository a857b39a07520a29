// fenghuo record: a case for the tests of a model, made from what really happened.
import { InvalidArgumentError, type Command } from 'commander';
import { visible } from '../model/format-diagnostic.js';
import { placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly subject: string;
  readonly model: string;
  readonly rules?: string;
  readonly from?: string;
  readonly to?: string;
  readonly name?: string;
  readonly write?: true;
}

const NOTES = `
Events are read as fenghuo backtest reads them: NDJSON files, or with --data or --config the stored history of a
deployment, which may run meanwhile. The case has the events of the key that the model reads, its profile and those of
its devices where they matter, and expects what came of them; what comes after the last event, when nothing happens any
more, is in it as well. It is written only where it ends as the history did.
Nobody is to be recognised in it: persons, names, addresses and numbers of records are counted from 1, of prose only the
words remain that the rules look for, and dates are moved by whole weeks where that changes nothing. Read it all the
same before you give it away. Of a model that speaks of a region or an industry --subject is its code (330199002, H6210, 330199002/H6210), and the
case has those of its subjects, devices and places that anything happened to, at most 200. --from leaves out what no longer matters then, so that what comes before it may be other
than it was; a case holds at most 1000 events.

Examples:
  fenghuo record --subject 91330106MA2AXXXX1C --model food/repeat-complaints --data data --to 2026-04-01
  fenghuo record --subject shop:1 --model food/repeat-complaints 2025.ndjson.gz --write`;

export function register(program: Command): void {
  program
    .command('record')
    .description('make a test case of a model from past events of one key')
    .argument('[file...]', 'NDJSON files of events, plain or gzip; - is standard input')
    .requiredOption(
      '--subject <id>',
      'the subject, device, place, region or industry that the case is about',
      idOf,
    )
    .requiredOption('--model <name>', 'the model, such as food/repeat-complaints')
    .option('-r, --rules <dir>', 'the rules folder; else ./rules, else the rules of the package')
    .option('-d, --data <dir>', 'the stored history of this data folder, in place of files')
    .option('-c, --config <file>', 'that of the deployment on the servers of this file')
    .option('--from <instant>', 'from when on the case must say what history did')
    .option('--to <instant>', 'read no event that arrives after it')
    .option('--name <text>', 'what the case is called; else by its days and levels', nameOf)
    .option('--write', 'add it to the tests beside the model, in place of printing it')
    .addHelpText('after', NOTES)
    .action(async (files: string[], options: Options) => {
      const { config, data, rules: rulesDir, write: writes = false, ...rest } = options;
      const place = config !== undefined || data !== undefined ? placeFrom({ config, data }) : undefined;
      const { recordTest } = await import('../app/recording.js');
      const { file, lines, name, events, transitions, later, refused } = await recordTest({
        ...{ files, place, rulesDir, writes },
        ...rest,
      });
      if (!writes) for (const line of lines) console.log(`  ${line}`);
      const print = writes ? console.log : console.error;
      const counted = `${events} events, ${transitions} transitions`;
      print(visible(`${file}: ${writes ? 'added' : 'would be added'}: ${name} (${counted})`));
      if (later > 0) console.error(`${later} of the transitions come after the end of the history.`);
      if (refused > 0) console.error(`${refused} events were refused; fenghuo backtest says why.`);
    });
}

function idOf(text: string): string {
  if (text.length === 0 || text.length > 256) throw new InvalidArgumentError('1 to 256 characters');
  return text;
}

function nameOf(text: string): string {
  const name = text.trim();
  if (name.length === 0 || name.length > 300) throw new InvalidArgumentError('1 to 300 characters');
  return name;
}
