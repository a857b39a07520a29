// Clear values in a map; the process is their only holder, so forgetting one erases it.
import { checkClearValues } from '../../events/store-limits.js';
import type { Vault } from '../../ports/vault.js';

export class MemoryVault implements Vault {
  readonly #values = new Map<string, string>();

  async keep(entries: readonly { readonly pseudonym: string; readonly value: string }[]): Promise<void> {
    checkClearValues(entries);
    for (const { pseudonym, value } of entries) {
      if (!this.#values.has(pseudonym)) this.#values.set(pseudonym, value);
    }
  }

  async reveal(pseudonym: string): Promise<string | undefined> {
    return this.#values.get(pseudonym);
  }

  async erase(pseudonym: string): Promise<void> {
    this.#values.delete(pseudonym);
  }
}
