// What a stream's fields are to the model language: the static types that expressions are checked against.

/** The static types of the dialect. `timestamp` is seconds since the epoch and `duration` seconds, both doubles. */
export type FieldType =
  | { readonly type: 'string' | 'number' | 'bool' | 'timestamp' | 'duration' | 'dyn' }
  | { readonly type: 'list'; readonly element: FieldType }
  | { readonly type: 'object'; readonly fields: Fields };

/** One declared field. `optional` means that it may be absent or null. */
export interface Field {
  readonly type: FieldType;
  readonly optional: boolean;
  /** Replaced by a pseudonym before it is stored. */
  readonly personal?: boolean;
  /** Chinese and English, for docs and editors. */
  readonly description?: string;
}

export type Fields = { readonly [name: string]: Field };
