// How every vault encrypts: clear values with AES-256-GCM, each person's with a random key that the master key wraps.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { CodedError } from '../../events/coded-error.js';
import { VAULT_LIMITS } from '../../events/store-limits.js';

const KEY_BYTES = VAULT_LIMITS.keyBytes;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Of the wrapped key of a person. */
export const WRAPPED_KEY_BYTES = NONCE_BYTES + TAG_BYTES + KEY_BYTES;

/** A clear value at rest: without the key it is noise for good. */
export interface SealedValue {
  /** The person's key, encrypted with the master key: | nonce 12 | tag 16 | ciphertext 32 | */
  readonly key: Buffer;
  /** The value, encrypted with the person's key: | nonce 12 | tag 16 | ciphertext | */
  readonly value: Buffer;
}

/** The pseudonym is authenticated with key and value, so neither can be moved to another person. */
export class PersonKeys {
  readonly #masterKey: Buffer;
  /** Tells by comparison whether stored values were written with this master key, and nothing else about it. */
  readonly check: Buffer;

  /** @throws CodedError VAULT_KEY where the master key has not 32 bytes. */
  constructor(masterKey: Uint8Array) {
    if (masterKey.byteLength !== KEY_BYTES)
      throw new CodedError('VAULT_KEY', `It must have ${KEY_BYTES} bytes.`);
    this.#masterKey = Buffer.from(masterKey);
    this.check = createHmac('sha256', this.#masterKey).update('fenghuo vault').digest();
  }

  /** @throws CodedError VAULT_KEY where the stored check value is that of another master key. */
  verify(stored: Buffer): void {
    const same = stored.byteLength === this.check.byteLength && timingSafeEqual(stored, this.check);
    if (!same) throw new CodedError('VAULT_KEY');
  }

  /** Encrypts a value with a new random key. */
  seal(pseudonym: string, value: string): SealedValue {
    const key = randomBytes(KEY_BYTES);
    return {
      key: encrypt(this.#masterKey, key, pseudonym),
      value: encrypt(key, Buffer.from(value), pseudonym),
    };
  }

  /** The clear value. @throws CodedError VAULT_DAMAGED where key or value are not what was sealed for the pseudonym */
  open(pseudonym: string, { key, value }: SealedValue): string {
    return decrypt(decrypt(this.#masterKey, key, pseudonym), value, pseudonym).toString('utf8');
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

function decrypt(key: Buffer, sealed: Buffer, pseudonym: string): Buffer {
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(pseudonym));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
  } catch (error) {
    throw new CodedError('VAULT_DAMAGED', '', error);
  }
}
