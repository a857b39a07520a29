// Whether the logs still have what the consumers must step again, from their checkpoints on or from the first record.
import { CodedError } from '../../events/coded-error.js';
import type { LogName, WideLogName } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { ALERT_NAMESPACE } from '../alert-names.js';
import { checkpointOf } from '../checkpoint.js';
import { SEALING_NAMESPACE } from '../sealing.js';
import { SEQUENCE_NAMESPACE } from '../wide/sequence.js';

export interface HistoryOptions {
  readonly state: StateStore;
  readonly partitions: { readonly events: number; readonly derived: number };
  readonly begin: (name: LogName | WideLogName, partition: number) => Promise<number>;
}

/** A place of a consumer in a log, as its checkpoint says it under one of these names. */
interface Place {
  readonly log: LogName | WideLogName;
  readonly partition: number;
  /** Left out where the log is read from its first record on. */
  readonly namespace?: string;
  readonly field?: 'offset' | 'inlet' | 'next' | 'memory';
}

interface Placed {
  readonly offset?: number;
  readonly next?: number;
  readonly memory?: unknown;
  readonly inlet?: { readonly offset: number };
}

/** @throws CodedError REBUILD_HISTORY where a log begins behind the place of a consumer */
export async function checkHistory(options: HistoryOptions): Promise<void> {
  for (const { log, partition, namespace, field = 'offset' } of placesOf(options.partitions)) {
    const meta = namespace === undefined ? undefined : await checkpointOf<Placed>(options.state, namespace);
    const place = (field === 'inlet' ? meta?.inlet?.offset : meta?.[field]) ?? 0;
    const begin = await options.begin(log, partition);
    if (begin <= Number(place)) continue;
    const detail = `${log}/${partition} begins with record ${begin}, and is needed from ${Number(place)} on.`;
    throw new CodedError('REBUILD_HISTORY', detail);
  }
}

function placesOf({ events, derived }: HistoryOptions['partitions']): Place[] {
  const each = (count: number, placesAt: (partition: number) => Place[]) =>
    Array.from({ length: count }, (_, partition) => placesAt(partition)).flat();
  const single = (log: Place['log'], namespace: string, field?: 'inlet' | 'next'): Place => ({
    log,
    partition: 0,
    namespace,
    ...(field && { field }),
  });
  return [
    ...each(events, (partition) => [
      { log: 'events', partition, namespace: `evaluate/${partition}` },
      { log: 'events', partition, namespace: `archive/events/${partition}`, field: 'next' },
      // The archive remembers how far it has read the verdicts.
      { log: 'verdicts', partition, namespace: `archive/events/${partition}`, field: 'memory' },
    ]),
    ...each(derived, (partition) => [
      { log: 'derived', partition, namespace: `derived/${partition}`, field: 'inlet' },
    ]),
    single('transitions', SEQUENCE_NAMESPACE, 'inlet'),
    single('inbox', ALERT_NAMESPACE),
    single('inbox', SEALING_NAMESPACE),
    single('inbox', 'archive/inbox/0', 'next'),
    ...(['deliveries', 'actions', 'cases', 'dead-letters', 'operator'] as const).map((log) =>
      single(log, `archive/${log}/0`, 'next'),
    ),
    // A delivery may wait for long, and all seals are compared with the rules that they name.
    { log: 'deliveries', partition: 0 },
    { log: 'seals', partition: 0 },
  ];
}
