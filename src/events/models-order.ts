// Other rules that people bring in while the program runs: what is sent to do so.
import { z } from 'zod';

/** Bounds of a set that comes over the wire; the library that comes with the program is a tenth of it. */
export const MODELS_ORDER_LIMITS = {
  files: 2_000,
  fileCharacters: 1024 * 1024,
  noteCharacters: 500,
} as const;

/**
 * Names of files by which a set is kept: no part of a path begins with a dot, so none leads out of a folder, wherever
 * somebody should write them one day.
 */
const RULE_PATH = /^[a-z0-9][a-z0-9._-]{0,99}(\/[a-z0-9][a-z0-9._-]{0,99}){0,7}\.yaml$/;
/** How a former revision is named: by the beginning of its hash. */
export const REVISION_PREFIX = /^[0-9a-f]{4,16}$/;

const because = z
  .string()
  .trim()
  .min(1, 'must say something')
  .max(MODELS_ORDER_LIMITS.noteCharacters, `at most ${MODELS_ORDER_LIMITS.noteCharacters} characters`)
  .regex(/^[^\p{Cc}]*$/u, 'must be one line')
  .optional()
  .describe('why, for the record');

const files = z
  .record(
    z.string().regex(RULE_PATH, 'must be a path such as food/repeat-complaints.yaml'),
    z.string().max(MODELS_ORDER_LIMITS.fileCharacters, 'a file of over a million characters'),
  )
  .refine(
    (given) => Object.keys(given).length <= MODELS_ORDER_LIMITS.files,
    `at most ${MODELS_ORDER_LIMITS.files} files`,
  );

/** A whole set of rules by its files, or a former one by the beginning of its hash. */
export const MODELS_ORDER_SCHEMA = z.union([
  z.strictObject({ files: files.describe('texts by path, models and catalogue'), because }),
  z.strictObject({ revision: z.string().regex(REVISION_PREFIX, 'must be 4 to 16 hex digits'), because }),
]);
export type ModelsOrder = z.output<typeof MODELS_ORDER_SCHEMA>;
