// A warning as a client reads it: the message that departments got, and on request the evidence behind it.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import type { AlertState } from './machine.js';
import { LEVEL_NAMES, messageOf } from './wording.js';

export type WarningView = { readonly [name: string]: unknown };

/** One line of the list of warnings. Instants are RFC 3339, UTC. */
export function warningView(state: AlertState, rules: RuleSet): WarningView {
  const { transition } = state.latest;
  const model = rules.models.find((candidate: Model) => candidate.name === transition.model);
  const catalogue: Catalogue = rules.catalogue;
  const { at: _local, ...message } = messageOf(
    transition,
    model,
    catalogue.items.get(transition.item),
    catalogue,
  );
  return {
    ...message,
    id: state.warning,
    status: state.status,
    level_name: LEVEL_NAMES[state.level],
    raised: instant(state.raised),
    updated: instant(state.updated),
    departments: state.departments.map((id) => ({ id, name: catalogue.departments.get(id)?.name ?? null })),
    undelivered: state.pending.length,
    ...(state.withheld === undefined
      ? {}
      : {
          withheld: { reason: 'source-silent', sources: state.withheld.sources, told: state.withheld.told },
        }),
  };
}

/** One warning with its history and its evidence; `link` covers `{ transition, sample }` in canonical form. */
export function warningDetail(state: AlertState, rules: RuleSet): WarningView {
  const { transition, sample, link } = state.latest;
  return {
    ...warningView(state, rules),
    history: state.history.map((entry) => ({
      ...entry,
      clock: instant(entry.clock),
      ...(entry.released === undefined ? {} : { released: instant(entry.released) }),
    })),
    evidence: { transition, sample, link },
  };
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
