// How compressed bytes become clear ones, within a bound.

export type Compression = 'gzip' | 'snappy' | 'lz4' | 'zstd';

/**
 * Resolves with the clear bytes.
 * Rejects with a `CodedError`: COMPRESSION_DAMAGED where they are not of that compression, COMPRESSION_TOO_LARGE where the
 * clear ones are over the bound, before much more memory than that is taken.
 */
export type Decompress = (
  compression: Compression,
  bytes: Uint8Array,
  maxBytes: number,
) => Promise<Uint8Array>;
