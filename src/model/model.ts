// What a warning model is once it has been checked: the shape that the engine runs.
import type { Scope, SourceName } from '../events/event.js';
import type { FieldType } from '../events/fields.js';
import type { EvaluationScope, Expression, Value } from './expression/expression.js';
import type { Baseline } from './baseline.js';
import type { PaneClock } from './pane-clock.js';

export const LEVELS = ['none', 'blue', 'yellow', 'orange', 'red'] as const;
export type Level = (typeof LEVELS)[number];
export type WarningLevel = Exclude<Level, 'none'>;

/** Rank of a level: none 0, blue 1, yellow 2, orange 3, red 4. */
export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

export type ModelScope = Scope;

export const WINDOW_OPERATORS = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'distinct',
  'stddev',
  'quantile',
  'last',
  'first',
  'since',
  'streak',
  'share',
  'trend',
  'new',
  'changes',
  'increase',
  'absent',
  'sequence',
] as const;
export type AuthorOperator = (typeof WINDOW_OPERATORS)[number];

/** What the models of a cadence look at: how often a key was missed, and of a source its keys and the silent ones. */
export type FeedOperator = 'missed' | 'keys' | 'silent';
export type WindowOperator = AuthorOperator | FeedOperator;

interface IndicatorCommon {
  readonly name: string;
  readonly index: number;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** Hash of the normalised definition with everything it refers to: equal means the same state. */
  readonly identity: string;
}

/** A step of a sequence. What an event alone decides is decided at arrival, by the indicator's argument. */
export interface SequenceStep {
  /** No event may come that serves it. */
  readonly not: boolean;
  /** By which later steps name its event. */
  readonly as: string | null;
  /** A condition that names earlier steps, asked while matching; null where there is none. */
  readonly join: Expression | null;
  /** How long after the step before it it is waited for, both ends included; 0 for the first. */
  readonly withinMs: number;
  /** The instant, seconds, until which nothing may come, at most `withinMs` away; null where `withinMs` says it. */
  readonly until: Expression | null;
}

export interface Sequence {
  readonly steps: readonly SequenceStep[];
  /** What conditions read while matching. */
  readonly params: { readonly [name: string]: Value };
}

/** An indicator over a window of events. */
export interface WindowIndicator extends IndicatorCommon {
  readonly kind: 'window';
  readonly operator: WindowOperator;
  readonly from: readonly SourceName[];
  /**
   * The models whose warnings it reads, where its filter names them; null where it reads those of all models that
   * themselves read none, or no warnings at all.
   */
  readonly warningsOf: readonly string[] | null;
  /** Where `warningsOf` is null, the models that the filter asks for all the same, beside other warnings. */
  readonly alsoAsked: readonly string[];
  readonly where: Expression | null;
  /** Null for `count: '*'`, `since` and `absent`. */
  readonly argument: Expression | null;
  /** `since: first` or `since: last`. */
  readonly end: 'first' | 'last';
  /** The fraction of `quantile`, 0 to 1; 0.5 where the operator is another. */
  readonly q: number;
  readonly overMs: number;
  /** How long an event can matter after its placement; `overMs` where the operator looks no further back. */
  readonly keptMs: number;
  readonly basis: 'time' | 'arrival';
  /** Where the window is kept in panes; null where it is kept event by event. */
  readonly panes: PaneClock | null;
  /** Whether panes keep what makes them up, so that it can be taken back. */
  readonly keepsEntries: boolean;
  /** `distinct` by a sketch. */
  readonly approx: boolean;
  /** The figure is `{ now, expected, spread, score }` of the last closed pane against the ones before. */
  readonly baseline: Baseline | null;
  /** The figure is `{ now, before, change, ratio }`. */
  readonly versus: boolean;
  /** The figure is the largest over any span of this length, shorter than `overMs`; null where it is over the window. */
  readonly densestMs: number | null;
  /** The steps of a `sequence`; null where the operator is another. */
  readonly sequence: Sequence | null;
}

