// States of warnings as former builds stored them.
import type { Catalogue } from '../catalogue/catalogue.js';
import { routeOf } from './routing.js';
import { settled, type AlertState } from './state.js';

/** A state before departments could act on warnings. */
type FormerState = Omit<AlertState, keyof Added> & { readonly departments: readonly string[] };
type Added = Pick<
  AlertState,
  'parties' | 'duties' | 'acts' | 'refused' | 'asked' | 'notices' | 'transfers' | 'ended'
>;

/** A stored state as this build has them. A warning of a former build has no deadlines; its next graver level has. */
export function upgraded(stored: AlertState | FormerState, catalogue: Catalogue): AlertState {
  if (!('departments' in stored)) return stored;
  const { departments, ...rest } = stored;
  const { transition } = rest.latest;
  const leads = new Set(
    routeOf(transition, catalogue).recipients.flatMap(({ department, role }) =>
      role === 'lead' ? [department] : [],
    ),
  );
  const { quiet, level, reason, task } = transition;
  const over = level !== 'none' ? {} : ({ ended: reason === 'withdrawn' ? 'withdrawn' : 'cleared' } as const);
  return settled({
    ...rest,
    parties: departments.map((department) => {
      const isLead = leads.has(department);
      const role = isLead ? 'lead' : 'cooperating';
      return { department, role, acting: !quiet && (isLead || task !== undefined), stage: 'none' };
    }),
    duties: [],
    acts: [],
    refused: [],
    asked: quiet ? 'none' : level,
    notices: 0,
    transfers: [],
    ...over,
  });
}
