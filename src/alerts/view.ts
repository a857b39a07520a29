// A warning as a client reads it: the message that departments got, and on request the evidence behind it.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Suspension } from './party.js';
import type { AlertState } from './state.js';
import { isMissed, type Duty } from './duty.js';
import { reasonOf } from './silence.js';
import { levelName, messageOf } from './wording.js';

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
    state.duties,
  );
  return {
    ...message,
    id: state.warning,
    status: state.status,
    level_name: levelName(state.level, transition),
    raised: instant(state.raised),
    updated: instant(state.updated),
    departments: state.parties.map(({ department }) => named(department, catalogue)),
    undelivered: state.pending.length,
    ...(state.withheld === undefined
      ? {}
      : {
          withheld: {
            reason: reasonOf(state.withheld.sources),
            sources: state.withheld.sources,
            told: state.withheld.told,
          },
        }),
  };
}

/** One warning with all that was done to it, and its evidence; `link` covers `{ transition, sample }` in canonical form. */
export function warningDetail(state: AlertState, rules: RuleSet): WarningView {
  const { transition, sample, link } = state.latest;
  const { catalogue } = rules;
  const { parties, duties, acts, transfers, judgement, suspended, closed } = state;
  return {
    ...warningView(state, rules),
    history: state.history.map((entry) => ({
      ...entry,
      clock: instant(entry.clock),
      ...(entry.released === undefined ? {} : { released: instant(entry.released) }),
    })),
    parties: parties.map(({ department, signed, started, feedback, ...party }) => ({
      ...party,
      department: named(department, catalogue),
      ...(signed === undefined ? {} : { signed: instant(signed) }),
      ...(started === undefined ? {} : { started: instant(started) }),
      ...(feedback === undefined ? {} : { feedback: dated(feedback) }),
    })),
    duties: duties.map((duty) => dutyView(duty, catalogue)),
    actions: acts.map(({ id, at, actor, act }) => ({ id, at: instant(at), actor, ...dated(act) })),
    ...(state.joined === undefined ? {} : { joined: dated(state.joined) }),
    ...(transfers.length === 0 ? {} : { transfers: dated(transfers) }),
    ...(judgement === undefined ? {} : { judgement: dated(judgement) }),
    ...(suspended === undefined ? {} : { suspended: suspensionView(suspended) }),
    ...(closed === undefined ? {} : { closed: dated(closed) }),
    evidence: { transition, sample, link },
  };
}

function suspensionView({ since, until, reason, by }: Suspension): WarningView {
  return dated({ since, until, reason, by });
}

function dutyView(duty: Duty, catalogue: Catalogue): WarningView {
  const { kind, department, term, from, due, urged, done } = duty;
  return {
    kind,
    department: named(department, catalogue),
    term,
    from: instant(from),
    due: due === null ? null : instant(due),
    urged,
    done: done === undefined ? null : instant(done),
    // Whether it is missed at this moment is for the reader to say; here it is what is known for good.
    missed: isMissed(duty, done ?? -Infinity) || urged > 0,
  };
}

function named(id: string, catalogue: Catalogue): { readonly id: string; readonly name: string | null } {
  return { id, name: catalogue.departments.get(id)?.name ?? null };
}

const INSTANTS: ReadonlySet<string> = new Set(['at', 'since', 'until', 'harm']);

/** The same with instants as RFC 3339, wherever they lie. */
function dated<T extends object>(value: T): WarningView & T {
  const text = JSON.stringify(value, (name, part: unknown) =>
    INSTANTS.has(name) && typeof part === 'number' ? instant(part) : part,
  );
  return JSON.parse(text) as WarningView & T;
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
