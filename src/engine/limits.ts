// The engine's limits and horizons; every one of them is visible when it is reached.

/** Events of a part of a key's state that is stored by itself; a key with fewer is one record. */
export const PART_EVENTS = 32;
/** The same for a key whose events are rows, which take less of everything, and would be objects in parts. */
export const PART_ROWS = 128;
/** Entries that one exact window holds. */
export const WINDOW_ENTRIES_MAX = 10_000;
/**
 * Events that a window remembers while its history is being read; the oldest ones beyond that are lost to it, and its
 * figure is an error until they would have left.
 */
export const PRIMING_ENTRIES_MAX = 100_000;
/** Values that the panes of one window hold: entries, different values, or registers of sketches in eights. */
export const PANED_VALUES_MAX = 100_000;
/** How long after an edge of panes a key may be woken. */
export const WAKE_UP_SPREAD_MAX_MS = 300_000;
/**
 * Magnitudes of numbers in a window: larger ones are errors, smaller ones count as 0. Between them the products of
 * 10,000 numbers with each other or with a time are exact. Data never comes near, what expressions make of data can.
 */
export const WINDOW_NUMBER_MAX = 1e140;
export const WINDOW_NUMBER_MIN = 1e-140;
/** Registrations and credit changes that one key keeps apart; older ones are folded together. */
export const PROFILE_ENTRIES_MAX = 200;
/** Devices that hear of the profile of one owner. */
export const DEVICES_MAX = 10_000;
/** Event ids in a transition's evidence. */
export const CONTRIBUTIONS_MAX = 1_000;
/** Panes of one indicator in a transition's evidence, the latest ones. */
export const PANES_SHOWN_MAX = 100;
/** How long ids are remembered after arrival. */
export const IDS_KEPT_MS = 35 * 86_400_000;
/** How long ids of live readings are remembered: later ones are refused by their age (one hour, and the skew). */
export const READING_IDS_KEPT_MS = 3_600_000 + 300_000;
/** How many whole days after that of their arrival backfilled readings are remembered. */
export const READING_KEPT_DAYS = 35;
/** Keys of one model beyond which the operators are told, where nothing else is configured. */
export const MODEL_KEYS_EXPECTED = 1_000_000;
/** Spans without listening that are remembered for absences. */
export const GAPS_MAX = 1_000;
/** A level that is unknown for so long becomes an operator alert. */
export const UNKNOWN_ALERT_MS = 3_600_000;
/** At most one error alert per model and indicator in this span. */
export const ERROR_ALERT_MS = 3_600_000;
