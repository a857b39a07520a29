// The transitions that stand, by the last of each chain: what is said before it is not said again, what follows links to it.
import type { Origin, WarningRecord } from '../../alerts/inbox.js';
import { isAfter } from '../../alerts/inbox.js';
import type { Transition } from '../../engine/output.js';
import { saltOf } from '../../evidence/blinding.js';
import type { ChainHead } from '../../evidence/chain.js';
import { canonicalForm } from '../../evidence/canonical-form.js';
import type { Hashing } from '../../evidence/hashing.js';
import { CodedError } from '../../events/coded-error.js';
import { chainOf } from '../origins.js';
import type { Standing } from '../outputs.js';

type Last = Pick<WarningRecord, 'origin' | 'link' | 'transition'>;

export class StandingTransitions implements Standing {
  readonly #last = new Map<string, Last>();

  /** Hears of a transition of the log, each source in its order. */
  hear({ origin, link, transition }: WarningRecord): void {
    this.#last.set(origin.source, { origin, link, transition });
  }

  /**
   * What is below the last of its chain was frozen when it was first said: the evidence that stands is the evidence.
   * @throws CodedError REBUILD_DIFFERS where the last that stands is not what the step says
   */
  headAfter(origin: Origin, transition: Transition, head: ChainHead): ChainHead | null {
    const last = this.#last.get(origin.source);
    if (last === undefined) return null;
    if (isAfter(last.origin, origin)) return head;
    if (isAfter(origin, last.origin)) {
      if (head.sequence >= last.link.sequence) return null;
      throw differs(last.origin, 'it is not said again');
    }
    if (canonicalForm(transition) !== canonicalForm(last.transition))
      throw differs(last.origin, 'something else is said');
    return { sequence: last.link.sequence, hash: last.link.hash };
  }

  /**
   * Asserts that a chain has come to what stands, once everything below it was stepped again.
   * @throws CodedError REBUILD_DIFFERS
   */
  check(chain: string, head: ChainHead): void {
    for (const { origin, link } of this.#last.values()) {
      if (chainOf(origin) === chain && head.sequence < link.sequence)
        throw differs(origin, 'it is not said again');
    }
  }

  /** Whether the evidence that stands was salted with this key; true where none stands. */
  isSaltedWith(evidenceKey: Uint8Array, hashing?: Hashing): boolean {
    return [...this.#last.values()].every(
      ({ origin, link }) => saltOf(evidenceKey, chainOf(origin), link.sequence, hashing) === link.salt,
    );
  }
}

function differs({ source, offset, ordinal }: Origin, what: string): CodedError {
  return new CodedError('REBUILD_DIFFERS', `Of ${source}, record ${offset}, output ${ordinal}: ${what}.`);
}
