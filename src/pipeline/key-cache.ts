// Keys at hand for the engine: loaded before a batch, written with its checkpoint, as many as there is room for.
import { CodedError } from '../events/coded-error.js';
import { SCOPES, type Key } from '../events/event.js';
import { namesOf, type RecordNames } from '../engine/codec/names.js';
import { decodeKeyState, encodeKeyRecords, partsOf, type PartBytes } from '../engine/key-codec.js';
import type { Generation } from '../engine/generation.js';
import { KeyState, planFor, type KeyStore, type Mark, type ModelState } from '../engine/key-state.js';
import type { LedgerMemory } from '../engine/ledger-memory.js';
import { namesWith, type Plan } from '../engine/plan.js';
import type { Holding } from '../engine/turn.js';
import type { StateStore, TimerEntry } from '../ports/state.js';
import { decodeJson, encodeJson, type Changes } from './checkpoint.js';
import { ResidentKeys, type KeyRoom } from './key-room.js';
import { namePages } from './stored-names.js';

/** What the store holds of a stratum. */
export interface StateSize {
  readonly keys: number;
  /** Of the keys' records and their parts, exactly; without timers and marks. */
  readonly bytes: number;
}

export class KeyCache implements KeyStore {
  /** Null stands for a key of which the store knows nothing. */
  private readonly states = new Map<Key, KeyState | null>();
  private readonly changed = new Set<KeyState>();
  /** What the store tells of the names of plans, by hash. */
  private readonly names = new Map<number, RecordNames>();
  /** Names of the plan that the store does not tell yet; null before they were sought. */
  private unstored: readonly RecordNames[] | null = null;
  private orphans: TimerEntry[] = [];
  private stored: StateSize = { keys: 0, bytes: 0 };
  private readonly residents: ResidentKeys;
  /** Keys of which the store knew nothing when a batch asked for them. */
  private unknown: Key[] = [];

  constructor(
    private readonly store: StateStore,
    private readonly namespace: string,
    private readonly plan: Plan,
    private readonly generation: Generation,
    /** For what is kept between checkpoints. */
    private readonly room: KeyRoom,
    /** Before the names of records and the keys of timers. */
    private readonly prefix: string,
    /** Where the engine keeps the events of keys that have few; left out where none steps. */
    private readonly ledgers?: LedgerMemory,
  ) {
    this.residents = new ResidentKeys(room);
  }

  /** What the store holds, once the changes at hand are written. */
  get stateSize(): StateSize {
    return this.stored;
  }

  /** Whether keys changed since the last checkpoint. */
  get isChanged(): boolean {
    return this.changed.size > 0;
  }

  restoreSize(size: StateSize): void {
    this.stored = size;
  }

  /** Learns what stored records name by number, whatever rules wrote them. */
  async restoreNames(): Promise<void> {
    const prefix = this.prefix + NAMES;
    const stored = await this.store.keys(this.namespace, prefix, '', PAGE);
    const loaded = await this.store.load(this.namespace, stored);
    for (const [index, name] of stored.entries()) {
      const bytes = loaded[index];
      if (bytes === undefined) continue;
      const { windows, models } = decodeJson<Omit<RecordNames, 'hash'>>(bytes);
      const names = namesOf(windows, models);
      if (prefix + hexOf(names.hash) !== name) throw new CodedError('STATE_CORRUPT', `Names of ${name}.`);
      this.names.set(names.hash, names);
    }
  }

  private readonly namesOf = (hash: number) => this.names.get(hash) ?? namesWith(this.plan, hash);

  /** The names of the plan that the store does not have yet. */
  private newNames(): RecordNames[] {
    const own = SCOPES.map((scope) => this.plan[scope].names);
    return own.filter((names) => {
      if (names.windows.length + names.models.length === 0) return false;
      const known = this.names.get(names.hash);
      if (known !== undefined && !sameNames(known, names)) {
        throw new CodedError('INTERNAL', `Other names have the hash ${names.hash}: rename a model.`);
      }
      return known === undefined;
    });
  }

