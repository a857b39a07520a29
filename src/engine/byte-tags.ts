// How values are told apart in bytes.

/**
 * Tags of a value. Whole numbers of either sign, those of tenths and of hundredths, and lists and objects have tags of
 * their own; a text that was told before in the same bytes is named by its place. Tags from `small` on are the whole
 * numbers from 0 on.
 */
export const TAG = {
  null: 0,
  false: 1,
  true: 2,
  whole: 3,
  double: 4,
  string: 5,
  json: 6,
  error: 7,
  negative: 8,
  tenths: 9,
  hundredths: 10,
  list: 11,
  object: 12,
  again: 13,
  small: 16,
} as const;
/** The largest whole number that is a tag itself. */
export const SMALL_MAX = 0xff - TAG.small;

/** So many texts of values are remembered, to be named again. */
export const TEXTS_MAX = 16;
/** Numbers up to here can be doubled, and counted in hundredths, without loss. */
export const SIGNED_MAX = 2 ** 51;
