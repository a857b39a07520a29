// Keyed records, timers and checkpoints in maps, one set per namespace.
import { STORE_LIMITS, checkCheckpoint, checkName, checkWhole } from '../../events/store-limits.js';
import type {
  Checkpoint,
  CommitResult,
  StateStore,
  StoredCheckpoint,
  TimerEntry,
} from '../../ports/state.js';

interface Space {
  checkpoint: StoredCheckpoint | undefined;
  readonly records: Map<string, Uint8Array>;
  /** By due, name and key, so that setting one twice keeps one. */
  readonly timers: Map<string, TimerEntry>;
}

const NO_HEAD = { sequence: 0, nonce: '' };

export class MemoryState implements StateStore {
  readonly #spaces = new Map<string, Space>();

  async checkpoint(namespace: string): Promise<StoredCheckpoint | undefined> {
    const stored = this.#space(namespace).checkpoint;
    return stored && { ...stored, meta: stored.meta.slice() };
  }

  async isCurrent(namespace: string, sequence: number, nonce: string): Promise<boolean> {
    const head = this.#space(namespace).checkpoint ?? NO_HEAD;
    return head.sequence === sequence && head.nonce === nonce;
  }

  async load(namespace: string, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const { records } = this.#space(namespace);
    for (const key of keys) checkName('key', key, STORE_LIMITS.keyBytes);
    return keys.map((key) => records.get(key)?.slice());
  }

  async due(namespace: string, until: number, limit: number): Promise<TimerEntry[]> {
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    const space = this.#space(namespace);
    // Few of many are due at a time, so only those are sorted.
    const timers = [...space.timers.values()].filter((timer) => timer.due <= until);
    return timers.sort(compareTimers).slice(0, limit);
  }

  async keys(namespace: string, prefix: string, after: string, limit: number): Promise<string[]> {
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    return [...this.#space(namespace).records.keys()]
      .filter((key) => key.startsWith(prefix) && compareBytes(key, after) > 0)
      .sort(compareBytes)
      .slice(0, limit);
  }

  async commit(namespace: string, checkpoint: Checkpoint): Promise<CommitResult> {
    checkCheckpoint(checkpoint);
    const space = this.#space(namespace);
    const { sequence, nonce } = space.checkpoint ?? NO_HEAD;
    if (sequence !== checkpoint.base || nonce !== checkpoint.baseNonce)
      return { ok: false, reason: 'fenced' };
    space.checkpoint = { sequence: sequence + 1, nonce: checkpoint.nonce, meta: checkpoint.meta.slice() };
    for (const [key, value] of checkpoint.records) {
      if (value === null) space.records.delete(key);
      else space.records.set(key, value.slice());
    }
    for (const timer of checkpoint.timersCleared) space.timers.delete(identity(timer));
    for (const timer of checkpoint.timersSet) space.timers.set(identity(timer), { ...timer });
    return { ok: true };
  }

  #space(namespace: string): Space {
    checkName('namespace', namespace, STORE_LIMITS.namespaceBytes);
    const known = this.#spaces.get(namespace);
    if (known !== undefined) return known;
    const created: Space = { checkpoint: undefined, records: new Map(), timers: new Map() };
    this.#spaces.set(namespace, created);
    return created;
  }
}

function identity(timer: TimerEntry): string {
  return `${timer.due}\0${timer.name}\0${timer.key}`;
}

function compareTimers(a: TimerEntry, b: TimerEntry): number {
  return a.due - b.due || compareBytes(a.name, b.name) || compareBytes(a.key, b.key);
}

/** The order of the UTF-8 bytes, which differs from that of strings where surrogates meet U+E000 and above. */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the 16-bit units, where UTF-8 puts the characters they stand for. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
