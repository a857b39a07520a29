// What a revision means for each kind of key: which windows are kept, who reads them, and from which streams.
import { KEY_SCOPES, SCOPES, SOURCES, type Scope } from '../events/event.js';
import type { Expression, Profile, Value } from '../model/expression/expression.js';
import { resolveParams, type Model, type WindowIndicator, type WindowOperator } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import { namesOf, type RecordNames } from './codec/names.js';
import { gatesOf, type Gate } from './gate.js';
import { openWindow } from './indicators/open.js';
import type { Window } from './indicators/window.js';
import { isFactual } from './reference.js';
import { outlookOf, quietWindows, type Outlook } from './wake-ups.js';

/** A window that is kept once per key, however many models read it. */
export interface WindowPlan {
  readonly index: number;
  readonly names: RecordNames;
  readonly indicator: WindowIndicator;
  /** Any one of the readers: equal identities mean equal parameters. */
  readonly owner: ModelPlan;
  readonly readers: ModelPlan[];
  /** Whether a ledger can tell what it holds: everything but its entries follows from them. */
  readonly isPlain: boolean;
  /** Whether its entries have values beside that they are there. */
  readonly keepsValues: boolean;
  /** By stream index, its bit among the readers of that stream; 0 where it reads the stream not, or has no bit left. */
  readonly ledgerBits: readonly number[];
  /** Stands for the window of a key that has none yet; never written to. */
  readonly empty: Window;
}

export interface ModelPlan {
  readonly index: number;
  readonly names: RecordNames;
  /** Place in the order of all models by name. */
  readonly order: number;
  readonly model: Model;
  /** The kept window by indicator index; null for computed ones. */
  readonly windows: readonly (WindowPlan | null)[];
  /** By indicator index: entries that leave cannot raise a level; see `quietWindows`. */
  readonly quiet: readonly boolean[];
  /** Whether every window is quiet. */
  readonly allQuiet: boolean;
  /** Whether its conditions can only turn false while nothing comes, in a way that can be foreseen. */
  readonly foreseeable: boolean;
  /** What to hope for of the windows; null where that does not tell whether a wake-up is needed. */
  readonly outlook: Outlook | null;
  /** By level, what must be in its windows before it can rise; null where that is not known. */
  readonly gates: readonly (Gate | null)[];
  /** Whether every level has a gate. */
  readonly isGated: boolean;
  /** How many of its windows are of sequences. */
  readonly sequences: number;
  /** Whether any of its expressions reads the key's profile, or the owner's. */
  readonly usesProfile: boolean;
  /** Whether a change of the key's profile can change what the model says. */
  readonly readsProfile: boolean;
  params(profile: Profile): { readonly [name: string]: Value };
}

export interface ScopePlan {
  readonly scope: Scope;
  /** What stored records name by number. */
  readonly names: RecordNames;
  readonly models: readonly ModelPlan[];
  readonly byName: ReadonlyMap<string, ModelPlan>;
  /** Models that a change of the profile concerns. */
  readonly profileReaders: readonly ModelPlan[];
  readonly windows: readonly WindowPlan[];
  /** By the identity of their indicator. */
  readonly byIdentity: ReadonlyMap<string, WindowPlan>;
  /** Windows that read a stream, by stream index. */
  readonly readersOf: readonly (readonly WindowPlan[])[];
  /** By stream index, whether a ledger can hold its events: all windows that read it are plain. */
  readonly fitsLedger: readonly boolean[];
  /** Longest window in ms by stream index; 0 where none reads it. */
  readonly longestMs: readonly number[];
}

export type Plan = { readonly [scope in Scope]: ScopePlan };

/**
 * Lays out the models of one stratum; models come in order of name.
 * @param aboveMs for how long events can matter in higher strata, by source index
 */
export function planOf(rules: RuleSet, stratum: number, aboveMs: readonly number[]): Plan {
  const plans = SCOPES.map((scope) => [scope, planScope(rules, stratum, scope, aboveMs)] as const);
  return Object.fromEntries(plans) as { [scope in Scope]: ScopePlan };
}

