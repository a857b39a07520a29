// How many warnings stand at each level, as the checkpoint of the alert side says it.
import { LEVELS, type WarningLevel } from '../model/model.js';
import type { StateStore } from '../ports/state.js';
import { ALERT_NAMESPACE, levelPrefix } from './alert-names.js';
import { namePages } from './stored-names.js';

/** Numbers of warnings by level; none at a level that is left out. */
export type LevelCounts = { readonly [level in WarningLevel]?: number };

export const WARNING_LEVELS = LEVELS.filter((level) => level !== 'none');
const PAGE = 1_000;

/** Counts them in the store, for a checkpoint of a former build says nothing of it. */
export async function countLevels(state: StateStore): Promise<LevelCounts> {
  const counts: { [level in WarningLevel]?: number } = {};
  for (const level of WARNING_LEVELS) {
    const pages = namePages(state, ALERT_NAMESPACE, levelPrefix(level), PAGE);
    for await (const names of pages) counts[level] = (counts[level] ?? 0) + names.length;
  }
  return counts;
}

/** The same as a map. */
export function levelsIn(counts: LevelCounts = {}): ReadonlyMap<WarningLevel, number> {
  return new Map(Object.entries(counts) as [WarningLevel, number][]);
}

/** The numbers after a change. @param more how many more stand at each level */
export function levelsAfter(counts: LevelCounts = {}, more: ReadonlyMap<WarningLevel, number>): LevelCounts {
  const after: { [level in WarningLevel]?: number } = { ...counts };
  for (const [level, change] of more) after[level] = (after[level] ?? 0) + change;
  return after;
}
