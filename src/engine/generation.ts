// What one stratum carries from one set of rules to the next: which windows and models are how old, and what waits.
import type { Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';

export interface Generation {
  /** How often the rules changed since the log began. */
  readonly epoch: number;
  /**
   * In which epoch a window, by its indicator's identity, or a model, by scope and name, came; 0 where it is not
   * listed. What a record of an earlier epoch holds under that name belonged to one that was removed since.
   */
  readonly born: { readonly [name: string]: number };
  /** Identities of indicators that wait for their history. */
  readonly unprimed: readonly string[];
  /** Models that wait to be told of the history, by scope and name. */
  readonly newborn: readonly string[];
}

export const FIRST_GENERATION: Generation = { epoch: 0, born: {}, unprimed: [], newborn: [] };

/** The name of a model in a generation: with another scope, or in the shadow, it is another one. */
export function bornName({ scope, name, shadow }: Model): string {
  return `${scope} ${name}${shadow === true ? ' shadow' : ''}`;
}

/**
 * The generation after a change of rules. What waited for its history under the old rules waits anew, since the
 * history that it needs is longer now.
 */
export function nextGeneration(before: Generation, old: RuleSet, next: RuleSet, stratum: number): Generation {
  const known = namesIn(old, stratum);
  const waiting = new Set(before.unprimed);
  const epoch = before.epoch + 1;
  const born: { [name: string]: number } = {};
  const names = namesIn(next, stratum);
  for (const name of [...names.windows, ...names.models]) {
    const isKnown = known.windows.has(name) || known.models.has(name);
    if (!isKnown || waiting.has(name)) born[name] = epoch;
    else if (before.born[name] !== undefined) born[name] = before.born[name];
  }
  const isNew = (name: string) => born[name] === epoch;
  return {
    epoch,
    born,
    unprimed: [...names.windows].filter(isNew),
    // What these hold stands; only the history is still to be told.
    newborn: [...names.models].filter((name) => isNew(name) || before.newborn.includes(name)),
  };
}

/** The same rules, once all history has been told. */
export function primedGeneration(before: Generation): Generation {
  return { ...before, unprimed: [], newborn: [] };
}

/** Whether anything waits for the history. */
export function awaitsHistory({ unprimed, newborn }: Generation): boolean {
  return unprimed.length + newborn.length > 0;
}

/** Whether a model of one set of rules goes on under another: same name, scope and stratum, in the shadow in both or neither. */
export function goesOn(model: Model, next: RuleSet): boolean {
  return next.models.some(
    ({ name, scope, stratum, shadow }) =>
      name === model.name && scope === model.scope && stratum === model.stratum && shadow === model.shadow,
  );
}

function namesIn(rules: RuleSet, stratum: number) {
  const windows = new Set<string>();
  const models = new Set<string>();
  for (const model of rules.models) {
    if (model.stratum !== stratum) continue;
    models.add(bornName(model));
    for (const indicator of model.indicators) {
      if (indicator.kind === 'value') continue;
      windows.add(indicator.identity);
    }
  }
  return { windows, models };
}
