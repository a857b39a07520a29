// What the paths of rules answer.
import { z } from 'zod';

const revision = z.string().regex(/^[0-9a-f]{16}$/);
const instant = z.iso.datetime();
const changed = z.array(
  z.strictObject({
    name: z.string(),
    change: z.enum(['new', 'changed', 'removed']),
    hash: revision.nullable().describe('of its content; null where it was removed'),
    former: revision.nullable().describe('of its content before; null where it is new'),
  }),
);

/** Which rules run, and how they came. */
export const MODELS = z.strictObject({
  running: revision,
  announced: revision.describe('the same, or what comes into force next'),
  at: instant.nullable().describe('from when what was announced is in force, where that is not long ago'),
  waiting: z.boolean().describe('whether another change waits to be announced'),
  unprimed: z.int().describe('partitions whose new indicators wait for their history'),
  changes: z
    .array(
      z.strictObject({
        number: z.int(),
        revision,
        former: revision.nullable(),
        by: z.string().describe('the account of a token, @local, or os: and a user of the machine'),
        note: z.string().nullable(),
        way: z.enum(['start', 'folder', 'apply', 'rollback']),
        asked: instant,
        at: instant.nullable().describe('from when it was in force; null where it was not announced'),
        models: changed,
        catalogue: changed,
      }),
    )
    .describe('oldest first'),
});

export const MODELS_CHANGED = z.strictObject({
  outcome: z.enum(['announced', 'asked', 'known']),
  revision,
  at: instant.optional().describe('from when it is in force'),
});
