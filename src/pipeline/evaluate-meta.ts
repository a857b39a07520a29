// What a checkpoint of evaluate says besides keys and timers, and what it says after a turn.
import type { WarningRecord } from '../alerts/inbox.js';
import type { Derived } from '../engine/derived.js';
import { awaitsHistory, FIRST_GENERATION } from '../engine/generation.js';
import { generationAfter, type Turn } from '../engine/turn.js';
import type { RuleSet } from '../model/ruleset.js';
import { emptyStage, type StageMeta } from './stage.js';
import type { StoredSchedule } from './wide/schedule.js';

/** A change of rules whose history is still to be told. */
export interface Telling {
  readonly epoch: number;
  /** Offset of the record of the change: the history lies below it. */
  readonly cut: number;
  /** When it took effect. */
  readonly at: number;
}

export interface EvaluateMeta {
  /** Offset of the next record to step. */
  readonly offset: number;
  /** Ordinal of the next output of that record's step; above 0 where what fell due was split over batches. */
  readonly ordinal: number;
  readonly revision: string;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Stratum 0 first. */
  readonly stages: readonly StageMeta[];
  /** Frozen transitions that wait until every stratum has passed them. */
  readonly inbox: readonly WarningRecord[];
  readonly telling: Telling | null;
  /** Where the strata run apart: how many there are, and the changes that are announced. */
  readonly wide?: { readonly strata: number; readonly schedule: StoredSchedule };
}

/** What turns, and where. */
export interface TurnPlace {
  readonly turn: Turn;
  /** The rules before it. */
  readonly running: RuleSet;
  /** What models that end with it say to strata that begin with it. */
  readonly ahead: readonly Derived[];
  /** Whether the strata above run elsewhere. */
  readonly isWide: boolean;
  /** Offset of the first record of the new rules. */
  readonly cut: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What the strata begin with after a turn. @param meta as they left it */
export function metaAfter(meta: EvaluateMeta, place: TurnPlace): EvaluateMeta {
  const { turn, running, ahead, isWide, cut, at } = place;
  const rules = turn.kind === 'primed' ? running : turn.rules;
  const epoch = meta.stages[0]?.generation.epoch ?? 0;
  const here = isWide ? 1 : Math.max(meta.stages.length, rules.strata);
  const stages = Array.from({ length: here }, (_, index) => {
    const stage = meta.stages[index] ?? emptyStage({ ...FIRST_GENERATION, epoch });
    const waiting = [...stage.waiting, ...ahead.filter(({ stratum }) => stratum === index)];
    return { ...stage, waiting, generation: generationAfter(stage.generation, running, turn, index) };
  });
  // What the strata above wait for is not known here.
  const waits = isWide || stages.some(({ generation }) => awaitsHistory(generation));
  const telling = waits && turn.kind === 'revision' ? { epoch: epoch + 1, cut, at } : null;
  return { ...meta, revision: rules.revision, stages, telling };
}
