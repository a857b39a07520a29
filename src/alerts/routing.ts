// Who hears of a warning: the item's lead department, and the cooperating departments in copy. A joint task goes to
// those of every item that it merges.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Transition } from '../engine/output.js';

export interface Recipient {
  readonly department: string;
  /** `lead` where it leads one of the items. */
  readonly role: 'lead' | 'cooperating';
  readonly channel: string;
}

export interface Route {
  /** Each department once: the lead of the warning's own item first, then other leads, then who cooperates. */
  readonly recipients: readonly Recipient[];
  /** Items that the catalogue does not have; nobody hears of them. */
  readonly unknown: readonly string[];
}

/** The items of a transition: its own, then those that its joint task merges. */
export function itemsOf({ item, task }: Pick<Transition, 'item' | 'task'>): string[] {
  return [...new Set([item, ...(task?.items ?? [])])];
}

/** Routes by item; every department has the `file` channel. */
export function routeOf(transition: Pick<Transition, 'item' | 'task'>, catalogue: Catalogue): Route {
  const items = itemsOf(transition);
  const found = items.flatMap((id) => catalogue.items.get(id) ?? []);
  const leads = new Set(found.map(({ lead }) => lead));
  const others = new Set(found.flatMap(({ cooperating }) => cooperating).filter((one) => !leads.has(one)));
  return {
    recipients: [
      ...[...leads].map((department): Recipient => ({ department, role: 'lead', channel: 'file' })),
      ...[...others].map((department): Recipient => ({ department, role: 'cooperating', channel: 'file' })),
    ],
    unknown: items.filter((id) => !catalogue.items.has(id)),
  };
}
