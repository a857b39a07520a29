// How many records wait for each role of a process in all roles.
import type { Embedded } from './embedded.js';

/** What waits for a role. */
export interface Lag {
  readonly role: string;
  readonly log: string;
  readonly partition: number;
  readonly records: number;
}

/** By role and log. @throws where the store cannot be read */
export async function embeddedLags(embedded: Embedded): Promise<Lag[]> {
  const { evaluate, alert, deliver, archive } = embedded;
  const { events, inbox, deliveries } = embedded.folder.logs;
  const of = (role: string, log: string, end: number, position: number): Lag => ({
    ...{ role, log, partition: 0 },
    records: Math.max(0, end - position),
  });
  const archives = await archive.waiting();
  return [
    of('evaluate', 'events', await events.end(0), evaluate.position),
    of('alert', 'inbox', await inbox.end(0), alert.position),
    of('deliver', 'deliveries', await deliveries.end(0), deliver.read),
    ...archives.map((waiting) => ({ role: 'archive', ...waiting })),
  ];
}
