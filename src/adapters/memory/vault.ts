// Clear values in a map; the process is their only holder, so forgetting one erases it.
import { checkClearValues } from '../../events/store-limits.js';
import type { SetAside, SharedVault } from '../../ports/vault.js';

export class MemoryVault implements SharedVault {
  readonly #values = new Map<string, string>();
  readonly #aside = new Map<string, { readonly by: string; readonly value: string }>();
  #erasures = 0;

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
    this.#aside.delete(pseudonym);
    this.#erasures++;
  }

  async erasures(): Promise<number> {
    return this.#erasures;
  }

  async setAside(pseudonyms: readonly string[], by: string): Promise<SetAside> {
    const moved: string[] = [];
    const absent: string[] = [];
    for (const pseudonym of pseudonyms) {
      const value = this.#values.get(pseudonym);
      if (this.#aside.has(pseudonym)) continue;
      if (value === undefined) absent.push(pseudonym);
      else {
        this.#aside.set(pseudonym, { by, value });
        this.#values.delete(pseudonym);
        moved.push(pseudonym);
      }
    }
    this.#erasures++;
    return { moved, absent };
  }

  async aside(): Promise<string[]> {
    return [...this.#aside.keys()];
  }

  async putBack(pseudonyms: readonly string[], by: string | null): Promise<void> {
    for (const pseudonym of pseudonyms) {
      const held = this.#aside.get(pseudonym);
      if (held === undefined || (by !== null && held.by !== by)) continue;
      if (!this.#values.has(pseudonym)) this.#values.set(pseudonym, held.value);
      this.#aside.delete(pseudonym);
    }
  }

  async drop(pseudonyms: readonly string[], by: string): Promise<string[]> {
    const dropped = pseudonyms.filter((pseudonym) => this.#aside.get(pseudonym)?.by === by);
    for (const pseudonym of dropped) this.#aside.delete(pseudonym);
    return dropped;
  }
}
