// fenghuo hold: legal holds on subjects of whom nothing may be erased.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { HoldRequest } from '../app/retaining.js';
import { formatInstant, parseDateTime } from '../events/timestamp.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly subject: string;
  readonly scope: string;
  readonly reason: string;
  readonly by: string;
  readonly until: number;
}

const NOTES = `
While a hold on a subject is in force, the clear personal values that events of this subject mention are erased neither by
their term (catalogue/retention.yaml) nor by request (PERSONAL_HELD), and the events themselves outlast their term, in log
and warehouse (on servers in the warehouse: Kafka keeps its own retention), until the first daily sweep after the hold has
ended. It may be ordered while the system runs or not, in a data folder or on servers (--config); each order and each end is
in the audit log.

Examples:
  fenghuo hold add --subject 91330106MA2XXXXXXX --by 张三（法制科） --reason '2026 行复 17 号' --until 2027-12-31T00:00:00+08:00
  fenghuo hold list --config infra/distributed.yaml`;

export function register(program: Command): void {
  const hold = program
    .command('hold')
    .description('legal holds: whose events and personal values nobody erases (保全)')
    .addHelpText('after', NOTES);
  placed(hold.command('add'))
    .description('order a hold on a subject')
    .requiredOption('--subject <id>', 'the subject, as events name it')
    .addOption(
      new Option('--scope <scope>', 'what it is').choices(['subject', 'device', 'place']).default('subject'),
    )
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--by <text>', 'who orders it')
    .requiredOption('--until <instant>', 'when it ends, RFC 3339', instantOf)
    .action(async ({ scope, subject, reason, by, until, ...place }: Options) =>
      show(place, { do: 'add', subject: `${scope}:${subject}`, reason, by, until }),
    );
  placed(hold.command('list'))
    .description('list those in force')
    .action(async (place: PlaceOptions) => show(place, { do: 'list' }));
  placed(hold.command('end'))
    .argument('<id>', 'of the hold')
    .description('end one before its time')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--by <text>', 'who ends it')
    .action(async (id: string, { reason, by, ...place }: Options) =>
      show(place, { do: 'end', id, reason, by }),
    );
}

async function show(place: PlaceOptions, request: HoldRequest): Promise<void> {
  const { heldAt } = await import('../app/holding.js');
  for (const { id, subject, by, until, reason } of await heldAt(placeFrom(place), request, Date.now()))
    console.log([id, subject, by, formatInstant(until), reason].join('\t'));
}

function instantOf(text: string): number {
  const at = parseDateTime(text);
  if (at === undefined)
    throw new InvalidArgumentError('an instant has date, time and zone, as 2027-12-31T00:00:00+08:00');
  return at;
}
