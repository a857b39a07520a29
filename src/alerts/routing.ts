// Who hears of a warning: the item's lead department, and the cooperating departments in copy.
import type { Catalogue } from '../catalogue/catalogue.js';

export interface Recipient {
  readonly department: string;
  readonly role: 'lead' | 'cooperating';
  readonly channel: string;
}

export interface Route {
  readonly recipients: readonly Recipient[];
  /** Why these. */
  readonly reason: 'item' | 'unknown-item';
}

/** Routes by item; every department has the `file` channel. */
export function routeOf(item: string, catalogue: Catalogue): Route {
  const found = catalogue.items.get(item);
  if (found === undefined) return { recipients: [], reason: 'unknown-item' };
  const lead: Recipient = { department: found.lead, role: 'lead', channel: 'file' };
  const others = found.cooperating
    .filter((department) => department !== found.lead)
    .map((department): Recipient => ({ department, role: 'cooperating', channel: 'file' }));
  return { recipients: [lead, ...others], reason: 'item' };
}
