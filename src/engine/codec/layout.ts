// What the records of the present layout begin with.

export const VERSION = 4;

/** Flags of the header; those of the sections follow. */
export const PRIMED = 1;
export const NAMES = 2;
export const PARTS = 4;
export const FIRST_SECTION = 8;
