// fenghuo replay: the stored history evaluated again with other models, into a namespace of its own.
import type { Command } from 'commander';
import { releasedText } from '../app/released-lines.js';
import type { ShadowResult } from '../app/shadow-replay.js';
import { formatInstant } from '../events/timestamp.js';
import { visible } from '../model/format-diagnostic.js';
import { LEVELS } from '../model/model.js';
import { CHANGES, type Difference } from '../pipeline/shadow/episodes.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';
import { progress } from './progress.js';

interface Options extends PlaceOptions {
  readonly from: string;
  readonly to: string;
  readonly models?: string[];
  readonly name: string;
  readonly warmUp?: string;
  readonly json?: true;
}

const NOTES = `
What the deployment stored is stepped again in the order in which it was stepped then, and what these models would have said
from --from on and before --to is compared with what was said: nobody is told, and nothing of the deployment changes. It may
run meanwhile. With --config on servers, from ClickHouse as far as the archive has come and from Kafka behind that; else a
data folder.

It begins before --from, so that windows are full there: by as much as the windows, sequences, for and hold of the models
reach back, through all strata; registrations and credit changes are read from the beginning. --warm-up says another length,
or all. What only a longer one would know is named at the end: a level that a condition of its own clears, or that rests on
both for and hold, may have stood for longer, and so may a silence.

--models takes a folder of rules, a folder in it, or files of models; a model that reads warnings is run with all models
of its set, and reported alone. The transitions are in shadow_warnings_current, under the name: of the database of the
deployment, or of a chDB in the folder replays of the data folder. A replay of the same name takes the place of the former
one once it has ended. One name runs once at a time.

Example:
  fenghuo replay --from 2026-09-01 --to 2026-10-01 --models rules/food/*.yaml --name stricter-food --config servers.yaml`;

const SHOWN = 10;

export function register(program: Command): void {
  placed(program.command('replay'))
    .description(
      'evaluate the stored history again with other models, and compare the warnings; nobody is told',
    )
    .requiredOption('--from <instant>', 'RFC 3339, or a date: its midnight in the zone of the catalogue')
    .requiredOption('--to <instant>', 'the end, which is not part of it')
    .option(
      '-m, --models <path...>',
      'models, or a folder of rules; else ./rules, else the rules of the package',
    )
    .option('-n, --name <name>', 'under which the result stands', 'replay')
    .option('--warm-up <duration>', 'how long before --from it begins, such as 90d; or all')
    .option('--json', 'print JSON')
    .addHelpText('after', NOTES)
    .action(run);
}

async function run({ models = [], config, data, json, ...request }: Options): Promise<void> {
  const { shadowReplay } = await import('../app/shadow-replay.js');
  const place = placeFrom({ config, data });
  const result = await shadowReplay({ ...request, place, models, onProgress: progress() });
  for (const line of result.warnings) console.error(line);
  if (json === true) console.log(JSON.stringify(result, null, 2));
  else for (const line of linesOf(result)) console.log(visible(line));
}

function linesOf({ name, summary, table, seconds }: ShadowResult): string[] {
  const { models, comparison, since, released, from, to, lasting, alerts } = summary;
  const total = models.reduce((sum, one) => sum + one.total, 0);
  const all = since === null ? 'all history' : `everything from ${formatInstant(since)} on`;
  const read = released.length === 0 ? all : `${all} that is left`;
  return [
    `replay ${name}: ${formatInstant(from)} to ${formatInstant(to)}, revision ${summary.revision}`,
    `${summary.events} events, ${read} was read, ${seconds.toFixed(1)} s`,
    ...releasedText(released),
    `${total} warnings raised, ${summary.transitions} transitions, in ${table}`,
    ...models.map(({ model, total: count, levels }) => `  ${model}: ${count}${levelsText(levels)}`),
    ...comparedLines(summary),
    ...comparison.differences.slice(0, SHOWN).map(differenceLine),
    ...subjectLines(summary),
    ...lasting.map(
      ({ model, reason }) => `not settled by this warm-up: ${model} (${reason}); see --warm-up all`,
    ),
    ...(alerts.length === 0
      ? []
      : [`operator alerts: ${alerts.map(({ code, count }) => `${code} ${count}`).join(', ')}`]),
  ];
}

function comparedLines({ comparison, released }: ShadowResult['summary']): string[] {
  const lines = comparison.models.map(({ model, changes, graver, milder }) => {
    const counts = CHANGES.map((change) => `${change} ${changes[change]}`);
    return `  ${model}: ${counts.join(', ')}; graver ${graver}, milder ${milder}`;
  });
  return [
    released.length === 0
      ? 'compared with what was warned in that span:'
      : 'compared with what was warned in that span; gone, later or milder may be for want of the events let go:',
    ...(lines.length === 0 ? ['  nothing on either side'] : lines),
  ];
}

function differenceLine({ change, model, scope, key, replayed, before }: Difference): string {
  const text = (one: Difference['before']) =>
    one === null ? 'none' : `${one.level} ${formatInstant(one.raised)}`;
  return `  ${change}: ${model} ${scope}:${key}: was ${text(before)}, would be ${text(replayed)}`;
}

function subjectLines({ subjects }: ShadowResult['summary']): string[] {
  if (subjects.length === 0) return [];
  const lines = subjects
    .slice(0, SHOWN)
    .map(({ scope, key, total, gravest }) => `  ${scope}:${key}: ${total}, gravest ${gravest}`);
  return ['most warnings:', ...lines];
}

function levelsText(levels: { readonly [level: string]: number }): string {
  const reached = [...LEVELS].reverse().filter((level) => (levels[level] ?? 0) > 0);
  return ` (${reached.map((level) => `${level} ${levels[level]}`).join(', ')})`;
}
