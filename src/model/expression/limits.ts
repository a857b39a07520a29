// The limits of expressions: what a rule may ask of the machine.

/** UTF-16 units of source. */
export const MAX_SOURCE_LENGTH = 4096;
/** Nesting of operators and calls, brackets left out; a chain `a || b || c` nests once a link. */
export const MAX_DEPTH = 100;
export const MAX_NODES = 1000;
/** Elements of a list, written or found in data. */
export const MAX_LIST_LENGTH = 1000;
/** UTF-16 units of a text that an expression makes. */
export const MAX_TEXT_LENGTH = 65_536;
/** Nesting of data that is compared. */
export const MAX_DATA_DEPTH = 32;
/** A macro in a macro, no deeper. */
export const MAX_MACRO_DEPTH = 2;
/** UTF-16 units of a regular expression. */
export const MAX_PATTERN_LENGTH = 256;
/** Instructions of a compiled regular expression. */
export const MAX_PATTERN_SIZE = 2000;
/** Steps, each about 5 ns, that one run may spend on the length of texts and lists. */
export const MAX_DATA_STEPS = 20_000_000;
/** Steps of the worst case, each about 5 ns, the length of texts and lists left out. */
export const MAX_COST = 20_000_000;
