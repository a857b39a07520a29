// All that is known of one key: its events, profile, windows, and the levels of the models that speak about it.
import type { Key } from '../events/event.js';
import { keyScope } from '../events/event.js';
import { openWindow } from './indicators/open.js';
import type { Window } from './indicators/window.js';
import { isIdle, openLevel, type LevelState } from './levels.js';
import type { ModelPlan, Plan, ScopePlan, WindowPlan } from './plan.js';
import { ProfileHistory } from './profile-history.js';
import type { EventReference } from './reference.js';

/** A warning that stands. */
export interface Episode {
  readonly warning: string;
  readonly raised: number;
  /** Ordinal of the next transition. */
  ordinal: number;
  quiet: boolean;
}

/** Why a model is to be evaluated on a key at this instant. */
export interface Mark {
  /** An event of one of its indicators was taken back. */
  withdrawn: boolean;
  /** Something other than backfilled history caused it. */
  live: boolean;
}

export interface ModelState {
  /** As `model.levels`: gravest first. */
  readonly levels: LevelState[];
  /** Index of the level shown; -1 for none. */
  shown: number;
  episode: Episode | null;
  /** Clock of the armed timer; Infinity for none. */
  due: number;
  /** Due as the last checkpoint stored it. */
  storedDue: number;
  mark: Mark | null;
}

const DAY_MS = 86_400_000;

export class KeyState {
  readonly history = new ProfileHistory();
  /** Known events by what makes them duplicates. */
  readonly known = new Map<string, EventReference>();
  /** Ids of events that were taken back before they came, and until when that is remembered. */
  readonly tombstones = new Map<string, number>();
  readonly windows: (Window | undefined)[] = [];
  readonly models: (ModelState | undefined)[] = [];
  sweptAt = -Infinity;
  /** The last checkpoint holds marks of this key. */
  marksStored = false;

  constructor(readonly key: Key) {}

  find(identity: string, clock: number): EventReference | undefined {
    const reference = this.known.get(identity);
    return reference !== undefined && reference.keepUntil > clock ? reference : undefined;
  }

  window(plan: WindowPlan): Window {
    return (this.windows[plan.index] ??= openWindow(plan.indicator));
  }

  model(plan: ModelPlan): ModelState {
    return (this.models[plan.index] ??= {
      levels: plan.model.levels.map(openLevel),
      shown: -1,
      episode: null,
      due: Infinity,
      storedDue: Infinity,
      mark: null,
    });
  }

  /** Forgets what can no longer matter; once a day of the clock is enough, since look-ups heed `keepUntil`. */
  sweep(clock: number): void {
    if (clock - this.sweptAt < DAY_MS) return;
    this.sweptAt = clock;
    for (const [identity, reference] of this.known) {
      if (reference.keepUntil <= clock) this.known.delete(identity);
    }
    for (const [id, until] of this.tombstones) {
      if (until <= clock) this.tombstones.delete(id);
    }
  }

  /** Drops the state of a model that is as good as none. */
  settle(plan: ModelPlan): void {
    const state = this.models[plan.index];
    if (state === undefined || state.shown >= 0 || state.mark !== null) return;
    if (state.due !== Infinity || state.storedDue !== Infinity) return;
    if (state.levels.every(isIdle)) this.models[plan.index] = undefined;
  }
}

/** The part of a plan that concerns a key. */
export function planFor(plan: Plan, key: Key): ScopePlan {
  return plan[keyScope(key)];
}

/** Where the engine finds keys. Every key that a step touches must be at hand: the engine never waits. */
export interface KeyStore {
  /** The key's state, or undefined where nothing is known of it. */
  get(key: Key): KeyState | undefined;
  /** Adds a key of which nothing was known. */
  create(key: Key): KeyState;
  /** The state was changed. */
  touched(state: KeyState): void;
}

/** All keys in memory: for tests, backtests and previews. */
export class MemoryKeyStore implements KeyStore {
  private readonly states = new Map<Key, KeyState>();

  get(key: Key): KeyState | undefined {
    return this.states.get(key);
  }

  create(key: Key): KeyState {
    const state = new KeyState(key);
    this.states.set(key, state);
    return state;
  }

  touched(): void {}

  get size(): number {
    return this.states.size;
  }
}
