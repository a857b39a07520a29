// Who in the higher strata reads what a key says: laid out once for each stratum, from the models above it.
import { SOURCES, type SourceName } from '../events/event.js';
import type { Model, ModelScope } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import { isWide, WIDE_SCOPES, type WideScope } from './wide-key.js';

/** Where events of a stream go. */
export interface ForwardTarget {
  readonly stratum: number;
  /** `same` key, the `owner` of a device, or the key of a wider scope. */
  readonly to: 'same' | 'owner' | WideScope;
}

export interface ForwardPlan {
  /** By scope of the key and by source index. */
  readonly targets: { readonly [scope in ModelScope]?: readonly (readonly ForwardTarget[])[] };
  /** For how long a window of a higher stratum holds events of a source, ms, by source index. */
  readonly longestMs: readonly number[];
  /** Devices tell their owner of themselves, and owners tell their devices of their profile. */
  readonly links: boolean;
}

/** The stratum in which subjects know their devices, and that in which devices know their owner. */
export const OWNER_STRATUM = 1;
export const OWNED_STRATUM = 2;

const FACTS: readonly SourceName[] = ['registration', 'credit-change'];

/** Lays out what a stratum forwards. Events of the log are forwarded by stratum 0 alone, warnings by every one. */
export function forwardPlanOf(rules: RuleSet, stratum: number): ForwardPlan {
  // A source reads what its keys say of themselves, and nothing that is forwarded.
  const above = rules.models.filter((model) => model.stratum > stratum && model.scope !== 'source');
  const targets: { [scope in ModelScope]?: ForwardTarget[][] } = {};
  const longestMs = SOURCES.map(() => 0);
  const add = (scope: ModelScope, source: SourceName, target: ForwardTarget) => {
    const bySource = (targets[scope] ??= SOURCES.map(() => []));
    const known = bySource[SOURCES.indexOf(source)] as ForwardTarget[];
    if (!known.some((one) => one.stratum === target.stratum && one.to === target.to)) known.push(target);
  };
  for (const model of above) {
    for (const [source, keptMs] of sourcesOf(model)) {
      if (stratum > 0 && source !== 'warning') continue;
      const index = SOURCES.indexOf(source);
      longestMs[index] = Math.max(longestMs[index] as number, keptMs);
      for (const [scope, to] of waysOf(model.scope, source))
        add(scope, source, { stratum: model.stratum, to });
    }
  }
  const links = above.some((model) => model.readsOwner);
  if (links && stratum === 0) {
    for (const source of FACTS) add('subject', source, { stratum: OWNER_STRATUM, to: 'same' });
  }
  return { targets, longestMs, links };
}

/** What a model of a higher stratum reads, the facts of its own profile included, and for how long it matters. */
function sourcesOf(model: Model): [SourceName, number][] {
  const sources: [SourceName, number][] = [];
  if (!isWide(model.scope)) for (const source of FACTS) sources.push([source, 0]);
  for (const indicator of model.indicators) {
    if (indicator.kind === 'value') continue;
    for (const source of indicator.from) sources.push([source, indicator.keptMs]);
  }
  return sources;
}

/** From which keys a source reaches a scope, and how. */
function waysOf(scope: ModelScope, source: SourceName): [ModelScope, ForwardTarget['to']][] {
  if (isWide(scope)) {
    const ways: [ModelScope, ForwardTarget['to']][] = [
      ['subject', scope],
      ['place', scope],
      ['device', scope],
    ];
    if (source === 'warning') for (const wide of WIDE_SCOPES) ways.push([wide, scope]);
    return ways;
  }
  if (scope === 'subject' && source === 'sensor-reading') return [['device', 'owner']];
  if (scope === 'subject' && source === 'warning') {
    return [
      ['subject', 'same'],
      ['device', 'owner'],
      ['place', 'owner'],
    ];
  }
  return [[scope, 'same']];
}
