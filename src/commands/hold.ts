// fenghuo hold: legal holds on subjects of whom nothing may be erased.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { HoldRequest } from '../app/retaining.js';
import { parseDateTime } from '../events/timestamp.js';
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
  const { localInstant } = await import('../app/local-time.js');
  const { holds, isUnknown, events } = await heldAt(placeFrom(place), request, Date.now());
  for (const { id, subject, by, until, reason } of holds)
    console.log([id, subject, by, localInstant(until), reason].join('\t'));
  if (request.do !== 'add') return;
  for (const line of isUnknown ? UNKNOWN : countLines(events)) console.error(line);
}

/** @param events null where they could not be counted */
function countLines(events: number | null): readonly string[] {
  if (events === null) return UNCOUNTED;
  return [
    `该主体目前有 ${events} 条事件在库，均受保全；设备读数和尚未归档的事件未计入，同样受保全。`,
    `Events of this subject in the warehouse, all held: ${events}. Readings and what is not archived yet are not counted, and are held as well.`,
  ];
}

const UNCOUNTED = [
  '该主体已有事件，均受保全。没有可以查询的数据仓库（系统未运行、未启用仓库或者仓库没有应答），这次没有清点条数。',
  'Events of this subject are known, and held. How many was not counted, for no warehouse could be asked: the system does not run, runs without one, or it does not answer.',
];

const UNKNOWN = [
  '注意：尚无该主体的任何事件，请核对 --subject 和 --scope。保全已生效，以后的事件同样受保全；写错的用 hold end 结束。',
  'No event of this subject is known so far: check --subject and --scope. The hold is in force; hold end ends one that was a mistake.',
];

function instantOf(text: string): number {
  const at = parseDateTime(text);
  if (at === undefined)
    throw new InvalidArgumentError('an instant has date, time and zone, as 2027-12-31T00:00:00+08:00');
  return at;
}
