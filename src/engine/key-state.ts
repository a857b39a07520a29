// All that is known of one key: its events, profile, windows, and the levels of the models that speak about it.
import type { Key, Scope } from '../events/event.js';
import { keyScope } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';
import { append, noEntries } from './indicators/entries.js';
import { openWindow } from './indicators/open.js';
import type { KeyParts } from './codec/parts.js';
import type { Figures, Window } from './indicators/window.js';
import type { BackfilledReadings } from './known-events.js';
import { KnownEvents } from './known-events.js';
import type { LedgerMemory } from './ledger-memory.js';
import { LedgerView } from './ledger-view.js';
import { Ledger } from './ledger.js';
import { isIdle, openLevel, type LevelState } from './levels.js';
import type { ModelPlan, Plan, ScopePlan, WindowPlan } from './plan.js';
import { ProfileHistory, UNKNOWN_PROFILE } from './profile-history.js';
import type { EventReference } from './reference.js';
import { StrataState } from './strata-state.js';
import { isWide, profileOfWideKey } from './wide-key.js';

/** A warning that stands. */
export interface Episode {
  readonly warning: string;
  readonly raised: number;
  /** Ordinal of the next transition. */
  ordinal: number;
  quiet: boolean;
  /** Where it is heard beside the key itself, as the profile stood when it was raised; absent before the first version. */
  forwardedTo?: readonly string[];
}

/** Why a model is to be evaluated on a key at this instant. */
export interface Mark {
  /** An event of one of its indicators was taken back. */
  withdrawn: boolean;
  /** Something other than backfilled history caused it. */
  live: boolean;
}

/** What one model holds on one key. */
export class ModelState {
  /** As `model.levels`, gravest first; null while all are idle. */
  levels: LevelState[] | null = null;
  /** Rank of the level shown; 0 for none. */
  shown = 0;
  episode: Episode | null = null;
  /** Clock at which it is to be evaluated whatever comes; Infinity for none. */
  due = Infinity;
  /** Instant of its timer, never later than `due`; Infinity for none. */
  armed = Infinity;
  /** Due as the last checkpoint stored it. */
  storedDue = Infinity;
  /** `holds` as the last checkpoint stored it. */
  storedHolds = false;
  /** Which conditions held when its next turn was foreseen, a bit for each level; -1 where none was. */
  foreseen = -1;
  /** What `isCalm` said after the last evaluation. */
  calm = false;
  /** It waits for the clock to leave the instant. */
  marked = false;
  withdrawn = false;
  live = false;

  constructor(
    readonly state: KeyState,
    readonly plan: ModelPlan,
  ) {}

  /** The levels, to be written to. */
  openLevels(): LevelState[] {
    return (this.levels ??= this.plan.model.levels.map(openLevel));
  }

  /** Forgets levels that are all idle. */
  settleLevels(): void {
    if (this.levels?.every(isIdle) === true) this.levels = null;
  }

  /** Whether a level is on or on its way, or cannot be decided: a change of rules concerns it at once. */
  get holds(): boolean {
    return this.levels !== null || this.shown > 0;
  }

  get isIdle(): boolean {
    return !this.holds && !this.marked && this.due === Infinity;
  }
}

/** Reused for every key. */
const view = new LedgerView();

export class KeyState {
  readonly scope: Scope;
  /** Its events while they are few and nothing else is asked of them; null where they are objects. */
  private ledger: Ledger | null = null;
  private events: KnownEvents | null = null;
  /** Null where no registration or credit change is known. */
  history: ProfileHistory | null = null;
  /** Null where none came. */
  backfilled: BackfilledReadings | null = null;
  /** Ids of events that were taken back before they came, and until when that is remembered. */
  tombstones: Map<string, number> | null = null;
  /** In the order of their plans. */
  private windows: Window[] = noEntries();
  private windowPlans: WindowPlan[] = noEntries();
  private models: ModelState[] = noEntries();
  /** How many tombstones there may be before the next sweep. */
  private tombstonesSweptAt = 16;
  /** Null where nothing came from other keys, or went to them. */
  beyond: StrataState | null = null;
  private readonly unknown: Profile;
  /** The epoch of the rules whose priming this key has had; -1 for none. */
  primedIn = -1;
  /** Its events in parts that are stored by themselves; null where they are few. */
  parts: KeyParts | null = null;
  /** The last checkpoint holds marks of this key. */
  marksStored = false;
  /** Length of the records that the last checkpoint holds of it, in bytes; 0 for none. */
  storedBytes = 0;
  /** What is reckoned with for it where keys are kept at hand, bytes of memory. */
  residentBytes = 0;
  /** It was asked for again since that was last looked at. */
  isUsedAgain = false;
  /** It stays at hand for as long as it is used. */
  isSettled = false;

