// The manifest of a back-up: which build made it, how far its logs reach, and the SHA-256 of every file.
import { z } from 'zod';
import { CodedError } from '../../events/coded-error.js';

/** Raised where an older build could not restore what a newer one writes. */
export const BACKUP_FORMAT = 2;

export const MANIFEST_FILE = 'manifest.json';
/** The digest of the manifest, in the form that `sha256sum -c` reads. */
export const DIGEST_FILE = 'manifest.sha256';

export const BACKUP_LIMITS = { files: 1_000_000, manifestBytes: 512 * 1024 * 1024, pathLength: 512 } as const;

const whole = z.int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** One segment of a path; one that is nothing but dots would lead elsewhere. */
const SEGMENT = /^(?!\.+$)[A-Za-z0-9_%.@+=,~-]{1,255}$/;

/** The only places of a back-up that have files; each is the same place in a data folder, but for `warehouse`. */
const PLACES = [
  /^lmdb\/(data\.mdb|vault-keys)$/,
  /^inbox\/[a-z0-9-]{1,64}\.ndjson$/,
  /^(seal\.key|vault\.key|tokens\.json)$/,
  /^warehouse\/./,
];

const path = z
  .string()
  .max(BACKUP_LIMITS.pathLength)
  .refine((text) => text.split('/').every((part) => SEGMENT.test(part)), 'a path within the back-up')
  .refine((text) => PLACES.some((place) => place.test(text)), 'a file of a data folder');

const FILE = z.strictObject({ path, bytes: whole, sha256: digest });

const MANIFEST = z
  .strictObject({
    format: z.literal([1, BACKUP_FORMAT]),
    /** RFC 3339. */
    made: z.iso.datetime({ offset: true }),
    /** Version of the program. */
    program: z.string().max(64),
    /** Where each log ends in the copy. */
    logs: z.record(z.string().max(64), whole),
    /** Offset by log and partition below which everything is in the warehouse. */
    archived: z.record(z.string().max(64), whole),
    /** Rows by table, and what rollups add up to since format 2; null where the warehouse was left out. */
    warehouse: z
      .strictObject({
        rows: z.record(z.string().max(64), whole),
        sums: z.record(z.string().max(64), z.int()).optional(),
      })
      .nullable(),
    files: z.array(FILE).max(BACKUP_LIMITS.files),
  })
  .refine(({ files }) => new Set(files.map((file) => file.path)).size === files.length, 'each file once')
  .refine(({ files }) => files.some((file) => file.path === 'lmdb/data.mdb'), 'lmdb/data.mdb is among them');

export type Manifest = z.output<typeof MANIFEST>;
export type BackupFile = z.output<typeof FILE>;

/** @throws CodedError BACKUP_NEWER, BACKUP_MANIFEST */
export function parseManifest(text: string): Manifest {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new CodedError('BACKUP_MANIFEST', `${MANIFEST_FILE} is not JSON.`, error);
  }
  const format = (given as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > BACKUP_FORMAT)
    throw new CodedError('BACKUP_NEWER', `Its format is ${format}; this build knows ${BACKUP_FORMAT}.`);
  const parsed = MANIFEST.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CodedError('BACKUP_MANIFEST', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}
