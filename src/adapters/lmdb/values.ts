// Small named values in a table of the environment.
import { STORE_LIMITS, checkName, checkValues } from '../../events/store-limits.js';
import type { NamedValues } from '../../ports/values.js';
import type { Table, Writer } from './writer.js';

export class LmdbValues implements NamedValues {
  readonly #table: Table;
  readonly #writer: Writer;
  /** The last `putOnce`: a plan does not see the drafts of its own transaction, so they run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(table: Table, writer: Writer) {
    this.#table = table;
    this.#writer = writer;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.#writer.checkOpen();
    return this.#table.getBinary(keyOf(name));
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    checkValues([value]);
    const [key, copy] = [keyOf(name), Buffer.from(value)];
    await this.#writer.submit(copy.byteLength, (draft) => draft.put(this.#table, key, copy));
  }

  async putOnce(name: string, value: Uint8Array): Promise<Uint8Array> {
    checkValues([value]);
    const [key, copy] = [keyOf(name), Buffer.from(value)];
    const kept = this.#last.then(() =>
      this.#writer.submit(copy.byteLength, (draft) => {
        const found = this.#table.getBinary(key);
        if (found !== undefined) return Buffer.from(found);
        draft.put(this.#table, key, copy);
        return copy;
      }),
    );
    this.#last = kept.catch(() => undefined);
    return kept;
  }
}

function keyOf(name: string): Buffer {
  checkName('name', name, STORE_LIMITS.namespaceBytes);
  return Buffer.from(name);
}
