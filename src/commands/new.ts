// fenghuo new: a new model with tests beside it, from a few answers.
import { Option, type Command } from 'commander';
import type { GivenAnswers, NewModelAnswers, NewModelPlace } from '../app/new-model.js';
import { CodedError } from '../events/coded-error.js';
import { STREAMS } from '../events/event.js';
import { OFFERED_NAMES } from '../model/editor/draft.js';
import { visible } from '../model/format-diagnostic.js';
import { SINGLE_SCOPES } from '../model/shape.js';

type Options = Partial<Omit<NewModelAnswers, 'name' | 'levels'>> & {
  readonly level: readonly string[];
  readonly rules?: string;
  readonly yes?: true;
};

const NOTES = `
Without --yes, and on a terminal, what is not given is asked, in Chinese. The model has one indicator; its tests, a case
that warns and one that does not, expect what the engine says of events that are made for them. Nothing is overwritten.
  fenghuo new food/repeat-complaints --yes --title 食品投诉集中 --item food-operation --stream complaint \\
    --operator count --over 7d --level yellow=3 --level red=10 --plan food-joint-check`;

export function register(program: Command): void {
  program
    .command('new')
    .description('begin a new model with tests')
    .argument('[name]', 'its name: <domain>/<behaviour>')
    .option('--title <text>', 'the title of its warnings')
    .option('--item <item>', 'the item, as in catalogue/items.yaml')
    .addOption(new Option('--scope <scope>', 'whom it speaks about').choices(SINGLE_SCOPES))
    .addOption(new Option('--stream <stream>', 'what it reads').choices(STREAMS))
    .addOption(new Option('--operator <operator>', 'what it computes').choices(OFFERED_NAMES))
    .option('--of <expression>', 'of what, such as event.amount; for share and streak a condition')
    .option('--where <condition>', 'which events count')
    .option('--over <span>', 'the window, such as 7d')
    .option('--level <level=threshold>', 'a level, such as yellow=3; may be repeated', added, [])
    .option('--plan <plan>', 'the response plan, as in catalogue/plans.yaml')
    .option('--summary <text>', 'when it warns, in a sentence; made of the answers if left out')
    .option('--advise <text>', 'advice to who handles it')
    .option('--rules <dir>', 'the folder of rules')
    .option('--yes', 'ask nothing')
    .addHelpText('after', NOTES)
    .action(async (name: string | undefined, { level, rules, yes, ...given }: Options) => {
      const { NewModelPlace } = await import('../app/new-model.js');
      const place = await NewModelPlace.at(rules);
      const answers = await completed(place, { name, levels: level, ...given }, yes === true);
      if (answers === null) {
        console.error('没有写任何文件。');
        process.exitCode = 1;
        return;
      }
      const { files, warnings } = await place.write(answers);
      for (const file of files) console.log(visible(file));
      for (const line of warnings) console.error(line);
    });
}

/** All answers; null where the person gave up. */
async function completed(
  place: NewModelPlace,
  given: GivenAnswers,
  isSilent: boolean,
): Promise<NewModelAnswers | null> {
  const asks = !isSilent && process.stdin.isTTY && process.stdout.isTTY;
  if (asks) return (await import('./new-questions.js')).ask(place, given);
  if (given.name === undefined) throw new CodedError('USAGE', 'The name is missing: <domain>/<behaviour>.');
  return (await import('../app/new-model.js')).withDefaults(given);
}

function added(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
