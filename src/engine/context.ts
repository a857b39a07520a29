// What the parts of one engine share while it steps: its clock, its plan, and where its outputs go.
import type { Key, Position } from '../events/event.js';
import {
  ExpressionError,
  type EvaluationScope,
  type Profile,
  type Value,
} from '../model/expression/expression.js';
import type { Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import { readsWarnings } from '../model/strata.js';
import type { Derived } from './derived.js';
import { ErrorMeters } from './error-meters.js';
import { forwardPlanOf, type ForwardPlan } from './forward-plan.js';
import { Gaps } from './gaps.js';
import { isSteady } from './foresight.js';
import { isShut } from './gate-check.js';
import type { Gate } from './gate.js';
import { FIRST_GENERATION, type Generation } from './generation.js';
import { PrimingWindow } from './indicators/priming-window.js';
import type { Instant, Window } from './indicators/window.js';
import type { KeyState, KeyStore, ModelState } from './key-state.js';
import { MODEL_KEYS_EXPECTED } from './limits.js';
import { LedgerMemory } from './ledger-memory.js';
import { ModelKeys } from './model-keys.js';
import type { OperatorAlert, Output, Verdict } from './output.js';
import { planOf, type ModelPlan, type Plan, type WindowPlan } from './plan.js';
import { UNKNOWN_PROFILE } from './profile-history.js';
import { textOf } from './strata-state.js';
import { unaskedModels } from './unasked.js';

/** Figures about the run itself; they take no part in its results. */
export interface EngineCounters {
  readonly events: number;
  readonly evaluations: number;
  /** Events that lay outside a window on arrival, by model. */
  readonly late: ReadonlyMap<string, number>;
  /** Declared fields that were read and absent, by `model field`. */
  readonly missing: ReadonlyMap<string, number>;
  /** Expressions that came out unknown, by `model code`. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** Hears of an evaluation; the scope is lent for the while. */
export type Watch = (model: Model, scope: EvaluationScope) => void;

export class EngineContext {
  clock = -Infinity;
  readonly plan: Plan;
  /** That of the next rules, while the models that these do not have end. */
  forwardPlan: ForwardPlan;
  /** Names of the models that read warnings. */
  readonly joint: ReadonlySet<string>;
  /** The profile attached to a forwarded event while it is taken in. */
  attached: Profile | null = null;
  /** Models to be evaluated on a new key whatever brought it. */
  readonly unasked: { readonly [scope in keyof Plan]: readonly ModelPlan[] };
  readonly gaps = new Gaps();
  readonly meters = new ErrorMeters((model, { code, key, message }, count) =>
    this.tell(code, model, key, message, count),
  );
  readonly modelKeys: ModelKeys;
  /** While there is one, nothing is spared an evaluation, which changes no result. */
  watch: Watch | null = null;
  /** While somebody only looks at a key, what fails was counted before. */
  isLookedAt = false;
  /** Models that wait for the clock to leave the instant. */
  marked: ModelState[] = [];
  /** How many models were spared an evaluation at this instant; what the lists hold beyond is of earlier ones. */
  private spared = 0;
  /** How many of them because of a live event. */
  private sparedLives = 0;
  private readonly sparedStates: KeyState[] = [];
  private readonly sparedPlans: ModelPlan[] = [];
  private readonly sparedLive: boolean[] = [];
  readonly late = new Map<string, number>();
  readonly missing = new Map<string, number>();
  readonly unknown = new Map<string, number>();
  private isTentative = false;
  private readonly tentative: string[] = [];
  /** Where keys keep their events while these are few. */
  readonly ledgers = new LedgerMemory();
  events = 0;
  evaluations = 0;
  /** Reused for every expression. */
  readonly scope: EvaluationScope;
  /** Reused for every figure. */
  readonly instant: Instant & { clock: number; key: Key; registered: number };
  /** Identities of indicators that wait for their history. */
  private readonly unprimed: ReadonlySet<string>;
  private reading = '';

  constructor(
    readonly rules: RuleSet,
    readonly namespace: string,
    readonly partition: number,
    readonly store: KeyStore,
    readonly emit: (output: Output) => void,
    readonly stratum: number,
    /** Hears what is said to keys of higher strata. */
    readonly forward: (derived: Derived) => void,
    readonly generation: Generation = FIRST_GENERATION,
    modelKeys = MODEL_KEYS_EXPECTED,
  ) {
    this.unprimed = new Set(generation.unprimed);
    this.joint = new Set(rules.models.filter(readsWarnings).map(({ name }) => name));
    this.forwardPlan = forwardPlanOf(rules, stratum);
    this.plan = planOf(rules, stratum, this.forwardPlan.longestMs);
    this.modelKeys = new ModelKeys(this.plan, modelKeys, (model, key) =>
      this.alert('LIMIT_KEYS', model, key, `the model holds more than ${modelKeys} keys`),
    );
    const { gaps } = this;
    this.instant = { clock: 0, key: '', registered: NaN, gapsWithin: (from, to) => gaps.within(from, to) };
    this.scope = {
      event: null,
      profile: UNKNOWN_PROFILE,
      subject: UNKNOWN_PROFILE,
      params: {},
      values: [],
      anchors: [],
      now: 0,
      missing: (field) => this.noteMissing(`${this.reading} ${field}`),
    };
    this.unasked = unaskedModels(this.plan, this.scope, this.instant);
    this.missing.clear();
  }

  /** Readies the shared scope for the expressions of a model on a key. */
  enter(state: KeyState, plan: ModelPlan): EvaluationScope {
    const { scope } = this;
    this.reading = plan.model.name;
    scope.profile = plan.usesProfile ? state.profile : UNKNOWN_PROFILE;
    scope.subject = plan.model.readsOwner ? ownerOf(state) : (this.attached ?? scope.profile);
    scope.params = plan.params(scope.profile);
    scope.now = this.clock;
    return scope;
  }

  /** From now on what is missing is counted only by `endReading`. */
  beginReading(): void {
    this.isTentative = true;
  }

  /** Counts what was missing since `beginReading`, unless all of it is to be read again. */
  endReading(counts: boolean): void {
    this.isTentative = false;
    if (this.tentative.length === 0) return;
    for (const name of this.tentative.splice(0)) if (counts) bump(this.missing, name);
  }

  private noteMissing(name: string): void {
    if (this.isTentative) this.tentative.push(name);
    else bump(this.missing, name);
  }

  /** Whether any indicator still waits for its history. */
  get awaitsHistory(): boolean {
    return this.unprimed.size > 0;
  }

  /** Whether an indicator still waits for its history on a key. */
  isUnprimed(state: KeyState, { indicator }: WindowPlan): boolean {
    const { unprimed, generation } = this;
    return unprimed.size > 0 && unprimed.has(indicator.identity) && state.primedIn !== generation.epoch;
  }

  /** The window that an event enters on a key; while history is awaited, one that only remembers what came. */
  windowFor(state: KeyState, plan: WindowPlan): Window {
    const kept = state.window(plan);
    if (kept !== undefined) return kept;
    this.modelKeys.opened(plan, state.key);
    if (!this.isUnprimed(state, plan)) return state.openWindow(plan);
    const waiting = new PrimingWindow(plan.indicator);
    state.putWindow(plan, waiting);
    return waiting;
  }

  /** Marks a model on a key for evaluation when the clock leaves this instant. */
  mark(state: KeyState, plan: ModelPlan, withdrawn: boolean, live: boolean): void {
    let modelState = state.model(plan);
    if (modelState === undefined) {
      if (!this.mayApply(state, plan)) return;
      modelState = state.openModel(plan);
    }
    if (!modelState.marked) {
      modelState.marked = true;
      this.marked.push(modelState);
    }
    if (withdrawn) modelState.withdrawn = true;
    if (live || (this.sparedLives > 0 && this.wasSparedLive(state, plan))) modelState.live = true;
  }

  /**
   * Marks a model because of an entry that joined its windows, unless no level of it can change by that.
   * @param inOrder the entry comes after all that were there
   */
  markJoined(state: KeyState, plan: ModelPlan, live: boolean, inOrder: boolean): void {
    const mayBeSpared = !this.awaitsHistory && this.watch === null;
    if (mayBeSpared && this.isIndifferent(state, plan, inOrder)) this.spare(state, plan, live);
    else {
      this.mark(state, plan, false, live);
      // A match may move where an event comes between others, and the turn that was foreseen with it.
      const modelState = plan.sequences > 0 ? state.model(plan) : undefined;
      if (modelState !== undefined) modelState.foreseen = -1;
    }
  }

  private isIndifferent(state: KeyState, plan: ModelPlan, inOrder: boolean): boolean {
    const { clock } = this;
    const modelState = state.model(plan);
    if (modelState?.marked === true) return false;
    if (modelState?.holds === true) return isSteady(modelState, clock, inOrder);
    if (!plan.isGated) return false;
    for (const gate of plan.gates) if (!isShut(gate as Gate, plan, state, clock)) return false;
    return true;
  }

  /** Moves the clock to a later instant. */
  passTo(instant: number): void {
    if (instant <= this.clock) return;
    this.clock = instant;
    this.spared = this.sparedLives = 0;
  }

  /** Marks after all what was spared at this instant: other rules may come into force at it. */
  markSpared(): void {
    const { sparedStates, sparedPlans, sparedLive, spared } = this;
    this.spared = this.sparedLives = 0;
    for (let index = 0; index < spared; index++) {
      this.mark(
        sparedStates[index] as KeyState,
        sparedPlans[index] as ModelPlan,
        false,
        sparedLive[index] === true,
      );
    }
  }

  /** Whether a live event of this instant was found not to matter to a model, which another one concerns after all. */
  private wasSparedLive(state: KeyState, plan: ModelPlan): boolean {
    for (let index = 0; index < this.spared; index++) {
      const isIt = this.sparedStates[index] === state && this.sparedPlans[index] === plan;
      if (isIt && this.sparedLive[index] === true) return true;
    }
    return false;
  }

  private spare(state: KeyState, plan: ModelPlan, live: boolean): void {
    const index = this.spared++;
    this.sparedStates[index] = state;
    this.sparedPlans[index] = plan;
    this.sparedLive[index] = live;
    if (live) this.sparedLives++;
  }

  /**
   * Whether an evaluation could matter to a model that holds nothing on the key: not if its `where` is false now, for
   * a change of the profile marks the model anew.
   */
  private mayApply(state: KeyState, plan: ModelPlan): boolean {
    const { where } = plan.model;
    if (where === null || where.reads.now) return true;
    const applies = where.run(this.enter(state, plan));
    return applies === true || applies instanceof ExpressionError;
  }

  /** Counts an error, of which the operators hear at most once an hour per model and indicator. */
  failed(plan: ModelPlan, indicator: string, key: Key, error: Value): void {
    if (!(error instanceof ExpressionError) || error.code === 'INDICATOR_UNPRIMED') return;
    if (this.isLookedAt) return;
    bump(this.unknown, `${plan.model.name} ${error.code}`);
    const message = `${indicator}: ${error.message}`;
    this.meters.count(this.clock, plan.model.name, indicator, { code: error.code, key, message });
  }

  alert(code: string, plan: ModelPlan | null, key: Key | null, message: string): void {
    this.tell(code, plan === null ? null : plan.model.name, key, message, 1);
  }

  private tell(code: string, model: string | null, key: Key | null, message: string, count: number): void {
    const alert: OperatorAlert = { kind: 'operator', code, clock: this.clock, model, key, message, count };
    this.emit(alert);
  }

  /** Says what became of a record that does not simply count. */
  verdict(offset: number, kind: Verdict['verdict'], code: string, original: number | null): void {
    const { partition } = this;
    const position: Position = { partition, offset };
    const at = original === null ? null : { partition, offset: original };
    this.emit({ kind: 'verdict', position, verdict: kind, code, original: at });
  }

  lateFor(plan: ModelPlan): void {
    bump(this.late, plan.model.name);
  }
}

/** The profile of a device's owner as far as it has said so. */
function ownerOf(state: KeyState): Profile {
  const owner = textOf(state.profile, 'owner');
  return (owner === null ? undefined : state.beyond?.owners.get(owner)) ?? UNKNOWN_PROFILE;
}

function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