  /** Loads the keys that a batch will touch. */
  async prepare(keys: Iterable<Key>): Promise<void> {
    const missing: Key[] = [];
    for (const key of new Set(keys)) {
      const state = this.states.get(key);
      if (state === undefined) missing.push(key);
      else if (state !== null) state.isUsedAgain = true;
    }
    if (missing.length === 0) return;
    const stored = await this.store.load(
      this.namespace,
      missing.map((key) => this.recordName(key)),
    );
    const parts = await this.loadParts(missing, stored);
    for (const [index, key] of missing.entries()) {
      const bytes = stored[index];
      const state = bytes === undefined ? null : this.decode(key, bytes, parts.get(key));
      if (state !== null && bytes !== undefined) {
        state.storedBytes = bytes.length;
        for (const part of parts.get(key)?.values() ?? []) state.storedBytes += part.length;
        this.take(state);
        this.residents.weigh(state);
        this.room.loaded++;
        continue;
      }
      this.states.set(key, null);
      this.unknown.push(key);
    }
  }

  /** The parts of the keys whose events lie in some. */
  private async loadParts(
    keys: readonly Key[],
    records: readonly (Uint8Array | undefined)[],
  ): Promise<Map<Key, Map<number, Uint8Array>>> {
    const parts = new Map<Key, Map<number, Uint8Array>>();
    const wanted: { readonly key: Key; readonly number: number }[] = [];
    for (const [index, key] of keys.entries()) {
      const bytes = records[index];
      for (const number of bytes === undefined ? [] : partsOf(bytes)) wanted.push({ key, number });
    }
    if (wanted.length === 0) return parts;
    const names = wanted.map(({ key, number }) => this.partName(key, number));
    const loaded = await this.store.load(this.namespace, names);
    for (const [index, { key, number }] of wanted.entries()) {
      const bytes = loaded[index];
      if (!parts.has(key)) parts.set(key, new Map());
      if (bytes !== undefined) parts.get(key)?.set(number, bytes);
    }
    return parts;
  }

  private decode(key: Key, bytes: Uint8Array, parts: PartBytes | undefined): KeyState {
    const { generation, namesOf, ledgers } = this;
    return decodeKeyState(key, bytes, { plan: planFor(this.plan, key), generation, namesOf, ledgers }, parts);
  }

  /** Loads the keys on which a model holds something, and says which; some may hold nothing any more. */
  async prepareHoldings(): Promise<Holding[]> {
    const holdings: Holding[] = [];
    for (const { key, modelStates } of this.changed) {
      for (const { plan, holds, storedHolds } of modelStates) {
        if (holds && !storedHolds) holdings.push({ key, model: plan.model.name });
      }
    }
    const prefix = this.prefix + HOLDINGS;
    for await (const names of namePages(this.store, this.namespace, prefix, PAGE)) {
      for (const name of names) {
        const space = name.indexOf(' ', prefix.length);
        holdings.push({ model: name.slice(prefix.length, space), key: name.slice(space + 1) });
      }
    }
    await this.prepare(holdings.map(({ key }) => key));
    return holdings;
  }

  /** The marks of the last checkpoint; their keys are loaded. */
  async restoreMarks(): Promise<StoredMark[]> {
    const marks: StoredMark[] = [];
    const markPrefix = this.prefix + MARKS;
    for await (const names of namePages(this.store, this.namespace, markPrefix, PAGE)) {
      const keys = names.map((name) => name.slice(markPrefix.length));
      await this.prepare(keys);
      const stored = await this.store.load(this.namespace, names);
      for (const [index, key] of keys.entries()) {
        const bytes = stored[index];
        const state = this.states.get(key);
        if (bytes === undefined || state === undefined || state === null) continue;
        state.marksStored = true;
        for (const mark of decodeJson<Omit<StoredMark, 'key'>[]>(bytes)) marks.push({ key, ...mark });
      }
    }
    return marks;
  }

  get(key: Key): KeyState | undefined {
    const state = this.states.get(key);
    if (state === undefined) throw new Error(`key ${key} was not prepared for this batch`);
    return state ?? undefined;
  }

  create(key: Key): KeyState {
    const state = new KeyState(key);
    this.take(state);
    return state;
  }

  private take(state: KeyState): void {
    this.states.set(state.key, state);
    this.residents.add(state);
  }

  touched(state: KeyState): void {
    this.changed.add(state);
  }

  /** Clears a stored timer that nothing waits for any more. */
  dropTimer(timer: TimerEntry): void {
    this.orphans.push({ ...timer, key: this.prefix + timer.key });
  }

