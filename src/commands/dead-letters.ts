// fenghuo dead-letters: what was refused, listed, looked at, and tried again once it was mended.
import { InvalidArgumentError, type Command } from 'commander';
import { CodedError } from '../events/coded-error.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Filters extends PlaceOptions {
  readonly code?: string[];
  readonly source?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly json?: true;
}

interface RedriveOptions extends Filters {
  readonly from: number;
  readonly mapping?: string;
  readonly dryRun?: true;
  readonly again?: true;
}

const WHERE = `
With --config on the servers of distributed mode, also while it runs; else in a data folder, which must not be in use: a
running server takes an event that was mended at POST /v1/events.`;

const SHOW_NOTES = `
The original may hold personal values. Who read it and why goes into the audit log before it is shown.${WHERE}`;

const REDRIVE_NOTES = `
Originals are read anew, as they are or through a mapping, in the order in which they were refused. What is taken has the id
that its source gave it, or the hash of its content, and counts once however often it is re-driven. What is refused again
stays a dead letter, and is no second one; the exit code is then 1. Actions are not taken: whoever sent one sends it again.
With --json each letter is a line.${WHERE}

Example:
  fenghuo dead-letters redrive --code EVENT_DATA --source urn:example:12345 --mapping mended.yaml --dry-run`;

export function register(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('events that were refused, and deliveries that were given up');
  filtered(letters.command('list'), 50, 1_000)
    .description('which there are, the newest first, without personal values')
    .option('--before <place>', 'only those before this place', placeOf)
    .addHelpText('after', WHERE)
    .action(list);
  placed(letters.command('show'))
    .description('the original text of one')
    .argument('<place>', 'its place, as the list has it', placeOf)
    .requiredOption('--reason <text>', 'why it is read; it goes into the audit log')
    .addHelpText('after', SHOW_NOTES)
    .action(show);
  filtered(letters.command('redrive'), 10_000, 100_000)
    .description('take them as events, now that the schema, the catalogue or the mapping is mended')
    .argument(
      '[place...]',
      'their places, as the list has them; else those that the filters take',
      places,
      [],
    )
    .option('--from <place>', 'only those from this place on', placeOf, 0)
    .option('-m, --mapping <file>', 'the mapping through which originals are read, as of fenghuo import')
    .option('--dry-run', 'only show what each would become, with pseudonyms')
    .option('--again', 'also those that were re-driven before')
    .addHelpText('after', REDRIVE_NOTES)
    .action(redrive);
}

async function list(options: Filters & { readonly before?: number }): Promise<void> {
  const { listLetters } = await import('../app/dead-letters.js');
  const { letterLines } = await import('../app/letter-views.js');
  const asked = { ...options, codes: options.code };
  const { items, next, zone } = await listLetters(placeFrom(options), asked, options.limit, options.before);
  if (options.json === true) {
    console.log(JSON.stringify({ items, next }, null, 2));
    return;
  }
  for (const item of items) for (const line of letterLines(item, zone)) console.log(line);
  console.log(`${items.length} dead letters${next === null ? '' : `; there may be more: --before ${next}`}`);
}

async function show(place: number, options: PlaceOptions & { readonly reason: string }): Promise<void> {
  const { showLetter } = await import('../app/dead-letters.js');
  const { visible } = await import('../model/format-diagnostic.js');
  const text = await showLetter(placeFrom(options), place, options.reason);
  // A file gets it as it came; a terminal would obey what stands in it.
  console.log(process.stdout.isTTY ? text.split('\n').map(visible).join('\n') : text);
}

async function redrive(offsets: readonly number[], options: RedriveOptions): Promise<void> {
  const { code: codes, source, since, until, from, limit, mapping, json } = options;
  const isFiltered = [codes, source, since, until].some((filter) => filter !== undefined) || from > 0;
  if (offsets.length > 0 && isFiltered) throw new CodedError('USAGE', 'Name places or filters, not both.');
  const { redriveLetters } = await import('../app/dead-letters.js');
  const { redriveLines } = await import('../app/letter-views.js');
  const dryRun = options.dryRun === true;
  const asked = { codes, source, since, until };
  const request = { offsets, asked, from, limit, mapping, dryRun, again: options.again === true };
  const { counts, next } = await redriveLetters(placeFrom(options), request, (result) => {
    if (json === true) console.log(JSON.stringify(result));
    else if (dryRun || result.error !== null || result.outcome === 'gone')
      for (const line of redriveLines(result, dryRun)) console.log(line);
  });
  const passed = counts.before + counts.delivery + counts.skipped;
  // Standard output is for letters alone where a program reads it.
  console.error(
    `${counts.taken} ${dryRun ? 'would be taken' : 'taken'}, ${counts.refused} refused again, ${passed} passed over` +
      ` (${counts.before} re-driven before, ${counts.delivery} deliveries, ${counts.skipped} by the mapping)` +
      (counts.gone === 0 ? '' : `, ${counts.gone} erased`) +
      (next === null ? '' : `; go on with --from ${next}`),
  );
  if (counts.refused + counts.gone > 0) process.exitCode = 1;
}

function filtered(command: Command, limit: number, most: number): Command {
  return placed(command)
    .option('--code <code...>', 'refused for one of these reasons, such as EVENT_DATA')
    .option('--source <source>', 'whose event names this source')
    .option('--since <instant>', 'refused from then on, RFC 3339 or a date')
    .option('--until <instant>', 'refused before then')
    .option('--limit <number>', `how many at most, 1 to ${most}`, limitUpTo(most), limit)
    .option('--json', 'print JSON');
}

function limitUpTo(most: number): (text: string) => number {
  return (text) => {
    const limit = Number(text);
    if (!/^[1-9]\d{0,5}$/.test(text) || limit > most)
      throw new InvalidArgumentError(`expected a number from 1 to ${most}`);
    return limit;
  };
}

function placeOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a place, a whole number from 0 on');
  return Number(text);
}

function places(text: string, before: readonly number[]): number[] {
  return [...before, placeOf(text)];
}