function planScope(rules: RuleSet, stratum: number, scope: Scope, aboveMs: readonly number[]): ScopePlan {
  const own = modelsOf(rules, stratum, scope);
  const names = namesIn(own.map(({ model }) => model));
  const models: ModelPlan[] = [];
  const windows: WindowPlan[] = [];
  const byIdentity = new Map<string, WindowPlan>();
  for (const { model, order } of own) {
    const kept: (WindowPlan | null)[] = [];
    const gates: (Gate | null)[] = [];
    const plan: { -readonly [field in keyof ModelPlan]: ModelPlan[field] } = {
      index: models.length,
      names,
      order,
      model,
      windows: kept,
      ...wakeUpsOf(model),
      gates,
      isGated: false,
      sequences: model.indicators.filter((one) => one.kind === 'window' && one.sequence !== null).length,
      readsProfile: readsProfile(model),
      usesProfile: usesProfile(model),
      params: paramsOf(model),
    };
    models.push(plan);
    for (const indicator of model.indicators) {
      if (indicator.kind === 'value') {
        kept[indicator.index] = null;
        continue;
      }
      let window = byIdentity.get(indicator.identity);
      if (window === undefined) {
        window = windowPlanOf(indicator, windows.length, plan);
        windows.push(window);
        byIdentity.set(indicator.identity, window);
      }
      if (!window.readers.includes(plan)) window.readers.push(plan);
      kept[indicator.index] = window;
    }
    gates.push(...gatesOf(model, (index) => (kept[index]?.empty.most(0) ?? Infinity) < Infinity));
    plan.isGated = !gates.includes(null);
  }
  const readersOf = SOURCES.map((stream) =>
    windows.filter((window) => window.indicator.from.includes(stream)),
  );
  giveBits(windows, readersOf);
  const fitsLedger = readersOf.map(
    (readers, stream) =>
      readers.length <= LEDGER_WINDOWS_MAX &&
      readers.every((window) => window.isPlain) &&
      // What such an event states is known before it joins a window.
      !(isFactual(stream) && readers.some(({ indicator, owner }) => asksProfile(indicator, owner.model))),
  );
  const longestMs = readersOf.map((readers, source) =>
    Math.max(aboveMs[source] ?? 0, ...readers.map((window) => window.indicator.keptMs)),
  );
  const byName = new Map(models.map((plan) => [plan.model.name, plan]));
  const profileReaders = models.filter((plan) => plan.readsProfile);
  return {
    scope,
    names,
    models,
    byName,
    profileReaders,
    windows,
    byIdentity,
    readersOf,
    fitsLedger,
    longestMs,
  };
}

/** Readers of one stream that a ledger tells apart. */
const LEDGER_WINDOWS_MAX = 30;

/** Operators whose figure rests on more than entries. */
const NOT_PLAIN: ReadonlySet<WindowOperator> = new Set(['absent', 'missed', 'keys', 'silent']);

function isPlain({ panes, baseline, operator }: WindowIndicator): boolean {
  return panes === null && baseline === null && !NOT_PLAIN.has(operator);
}

function windowPlanOf(indicator: WindowIndicator, index: number, owner: ModelPlan): WindowPlan {
  return {
    index,
    names: owner.names,
    indicator,
    owner,
    readers: [],
    isPlain: isPlain(indicator),
    keepsValues: indicator.argument !== null || indicator.sequence !== null,
    ledgerBits: [],
    empty: openWindow(indicator),
  };
}

/** Tells each window its bits among the readers of each stream. */
function giveBits(windows: readonly WindowPlan[], readersOf: readonly (readonly WindowPlan[])[]): void {
  for (const window of windows) {
    const bits = readersOf.map((readers) => {
      const place = readers.indexOf(window);
      return place >= 0 && place < LEDGER_WINDOWS_MAX ? 1 << place : 0;
    });
    (window.ledgerBits as number[]).push(...bits);
  }
}

