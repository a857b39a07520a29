// fenghuo route: who would hear of a warning.
import { Option, type Command } from 'commander';
import { SCOPES } from '../events/event.js';
import { LEVELS, type WarningLevel } from '../model/model.js';

interface Options {
  readonly item: string;
  readonly region?: string;
  readonly level: WarningLevel;
  readonly model?: string;
  readonly tags?: string;
  readonly scope: string;
  readonly merges?: string;
  readonly rules?: string;
  readonly explain?: true;
  readonly json?: true;
}

const NOTES = `
One line for each department: who leads, who hears of it in copy, and by which channels. With --explain also why, and
which rules of catalogue/routes.yaml and which offices were passed over. The exit code is 1 where no route takes the
warning, so that the fallback gets it, or nobody.`;

export function register(program: Command): void {
  program
    .command('route')
    .description('who would hear of a warning, by which channels, and why')
    .requiredOption('--item <item>', 'the item, as in catalogue/items.yaml')
    .option('--region <code>', 'the region code of the subject; of a warning on a region, its own')
    .addOption(
      new Option('--level <level>', 'of the warning')
        .choices(LEVELS.filter((level) => level !== 'none'))
        .makeOptionMandatory(),
    )
    .option('--model <model>', 'the model that warns')
    .option('--tags <tags>', 'tags of the subject, with commas between them')
    .addOption(new Option('--scope <scope>', 'what the warning is about').choices(SCOPES).default('subject'))
    .option('--merges <items>', 'items that its joint task merges, with commas between them')
    .option('--rules <dir>', 'the folder of rules')
    .option('--explain', 'say why, and what was passed over')
    .option('--json', 'print one JSON document with everything')
    .addHelpText('after', NOTES)
    .action(async ({ item, region, level, model, tags, scope, merges, rules, explain, json }: Options) => {
      const { explainRoute } = await import('../app/route-explaining.js');
      const warning = {
        item,
        merges: listOf(merges),
        region: region ?? null,
        level,
        model: model ?? '',
        scope,
        tags: listOf(tags),
      };
      const { lines, ...explained } = await explainRoute(warning, rules, explain === true);
      if (json === true) console.log(JSON.stringify(explained, null, 2));
      else for (const line of lines) console.log(line);
      if (!explained.taken) process.exitCode = 1;
    });
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
