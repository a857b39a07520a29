// What the partitions of strata say to each other and to the inbox, as the logs between them hold it.
import type { Origin, WarningRecord } from '../../alerts/inbox.js';
import type { Derived } from '../../engine/derived.js';
import type { GapSpan } from '../../engine/gaps.js';
import type { Stage } from '../stage.js';
import type { Scheduled } from './schedule.js';

/** Something for a key of a higher stratum. */
export interface DerivedRecord {
  readonly kind: 'derived';
  readonly origin: Origin;
  readonly derived: Derived;
}

/** A partition of a stratum has come to this clock: what it says from now on is dated there or later. */
export interface SourceMark {
  readonly kind: 'mark';
  /** `<stratum>/<partition>`. */
  readonly source: string;
  /** Epoch ms. */
  readonly at: number;
}

/** How far a partition of a stratum has come. */
export function markOf({ stratum, engine }: Pick<Stage, 'stratum' | 'engine'>): SourceMark {
  return { kind: 'mark', source: stratum.name, at: engine.clock };
}

/** A change is announced; its record stands before every mark of its source that has come to its instant. */
export interface TurnRecord extends Scheduled {
  readonly kind: 'turn';
  /** Of the rules from then on. */
  readonly strata: number;
  /** Spans in which nobody listened, for strata that begin with the change. */
  readonly gaps: readonly GapSpan[];
}

export type DerivedLogRecord = DerivedRecord | SourceMark | TurnRecord;
export type TransitionLogRecord = WarningRecord | SourceMark | TurnRecord;

/** Offset of the next record to be read after a restart, and how far the sources had come by what was read. */
export interface Inlet {
  readonly offset: number;
  /** Offset behind what was read; `offset` where it is left out. */
  readonly read?: number;
  readonly marks: { readonly [source: string]: number };
}
