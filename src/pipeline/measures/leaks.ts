// Leaks: whether what was to be foreseen was known already, which makes any accuracy look better than it is.
import { KEY_SCOPES, type Event, type StreamName } from '../../events/event.js';
import type { Judged, Outcome } from './outcomes.js';
import { keyOf } from './raised.js';

/** Events of subjects with outcomes that are remembered. */
export const TRACKED_MAX = 2_000_000;

const DAY_MS = 86_400_000;

/** What is remembered of an event. */
interface Tracked {
  readonly id: string;
  readonly stream: StreamName;
  readonly time: number;
  readonly at: number;
}

/** Events without an arrival of their own, for which it was assumed that they were known as they happened. */
export interface AssumedArrivals {
  readonly stream: string;
  readonly assumed: number;
  readonly of: number;
}

/** A right warning that foresaw nothing. */
export interface LeakedWarning {
  readonly model: string;
  readonly scope: string;
  readonly key: string;
  /** When it came to its level, epoch ms. */
  readonly at: number;
  readonly outcome: { readonly time: number; readonly kind: string };
  /** Id of the event that tells of the outcome. */
  readonly event: string;
}

export interface Leaks {
  /** Right warnings that rest on the event that tells of the outcome itself. */
  readonly restingOnOutcome: number;
  /** Others whose outcome had arrived, under a later date, before they were raised. */
  readonly outcomeKnown: number;
  /** Events behind a warning that happened or arrived after it was raised; there cannot be any. */
  readonly laterEvidence: number;
  /** Outcomes that no event tells of, so that nothing can be said about them. */
  readonly unmatched: number;
  /** Subjects, devices and places of outcomes of which no event speaks, as where their ids are written another way. */
  readonly unknownKeys: { readonly total: number; readonly first: readonly string[] };
  /** Whether there were too many events to remember all. */
  readonly isPartial: boolean;
  readonly assumed: readonly AssumedArrivals[];
  /** Events refused since they are dated after their arrival. */
  readonly futureDated: number;
  /** The first of both kinds. */
  readonly examples: readonly LeakedWarning[];
}

const EXAMPLES_MAX = 20;
const UNKNOWN_SHOWN = 5;

/** Remembers the events of keys that have an outcome, and how arrivals are known. */
export class LeakWatch {
  private readonly byKey = new Map<string, Tracked[]>();
  private readonly counts = new Map<StreamName, { assumed: number; of: number }>();
  private readonly unseen = new Set<string>();
  private tracked = 0;
  private isPartial = false;

  /** @param keys with their scope */
  constructor(keys: ReadonlySet<string>) {
    for (const key of keys) {
      this.byKey.set(key, []);
      if (KEY_SCOPES.some((scope) => key.startsWith(`${scope}:`))) this.unseen.add(key);
    }
  }

  /** @param isAssumed whether it was not said when the event arrived */
  see({ id, stream, key, time, at }: Event, isAssumed: boolean): void {
    let count = this.counts.get(stream);
    if (count === undefined) this.counts.set(stream, (count = { assumed: 0, of: 0 }));
    count.of++;
    if (isAssumed) count.assumed++;
    const list = this.byKey.get(key);
    if (list === undefined) return;
    this.unseen.delete(key);
    if (this.tracked >= TRACKED_MAX) this.isPartial = true;
    else {
      this.tracked++;
      list.push({ id, stream, time, at });
    }
  }

  /** @param futureDated events that were refused for their date */
  found({ warnings, outcomes }: Judged, futureDated: number): Leaks {
    const leaked: (LeakedWarning & { readonly rests: boolean })[] = [];
    for (const { warning, at, right, outcome } of warnings) {
      if (right !== true || outcome === null) continue;
      const events = this.eventsOf(outcome, keyOf(warning));
      const resting = events.find(({ id }) => warning.evidence.some((one) => one.id === id));
      const known = resting ?? events.find((event) => event.at <= at);
      if (known === undefined) continue;
      const { model, scope, key } = warning;
      const { time, kind } = outcome;
      const rests = resting !== undefined;
      leaked.push({ model, scope, key, at, outcome: { time, kind }, event: known.id, rests });
    }
    const unmatched = outcomes.filter(({ outcome, key }) => this.eventsOf(outcome, key).length === 0).length;
    return {
      restingOnOutcome: leaked.filter(({ rests }) => rests).length,
      outcomeKnown: leaked.filter(({ rests }) => !rests).length,
      laterEvidence: this.laterEvidence(warnings),
      unmatched,
      unknownKeys: { total: this.unseen.size, first: [...this.unseen].sort().slice(0, UNKNOWN_SHOWN) },
      isPartial: this.isPartial,
      assumed: [...this.counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([stream, count]) => ({ stream, ...count })),
      futureDated,
      examples: leaked.slice(0, EXAMPLES_MAX).map(({ rests: _, ...one }) => one),
    };
  }

  /**
   * The events that tell of an outcome: the one that it names; else those of the same instant; else, where its kind is a
   * stream, those of that stream within a day.
   */
  private eventsOf({ event, time, kind }: Outcome, key: string): readonly Tracked[] {
    const own = this.byKey.get(key) ?? [];
    if (event !== null) return own.filter(({ id }) => id === event || id.endsWith(` ${event}`));
    const atOnce = own.filter((one) => one.time === time);
    if (atOnce.length > 0) return atOnce;
    return own.filter((one) => one.stream === kind && Math.abs(one.time - time) < DAY_MS);
  }

  private laterEvidence(warnings: Judged['warnings']): number {
    const arrivals = new Map<string, ReadonlyMap<string, number>>();
    let later = 0;
    for (const { warning, key } of warnings) {
      let own = arrivals.get(key);
      // Of one that came again the first arrival counts.
      if (own === undefined) {
        const tracked = [...(this.byKey.get(key) ?? [])].reverse();
        arrivals.set(key, (own = new Map(tracked.map(({ id, at }) => [id, at]))));
      }
      for (const { id, time } of warning.evidence) {
        if (time > warning.raised || (own.get(id) ?? -Infinity) > warning.raised) later++;
      }
    }
    return later;
  }
}
