// Why a model warned about a key, or why not: plain data, in which every instant is RFC 3339 and every person a number.
import type { PaneEvidence, ScoreEvidence } from '../../engine/output.js';
import type { Truth } from '../../engine/levels.js';
import type { Json } from '../../events/event.js';

export interface ExplainedSide {
  readonly text: string;
  /** `{ error: code }` where it fails. */
  readonly value: Json;
  /** As the dialect has it: `number`, `duration` in seconds, `timestamp` in seconds since the epoch... */
  readonly type: string;
  /** What a figure counts in, such as 件 or 元; null where that is not known. */
  readonly unit: string | null;
}

/** A condition, or a part of one, with what it comes to. */
export interface ExplainedCondition {
  readonly kind: 'and' | 'or' | 'not' | 'named' | 'choice' | 'comparison' | 'test';
  /** As the model has it, on one line. */
  readonly text: string;
  /** True, false, null, or `{ error: code }`. */
  readonly value: Json;
  /** The operands; of a choice its condition and both arms. */
  readonly parts?: readonly ExplainedCondition[];
  readonly operator?: string;
  readonly left?: ExplainedSide;
  readonly right?: ExplainedSide;
  /** Left less right, where both are numbers. */
  readonly difference?: number | null;
}

/** A comparison, or another test, that would have to come out otherwise. */
export interface ExplainedNeed {
  readonly text: string;
  /** What it would have to come to. */
  readonly wanted: boolean;
  readonly operator?: string;
  /** The side that events move, written on the left. */
  readonly left?: ExplainedSide;
  readonly right?: ExplainedSide;
  /** How much more, or less (below 0), the left side would have to be; null where that is no figure. */
  readonly by: number | null;
  /** The indicator that is all of the left side; null where it is more than one. */
  readonly indicator: string | null;
}

export interface ExplainedEvent {
  readonly id: string;
  readonly stream: string;
  readonly time: string;
  /** When it arrived. */
  readonly at: string;
  /** Where it came from, if that is another key. */
  readonly key: string | null;
  /** The fields that the indicator reads; null where the event is too long ago to be remembered. */
  readonly fields: { readonly [name: string]: Json } | null;
}

export interface ExplainedIndicator {
  readonly name: string;
  /** An operator of the model language, or `value`. */
  readonly operator: string;
  readonly value: Json;
  readonly type: string;
  readonly unit: string | null;
  readonly unprimed: boolean;
  /** Of a computed one its expression, else what the operator takes; null for nothing. */
  readonly expression: string | null;
  /** Figures that it is computed from. */
  readonly reads: { readonly [name: string]: Json };
  readonly from: readonly string[];
  readonly where: string | null;
  readonly over_ms: number | null;
  readonly every_ms: number | null;
  readonly densest_ms: number | null;
  readonly basis: string | null;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly events: { readonly total: number; readonly newest: readonly ExplainedEvent[] };
  readonly panes: PaneEvidence | null;
  /** Of a sequence: what began and is not complete. */
  readonly open: {
    readonly total: number;
    readonly newest: readonly {
      readonly first: ExplainedEvent;
      /** From 1, as the file lists them. */
      readonly step: number;
      /** Whether nothing may come for it. */
      readonly not: boolean;
      readonly until: string;
    }[];
  } | null;
  /** When it changes next if nothing comes; null for never. */
  readonly next_change: string | null;
}

export interface ExplainedLevel {
  readonly level: string;
  readonly on: boolean;
  readonly condition: ExplainedCondition;
  /** Its condition or that of a graver level. */
  readonly holds: Truth;
  readonly clear: ExplainedCondition | null;
  /** `for` while it is off, `hold` while it is on. */
  readonly timer: { readonly kind: 'for' | 'hold'; readonly until: string } | null;
  readonly unknown_since: string | null;
  /** Of a level graver than the one shown: the least that would have to come; null where nothing can bring it. */
  readonly needs?: readonly ExplainedNeed[] | null | undefined;
}

export interface ExplainedTransition {
  readonly clock: string;
  readonly level: string;
  readonly previous: string;
  readonly reason: string;
  readonly warning: string;
  readonly indicators: { readonly [name: string]: Json };
}

export interface Explanation {
  readonly at: string;
  /** The catalogue's, in which windows and texts are. */
  readonly zone: string;
  readonly revision: string;
  readonly model: {
    readonly name: string;
    readonly title: string;
    readonly summary: string;
    readonly item: string;
    readonly stratum: number;
    readonly for_ms: number;
    readonly hold_ms: number;
  };
  readonly key: {
    readonly scope: string;
    readonly id: string;
    /** As officials call it. */
    readonly name: string;
    /** Whether anything is known of it. */
    readonly known: boolean;
    readonly registered: string | null;
  };
  readonly profile: { readonly [field: string]: Json };
  readonly params: readonly {
    readonly name: string;
    readonly value: Json;
    readonly type: string;
    /** The profile field that chooses it, and what that says; null for a constant. */
    readonly by: string | null;
    readonly chosen_by: Json;
  }[];
  readonly applies: Truth;
  readonly where: ExplainedCondition | null;
  readonly level: string;
  /** Since when the level is shown; null where it never changed. */
  readonly since: string | null;
  readonly episode: { readonly warning: string; readonly raised: string; readonly quiet: boolean } | null;
  readonly transitions: { readonly total: number; readonly newest: readonly ExplainedTransition[] };
  readonly indicators: readonly ExplainedIndicator[];
  readonly score: (ScoreEvidence & { readonly sources: { readonly [line: string]: string } }) | null;
  /** Gravest first. */
  readonly levels: readonly ExplainedLevel[];
  /** What comes of it if nothing else happens, found by letting time pass in the engine. */
  readonly outlook: {
    readonly transitions: readonly ExplainedTransition[];
    /** How far it was looked ahead; null where nothing would ever change any more. */
    readonly until: string | null;
    /** False where there was more to step than the limit allows. */
    readonly complete: boolean;
  };
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
  /** Sources on whose silence absences of the model rest. */
  readonly rests_on: readonly string[];
  /** Sources that are silent, and since when. */
  readonly silent_sources: readonly { readonly source: string; readonly since: string }[];
}