/** The models of one scope and stratum, with their places in the order of all. */
function modelsOf(rules: RuleSet, stratum: number, scope: Scope): { model: Model; order: number }[] {
  return rules.models
    .map((model, order) => ({ model, order }))
    .filter(({ model }) => model.scope === scope && model.stratum === stratum);
}

function namesIn(models: readonly Model[]): RecordNames {
  const identities = models.flatMap(({ indicators }) =>
    indicators.flatMap((one) => (one.kind === 'value' ? [] : one.identity)),
  );
  return namesOf(
    [...new Set(identities)],
    models.map(({ name }) => name),
  );
}

function wakeUpsOf(model: Model): Pick<ModelPlan, 'quiet' | 'allQuiet' | 'foreseeable' | 'outlook'> {
  const quiet = quietWindows(model);
  const allQuiet = model.indicators.every(({ kind, index }) => kind === 'value' || quiet[index] === true);
  const outlook = outlookOf(model);
  const foreseeable =
    allQuiet &&
    outlook !== null &&
    model.levels.every(({ clear }) => clear === null) &&
    model.indicators.every((one) => one.kind === 'value' || openWindow(one).later(0) !== undefined);
  return { quiet, allQuiet, foreseeable, outlook };
}

/**
 * What is decided at arrival, an indicator's filter and argument, does not count: it stands. Whose profile a device
 * model asks for is a fact of the device's own.
 */
function readsProfile({ where, params, indicators, score, levels, readsOwner, feed }: Model): boolean {
  const reads = (expression: Expression | null) => expression !== null && expression.reads.profile.length > 0;
  return (
    readsOwner ||
    // It may state another cadence.
    feed?.kind === 'key' ||
    reads(where) ||
    params.some((param) => param.by !== null) ||
    levels.some(({ condition, clear }) => reads(condition) || reads(clear)) ||
    score?.lines.some(({ expression }) => reads(expression)) === true ||
    indicators.some((one) =>
      one.kind === 'value' ? reads(one.expression) : one.operator === 'absent' || one.baseline !== null,
    )
  );
}

/** Whether it depends on the key's profile whether or with what an event joins a window. */
function asksProfile({ where, argument }: WindowIndicator, { params }: Model): boolean {
  const byProfile = new Set(params.flatMap(({ name, by }) => (by === null ? [] : [name])));
  return [where, argument].some(
    (one) =>
      one !== null && (one.reads.profile.length > 0 || one.reads.params.some((name) => byProfile.has(name))),
  );
}

/** What is decided at arrival counts as well. A wider key has its codes in its profile. */
function usesProfile(model: Model): boolean {
  const reads = (expression: Expression | null) =>
    expression !== null && expression.reads.profile.length + expression.reads.owner.length > 0;
  return (
    !KEY_SCOPES.some((scope) => scope === model.scope) ||
    readsProfile(model) ||
    model.indicators.some((one) => one.kind === 'window' && (reads(one.where) || reads(one.argument)))
  );
}

/** Parameters are resolved once per profile; a profile object never changes. */
function paramsOf(model: Model): ModelPlan['params'] {
  if (model.params.every((param) => param.by === null)) {
    const constant = resolveParams(model, {});
    return () => constant;
  }
  const cache = new WeakMap<Profile, { readonly [name: string]: Value }>();
  return (profile) => {
    let params = cache.get(profile);
    if (params === undefined) {
      params = resolveParams(model, profile);
      cache.set(profile, params);
    }
    return params;
  };
}

/** The names of a plan that have a hash. */
export function namesWith(plan: Plan, hash: number): RecordNames | undefined {
  for (const scope of SCOPES) if (plan[scope].names.hash === hash) return plan[scope].names;
  return undefined;
}

/** The windows of a scope that read a stream. */
export function readersOf(plan: ScopePlan, stream: number): readonly WindowPlan[] {
  return plan.readersOf[stream] ?? [];
}

/** How long the events of a stream can matter, ms. */
export function longestWindowMs(plan: ScopePlan, stream: number): number {
  return plan.longestMs[stream] ?? 0;
}
