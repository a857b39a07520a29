// How far back the rules look: how long before an instant somebody has to begin who is to know their levels there.
import type { StreamName } from '../events/event.js';
import type { Model, WindowIndicator } from './model.js';
import { LONGEST_DAY_MS } from './pane-clock.js';
import type { RuleSet } from './ruleset.js';
import { warningSources } from './strata.js';

/** Why the level of a model may rest on what lies further back than its windows. */
export type LastingReason =
  /** A level goes off on a condition of its own, so it may have been on for any time. */
  | 'clear'
  /** With both, figures that come and go leave a level as it was. */
  | 'for-and-hold'
  /** A key that fell silent is silent for as long as nothing comes. */
  | 'cadence';

export interface Reach {
  /** Everything that arrived earlier than so long before an instant leaves its figures as they are; profiles do not. */
  readonly ms: number;
  /** Whether spans in which nobody listened do not count, so that it reaches further back by their length. */
  readonly skipsGaps: boolean;
  /** Models whose level may rest on more. */
  readonly lasting: readonly { readonly model: string; readonly reason: LastingReason }[];
}

/** An event may be dated so long after its arrival. */
const SKEW_MS = 300_000;
/** For how long at least an event that comes again is known; where it was let go, it counts by its arrival anew. */
const IDS_KEPT_MS = 35 * 86_400_000;

/** How far back a set of rules looks, through all strata. */
export function reachOf({ models }: RuleSet): Reach {
  const known = new Map<string, number>();
  const reachOfModel = (model: Model): number => {
    const done = known.get(model.name);
    if (done !== undefined) return done;
    const below = warningSources(model, models).map(reachOfModel);
    const watched = models.filter(({ feed }) => feed?.kind === 'key' && feed.watcher === model.name);
    const reach = ownReach(model) + Math.max(0, ...below, ...watched.map(ownReach));
    known.set(model.name, reach);
    return reach;
  };
  const ms = models.reduce((most, model) => Math.max(most, reachOfModel(model)), 0) + SKEW_MS;
  const skipsGaps = models.some(({ indicators, feed }) => feed !== null || indicators.some(isAbsence));
  const lasting = models.flatMap((model) => {
    const reason = lastingReason(model);
    return reason === null ? [] : [{ model: model.name, reason }];
  });
  return { ms, skipsGaps, lasting };
}

/** What an indicator needs of a stream. */
export interface Need {
  readonly model: string;
  readonly indicator: string;
  /** How long after its arrival an event may still count. */
  readonly ms: number;
}

/**
 * What looks back on the events of a stream, the furthest first. Warnings of the past are in the alert inbox, so who reads
 * them needs no events. Where nobody listened for a time, an absence looks back further by as much.
 */
export function needsOf({ models }: Pick<RuleSet, 'models'>, stream: StreamName): Need[] {
  return models
    .flatMap(({ name, indicators, forMs, holdMs }) => {
      const sampled = Math.max(
        0,
        ...indicators.map((one) => (one.kind === 'value' ? (one.sample?.everyMs ?? 0) : 0)),
      );
      return indicators.flatMap((indicator): Need[] => {
        if (indicator.kind !== 'window' || !indicator.from.includes(stream)) return [];
        const ms = windowReach(indicator) + sampled + forMs + holdMs + SKEW_MS;
        return [{ model: name, indicator: indicator.name, ms }];
      });
    })
    .sort((a, b) => b.ms - a.ms);
}

/** For how long at least an event of a stream may be taken back, or come again. */
export function recallMs(stream: StreamName): number {
  return stream === 'sensor-reading' ? 0 : IDS_KEPT_MS;
}

function ownReach({ indicators, forMs, holdMs }: Model): number {
  const spans = indicators.map((indicator) =>
    indicator.kind === 'window' ? windowReach(indicator) : (indicator.sample?.everyMs ?? 0),
  );
  return Math.max(0, ...spans) + forMs + holdMs;
}

/** How far back a window looks: what arrived earlier leaves its figure as it is. */
export function windowReach(window: WindowIndicator): number {
  const { overMs, keptMs, versus, panes, baseline, basis } = window;
  const span = Math.max(keptMs, versus ? 2 * overMs : overMs);
  // The pane in which the window begins, and the open one from which a baseline counts back.
  const edges = panes === null ? 0 : (baseline === null ? 1 : 2) * Math.max(panes.everyMs, LONGEST_DAY_MS);
  return span + edges + (basis === 'arrival' ? IDS_KEPT_MS : 0);
}

function isAbsence(indicator: Model['indicators'][number]): boolean {
  return indicator.kind === 'window' && indicator.operator === 'absent';
}

function lastingReason({ feed, levels, forMs, holdMs }: Model): LastingReason | null {
  if (feed !== null) return 'cadence';
  if (levels.some(({ clear }) => clear !== null)) return 'clear';
  return forMs > 0 && holdMs > 0 ? 'for-and-hold' : null;
}
