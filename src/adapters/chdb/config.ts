// What the embedded warehouse can be told.
import { z } from 'zod';

export const CHDB_SCHEMA = z.strictObject({
  /** The data directory. One process at a time can hold it. */
  path: z.string().min(1).max(4_096),
  /** The one folder into which BACKUP may write and from which RESTORE may read; without it neither is allowed. */
  copies: z.string().min(1).max(4_096).optional(),
  /** The package with the engine. */
  library: z.string().min(1).default('chdb'),
  /** How long a start waits for the lock that a dying predecessor still holds. */
  lockWaitMs: z.int().min(0).max(600_000).default(30_000),
  /** How long loading the engine and the tables may take beyond that. */
  startTimeoutMs: z.int().min(1_000).max(600_000).default(60_000),
  /** Pauses before restarts double from 100 ms up to this. */
  backoffLimitMs: z.int().min(100).max(600_000).default(30_000),
});

export type ChdbInput = z.input<typeof CHDB_SCHEMA>;
export type ChdbSettings = z.output<typeof CHDB_SCHEMA>;
