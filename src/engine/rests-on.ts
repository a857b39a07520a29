// On whose silence a level rests: while a source is dead, that its keys say nothing means nothing.
import { sourceOf } from '../events/event.js';
import type { Level } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import type { EngineContext } from './context.js';
import { AbsentWindow } from './indicators/absent.js';
import { MissedWindow } from './indicators/missed.js';
import type { Window } from './indicators/window.js';
import type { ModelState } from './key-state.js';
import { streamIndex, type EventReference } from './reference.js';

/** Streams of which some model says how often they should speak, by their index. */
const watched = new WeakMap<RuleSet, ReadonlySet<number>>();

/**
 * The sources on whose silence a level rests, for its transition: of each absence that holds, the one that the last
 * event came from, if its stream keeps a cadence.
 */
export function restsOn(
  context: EngineContext,
  { state, plan }: ModelState,
  level: Level,
): { readonly restsOn?: readonly string[] } {
  const streams = watchedIn(context.rules);
  // A ledger holds no absences.
  if (level === 'none' || streams.size === 0 || state.few !== null) return {};
  const sources = new Set<string>();
  for (const [index, kept] of plan.windows.entries()) {
    const window = kept === null ? undefined : state.window(kept);
    if (window === undefined) continue;
    if (window instanceof MissedWindow) sources.add(window.source);
    else if (window instanceof AbsentWindow && context.scope.values[index] === true) {
      const last = latestOf(window);
      if (last !== null && streams.has(last.stream)) sources.add(sourceOf(last.id));
    }
  }
  return sources.size === 0 ? {} : { restsOn: [...sources].sort() };
}

function latestOf(window: Window): EventReference | null {
  let latest: EventReference | null = null;
  window.each((reference) => (latest = reference));
  return latest;
}

function watchedIn(rules: RuleSet): ReadonlySet<number> {
  let streams = watched.get(rules);
  if (streams === undefined) {
    const keys = rules.models.filter(({ feed }) => feed?.kind === 'key');
    streams = new Set(
      keys.flatMap(({ indicators }) =>
        indicators.flatMap((one) => (one.kind === 'window' ? one.from.map(streamIndex) : [])),
      ),
    );
    watched.set(rules, streams);
  }
  return streams;
}
