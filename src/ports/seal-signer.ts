// Who signs seals: a key in a file, or a device that never gives its key away.

export interface SealSigner {
  /** Ed25519 (RFC 8032), 32 bytes in hex. */
  readonly publicKey: string;
  /** The signature, 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
