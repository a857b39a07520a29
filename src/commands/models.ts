// fenghuo models: which rules a deployment runs, how they came, and others in their place while it runs.
import type { Command } from 'commander';
import { defaults } from '../app/environment.js';
import type { ModelsOutcome, ModelsPlace, RunningPlace } from '../app/models.js';
import { CodedError } from '../events/coded-error.js';
import { historyLines, statusLines } from '../app/models-lines.js';

interface Running {
  readonly config?: string;
  readonly url?: string;
}

interface Changing extends Running {
  readonly rules?: string;
  readonly because?: string;
}

interface Looking extends Running {
  readonly data?: string;
  readonly json?: true;
}

const APPLY_NOTES = `
The rules are checked first, and nothing changes where they have errors. Then they are kept, noted with who brought them
in and why, and announced: on servers (--config) to every partition, where they come into force at one instant, some 12 s
later; in one process (--url) at once. Indicators that stay as they are keep what they hold; new ones are unknown until the
history has been read for them, which begins at once.

A process that asks for tokens wants one of an operator in FENGHUO_TOKEN. One that is started anew goes on with what was
applied last, until its folder of rules is changed.`;

export function register(program: Command): void {
  const models = program
    .command('models')
    .description('the rules of a deployment: which run, how they came, others');
  running(models.command('apply'))
    .description('bring other rules in while it runs')
    .option('--rules <dir>', 'the rules (default: rules)')
    .option('--because <text>', 'why, for the record')
    .addHelpText('after', APPLY_NOTES)
    .action(async (options: Changing) => {
      const { applyModels } = await import('../app/models.js');
      const rules = options.rules ?? defaults().rules;
      say(
        await applyModels(runningPlace(options), rules, options.because ?? null, (lines) => {
          for (const line of lines) console.error(line);
        }),
      );
    });
  running(models.command('rollback'))
    .description('bring the rules of a former revision in again')
    .argument('<revision>', 'its hash, or the beginning of it (fenghuo models history)')
    .option('--because <text>', 'why, for the record')
    .action(async (revision: string, options: Changing) => {
      const { rollbackModels } = await import('../app/models.js');
      say(await rollbackModels(runningPlace(options), prefixOf(revision), options.because ?? null));
    });
  looking(models.command('status'))
    .description('which rules run, and which come')
    .action(async (options: Looking) => {
      const { modelsAt } = await import('../app/models.js');
      const { changes: _, ...status } = await modelsAt(placeOf(options));
      print(options, status, () => statusLines(status));
    });
  looking(models.command('history'))
    .description('every change of the rules: when, by whom, why, and what it changed')
    .action(async (options: Looking) => {
      const { modelsAt } = await import('../app/models.js');
      const { changes } = await modelsAt(placeOf(options));
      print(options, { changes }, () => historyLines(changes));
    });
}

function running(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the file of servers, where the deployment is on servers')
    .option(
      '--url <address>',
      'where the process runs (default: http://127.0.0.1 and FENGHUO_PORT, or 8080)',
    );
}

function looking(command: Command): Command {
  return running(command)
    .option('-d, --data <dir>', 'a data folder, read beside its owner (FENGHUO_DATA; default: data)')
    .option('--json', 'print JSON');
}

/** @throws CodedError USAGE where both are named */
function runningPlace({ config, url }: Running): RunningPlace {
  if (config !== undefined && url !== undefined)
    throw new CodedError('USAGE', 'Name --config or --url, not both.');
  if (config !== undefined) return { config };
  return { url: url ?? `http://127.0.0.1:${defaults().port}` };
}

/** @throws CodedError USAGE where several are named */
function placeOf({ config, url, data }: Looking): ModelsPlace {
  if ([config, url, data].filter((one) => one !== undefined).length > 1)
    throw new CodedError('USAGE', 'Name one of --config, --url and --data.');
  if (config !== undefined || url !== undefined)
    return runningPlace({ ...(config && { config }), ...(url && { url }) });
  return { dataDir: data ?? defaults().data };
}

/** @throws CodedError USAGE for what is no beginning of a hash */
function prefixOf(revision: string): string {
  if (/^[0-9a-f]{4,16}$/.test(revision)) return revision;
  throw new CodedError('USAGE', 'A revision is named by 4 to 16 hex digits.');
}

/** @throws CodedError FILES_INVALID where the program found errors that were not found here */
function say(outcome: ModelsOutcome): void {
  if (outcome.outcome === 'invalid') {
    for (const fault of outcome.faults) console.error(fault);
    throw new CodedError('FILES_INVALID', 'The program is another build than this command.');
  }
  const { revision } = outcome;
  if (outcome.outcome === 'announced') console.log(`${revision} comes into force at ${outcome.at}`);
  else if (outcome.outcome === 'known') console.log(`${revision} was announced before; nothing changes`);
  else
    console.log(`${revision} waits: no process takes events now, and the first one that does announces it`);
}

function print({ json }: Looking, value: unknown, lines: () => readonly string[]): void {
  if (json === true) console.log(JSON.stringify(value));
  else for (const line of lines()) console.log(line);
}
