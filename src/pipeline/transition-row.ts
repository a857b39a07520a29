// A transition as a row of the warehouse, whoever said it.
import { titleOf } from '../alerts/drawn-task.js';
import { departmentsOf, routeOf } from '../alerts/routing.js';
import type { Transition } from '../engine/output.js';
import type { Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Row } from '../ports/warehouse.js';

/** Makes rows by a set of rules. */
export function transitionRows(rules: RuleSet): (transition: Transition) => Row {
  const models = new Map(rules.models.map((model) => [model.name, model]));
  return (transition) => rowOf(transition, models.get(transition.model), rules);
}

function rowOf(transition: Transition, model: Model | undefined, { catalogue }: RuleSet): Row {
  const { recipients } = routeOf(transition, catalogue);
  const { region, industry, name } = transition.profile;
  return {
    warning: transition.warning,
    ordinal: transition.ordinal,
    model: transition.model,
    title: titleOf(transition, model),
    domain: catalogue.items.get(transition.item)?.domain ?? '',
    item: transition.item,
    scope: transition.scope,
    key: transition.key,
    name: typeof name === 'string' ? name : '',
    region: typeof region === 'string' ? region : '',
    industry: typeof industry === 'string' ? industry : '',
    // What was drawn is no warning that stands; what became of it is told by the actions.
    level: transition.draw === undefined ? transition.level : 'none',
    previous: transition.previous,
    clock: transition.clock,
    raised: transition.raised,
    reason: transition.reason,
    quiet: transition.quiet,
    rests_on: [...(transition.restsOn ?? [])],
    departments: departmentsOf(recipients),
    revision: transition.revision,
    // No indicator is called score.
    indicators: JSON.stringify({
      ...transition.indicators,
      ...(transition.score === undefined ? {} : { score: transition.score }),
    }),
    params: JSON.stringify(transition.params),
  };
}
