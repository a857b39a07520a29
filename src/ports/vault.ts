// Clear personal values, encrypted with a key per person, outside log, archive and evidence.

export interface Vault {
  /** Keeps the clear value behind a pseudonym; the same pair twice is kept once. Durable once it resolves. */
  keep(entries: readonly { readonly pseudonym: string; readonly value: string }[]): Promise<void>;
  /** The clear value, or undefined where it was never kept or was erased. */
  reveal(pseudonym: string): Promise<string | undefined>;
  /** Erases a person by deleting the key; the ciphertext left behind can never be read again. */
  erase(pseudonym: string): Promise<void>;
}
