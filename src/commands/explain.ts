// fenghuo explain: why a model warned about a key, or why not.
import { Option, type Command } from 'commander';
import { visible } from '../model/format-diagnostic.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';
import { progress } from './progress.js';

interface Options extends PlaceOptions {
  readonly model: string;
  readonly subject: string;
  readonly at?: string;
  readonly rules?: string;
  readonly format: 'text' | 'json';
}

const NOTES = `
Reads the history up to an instant through the engine that runs live: files of CloudEvents, NDJSON or NDJSON.gz, or,
where none is named, what a deployment stored. Says in Chinese which level stands and since when, each figure with the
events behind it, each comparison with what is missing, what the next level would take, and when the warning ends if
nothing else happens. Persons are numbers, as in every result of a backtest. A model whose figures rest on other keys
(a region, warnings, devices of a subject) takes the whole history, every other one the events of its key. The rules
are those of --rules, whatever a deployment runs. The exit code is 1 where nothing is known of the key.`;

export function register(program: Command): void {
  placed(
    program
      .command('explain')
      .description('why a model warned about a key, or why not, with figures')
      .argument('[files...]', 'events; - is standard input')
      .requiredOption('-m, --model <model>', 'the model')
      .requiredOption('-s, --subject <key>', "the key of the model's scope: a subject, a device, a region...")
      .option('--at <instant>', 'RFC 3339, or a local date (default: the end of what is read)')
      .option('--rules <dir>', 'the folder of rules'),
  )
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .addHelpText('after', NOTES)
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const { model, subject, at, rules: rulesDir, format, data, config } = options;
  const { explainKey } = await import('../app/explaining.js');
  const isPlaced = files.length === 0 || data !== undefined || config !== undefined;
  const place = isPlaced ? placeFrom({ data, config }) : undefined;
  const result = await explainKey({ model, subject, at, files, place, rulesDir, onProgress: progress() });
  for (const { source, line, code } of result.refused) console.error(visible(`${source}:${line}: ${code}`));
  if (format === 'json') console.log(JSON.stringify(result, null, 2));
  else {
    const { explanationLines } = await import('../app/explanation-lines.js');
    for (const line of explanationLines(result)) console.log(visible(line));
  }
  if (!result.explanation.key.known) process.exitCode = 1;
}
