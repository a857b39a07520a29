// What a revision means for each kind of key: which windows are kept, who reads them, and from which streams.
import { STREAMS, type KeyScope } from '../events/event.js';
import type { Profile, Value } from '../model/expression/expression.js';
import { resolveParams, type Model, type WindowIndicator } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import { openWindow } from './indicators/open.js';
import type { Window } from './indicators/window.js';
import { streamIndex } from './reference.js';
import { quietWindows } from './wake-ups.js';

/** A window that is kept once per key, however many models read it. */
export interface WindowPlan {
  readonly index: number;
  readonly indicator: WindowIndicator;
  /** Any one of the readers: equal identities mean equal parameters. */
  readonly owner: ModelPlan;
  readonly readers: ModelPlan[];
  /** Stands for the window of a key that has none yet; never written to. */
  readonly empty: Window;
}

export interface ModelPlan {
  readonly index: number;
  readonly model: Model;
  /** The kept window by indicator index; null for computed ones. */
  readonly windows: readonly (WindowPlan | null)[];
  /** By indicator index: entries that leave cannot raise a level; see `quietWindows`. */
  readonly quiet: readonly boolean[];
  params(profile: Profile): { readonly [name: string]: Value };
}

export interface ScopePlan {
  readonly scope: KeyScope;
  readonly models: readonly ModelPlan[];
  readonly windows: readonly WindowPlan[];
  /** Windows that read a stream, by stream index. */
  readonly readersOf: readonly (readonly WindowPlan[])[];
  /** Longest window in ms by stream index; 0 where none reads it. */
  readonly longestMs: readonly number[];
}

export type Plan = { readonly [scope in KeyScope]: ScopePlan };

/** Lays out a revision; models come in order of name. */
export function planOf(rules: RuleSet): Plan {
  return {
    subject: planScope(rules, 'subject'),
    device: planScope(rules, 'device'),
    place: planScope(rules, 'place'),
  };
}

function planScope(rules: RuleSet, scope: KeyScope): ScopePlan {
  const models: ModelPlan[] = [];
  const windows: WindowPlan[] = [];
  const byIdentity = new Map<string, WindowPlan>();
  for (const model of rules.models) {
    if (model.scope !== scope) continue;
    const kept: (WindowPlan | null)[] = [];
    const plan: ModelPlan = {
      index: models.length,
      model,
      windows: kept,
      quiet: quietWindows(model),
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
        window = { index: windows.length, indicator, owner: plan, readers: [], empty: openWindow(indicator) };
        windows.push(window);
        byIdentity.set(indicator.identity, window);
      }
      if (!window.readers.includes(plan)) window.readers.push(plan);
      kept[indicator.index] = window;
    }
  }
  const readersOf = STREAMS.map((stream) =>
    windows.filter((window) => window.indicator.from.includes(stream)),
  );
  const longestMs = readersOf.map((readers) =>
    Math.max(0, ...readers.map((window) => window.indicator.overMs)),
  );
  return { scope, models, windows, readersOf, longestMs };
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

/** The windows of a scope that read a stream. */
export function readersOf(plan: ScopePlan, stream: number): readonly WindowPlan[] {
  return plan.readersOf[stream] ?? [];
}

export function longestWindowMs(plan: ScopePlan, stream: Parameters<typeof streamIndex>[0]): number {
  return plan.longestMs[streamIndex(stream)] ?? 0;
}
