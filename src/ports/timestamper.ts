// Who says when something existed: a time-stamping authority, which sees a digest and nothing of what it stands for.

export interface Timestamper {
  /**
   * Asks for a time-stamp token over a SHA-256.
   * @param digest 32 bytes
   * @returns the token, DER (RFC 3161)
   * Rejects where none is had, with what is to be done.
   */
  stamp(digest: Uint8Array): Promise<Uint8Array>;
}
