// Keys at hand for the engine: loaded before a batch, written with its checkpoint, bounded in number.
import type { Key } from '../events/event.js';
import { decodeKeyState, encodeKeyState } from '../engine/key-codec.js';
import { KeyState, planFor, type KeyStore, type Mark } from '../engine/key-state.js';
import type { Plan } from '../engine/plan.js';
import type { StateStore, TimerEntry } from '../ports/state.js';
import { decodeJson, encodeJson, type Changes } from './checkpoint.js';

/** What the store holds of a stratum. */
export interface StateSize {
  readonly keys: number;
  /** Of the keys' records, without timers and marks. */
  readonly bytes: number;
}

export class KeyCache implements KeyStore {
  /** Null stands for a key of which the store knows nothing. */
  private readonly states = new Map<Key, KeyState | null>();
  private readonly changed = new Set<KeyState>();
  private stored: StateSize = { keys: 0, bytes: 0 };

  constructor(
    private readonly store: StateStore,
    private readonly namespace: string,
    private readonly plan: Plan,
    /** Keys kept between batches. */
    private readonly limit: number,
    /** Before the names of records and the keys of timers. */
    private readonly prefix: string,
  ) {}

  get size(): number {
    return this.states.size;
  }

  /** What the store holds, once the changes at hand are written. */
  get stateSize(): StateSize {
    return this.stored;
  }

  restoreSize(size: StateSize): void {
    this.stored = size;
  }

  /** Loads the keys that a batch will touch. */
  async prepare(keys: Iterable<Key>): Promise<void> {
    const missing = [...new Set(keys)].filter((key) => !this.states.has(key));
    if (missing.length === 0) return;
    const stored = await this.store.load(
      this.namespace,
      missing.map((key) => this.recordName(key)),
    );
    for (const [index, key] of missing.entries()) {
      const bytes = stored[index];
      const state = bytes === undefined ? null : decodeKeyState(key, bytes, planFor(this.plan, key));
      if (state !== null && bytes !== undefined) state.storedBytes = bytes.length;
      this.states.set(key, state);
    }
  }

  /** The marks of the last checkpoint; their keys are loaded. */
  async restoreMarks(): Promise<StoredMark[]> {
    const marks: StoredMark[] = [];
    let after = '';
    for (;;) {
      const markPrefix = this.prefix + MARKS;
      const names = await this.store.keys(this.namespace, markPrefix, after, MARKS_PAGE);
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
      if (names.length < MARKS_PAGE) return marks;
      after = names[names.length - 1] ?? '';
    }
  }

  get(key: Key): KeyState | undefined {
    const state = this.states.get(key);
    if (state === undefined) throw new Error(`key ${key} was not prepared for this batch`);
    return state ?? undefined;
  }

  create(key: Key): KeyState {
    const state = new KeyState(key);
    this.states.set(key, state);
    return state;
  }

  touched(state: KeyState): void {
    this.changed.add(state);
  }

  /** What the batch changed, for the checkpoint. */
  changes(): Changes {
    const records = new Map<string, Uint8Array | null>();
    const timersSet: TimerEntry[] = [];
    const timersCleared: TimerEntry[] = [];
    for (const state of this.changed) {
      for (const modelState of state.modelStates) {
        if (modelState.due === modelState.storedDue) continue;
        const timer = { key: this.prefix + state.key, name: modelState.plan.model.name };
        if (modelState.storedDue !== Infinity) timersCleared.push({ ...timer, due: modelState.storedDue });
        if (modelState.due !== Infinity) timersSet.push({ ...timer, due: modelState.due });
      }
      const bytes = encodeKeyState(state);
      records.set(this.recordName(state.key), bytes);
      this.stored = {
        keys: this.stored.keys + (state.storedBytes === 0 ? 1 : 0),
        bytes: this.stored.bytes + bytes.length - state.storedBytes,
      };
      state.storedBytes = bytes.length;
      const marks = marksOf(state);
      if (marks.length > 0) records.set(this.prefix + MARKS + state.key, encodeJson(marks));
      else if (state.marksStored) records.set(this.prefix + MARKS + state.key, null);
    }
    return { records, timersSet, timersCleared };
  }

  private recordName(key: Key): string {
    return `${this.prefix}k/${key}`;
  }

  /** The checkpoint stands: the changes are stored, and keys over the limit may go. */
  committed(keep: ReadonlySet<KeyState>): void {
    for (const state of this.changed) {
      state.marksStored = marksOf(state).length > 0;
      for (const modelState of [...state.modelStates]) {
        modelState.storedDue = modelState.due;
        state.settle(modelState);
      }
    }
    this.changed.clear();
    for (const [key, state] of this.states) {
      if (this.states.size <= this.limit) break;
      if (state === null || !keep.has(state)) this.states.delete(key);
    }
  }
}

/** Marks wait in records of their own beside their key, so that a checkpoint costs what changed. */
const MARKS = 'm/';
const MARKS_PAGE = 10_000;

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
