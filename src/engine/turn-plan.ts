// What a change of rules would do to what is held: which figures begin anew, which models, and where they are judged.
import type { RuleSet } from '../model/ruleset.js';
import { FIRST_GENERATION, goesOn, nextGeneration } from './generation.js';

export interface TurnPlan {
  /** Indicators that are unknown until the history has been read for them. */
  readonly unprimed: readonly { readonly model: string; readonly indicator: string }[];
  /** Models that go on, and that are judged after other models than before. */
  readonly strata: readonly { readonly model: string; readonly former: number; readonly latter: number }[];
  /** Models that do not go on under the same name and scope: their warnings end. */
  readonly ending: readonly string[];
}

/** What would come of a turn from one set to another where nothing waits for its history now. */
export function turnPlan(former: RuleSet, latter: RuleSet): TurnPlan {
  const before = new Map(former.models.map((model) => [model.name, model]));
  const unprimed = latter.models.flatMap(({ name, stratum, indicators }) => {
    const waiting = new Set(nextGeneration(FIRST_GENERATION, former, latter, stratum).unprimed);
    return indicators.flatMap((indicator) =>
      indicator.kind !== 'value' && waiting.has(indicator.identity)
        ? [{ model: name, indicator: indicator.name }]
        : [],
    );
  });
  const strata = latter.models.flatMap(({ name, stratum }) => {
    const was = before.get(name)?.stratum ?? stratum;
    return was === stratum ? [] : [{ model: name, former: was, latter: stratum }];
  });
  const ending = former.models.filter((model) => !goesOn(model, latter)).map(({ name }) => name);
  return { unprimed, strata, ending };
}
