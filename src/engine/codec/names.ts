// What a record names by number: the windows and models of one plan, in its order.
import { murmur3 } from '../murmur3.js';

/**
 * Windows, by the identities of their indicators, and models of one kind of key under one set of rules. A record says
 * by a hash whose numbers it uses; the names that a hash stands for are kept in the store as long as the data, so that
 * other rules find what they have in common with those that wrote it.
 */
export interface RecordNames {
  /** MurmurHash3_x86_32 of the names. */
  readonly hash: number;
  readonly windows: readonly string[];
  readonly models: readonly string[];
}

/** Stands for no names: what holds neither windows nor models needs none. */
export const NO_NAMES = 0;

export function namesOf(windows: readonly string[], models: readonly string[]): RecordNames {
  const hash = murmur3(JSON.stringify([windows, models]), 0);
  return { hash: hash === NO_NAMES ? NO_NAMES + 1 : hash, windows, models };
}

/** Finds the names that a hash stands for; undefined where they are not known. */
export type NamesOf = (hash: number) => RecordNames | undefined;
