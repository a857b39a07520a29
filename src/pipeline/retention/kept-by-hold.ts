// Which legal holds keep a clear value: those on subjects of which an event mentions it.
import { keyId } from '../../events/event.js';
import type { Vault } from '../../ports/vault.js';
import { originalPieces } from '../intake.js';
import type { Hold } from './holds.js';
import type { Mention, PersonalIndex } from './personal-index.js';

export class KeptByHold {
  constructor(
    private readonly index: PersonalIndex,
    private readonly vault: Vault,
  ) {}

  /** Those of some holds that keep a name of the vault. */
  async of(inForce: readonly Hold[], name: string, { length }: Mention): Promise<Hold[]> {
    if (inForce.length === 0) return [];
    return length === undefined
      ? this.ofPseudonym(inForce, name)
      : this.ofOriginal(inForce, { original: name, length });
  }

  async ofPseudonym(inForce: readonly Hold[], pseudonym: string): Promise<Hold[]> {
    const subjects = [...new Set(inForce.map(({ subject }) => subject))];
    const of = new Set(await this.index.subjectsOf(pseudonym, subjects));
    return inForce.filter(({ subject }) => of.has(subject));
  }

  /** What was refused has no key: it is held where its text names the subject. */
  private async ofOriginal(
    inForce: readonly Hold[],
    letter: { readonly original: string; readonly length: number },
  ): Promise<Hold[]> {
    let text = '';
    try {
      for await (const piece of originalPieces(this.vault, letter)) text += piece;
    } catch {
      // Erased before: nothing is left to be held.
      return [];
    }
    return inForce.filter(({ subject }) => text.includes(keyId(subject)));
  }
}
