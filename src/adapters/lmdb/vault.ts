// The vault of the embedded mode: values in a table, the persons' keys in a file of slots beside it.
import { VAULT_LIMITS, checkClearValues, checkName } from '../../events/store-limits.js';
import type { Vault } from '../../ports/vault.js';
import { PersonKeys, WRAPPED_KEY_BYTES } from '../person-keys/person-keys.js';
import { SLOT_BYTES, type KeySlots } from './key-slots.js';
import type { Table, Writer } from './writer.js';

/** Before the wrapped key in its slot. */
const SLOT_HEAD = Buffer.from([1, 0, 0, 0]);
/** Name of the check value in the table of small named values. */
export const KEY_CHECK = Buffer.from('vault-key-check');

type Entry = { readonly pseudonym: string; readonly value: string };

/**
 * Entry of the vault; its key is the pseudonym:
 *
 *   | slot u48 | encrypted value |
 *
 * Slot of the key file, of 64 bytes:
 *
 *   | 1 u8 | 0 u24 | wrapped key of the person 60 |
 */
export class LmdbVault implements Vault {
  readonly #table: Table;
  readonly #meta: Table;
  readonly #slots: KeySlots;
  readonly #writer: Writer;
  readonly #keys: PersonKeys;
  #checked = false;

  /** @throws CodedError VAULT_KEY where the master key has not 32 bytes. */
  constructor(table: Table, meta: Table, slots: KeySlots, writer: Writer, masterKey: Uint8Array) {
    this.#table = table;
    this.#meta = meta;
    this.#slots = slots;
    this.#writer = writer;
    this.#keys = new PersonKeys(masterKey);
  }

  async keep(entries: readonly Entry[]): Promise<void> {
    checkClearValues(entries);
    const values = new Map<string, string>();
    for (const { pseudonym, value } of entries) if (!values.has(pseudonym)) values.set(pseudonym, value);
    await this.#slots.exclusively(async () => {
      await this.#checkKey();
      const fresh: Entry[] = [];
      for (const [pseudonym, value] of values) {
        if ((await this.#slotOf(pseudonym))?.content === undefined) fresh.push({ pseudonym, value });
      }
      if (fresh.length > 0) await this.#keepFresh(fresh);
    });
  }

  async reveal(pseudonym: string): Promise<string | undefined> {
    checkName('pseudonym', pseudonym, VAULT_LIMITS.pseudonymBytes);
    await this.#checkKey();
    const found = await this.#slotOf(pseudonym);
    if (found?.content === undefined) return undefined;
    const [key, value] = [found.content.subarray(SLOT_HEAD.byteLength), found.entry.subarray(6)];
    return this.#keys.open(pseudonym, { key, value });
  }

  async erase(pseudonym: string): Promise<void> {
    checkName('pseudonym', pseudonym, VAULT_LIMITS.pseudonymBytes);
    await this.#slots.exclusively(async () => {
      const found = await this.#slotOf(pseudonym);
      if (found === undefined) return;
      // The key goes first: after a crash between the two the entry is there and can never be read.
      await this.#slots.erase(found.slot);
      await this.#writer.submit(0, (draft) => draft.remove(this.#table, Buffer.from(pseudonym)));
    });
  }

  async #keepFresh(fresh: readonly Entry[]): Promise<void> {
    if (SLOT_HEAD.byteLength + WRAPPED_KEY_BYTES !== SLOT_BYTES)
      throw new RangeError('A slot of the key file has 64 bytes.');
    const sealed = fresh.map(({ pseudonym, value }) => this.#keys.seal(pseudonym, value));
    const first = await this.#slots.append(sealed.map(({ key }) => Buffer.concat([SLOT_HEAD, key])));
    const kept = sealed.map(({ value }, index) => {
      const slot = Buffer.alloc(6);
      slot.writeUIntBE(first + index, 0, 6);
      return Buffer.concat([slot, value]);
    });
    const bytes = kept.reduce((sum, entry) => sum + entry.byteLength, 0);
    await this.#writer.submit(bytes, (draft) => {
      fresh.forEach(({ pseudonym }, index) => draft.put(this.#table, Buffer.from(pseudonym), kept[index]!));
    });
  }

  async #slotOf(
    pseudonym: string,
  ): Promise<{ slot: number; entry: Buffer; content: Buffer | undefined } | undefined> {
    this.#writer.checkOpen();
    const stored = this.#table.getBinary(Buffer.from(pseudonym));
    if (stored === undefined) return undefined;
    const entry = Buffer.from(stored);
    const slot = entry.readUIntBE(0, 6);
    return { slot, entry, content: await this.#slots.read(slot) };
  }

  /** The first use writes a check value, so that another key is refused before anything is written with it. */
  async #checkKey(): Promise<void> {
    if (this.#checked) return;
    const { check } = this.#keys;
    const stored = await this.#writer.submit(check.byteLength, (draft) => {
      const found = this.#meta.getBinary(KEY_CHECK);
      if (found === undefined) draft.put(this.#meta, KEY_CHECK, check);
      return found === undefined ? check : Buffer.from(found);
    });
    this.#keys.verify(stored);
    this.#checked = true;
  }
}
