// When the newest back-up of a data folder was taken that came to its end: kept in the folder, so that its age is known after a restart.
import { decodeJson, encodeJson } from '../pipeline/checkpoint.js';
import type { NamedValues } from '../ports/values.js';

const LAST_BACKUP = 'last-backup';

/** Notes a back-up that is whole. @param at when it was taken, epoch ms */
export async function noteBackup(values: NamedValues, at: number): Promise<void> {
  await values.put(LAST_BACKUP, encodeJson({ at }));
}

/** Epoch ms; null where there is none. */
export async function lastBackup(values: NamedValues): Promise<number | null> {
  const kept = await values.get(LAST_BACKUP);
  return kept === undefined ? null : decodeJson<{ readonly at: number }>(kept).at;
}
