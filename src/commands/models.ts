// fenghuo models: which rules a deployment runs, how they came, and others in their place while it runs.
import { InvalidArgumentError, type Command } from 'commander';
import { defaults } from '../app/environment.js';
import type { ModelsOutcome, ModelsPlace, RunningPlace } from '../app/models.js';
import type { PlanRequest } from '../app/models-plan.js';
import { CodedError } from '../events/coded-error.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';
import { progress } from './progress.js';
import { historyLines, statusLines } from '../app/models-lines.js';

interface Running {
  readonly config?: string;
  readonly url?: string;
}

interface Looking extends Running {
  readonly data?: string;
  readonly json?: true;
}

interface Shadowed extends PlaceOptions {
  readonly model?: string;
  readonly json?: true;
}

interface Changing extends Looking {
  readonly rules?: string;
  readonly because?: string;
  readonly plan?: true;
  readonly days: number;
  readonly eventsMax: number;
  readonly timeLimit: number;
}

/** Of a plan that has something to say. */
const EXIT_CHANGES = 3;

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
  planning(models.command('apply'))
    .description('bring other rules in while it runs')
    .option('--rules <dir>', 'the rules (default: rules)')
    .option('--because <text>', 'why, for the record')
    .addHelpText('after', APPLY_NOTES)
    .action(async (options: Changing) => {
      const rules = options.rules ?? defaults().rules;
      if (options.plan === true) return plan(options, { rulesDir: rules });
      const { applyModels } = await import('../app/models.js');
      say(
        await applyModels(runningPlace(options), rules, options.because ?? null, (lines) => {
          for (const line of lines) console.error(line);
        }),
      );
    });
  planning(models.command('rollback'))
    .description('bring the rules of a former revision in again')
    .argument('<revision>', 'its hash, or the beginning of it (fenghuo models history)')
    .option('--because <text>', 'why, for the record')
    .action(async (revision: string, options: Changing) => {
      const prefix = prefixOf(revision);
      if (options.plan === true) return plan(options, { revision: prefix });
      const { rollbackModels } = await import('../app/models.js');
      say(await rollbackModels(runningPlace(options), prefix, options.because ?? null));
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
  placed(models.command('shadow'))
    .description('what models with status: shadow said since they were switched on, beside the live ones')
    .option('--model <name>', 'one of them, such as food/tried (default: all)')
    .option('--json', 'print JSON')
    .action(shadow);
}

async function shadow(options: Shadowed): Promise<void> {
  const { shadowModels } = await import('../app/models-shadow.js');
  const found = await shadowModels({ place: placeFrom(options), model: options.model });
  const { shadowLines } = await import('../app/shadow-lines.js');
  print(options, found, () => shadowLines(found));
}

function running(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the file of servers, where the deployment is on servers')
    .option(
      '--url <address>',
      'where the process runs (default: http://127.0.0.1 and FENGHUO_PORT, or 8080)',
    );
}

function planning(command: Command): Command {
  return running(command)
    .option('--plan', 'say what it would change, and change nothing; ends with 3 where there is anything')
    .option('-d, --data <dir>', 'with --plan: the data folder, read beside its owner (default: data)')
    .option('--days <number>', 'with --plan: days of stored history that are compared', daysOf, 30)
    .option('--events-max <number>', 'with --plan: events that are read at most', countOf, 20_000_000)
    .option('--time-limit <seconds>', 'with --plan: how long they are read at most', countOf, 900)
    .option('--json', 'with --plan: print JSON');
}

function looking(command: Command): Command {
  return running(command)
    .option('-d, --data <dir>', 'a data folder, read beside its owner (FENGHUO_DATA; default: data)')
    .option('--json', 'print JSON');
}

/** Says what other rules would change. */
async function plan(options: Changing, wanted: PlanRequest['wanted']): Promise<void> {
  const { config, data, url, days, eventsMax, timeLimit, json } = options;
  if (url !== undefined)
    throw new CodedError('USAGE', '--plan reads the stored history: name --data or --config, not --url.');
  const { planModels } = await import('../app/models-plan.js');
  const found = await planModels({
    ...{ place: placeFrom({ config, data }), wanted, days, eventsMax, secondsMax: timeLimit },
    onProgress: progress(),
    onWarnings: (lines) => {
      for (const line of lines) console.error(line);
    },
  });
  const { planLines } = await import('../app/plan-lines.js');
  print({ ...(json && { json }) }, found, () => planLines(found));
  if (found.former !== found.latter) process.exitCode = EXIT_CHANGES;
}

/** @throws CodedError USAGE where both are named, or a data folder, which a running process alone may change */
function runningPlace({ config, url, data }: Looking): RunningPlace {
  if (data !== undefined)
    throw new CodedError('USAGE', 'A running process takes other rules at --url; --data goes with --plan.');
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

function print({ json }: Pick<Looking, 'json'>, value: unknown, lines: () => readonly string[]): void {
  if (json === true) console.log(JSON.stringify(value));
  else for (const line of lines()) console.log(line);
}

function daysOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('expected days, from 1 to 9999');
  return Number(text);
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}
