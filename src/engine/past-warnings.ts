// The warnings of the history, as they would have been heard had other rules been in force.
import type { Key } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { readsWarnings } from '../model/strata.js';
import type { Derived } from './derived.js';
import { forwardPlanOf, type ForwardTarget } from './forward-plan.js';
import { goesOn } from './generation.js';
import { causeOf, placesOf, sayings } from './forward-warning.js';
import type { Transition } from './output.js';
import { streamIndex } from './reference.js';

const WARNING = streamIndex('warning');

/**
 * Whether a transition belongs to the history before a change of rules: what is earlier, and the ends of models at the
 * very instant, which another change there may have brought about. What is heard live as well is heard once.
 */
export function isBefore({ clock, reason }: Transition, turn: number): boolean {
  return clock < turn || (clock === turn && reason === 'model-removed');
}

/**
 * Which keys read a warning follows from the rules that ask; what it says, from those under which it was raised. The
 * warnings of a model that is gone are facts like any other: those whom it could not have waited for read them.
 */
export class PastWarnings {
  /** Where the warnings that stand are heard, by their id. */
  private readonly places = new Map<string, readonly Key[]>();

  /** @param rulesOf the rules of a revision that a transition names */
  constructor(
    private readonly rules: RuleSet,
    private readonly rulesOf: (revision: string) => RuleSet | undefined,
  ) {}

  /** What a transition says; they come in the order of the alert inbox. */
  said(transition: Transition): Derived[] {
    const { warning, scope, key: id, profile, level, revision, clock } = transition;
    const key = `${scope}:${id}`;
    const places = this.places.get(warning) ?? placesOf(key, profile);
    if (level === 'none') this.places.delete(warning);
    else this.places.set(warning, places);
    const { catalogue } = this.rulesOf(revision) ?? this.rules;
    const name = causeOf(transition, key);
    return sayings(catalogue, this.targetsOf(transition), key, places, transition).map((said, ordinal) => ({
      ...said,
      at: clock,
      cause: { kind: 0, name, ordinal },
    }));
  }

  private targetsOf({ model: name, scope, revision }: Transition): readonly ForwardTarget[] {
    const same = (rules: RuleSet | undefined) =>
      rules?.models.find((model) => model.name === name && model.scope === scope);
    const model = same(this.rulesOf(revision)) ?? same(this.rules);
    const stratum = model !== undefined && goesOn(model, this.rules) ? model.stratum : 0;
    if (model === undefined || (stratum === 0 && readsWarnings(model))) return [];
    const plan = forwardPlanOf(this.rules, stratum);
    return plan.targets[scope as keyof typeof plan.targets]?.[WARNING] ?? [];
  }
}
