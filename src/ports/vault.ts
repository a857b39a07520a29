// Clear personal values, encrypted with a key per person, outside log, archive and evidence.

export interface Vault {
  /** Keeps the clear value behind a pseudonym; the same pair twice is kept once. Durable once it resolves. */
  keep(entries: readonly { readonly pseudonym: string; readonly value: string }[]): Promise<void>;
  /** The clear value, or undefined where it was never kept or was erased. */
  reveal(pseudonym: string): Promise<string | undefined>;
  /** Erases a person by deleting the key; the ciphertext left behind can never be read again. */
  erase(pseudonym: string): Promise<void>;
}

/**
 * A vault that several processes fill. Values can be taken out of it and put back, and whoever keeps some can tell whether
 * any were taken out since.
 */
export interface SharedVault extends Vault {
  /** How often values were erased or set aside: while it is the same, what was kept before is still there. */
  erasures(): Promise<number>;
  /**
   * Takes values out: nobody is told them any more, and `keep` keeps them anew. `erase` erases them here as well. What
   * another has set aside is left as it is, and is neither moved nor absent.
   * @param by a name without a colon: who may put them back or drop them
   */
  setAside(pseudonyms: readonly string[], by: string): Promise<SetAside>;
  /** The names of all that are set aside. */
  aside(): Promise<string[]>;
  /**
   * Brings back what was set aside, but for those that were kept anew since.
   * @param by who set them aside; null for whoever it was
   */
  putBack(pseudonyms: readonly string[], by: string | null): Promise<void>;
  /** Erases what was set aside, and nothing that was kept anew since. @returns those that were there */
  drop(pseudonyms: readonly string[], by: string): Promise<string[]>;
}

/** What became of some names. */
export interface SetAside {
  readonly moved: readonly string[];
  /** Those behind which nothing was kept, and nothing lay aside. */
  readonly absent: readonly string[];
}
