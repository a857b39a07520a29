// Clear values encrypted with AES-256-GCM, each person's with a random key that the master key wraps.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { CodedError } from '../../events/coded-error.js';
import { VAULT_LIMITS, checkClearValues, checkName } from '../../events/store-limits.js';
import type { Vault } from '../../ports/vault.js';
import { SLOT_BYTES, type KeySlots } from './key-slots.js';
import type { Table, Writer } from './writer.js';

const KEY_BYTES = VAULT_LIMITS.keyBytes;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Name of the check value in the table of small named values. */
export const KEY_CHECK = Buffer.from('vault-key-check');

type Entry = { readonly pseudonym: string; readonly value: string };

/**
 * Entry of the vault; its key is the pseudonym, which is also authenticated:
 *
 *   | slot u48 | nonce 12 | tag 16 | ciphertext |
 *
 * Slot of the key file, of 64 bytes:
 *
 *   | 1 u8 | 0 u24 | nonce 12 | tag 16 | key of the person, encrypted with the master key, 32 |
 */
export class LmdbVault implements Vault {
  readonly #table: Table;
  readonly #meta: Table;
  readonly #slots: KeySlots;
  readonly #writer: Writer;
  readonly #masterKey: Buffer;
  #checked = false;

  /** @throws CodedError VAULT_KEY where the master key has not 32 bytes. */
  constructor(table: Table, meta: Table, slots: KeySlots, writer: Writer, masterKey: Uint8Array) {
    if (masterKey.byteLength !== KEY_BYTES)
      throw new CodedError('VAULT_KEY', `It must have ${KEY_BYTES} bytes.`);
    this.#table = table;
    this.#meta = meta;
    this.#slots = slots;
    this.#writer = writer;
    this.#masterKey = Buffer.from(masterKey);
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
    const name = Buffer.from(pseudonym);
    const key = decrypt(this.#masterKey, found.content.subarray(4), name);
    return decrypt(key, found.entry.subarray(6), name).toString('utf8');
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
    const keys = fresh.map(() => randomBytes(KEY_BYTES));
    const wrapped = fresh.map(({ pseudonym }, index) => {
      const slot = Buffer.concat([
        Buffer.from([1, 0, 0, 0]),
        encrypt(this.#masterKey, keys[index]!, pseudonym),
      ]);
      if (slot.byteLength !== SLOT_BYTES) throw new RangeError('A slot of the key file has 64 bytes.');
      return slot;
    });
    const first = await this.#slots.append(wrapped);
    const sealed = fresh.map(({ pseudonym, value }, index) => {
      const slot = Buffer.alloc(6);
      slot.writeUIntBE(first + index, 0, 6);
      return Buffer.concat([slot, encrypt(keys[index]!, Buffer.from(value), pseudonym)]);
    });
    const bytes = sealed.reduce((sum, entry) => sum + entry.byteLength, 0);
    await this.#writer.submit(bytes, (draft) => {
      fresh.forEach(({ pseudonym }, index) => draft.put(this.#table, Buffer.from(pseudonym), sealed[index]!));
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
    const check = createHmac('sha256', this.#masterKey).update('fenghuo vault').digest();
    const refused = await this.#writer.submit(check.byteLength, (draft) => {
      const stored = this.#meta.getBinary(KEY_CHECK);
      if (stored === undefined) draft.put(this.#meta, KEY_CHECK, check);
      return stored !== undefined && !timingSafeEqual(stored, check);
    });
    if (refused) throw new CodedError('VAULT_KEY');
    this.#checked = true;
  }
}

/** | nonce | tag | ciphertext | */
function encrypt(key: Buffer, clear: Buffer, pseudonym: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(pseudonym));
  const body = Buffer.concat([cipher.update(clear), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer, pseudonym: Buffer): Buffer {
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(pseudonym);
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
  } catch (error) {
    throw new CodedError('VAULT_DAMAGED', '', error);
  }
}