  constructor(readonly key: Key) {
    this.scope = keyScope(key);
    this.unknown = isWide(this.scope) ? profileOfWideKey(key) : UNKNOWN_PROFILE;
  }

  /** Its events as objects, which they stay from now on. */
  get known(): KnownEvents {
    if (this.ledger !== null) this.spread(this.ledger);
    return (this.events ??= new KnownEvents());
  }

  /** Begins with a ledger; of a key of which nothing was known. */
  beginLedger(memory: LedgerMemory, plan: ScopePlan): void {
    this.ledger = new Ledger(memory, plan);
  }

  /** Begins with the events of a ledger; of a key of which nothing else is known. */
  takeLedger(ledger: Ledger): void {
    this.ledger = ledger;
  }

  /** Its events, where they are few and no objects. */
  get few(): Ledger | null {
    return this.ledger;
  }

  /** A window as it is at a clock, to be read only; undefined where nothing came for it. */
  peek(plan: WindowPlan, clock: number): Figures | undefined {
    return this.ledger === null ? this.window(plan) : view.window(this.ledger, plan, clock);
  }

  /** Makes objects of the rows of the ledger: events, and the windows that they joined. */
  private spread(ledger: Ledger): void {
    this.ledger = null;
    const known = (this.events = new KnownEvents());
    for (const plan of ledger.kept.windows) this.openWindow(plan);
    // By where they lie in the log: an id may come again, and a reading may have that of another event.
    const shared = new Map<number, EventReference>();
    for (const { reference } of this.history?.entries ?? []) shared.set(reference.offset, reference);
    this.beyond?.each((reference) => shared.set(reference.offset, reference));
    for (let row = 0; row < ledger.size; row++) {
      const own = ledger.whole(row);
      const reference = shared.get(own.offset) ?? own;
      known.add(reference, -Infinity);
      for (const plan of ledger.plan.readersOf[own.stream] ?? []) {
        if (ledger.joined(row, plan))
          this.openWindow(plan).add(reference, ledger.value(row, plan), -Infinity);
      }
    }
    ledger.release();
  }

  /** About how much memory it takes, bytes: what objects of V8 take with words of eight bytes, and slack of lists. */
  get footprint(): number {
    let bytes = 800 + 200 * this.models.length + 2 * this.storedBytes;
    if (this.history !== null) bytes += 250 + 450 * this.history.entries.length;
    if (this.beyond !== null) bytes += 500 + 200 * this.beyond.forwarded.size;
    if (this.ledger !== null) return bytes + 200 + this.ledger.bytes;
    if (this.events !== null) bytes += 220 * this.events.size;
    for (const window of this.windows) bytes += 320 + 32 * window.size;
    return bytes;
  }

  get profile(): Profile {
    return this.history === null ? this.unknown : this.history.profile;
  }

  /** Arrival of the first known registration, epoch ms; NaN where there is none. */
  get registered(): number {
    return this.history === null ? NaN : this.history.registered;
  }

  openBeyond(clock: number): StrataState {
    this.beyond ??= new StrataState();
    this.beyond.sweep(clock);
    return this.beyond;
  }

  openHistory(): ProfileHistory {
    return (this.history ??= new ProfileHistory());
  }

