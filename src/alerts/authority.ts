// Who may do what to a warning: by role, and by the part that one's department has in it.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { ActType } from '../events/act.js';
import type { Transition } from '../engine/output.js';
import type { Actor } from './action.js';
import type { Judgement, Party, Transfer } from './party.js';

/** What a warning knows of who has a part in it. */
export interface Parts {
  readonly parties: readonly Party[];
  readonly judgement?: Judgement;
  readonly transfers: readonly Transfer[];
  readonly latest: { readonly transition: Pick<Transition, 'profile'> };
}

/** Whether a warning lies where somebody may look; one without a region lies nowhere. */
function isWithin({ region }: Actor, { latest }: Parts): boolean {
  const { region: place } = latest.transition.profile;
  return region === undefined || (typeof place === 'string' && place.startsWith(region));
}

/** Whether an actor may take an action of a kind on a warning, whatever state that is in. */
export function mayAct(actor: Actor, type: ActType, parts: Parts, catalogue: Catalogue): boolean {
  const { role, department } = actor;
  if (department === null || (role !== 'department' && role !== 'lead')) return false;
  if (!isWithin(actor, parts)) return false;
  const own = parts.parties.find((party) => party.department === department);
  const isLead = own?.role === 'lead' && own.acting;
  switch (type) {
    case 'sign':
    case 'start':
    case 'feedback':
    case 'hand-over':
      return own?.acting === true;
    case 'close':
    case 'convene':
    case 'conclude':
      return isLead || supervises(actor, parts.parties, catalogue);
    case 'return':
    case 'suspend':
    case 'resume':
      return supervises(actor, parts.parties, catalogue);
    case 'opinion':
      return parts.judgement?.participants.includes(department) === true;
    case 'receipt':
    case 'accept':
    case 'refuse':
      return parts.transfers.some(({ organ }) => organ === department);
  }
}

/** Whether somebody leads the department that is responsible for a warning, or one above it. */
function supervises({ role, department }: Actor, parties: readonly Party[], catalogue: Catalogue): boolean {
  if (role !== 'lead' || department === null) return false;
  return parties.some(
    (party) =>
      party.role === 'lead' && party.acting && chainOf(party.department, catalogue).includes(department),
  );
}

/** A department and those above it, from the bottom. */
export function chainOf(department: string, catalogue: Catalogue): string[] {
  const chain: string[] = [];
  for (let here: string | undefined = department; here !== undefined && !chain.includes(here);) {
    chain.push(here);
    here = catalogue.departments.get(here)?.superior;
  }
  return chain;
}

/**
 * Whether somebody may read a warning, as far as it lies in his region: operators, authors and auditors all, departments what they take part in, leads
 * also what departments below them take part in.
 */
export function mayRead(actor: Actor, parts: Parts, catalogue: Catalogue): boolean {
  const { role, department } = actor;
  if (!isWithin(actor, parts)) return false;
  const { parties, judgement, transfers } = parts;
  if (role !== 'department' && role !== 'lead') return true;
  if (department === null) return false;
  const involved = [
    ...parties.map((party) => party.department),
    ...(judgement?.participants ?? []),
    ...transfers.map(({ organ }) => organ),
  ];
  if (role === 'department') return involved.includes(department);
  return involved.some((one) => chainOf(one, catalogue).includes(department));
}