  /**
   * What the batch changed, for the checkpoint.
   * @param clock of the engine
   */
  changes(clock: number): Changes {
    const records = new Map<string, Uint8Array | null>();
    const timersSet: TimerEntry[] = [];
    const timersCleared: TimerEntry[] = [...this.orphans];
    for (const { hash, windows, models } of (this.unstored ??= this.newNames())) {
      records.set(this.prefix + NAMES + hexOf(hash), encodeJson({ windows, models }));
    }
    for (const state of this.changed) {
      for (const modelState of state.modelStates) {
        if (modelState.holds !== modelState.storedHolds) {
          records.set(this.holdingName(modelState), modelState.holds ? HOLDS : null);
        }
        if (modelState.due === modelState.storedDue) continue;
        const timer = { key: this.prefix + state.key, name: modelState.plan.model.name };
        if (modelState.storedDue !== Infinity) timersCleared.push({ ...timer, due: modelState.storedDue });
        if (modelState.due !== Infinity) timersSet.push({ ...timer, due: modelState.due });
      }
      const { record, parts, bytes } = encodeKeyRecords(state, this.generation.epoch, clock);
      records.set(this.recordName(state.key), record);
      for (const [number, part] of parts) records.set(this.partName(state.key, number), part);
      this.stored = {
        keys: this.stored.keys + (state.storedBytes === 0 ? 1 : 0),
        bytes: this.stored.bytes + bytes - state.storedBytes,
      };
      state.storedBytes = bytes;
      this.residents.weigh(state);
      const marks = marksOf(state);
      if (marks.length > 0) records.set(this.prefix + MARKS + state.key, encodeJson(marks));
      else if (state.marksStored) records.set(this.prefix + MARKS + state.key, null);
    }
    return { records, timersSet, timersCleared };
  }

  private holdingName({ state, plan }: ModelState): string {
    return `${this.prefix}${HOLDINGS}${plan.model.name} ${state.key}`;
  }

  private partName(key: Key, number: number): string {
    return `${this.prefix}${PARTS}${number} ${key}`;
  }

  private recordName(key: Key): string {
    return `${this.prefix}k/${key}`;
  }

  /** The checkpoint stands: the changes are stored, and keys over the limit may go. */
  committed(keep: ReadonlySet<KeyState>): void {
    for (const state of this.changed) {
      state.parts?.committed();
      state.marksStored = marksOf(state).length > 0;
      for (const modelState of [...state.modelStates]) {
        modelState.storedDue = modelState.due;
        modelState.storedHolds = modelState.holds;
        state.settle(modelState);
      }
    }
    for (const key of this.unknown.splice(0)) if (this.states.get(key) === null) this.states.delete(key);
    const letGo = (state: KeyState) => {
      state.few?.release();
      this.states.delete(state.key);
    };
    // What was in use just now is likely to be again.
    this.residents.shrink((state) => keep.has(state) || this.changed.has(state), letGo);
    this.changed.clear();
    this.residents.shrink((state) => keep.has(state), letGo);
    for (const names of this.unstored ?? []) this.names.set(names.hash, names);
    this.unstored = [];
    this.orphans = [];
  }
}

const HOLDS = new Uint8Array([1]);

/** Marks wait in records of their own beside their key, so that a checkpoint costs what changed. */
const MARKS = 'm/';
/** An entry for each model that holds something on a key, under its name, so that a change of rules finds them. */
const HOLDINGS = 'e/';
/** Parts of keys that have many events. */
const PARTS = 'c/';
/** What records name by number, once for each set of rules, under its hash; never removed. */
const NAMES = 'p/';
const PAGE = 10_000;

function hexOf(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}

function sameNames(one: RecordNames, other: RecordNames): boolean {
  const textOf = ({ windows, models }: RecordNames) => JSON.stringify([windows, models]);
  return textOf(one) === textOf(other);
}

/** A model that waits for the clock to leave the instant. */
export interface StoredMark extends Mark {
  readonly key: Key;
  readonly model: string;
}

function marksOf(state: KeyState): Omit<StoredMark, 'key'>[] {
  return state.modelStates.flatMap(({ plan, marked, withdrawn, live }) =>
    marked ? [{ model: plan.model.name, withdrawn, live }] : [],
  );
}