/** An indicator computed from others; it comes after all that it reads. */
export interface ValueIndicator extends IndicatorCommon {
  readonly kind: 'value';
  readonly expression: Expression;
  /** Its `now` and `since` are those of the last multiple of an interval; null where it is computed at the clock. */
  readonly sample: PaneClock | null;
}

export type Indicator = WindowIndicator | ValueIndicator;

export interface LevelRule {
  readonly level: WarningLevel;
  readonly condition: Expression;
  readonly clear: Expression | null;
}

/** How a line of a score turns what it reads into a part of its weight. */
export type ScoreMeasure =
  /** The whole weight while the expression is true. */
  | { readonly kind: 'if' }
  /** Nothing up to `low`, the whole weight from `high` on, evenly between them. */
  | { readonly kind: 'linear'; readonly low: number; readonly high: number }
  /** The part of the last band that begins at the value or below; from and part rise from one to the next. */
  | { readonly kind: 'bands'; readonly bands: readonly (readonly [from: number, part: number])[] };

export interface ScoreLine {
  readonly name: string;
  /** What it contributes at most. */
  readonly weight: number;
  readonly expression: Expression;
  readonly measure: ScoreMeasure;
}

/** A weighted sum, which levels read as `score`. */
export interface ScoreRule {
  /** Its place among the figures, after all indicators. */
  readonly index: number;
  readonly lines: readonly ScoreLine[];
}

/** A parameter: one value, or one by the value of a profile field. */
export interface Param {
  readonly name: string;
  readonly type: FieldType;
  readonly fallback: Value;
  /** The profile field whose value chooses, for example `credit`; null for a constant. */
  readonly by: string | null;
  readonly choices: ReadonlyMap<string, Value>;
}

/** What a model of its own watches for one that declares a cadence. */
export type Feed =
  /** A key that should speak once in `everyMs`, unless its profile says another cadence; it tells its source. */
  | {
      readonly kind: 'key';
      /** The model that declares the cadence. */
      readonly of: string;
      readonly everyMs: number;
      /** The model that watches over the source, and its stratum. */
      readonly watcher: string;
      readonly stratum: number;
    }
  /** All keys of a source. */
  | { readonly kind: 'source'; readonly of: string };

export interface Model {
  /** Path under rules/ without extension, for example `food/repeat-complaints`. */
  readonly name: string;
  readonly domain: string;
  readonly title: string;
  readonly summary: string;
  readonly item: string;
  readonly scope: ModelScope;
  readonly where: Expression | null;
  readonly params: readonly Param[];
  readonly indicators: readonly Indicator[];
  readonly score: ScoreRule | null;
  /** Gravest first. */
  readonly levels: readonly LevelRule[];
  readonly forMs: number;
  readonly holdMs: number;
  readonly plan: string | null;
  readonly advise: string;
  /** The joint task with the items of every warning involved, and in how many working days it is to be done. */
  readonly task: { readonly withinWorkdays: number } | null;
  /** Null for every model that has a file of its own. */
  readonly feed: Feed | null;
  /** Runs in the shadow: its warnings are recorded, told to nobody, and heard by no other model. */
  readonly shadow?: true;
  /** A device model that asks for the profile of its owner. */
  readonly readsOwner: boolean;
  /** It reads what lower strata say; 0 reads the events log. */
  readonly stratum: number;
}

/** A parameter set for a profile, as `params` in expressions. */
export function resolveParams(
  model: Model,
  profile: EvaluationScope['profile'],
): { readonly [name: string]: Value } {
  const resolved: { [name: string]: Value } = {};
  for (const param of model.params) {
    const choice = param.by === null ? null : profile[param.by];
    const chosen = typeof choice === 'string' ? param.choices.get(choice) : undefined;
    resolved[param.name] = chosen ?? param.fallback;
  }
  return resolved;
}
