// What a model holds on a key at the clock of its engine, for a person to read: looked at by what the engine decides by.
import { SOURCES, type Key, type SourceName } from '../events/event.js';
import type { EvaluationScope, Profile, Value } from '../model/expression/expression.js';
import { LEVELS, type Indicator, type Level, type LevelRule, type WarningLevel } from '../model/model.js';
import type { EngineContext } from './context.js';
import type { Engine } from './engine.js';
import { either, figures, truthOf } from './evaluation.js';
import type { GapSpan } from './gaps.js';
import { SequenceWindow } from './indicators/sequence.js';
import type { Figures } from './indicators/window.js';
import { KeyState, planFor, type ModelState } from './key-state.js';
import { levelDue, type LevelState, type Truth } from './levels.js';
import { panesOf } from './pane-evidence.js';
import type { PaneEvidence, ScoreEvidence } from './output.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import { compareReferences, type EventReference } from './reference.js';
import { restsOn } from './rests-on.js';
import { scoreOf } from './score.js';
import { scoreEvidence } from './transition.js';

/** An event in a window. */
export interface HeldEvent {
  readonly id: string;
  readonly stream: SourceName;
  readonly time: number;
  readonly at: number;
}

/** A sequence that began and is not complete. */
export interface HeldMatch {
  readonly first: HeldEvent;
  /** Index of the step that it waits for. */
  readonly step: number;
  /** Until when an event can serve it; of a step that says nothing may come, when it completes. */
  readonly until: number;
}

export interface HeldIndicator {
  readonly indicator: Indicator;
  readonly value: Value;
  /** Its history is being read, so that its figure is unknown. */
  readonly unprimed: boolean;
  /** The newest that count in it, ordered by (time, id); none where it is computed from others. */
  readonly events: readonly HeldEvent[];
  /** How many there are. */
  readonly total: number;
  /** The next clock at which the figure can change if nothing comes; Infinity for never. */
  readonly nextChange: number;
  /** Of a sequence: the newest matches on their way, and how many there are. */
  readonly open: { readonly matches: readonly HeldMatch[]; readonly total: number } | null;
}

/** A level and what it waits for. */
export interface HeldLevel {
  readonly level: WarningLevel;
  readonly on: boolean;
  /** Its own condition. */
  readonly own: Truth;
  /** Its condition or that of a graver level, as the engine moves it. */
  readonly condition: Truth;
  /** True where it has none. */
  readonly clear: Truth;
  /** `for` while it is off, `hold` while it is on, and the clock at which it is over; null while neither runs. */
  readonly timer: { readonly kind: 'for' | 'hold'; readonly until: number } | null;
  /** Since when its condition is unknown; NaN where it is not. */
  readonly unknownSince: number;
}

export interface Inspection {
  /** False where nothing is known of the key: the figures are those of one to which nothing happened. */
  readonly known: boolean;
  readonly clock: number;
  readonly profile: Profile;
  /** Arrival of the first registration, epoch ms; NaN where there is none. */
  readonly registered: number;
  readonly applies: Truth;
  readonly shown: Level;
  readonly episode: { readonly warning: string; readonly raised: number; readonly quiet: boolean } | null;
  readonly indicators: readonly HeldIndicator[];
  readonly levels: readonly HeldLevel[];
  /** Of a model that has one. */
  readonly score: ScoreEvidence | null;
  readonly panes: { readonly [indicator: string]: PaneEvidence };
  readonly gaps: readonly GapSpan[];
  /** The sources on whose silence its absences rest, ascending. */
  readonly restsOn: readonly string[];
  /** A copy of what the conditions read, to evaluate them and their parts over. */
  readonly scope: EvaluationScope;
}

export interface InspectionLimits {
  /** Events and matches named for one indicator. */
  readonly events: number;
}

/**
 * Looks at a model on a key at the clock of the engine, after all that was marked there is evaluated. Nothing that the
 * engine decides later depends on it.
 * @returns null where the engine has no such model for the scope of the key
 */
