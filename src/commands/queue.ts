// fenghuo queue: which open warnings a department should deal with first.
import { InvalidArgumentError, type Command } from 'commander';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly department: string;
  readonly limit: number;
  readonly json?: true;
}

const NOTES = `
Open warnings in the order in which to visit their subjects, by level, age, nearness of the deadline and credit class, as
catalogue/queue.yaml weighs them; those that fit this week's inspections are marked, warnings on one subject as one visit.
With --config on servers, also while they run; else the data folder must not be in use, and of a running server ask GET /v1/queue.`;

export function register(program: Command): void {
  placed(program.command('queue'))
    .description('which open warnings a department should deal with first, and why')
    .requiredOption('--department <id>', 'whose, as in catalogue/departments.yaml')
    .option('--limit <number>', 'how many are shown, 1 to 500', limitOf, 50)
    .option('--json', 'print one JSON document, as GET /v1/queue answers')
    .addHelpText('after', NOTES)
    .action(async ({ department, limit, json, ...place }: Options) => {
      const { queueIn } = await import('../app/queueing.js');
      const { queue, lines } = await queueIn(placeFrom(place), department, limit);
      if (json === true) console.log(JSON.stringify(queue, null, 2));
      else for (const line of lines) console.log(line);
    });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!/^[1-9]\d{0,2}$/.test(text) || limit > 500)
    throw new InvalidArgumentError('expected a number from 1 to 500');
  return limit;
}
