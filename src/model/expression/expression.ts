// The contract of an expression: what it is checked against, what it reads when it runs, what it yields.
import type { Json, JsonObject, SourceEvent } from '../../events/event.js';
import type { Fields, FieldType } from '../../events/fields.js';

/** An error as a value: it flows through `&&` and `||` as the dialect says, and is never thrown. */
export class ExpressionError {
  constructor(
    /** From the catalogue of error codes, for example `EXPR_TYPE`. */
    readonly code: string,
    readonly message: string,
  ) {}
}

/** What an expression yields. Timestamps are seconds since the epoch, durations seconds. */
export type Value = Json | ExpressionError;

/** The registry record of a key as it stands at the step; absent facts are null. Instants are seconds. */
export type Profile = { readonly [field: string]: Json };

/** What an expression reads while it runs. One object is reused for many runs. */
export interface EvaluationScope {
  /** The event under examination; null in conditions over indicators. */
  event: SourceEvent | null;
  profile: Profile;
  /** The subject's profile where the scope's own is another: of a device's owner, or attached to the event. */
  subject: Profile;
  params: { readonly [name: string]: Value };
  /** Indicator values by index. */
  values: Value[];
  /** For `since` indicators: epoch ms of the event that they count from; NaN where there is none. */
  anchors: number[];
  /** The clock, epoch ms. */
  now: number;
  /** Called when a declared event field is read and absent. */
  missing(field: string): void;
  /** What is kept of the events of earlier steps of a sequence, by their names; instants are seconds. */
  steps?: { readonly [name: string]: JsonObject };
}

/** An indicator as other expressions of the model see it. */
export interface IndicatorSymbol {
  readonly name: string;
  readonly index: number;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** True for `since`: it may stand only alone on one side of a comparison. */
  readonly since: boolean;
}

/** What an expression may name. */
export interface Environment {
  /** Fields of `event`; undefined where there is no event. Envelope fields (id, time, at, source, stream) are included by the caller. */
  readonly event?: Fields;
  /** Fields of the events of earlier steps of a sequence, by the names of the steps. */
  readonly steps?: { readonly [name: string]: Fields };
  /** Fields of the scope's profile, under each of `profileNames` (`subject`, `device`, ...). */
  readonly profile: Fields;
  readonly profileNames: readonly string[];
  /** Fields of `subject` where it is not the scope's own profile; undefined where there is no such subject. */
  readonly subject?: Fields;
  /** Names whose one field is `code`, a text that the profile holds under the name itself: `region`, `industry`. */
  readonly codes?: readonly string[];
  readonly params: { readonly [name: string]: FieldType };
  readonly indicators: readonly IndicatorSymbol[];
  /** Whether `now` may be named. */
  readonly now: boolean;
  /** `now` stands still between sampling instants, so it may stand anywhere. */
  readonly sampled?: boolean;
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
  /** IANA zone for `local()`. */
  readonly zone: string;
  /** Working days after t1 up to t2 (seconds); an error beyond the years that the calendar knows. */
  readonly workdays: (t1: number, t2: number) => number | ExpressionError;
}

/** A fault found before anything runs. Offsets count UTF-16 units in the expression's source. */
export interface ExpressionDiagnostic {
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** What would have been right, for example a type. */
  readonly expected?: string;
  /** The nearest valid name. */
  readonly nearest?: string;
}

/** An expression that passed its checks. */
export interface Expression {
  readonly source: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** Steps of the worst case. */
  readonly cost: number;
  /** Names read, for lint and for the identity of an indicator. */
  readonly reads: {
    readonly event: readonly string[];
    readonly profile: readonly string[];
    /** Facts of the subject where it is not the scope's own profile. */
    readonly owner: readonly string[];
    readonly params: readonly string[];
    readonly indicators: readonly string[];
    readonly lists: readonly string[];
    /** Fields of earlier steps of a sequence, as `order.deadline`; `order` itself where it is read whole. */
    readonly steps: readonly string[];
    readonly now: boolean;
  };
  run(scope: EvaluationScope): Value;
  /** Earliest epoch ms after `scope.now` at which a comparison with `now` or `since` can change without a record; Infinity if never. */
  nextChange(scope: EvaluationScope): number;
}

export type CompileResult =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly diagnostics: readonly ExpressionDiagnostic[] };