export function inspect(
  engine: Engine,
  key: Key,
  model: string,
  limits: InspectionLimits,
): Inspection | null {
  const { context } = engine;
  const plan = planFor(context.plan, key).byName.get(model);
  if (plan === undefined) return null;
  const known = context.store.get(key);
  const state = known ?? new KeyState(key);
  const scope = context.enter(state, plan);
  context.isLookedAt = true;
  figures(context, state, plan, scope);
  context.isLookedAt = false;
  const modelState = state.model(plan);
  const { where } = plan.model;
  const applies: Truth = where === null ? 'true' : truthOf(where.run(scope));
  const { episode = null } = modelState ?? {};
  return {
    known: known !== undefined,
    clock: context.clock,
    profile: state.profile,
    registered: state.registered,
    applies,
    shown: LEVELS[modelState?.shown ?? 0] ?? 'none',
    episode,
    score: plan.model.score === null ? null : scoreEvidence(scoreOf(plan.model.score, scope)),
    restsOn: modelState === undefined ? [] : (restsOn(context, modelState, 'blue').restsOn ?? []),
    panes: panesOf(plan, state, context.clock).panes ?? {},
    levels: levelsOf(context, plan, modelState, scope, applies),
    indicators: plan.model.indicators.map((one) => held(context, state, plan, scope, one, limits.events)),
    gaps: [...context.gaps.all],
    scope: { ...scope, values: [...scope.values], anchors: [...scope.anchors], missing: () => undefined },
  };
}

/** The levels as the engine moves them, gravest first. */
function levelsOf(
  { clock }: EngineContext,
  { model }: ModelPlan,
  modelState: ModelState | undefined,
  scope: EvaluationScope,
  applies: Truth,
): HeldLevel[] {
  let graver: Truth = 'false';
  return model.levels.map((rule: LevelRule, index): HeldLevel => {
    const own = truthOf(rule.condition.run(scope));
    graver = either(graver, own);
    const state = modelState?.levels?.[index];
    return {
      level: rule.level,
      on: state?.on ?? false,
      own,
      condition: applies === 'true' ? graver : applies,
      clear: rule.clear === null ? 'true' : truthOf(rule.clear.run(scope)),
      timer: state === undefined ? null : timerOf(state, model.forMs, model.holdMs, clock),
      unknownSince: state?.unknownSince ?? NaN,
    };
  });
}

function timerOf(state: LevelState, forMs: number, holdMs: number, clock: number): HeldLevel['timer'] {
  if (!Number.isNaN(state.unknownSince)) return null;
  const until = levelDue(state, forMs, holdMs, clock);
  return until === Infinity ? null : { kind: state.on ? 'hold' : 'for', until };
}

function held(
  context: EngineContext,
  state: KeyState,
  plan: ModelPlan,
  scope: EvaluationScope,
  indicator: Indicator,
  limit: number,
): HeldIndicator {
  const value = scope.values[indicator.index] ?? null;
  const kept = plan.windows[indicator.index] ?? null;
  const plain = { indicator, value, events: [], total: 0, open: null };
  if (kept === null || indicator.kind === 'value')
    return {
      ...plain,
      unprimed: false,
      nextChange: indicator.kind === 'value' ? indicator.expression.nextChange(scope) : Infinity,
    };
  if (context.isUnprimed(state, kept)) return { ...plain, unprimed: true, nextChange: Infinity };
  const window: Figures = state.peek(kept, context.clock) ?? kept.empty;
  const references: EventReference[] = [];
  window.eachContributing((reference) => references.push(reference), context.clock);
  // The same event may be in several matches of a sequence.
  const all = [...new Set(references)].sort(compareReferences);
  return {
    ...plain,
    unprimed: false,
    events: all.slice(-limit).map(eventOf),
    total: all.length,
    nextChange: window.nextChange(context.instant),
    open: indicator.sequence === null ? null : openIn(state, kept, context.clock, limit),
  };
}

/** Matches on their way are sought in a window of its own, since rows of few events do not keep them. */
function openIn(state: KeyState, kept: WindowPlan, clock: number, limit: number): HeldIndicator['open'] {
  const matches: HeldMatch[] = [];
  const window = state.window(kept);
  if (window instanceof SequenceWindow)
    window.eachOpen(clock, ({ first, step, until }) => matches.push({ first: eventOf(first), step, until }));
  return { matches: matches.slice(-limit), total: matches.length };
}

function eventOf({ id, stream, time, at }: EventReference): HeldEvent {
  return { id, stream: SOURCES[stream] as SourceName, time, at };
}
