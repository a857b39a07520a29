// What the engine says: transitions of warnings, verdicts on records, and alerts for the operators.
import type { Json, Key, Position } from '../events/event.js';
import type { Level } from '../model/model.js';

export type TransitionReason =
  | 'raised'
  | 'escalated'
  | 'de-escalated'
  | 'cleared'
  | 'withdrawn'
  | 'not-applicable'
  | 'model-removed'
  | 'drawn';

/** An event that a transition rests on. */
export interface Contribution {
  readonly id: string;
  readonly time: number;
  /** In the events log; null for a warning, which lies in none. */
  readonly position: Position | null;
}

/** The evidence that the engine itself knows; the whole events are added from the log. */
export interface Contributions {
  /** At most 1,000, ordered by (time, id). */
  readonly events: readonly Contribution[];
  readonly total: number;
  /** SHA-256 over all ids in that order, one a line; hex. */
  readonly hash: string;
}

/** The panes that a figure rests on. Those in which nothing lies are left out. */
export interface PaneEvidence {
  /** Their size; days may be an hour shorter or longer. */
  readonly everyMs: number;
  /** How many there are. */
  readonly total: number;
  /** At most 100, the latest ones, in order: the start in epoch ms, and the figure of the operator over the pane alone. */
  readonly panes: readonly { readonly start: number; readonly figure: Json }[];
}

/** What a score was made of. */
export interface ScoreEvidence {
  /** The sum of the contributions; `{ error: code }` where one of them is an error. */
  readonly value: Json;
  readonly lines: readonly {
    readonly name: string;
    /** What the line contributes at most. */
    readonly weight: number;
    readonly contribution: Json;
    /** What the line reads was null: it contributed 0. */
    readonly missing: boolean;
  }[];
}

/** A change of the level shown on one key by one model. Instants are epoch ms. */
export interface Transition {
  readonly kind: 'transition';
  /** Warning id: 32 hex digits, the same for all transitions of an episode. */
  readonly warning: string;
  /** 0 for the first transition of the episode. */
  readonly ordinal: number;
  readonly model: string;
  readonly scope: string;
  /** The key's id without its scope. */
  readonly key: string;
  readonly level: Level;
  readonly previous: Level;
  readonly clock: number;
  readonly raised: number;
  /** Figures by indicator name; an error is `{ error: code }`. */
  readonly indicators: { readonly [name: string]: Json };
  /** Of a model that has one. */
  readonly score?: ScoreEvidence;
  /** By name of the indicator, of those that are kept in panes; their events are named where they can be taken back. */
  readonly panes?: { readonly [indicator: string]: PaneEvidence };
  readonly params: { readonly [name: string]: Json };
  readonly profile: { readonly [field: string]: Json };
  readonly reason: TransitionReason;
  readonly revision: string;
  readonly item: string;
  /** Opened by backfilled history: recorded, and delivered to nobody. */
  readonly quiet: boolean;
  readonly contributions: Contributions;
  /** Of a model that calls departments together. */
  readonly task?: JointTask;
  /** Of a joint inspection that a random draw called for, and no model. */
  readonly draw?: DrawnTask;
  /** The sources on whose silence the level rests, ascending; absent where it rests on none. */
  readonly restsOn?: readonly string[];
}

/** A joint inspection: one visit with the items of every warning involved. */
export interface JointTask {
  /** Working days from the transition until it is to be done. */
  readonly withinWorkdays: number;
  /** Ids of items, ascending. */
  readonly items: readonly string[];
  /** Ids of the warnings involved, ascending. */
  readonly warnings: readonly string[];
}

/** How a subject came to be inspected by lot. */
export interface DrawnTask {
  /** SHA-256 of the draw, hex; its record has the candidates and can be repeated. */
  readonly digest: string;
  readonly seed: string;
  /** The tags by which candidates were chosen. */
  readonly tags: string;
  readonly credit: string;
  /** Place in the order of its credit class, from 1, and the hash that gave it. */
  readonly place: number;
  readonly hash: string;
  /** Ids of those who inspect together; the first leads. */
  readonly departments: readonly string[];
  /** Why it was drawn, in Chinese. */
  readonly reason: string;
}

/** Why a record of the events log does not simply count. */
export interface Verdict {
  readonly kind: 'verdict';
  readonly position: Position;
  /**
   * At most one a record. Only `amends` counts itself; whatever names an `original` takes that record back.
   * `tombstone` waits for the event that it revokes, `tombstoned` is an event that met its tombstone.
   */
  readonly verdict: 'duplicate' | 'tombstoned' | 'refused' | 'revokes' | 'amends' | 'tombstone';
  readonly code: string;
  /** Where the event that was taken back lies. */
  readonly original: Position | null;
}

/** Something an operator must know. */
export interface OperatorAlert {
  readonly kind: 'operator';
  readonly code: string;
  readonly clock: number;
  readonly model: string | null;
  readonly key: Key | null;
  readonly message: string;
  readonly count: number;
}

export type Output = Transition | Verdict | OperatorAlert;
