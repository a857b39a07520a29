// What a transition says to the models that read warnings, and to which keys.
import { keyId, keyScope, type Key, type SourceEvent } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Profile } from '../model/expression/expression.js';
import type { EngineContext } from './context.js';
import type { ForwardedEvent, WarningFacts } from './derived.js';
import { Speaker } from './forward.js';
import type { ForwardTarget } from './forward-plan.js';
import type { Episode, KeyState } from './key-state.js';
import type { Transition } from './output.js';
import { textOf } from './strata-state.js';
import { wideKey } from './wide-key.js';

/** Tells the models that read warnings of a transition; all versions of a warning go to the same keys. */
export function forwardWarning(
  context: EngineContext,
  state: KeyState,
  episode: Episode,
  transition: Transition,
  warningStream: number,
): void {
  // Also where nobody reads warnings now: other rules may, before the episode ends.
  episode.forwardedTo ??= placesOf(state.key, state.profile);
  const targets = context.forwardPlan.targets[state.scope]?.[warningStream] ?? [];
  if (targets.length === 0) return;
  const speaker = new Speaker(context, 0, causeOf(transition, state.key));
  const { catalogue } = context.rules;
  for (const said of sayings(catalogue, targets, state.key, episode.forwardedTo, transition)) {
    speaker.say(said);
  }
}

/** The name of what a transition causes. */
export function causeOf({ model }: Transition, key: Key): string {
  return `${model}\n${key}`;
}

/**
 * Where the warnings of a key are heard beside the key itself, as its profile stands when one is raised: at the owner of
 * a device or place, in the region, and in the industry.
 */
export function placesOf(key: Key, profile: Profile): readonly Key[] {
  const scope = keyScope(key);
  const owner = scope === 'device' || scope === 'place' ? textOf(profile, 'owner') : null;
  const places = [
    owner === null ? null : `subject:${owner}`,
    wideKey('region', profile['region'], undefined),
    wideKey('industry', undefined, profile['industry']),
  ];
  return places.filter((place) => place !== null);
}

/** What a transition says to each key that reads it. */
export function sayings(
  catalogue: RuleSet['catalogue'],
  targets: readonly ForwardTarget[],
  from: Key,
  places: readonly Key[],
  transition: Transition,
): Omit<ForwardedEvent, 'at' | 'cause'>[] {
  const { level, reason, quiet, profile } = transition;
  const event = warningEvent(catalogue, from, transition);
  return targets.flatMap(({ stratum, to }) => {
    const key = placeOf(to, from, places);
    if (key === null) return [];
    const said = {
      what: 'event',
      stratum,
      key,
      live: !quiet,
      event: { ...event, key },
      position: null,
      subject: key === from ? null : profile,
    } as const;
    return level === 'none' && reason === 'withdrawn' ? { ...said, withdrawn: true } : said;
  });
}

function placeOf(to: ForwardTarget['to'], from: Key, places: readonly Key[]): Key | null {
  if (to === 'same') return from;
  const find = (scope: string) => places.find((place) => keyScope(place) === scope);
  if (to === 'owner') return find('subject') ?? null;
  const [region, industry] = [find('region'), find('industry')];
  return wideKey(to, region && keyId(region), industry && keyId(industry));
}

function warningEvent(catalogue: RuleSet['catalogue'], from: Key, transition: Transition): SourceEvent {
  const { warning, model, item, level, previous, scope, quiet, clock, raised } = transition;
  const found = catalogue.items.get(item);
  const data: WarningFacts = {
    warning,
    model,
    domain: found?.domain ?? '',
    item,
    department: found?.lead ?? '',
    level,
    previous,
    scope,
    key: keyId(from),
  };
  const event: SourceEvent = {
    kind: 'event',
    id: warning,
    stream: 'warning',
    source: 'fenghuo',
    key: from,
    time: raised,
    at: clock,
    data,
  };
  return quiet ? { ...event, backfill: true } : event;
}