  /** The window of a plan; undefined where nothing came for it. */
  window(plan: WindowPlan): Window | undefined {
    if (this.ledger !== null) this.spread(this.ledger);
    const { windowPlans } = this;
    const place = placeIn(windowPlans, plan.index);
    return windowPlans[place] === plan ? this.windows[place] : undefined;
  }

  openWindow(plan: WindowPlan): Window {
    if (this.ledger !== null) this.spread(this.ledger);
    const place = placeIn(this.windowPlans, plan.index);
    if (this.windowPlans[place] === plan) return this.windows[place] as Window;
    const window = openWindow(plan.indicator);
    this.windowPlans = insert(this.windowPlans, place, plan);
    this.windows = insert(this.windows, place, window);
    return window;
  }

  /** Puts a window in the place of whatever is kept for the plan. */
  putWindow(plan: WindowPlan, window: Window): void {
    if (this.ledger !== null) this.spread(this.ledger);
    const place = placeIn(this.windowPlans, plan.index);
    if (this.windowPlans[place] === plan) {
      this.windows[place] = window;
      return;
    }
    this.windowPlans = insert(this.windowPlans, place, plan);
    this.windows = insert(this.windows, place, window);
  }

  eachWindow(visit: (window: Window, plan: WindowPlan) => void): void {
    if (this.ledger !== null) this.spread(this.ledger);
    for (let place = 0; place < this.windows.length; place++) {
      visit(this.windows[place] as Window, this.windowPlans[place] as WindowPlan);
    }
  }

  /** How many windows hold something, each at a place below, in the order of their plans. */
  get windowCount(): number {
    if (this.ledger !== null) this.spread(this.ledger);
    return this.windows.length;
  }

  windowAt(place: number): Window {
    return this.windows[place] as Window;
  }

  windowPlanAt(place: number): WindowPlan {
    return this.windowPlans[place] as WindowPlan;
  }

  /** What a model holds here; undefined for nothing. */
  model(plan: ModelPlan): ModelState | undefined {
    const found = this.models[this.placeOf(plan)];
    return found?.plan === plan ? found : undefined;
  }

  openModel(plan: ModelPlan): ModelState {
    const place = this.placeOf(plan);
    const found = this.models[place];
    if (found?.plan === plan) return found;
    const opened = new ModelState(this, plan);
    this.models = insert(this.models, place, opened);
    return opened;
  }

  get modelStates(): readonly ModelState[] {
    return this.models;
  }

  /** Drops the state of a model that is as good as none. */
  settle(modelState: ModelState): void {
    if (!modelState.isIdle || modelState.storedDue !== Infinity || modelState.storedHolds) return;
    const place = this.models.indexOf(modelState);
    if (place < 0) return;
    if (this.models.length === 1) this.models = noEntries();
    else this.models.splice(place, 1);
  }

  /** Until when an event is known to be taken back before it comes; -Infinity where it is not. */
  tombstone(id: string): number {
    return this.tombstones?.get(id) ?? -Infinity;
  }

  setTombstone(id: string, until: number, clock: number): void {
    const tombstones = (this.tombstones ??= new Map());
    if (tombstones.size >= this.tombstonesSweptAt) {
      for (const [other, end] of tombstones) if (end <= clock) tombstones.delete(other);
      this.tombstonesSweptAt = Math.max(16, tombstones.size * 2);
    }
    tombstones.set(id, until);
  }

  private placeOf(plan: ModelPlan): number {
    const { models } = this;
    let low = 0;
    let high = models.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((models[middle] as ModelState).plan.index < plan.index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Index of the first plan that does not come before `index`. */
function placeIn(plans: readonly WindowPlan[], index: number): number {
  let low = 0;
  let high = plans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((plans[middle] as WindowPlan).index < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert<T>(list: T[], place: number, item: T): T[] {
  return place === list.length ? append(list, item) : list.toSpliced(place, 0, item);
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

  /** All keys, in their order. */
  get all(): readonly KeyState[] {
    return [...this.states.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Puts a state in the place of what is known of its key. */
  put(state: KeyState): void {
    this.states.set(state.key, state);
  }

  get size(): number {
    return this.states.size;
  }
}
