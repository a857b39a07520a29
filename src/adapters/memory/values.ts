// Small named values in a map.
import { STORE_LIMITS, checkName, checkValues } from '../../events/store-limits.js';
import type { NamedValues } from '../../ports/values.js';

export class MemoryValues implements NamedValues {
  readonly #values = new Map<string, Uint8Array>();

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.#values.get(name)?.slice();
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    check(name, value);
    this.#values.set(name, value.slice());
  }

  async putOnce(name: string, value: Uint8Array): Promise<Uint8Array> {
    check(name, value);
    const kept = this.#values.get(name) ?? value.slice();
    this.#values.set(name, kept);
    return kept.slice();
  }
}

function check(name: string, value: Uint8Array): void {
  checkName('name', name, STORE_LIMITS.namespaceBytes);
  checkValues([value]);
}
