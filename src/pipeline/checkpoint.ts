// How a consumer takes and keeps its place: by checkpoints that are compared and set.
import { CodedError } from '../events/coded-error.js';
import type { StateStore, TimerEntry } from '../ports/state.js';

/** What changed since the last checkpoint. */
export interface Changes {
  readonly records: ReadonlyMap<string, Uint8Array | null>;
  readonly timersSet?: readonly TimerEntry[];
  readonly timersCleared?: readonly TimerEntry[];
}

/** Thrown when another owner wrote the checkpoint in between: drop every cache and load again. */
export class FencedError extends CodedError {
  constructor(readonly namespace: string) {
    super('CHECKPOINT_FENCED', `Consumer ${namespace}.`);
    this.name = 'FencedError';
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The checkpoint of one consumer; `Meta` must be plain JSON. */
export class CheckpointCursor<Meta> {
  private sequence = 0;
  private baseNonce = '';

  constructor(
    private readonly store: StateStore,
    readonly namespace: string,
    private readonly nonce: () => string,
  ) {}

  /** The newest checkpoint's meta, or undefined before the first. */
  async load(): Promise<Meta | undefined> {
    const stored = await this.store.checkpoint(this.namespace);
    this.sequence = stored?.sequence ?? 0;
    this.baseNonce = stored?.nonce ?? '';
    return stored === undefined ? undefined : (JSON.parse(decoder.decode(stored.meta)) as Meta);
  }

  /** Whether nobody wrote a checkpoint since the last load or commit. */
  isCurrent(): Promise<boolean> {
    return this.store.isCurrent(this.namespace, this.sequence, this.baseNonce);
  }

  /**
   * Asserts that what was read since the last load or commit is of that checkpoint. Before anything is written because
   * of it: another owner may have moved the state on, and a mixture of both would be said for good.
   * @throws FencedError where another owner came in between
   */
  async verify(): Promise<void> {
    if (!(await this.isCurrent())) throw new FencedError(this.namespace);
  }

  /** Writes meta and changes in one step. @throws FencedError where another owner came first */
  async commit(meta: Meta, changes: Changes): Promise<void> {
    const nonce = this.nonce();
    const result = await this.store.commit(this.namespace, {
      base: this.sequence,
      baseNonce: this.baseNonce,
      nonce,
      meta: encoder.encode(JSON.stringify(meta)),
      records: changes.records,
      timersSet: changes.timersSet ?? [],
      timersCleared: changes.timersCleared ?? [],
    });
    if (!result.ok) throw new FencedError(this.namespace);
    this.sequence++;
    this.baseNonce = nonce;
  }
}

/** What the newest checkpoint of a consumer says, whoever it is; undefined before the first. */
export async function checkpointOf<Meta>(
  store: Pick<StateStore, 'checkpoint'>,
  namespace: string,
): Promise<Meta | undefined> {
  const stored = await store.checkpoint(namespace);
  return stored === undefined ? undefined : decodeJson<Meta>(stored.meta);
}

export const NO_CHANGES: Changes = { records: new Map() };

/** Labelled instants at which tests end the process; elsewhere they do nothing. */
export type CrashPoint =
  | 'after-append'
  | 'after-output'
  | 'before-checkpoint'
  | 'after-checkpoint'
  | 'before-send'
  | 'after-send'
  | 'before-insert'
  | 'after-insert'
  | 'before-announce'
  | 'after-announce'
  | 'before-release'
  | 'after-release';
export type Probe = (point: CrashPoint) => void;

/** Encodes a record of an internal log. */
export function encodeJson(record: unknown): Uint8Array {
  return encodeText(JSON.stringify(record));
}

/** Encodes a record of an internal log that is JSON already. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes a record of an internal log, which only this program writes. */
export function decodeJson<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}
