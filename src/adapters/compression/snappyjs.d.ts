// The part of this package that is used; it comes without types.
declare module 'snappyjs' {
  /** Throws where the bytes are not Snappy, or where they say that they hold more than `maxLength`. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
}
