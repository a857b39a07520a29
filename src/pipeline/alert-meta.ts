// What a checkpoint of the alert side says besides warnings and deadlines.
import type { SilencePlain } from '../alerts/silence.js';
import type { LevelCounts } from './alert-levels.js';
import type { Origins } from './origins.js';

export interface AlertMeta {
  readonly offset: number;
  /** Ordinal of the next output because of the record at `offset`; above 0 where what falls due by it is split over rounds. */
  readonly ordinal: number;
  /** The largest instant so far; null before the first. */
  readonly clock: number | null;
  readonly origins: Origins;
  /** Warnings whose level is not none. */
  readonly current: number;
  /** Of those, how many at each level; left out by former builds. */
  readonly levels?: LevelCounts;
  /** Sources that are silent. */
  readonly silence: SilencePlain;
  /** What was waited for and is gone, until all that waited for it has been looked at; null for none. */
  readonly release: Release | null;
  /** Warnings that departments have not been told of. */
  readonly withheld: number;
  /** The rules that the inbox named last; left out before it named any. */
  readonly revision?: string;
}

export interface Release {
  /** What nothing waits for any more: sources that speak again, silences that ended, red warnings that are none now. */
  readonly sources: readonly string[];
  readonly at: number;
  /** Offset in the inbox of the record that says so, and the ordinal of the next output because of it. */
  readonly offset: number;
  readonly ordinal: number;
}

export const START: AlertMeta = {
  offset: 0,
  ordinal: 0,
  clock: null,
  origins: {},
  current: 0,
  silence: {},
  release: null,
  withheld: 0,
};
