// Hand-over: takes seals to one holder outside, in order and until it has them, and tells the operators where it fails.
import { CODES } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';
import type { SignedSeal } from '../evidence/seal.js';
import type { Logs } from '../ports/log.js';
import type { HandedSeal, SealHolder } from '../ports/seal-holder.js';
import type { StateStore } from '../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson, NO_CHANGES } from './checkpoint.js';

export interface HandOverOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly holder: SealHolder;
  readonly nonce: () => string;
}

/** Before the names of holders. */
export const HAND_OVER_PREFIX = 'hand-over/';

/** What the checkpoint of a holder says. */
export interface HandOverMeta {
  /** The number of the next seal that the holder is to get. */
  readonly next: number;
  /** How often it began to fail. */
  readonly outages: number;
  /** It does not take the next seal; the operators know. */
  readonly failing: boolean;
}

/** Thrown when a holder does not take its seals. */
export class SealNotTaken extends CodedError {
  /** @param retryAfterMs how long the holder asks to be left alone */
  constructor(
    detail: string,
    readonly retryAfterMs: number,
  ) {
    super('SEAL_NOT_HANDED_OVER', detail);
  }
}

export class HandOver {
  private readonly cursor: CheckpointCursor<HandOverMeta>;
  private meta: HandOverMeta = { next: 0, outages: 0, failing: false };

  constructor(private readonly options: HandOverOptions) {
    const namespace = HAND_OVER_PREFIX + options.holder.name;
    this.cursor = new CheckpointCursor<HandOverMeta>(options.state, namespace, options.nonce);
  }

  get holder(): string {
    return this.options.holder.name;
  }

  /** Seals below this number are with the holder. */
  get position(): number {
    return this.meta.next;
  }

  /** Whether the holder did not take the last that it was handed. */
  get failing(): boolean {
    return this.meta.failing;
  }

  async open(): Promise<void> {
    this.meta = (await this.cursor.load()) ?? this.meta;
  }

  /**
   * Hands over one batch.
   * @returns its size
   * @throws SealNotTaken where the holder does not take it; the batch stays, to be tried again
   */
  async run(): Promise<number> {
    const { logs, holder } = this.options;
    const stored = await logs.seals.read(0, this.meta.next, holder.atOnce);
    if (stored.length === 0) return 0;
    const seals = stored.map(({ value }) => handed(decodeJson<SignedSeal>(value)));
    const result = await holder.take(seals);
    if (!result.ok) {
      const detail = `Holder ${holder.name}, seal ${this.meta.next}: ${result.reason}`;
      if (!this.meta.failing) await this.alert(detail, decodeJson<SignedSeal>(stored[0]!.value).seal.time);
      throw new SealNotTaken(detail, result.retryAfterMs ?? 0);
    }
    await this.commit({ ...this.meta, next: this.meta.next + stored.length, failing: false });
    return stored.length;
  }

  /** One alert for an outage, however often it is tried again. */
  private async alert(detail: string, clock: number): Promise<void> {
    const outages = this.meta.outages + 1;
    const origin = { source: this.cursor.namespace, offset: outages, ordinal: 0 };
    const message = `${CODES.SEAL_NOT_HANDED_OVER} ${detail}`;
    const code = 'SEAL_NOT_HANDED_OVER';
    const alert = { kind: 'operator', code, clock, model: null, key: null, message, count: 1 };
    await this.options.logs.operator.append(0, [encodeJson({ origin, alert })]);
    await this.commit({ ...this.meta, outages, failing: true });
  }

  private async commit(meta: HandOverMeta): Promise<void> {
    await this.cursor.commit(meta, NO_CHANGES);
    this.meta = meta;
  }
}

function handed(signed: SignedSeal): HandedSeal {
  return { number: signed.seal.number, id: signed.id, line: JSON.stringify(signed) };
}
