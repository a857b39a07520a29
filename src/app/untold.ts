// What departments were not told at once, as the HTTP front shows it: who may see which, and what is said of each.
import { titleOf } from '../alerts/drawn-task.js';
import { reasonOf } from '../alerts/silence.js';
import type { AlertState } from '../alerts/state.js';
import type { Withholding } from '../alerts/withholding.js';
import type { WithheldFilter } from '../events/withheld.js';
import type { RuleSet } from '../model/ruleset.js';

/** Whether one thing is asked for. @param departments those that are looked at; null for all */
export function isAskedFor(
  { reason, department }: Withholding,
  state: AlertState,
  filter: WithheldFilter,
  departments: readonly string[] | null,
): boolean {
  if (filter.reason !== undefined && filter.reason !== reason) return false;
  if (filter.model !== undefined && filter.model !== state.latest.transition.model) return false;
  if (departments === null) return true;
  const untold = department === null ? state.parties.map((party) => party.department) : [department];
  return untold.some((one) => departments.includes(one));
}

/** One line. Instants are RFC 3339, UTC. */
export function untoldView(withholding: Withholding, state: AlertState, { catalogue, models }: RuleSet) {
  const { at, reason, warning, ordinal, level, department, sources, due } = withholding;
  const { transition } = state.latest;
  const { name, region } = transition.profile;
  const title = titleOf(
    transition,
    models.find((model) => model.name === transition.model),
  );
  const released = state.history.find((entry) => entry.ordinal === ordinal)?.released;
  const waits = department === null && state.withheld !== undefined;
  return {
    at: instant(at),
    reason,
    department:
      department === null
        ? null
        : { id: department, name: catalogue.departments.get(department)?.name ?? null },
    ...(sources === undefined ? {} : { sources }),
    ...(due === undefined ? {} : { due: instant(due) }),
    ...(department === null ? { released: released === undefined ? null : instant(released) } : {}),
    ...(waits ? { waits_for: reasonOf(state.withheld.sources) } : {}),
    warning,
    ordinal,
    level,
    model: transition.model,
    title,
    key: transition.key,
    name: typeof name === 'string' ? name : transition.key,
    region: typeof region === 'string' ? region : null,
  };
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
