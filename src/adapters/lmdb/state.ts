// Keyed records, timers and checkpoints in three tables; a commit is one transaction.
import { STORE_LIMITS, checkCheckpoint, checkName, checkWhole } from '../../events/store-limits.js';
import type {
  Checkpoint,
  CommitResult,
  StateStore,
  StoredCheckpoint,
  TimerEntry,
} from '../../ports/state.js';
import {
  afterNamespace,
  copied,
  decodeCheckpoint,
  encodeCheckpoint,
  keyOfRecord,
  recordKey,
  timerKey,
  timerOf,
  timersFrom,
} from './layout.js';
import type { Draft, Table, Writer } from './writer.js';

const EMPTY = Buffer.alloc(0);

interface Head {
  readonly sequence: number;
  readonly nonce: string;
}

const NO_HEAD: Head = { sequence: 0, nonce: '' };

export class LmdbState implements StateStore {
  readonly #checkpoints: Table;
  readonly #records: Table;
  readonly #timers: Table;
  readonly #writer: Writer;
  /** Checkpoints on their way into the transaction under way. */
  readonly #drafted = new Map<string, Head>();

  constructor(checkpoints: Table, records: Table, timers: Table, writer: Writer) {
    this.#checkpoints = checkpoints;
    this.#records = records;
    this.#timers = timers;
    this.#writer = writer;
  }

  async checkpoint(namespace: string): Promise<StoredCheckpoint | undefined> {
    this.#check(namespace);
    return this.#stored(namespace);
  }

  async isCurrent(namespace: string, sequence: number, nonce: string): Promise<boolean> {
    this.#check(namespace);
    const head = this.#stored(namespace) ?? NO_HEAD;
    return head.sequence === sequence && head.nonce === nonce;
  }

  async load(namespace: string, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    this.#check(namespace);
    for (const key of keys) checkName('key', key, STORE_LIMITS.keyBytes);
    return keys.map((key) => this.#records.getBinary(recordKey(namespace, key)));
  }

  async due(namespace: string, until: number, limit: number): Promise<TimerEntry[]> {
    this.#check(namespace);
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    if (until < 0 || limit === 0) return [];
    const end = timersFrom(namespace, Math.min(Math.floor(until), Number.MAX_SAFE_INTEGER) + 1);
    const bytes = Buffer.byteLength(namespace);
    const timers: TimerEntry[] = [];
    for (const key of this.#timers.getKeys({ start: timersFrom(namespace, 0), end, limit })) {
      timers.push(timerOf(bytes, key));
    }
    return timers;
  }

  async keys(namespace: string, prefix: string, after: string, limit: number): Promise<string[]> {
    this.#check(namespace);
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    const from = recordKey(namespace, prefix);
    const beyond = recordKey(namespace, after);
    const start = Buffer.compare(from, beyond) > 0 ? from : beyond;
    const bytes = Buffer.byteLength(namespace);
    const keys: string[] = [];
    for (const key of this.#records.getKeys({ start, end: afterNamespace(namespace) })) {
      if (keys.length === limit || Buffer.compare(key.subarray(0, from.byteLength), from) !== 0) break;
      if (Buffer.compare(key, beyond) > 0) keys.push(keyOfRecord(bytes, key));
    }
    return keys;
  }

  async commit(namespace: string, checkpoint: Checkpoint): Promise<CommitResult> {
    checkName('namespace', namespace, STORE_LIMITS.namespaceBytes);
    checkCheckpoint(checkpoint);
    const { base, baseNonce, nonce } = checkpoint;
    const value = encodeCheckpoint(base + 1, nonce, checkpoint.meta);
    const apply = this.#changes(namespace, checkpoint);
    let bytes = value.byteLength;
    for (const record of checkpoint.records.values()) bytes += record?.byteLength ?? 0;
    // Only this process writes, one transaction at a time: the head compared here is the one that it replaces.
    return this.#writer.submit(bytes, (draft) => {
      const head = this.#drafted.get(namespace) ?? this.#stored(namespace) ?? NO_HEAD;
      if (head.sequence !== base || head.nonce !== baseNonce) return { ok: false, reason: 'fenced' };
      this.#drafted.set(namespace, { sequence: base + 1, nonce });
      draft.onSettled(() => this.#drafted.delete(namespace));
      draft.put(this.#checkpoints, Buffer.from(namespace), value);
      apply(draft);
      return { ok: true };
    });
  }

  /** Takes the changes at the time of the call, so that later ones of the caller's maps do not count. */
  #changes(namespace: string, checkpoint: Checkpoint): (draft: Draft) => void {
    const removed: Buffer[] = [];
    const keys: Buffer[] = [];
    const values: Uint8Array[] = [];
    for (const [key, value] of checkpoint.records) {
      if (value === null) removed.push(recordKey(namespace, key));
      else values[keys.push(recordKey(namespace, key)) - 1] = value;
    }
    const copies = copied(values);
    const keyOf = ({ due, name, key }: TimerEntry) => timerKey(namespace, due, name, key);
    const [cleared, set] = [checkpoint.timersCleared.map(keyOf), checkpoint.timersSet.map(keyOf)];
    return (draft) => {
      for (const key of removed) draft.remove(this.#records, key);
      keys.forEach((key, index) => draft.put(this.#records, key, copies[index] as Buffer));
      for (const key of cleared) draft.remove(this.#timers, key);
      for (const key of set) draft.put(this.#timers, key, EMPTY);
    };
  }

  #stored(namespace: string): StoredCheckpoint | undefined {
    const value = this.#checkpoints.getBinary(Buffer.from(namespace));
    return value === undefined ? undefined : decodeCheckpoint(Buffer.from(value));
  }

  #check(namespace: string): void {
    checkName('namespace', namespace, STORE_LIMITS.namespaceBytes);
    this.#writer.checkOpen();
  }
}
