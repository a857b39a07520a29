// Declarative mappings: how the rows of somebody else's table become CloudEvents. This file is their shape.
import { z } from 'zod';
import { STREAMS } from '../../events/event.js';

const MAX_EXPRESSION_CHARACTERS = 2_000;
const MAX_PATTERNS = 8;
const MAX_MAP_ENTRIES = 5_000;
const MAX_FIELDS = 200;
const MAX_TEXT_CHARACTERS = 1_000;

const text = z.string().max(MAX_TEXT_CHARACTERS, `text of at most ${MAX_TEXT_CHARACTERS} characters`);
const name = text.min(1, 'text that is not empty');
const expression = z
  .string()
  .min(1, 'a CEL expression')
  .max(MAX_EXPRESSION_CHARACTERS, `a CEL expression of at most ${MAX_EXPRESSION_CHARACTERS} characters`);

const textOrList = (most: number) =>
  z.union([name, z.array(name).min(1).max(most)], `a text or a list of at most ${most} texts`);
const oneOf = <const V extends readonly [string, ...string[]]>(values: V) =>
  z.string().pipe(z.enum(values, `one of ${values.join(', ')}`));

export const VALUE_TYPES = ['string', 'number', 'integer', 'boolean', 'timestamp', 'deadline'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** What happens where there is no value, or none that the mapping knows. */
const otherwise = z.union(
  [z.enum(['omit', 'reject']), z.strictObject({ value: text })],
  'omit, reject or { value: ... }',
);
export type Otherwise = z.infer<typeof otherwise>;

/** Where one value comes from, and what is made of it: see infra/mappings/README.md. */
export const VALUE_SHAPE = z.strictObject({
  column: name.optional(),
  template: name.optional(),
  expr: expression.optional(),
  value: textOrList(100).optional(),
  absent: textOrList(100).optional(),
  emptyTo: otherwise.optional(),
  split: name.optional(),
  pattern: textOrList(MAX_PATTERNS).optional(),
  map: z
    .record(text, text)
    .refine((entries) => Object.keys(entries).length <= MAX_MAP_ENTRIES, `at most ${MAX_MAP_ENTRIES} entries`)
    .optional(),
  else: otherwise.optional(),
  distinct: oneOf(['true', 'false']).optional(),
  add: textOrList(100).optional(),
  type: oneOf(VALUE_TYPES).optional(),
  format: name.optional(),
  prefix: text.optional(),
});
export type ValueSpec = z.infer<typeof VALUE_SHAPE>;

const mappingName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9/_-]{0,63}$/, 'a name of small letters, digits, - _ /, up to 64 characters');
const fieldName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'a field name of small letters, digits and _, up to 64 characters');

const derivedName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'a name of small letters, digits and _, up to 64 characters');

/** Which columns of a row become events of their own, and under which names values read them. */
const UNPIVOT_SHAPE = z.strictObject({
  columns: z.union(
    [z.array(name).min(1).max(1_000), z.strictObject({ pattern: name })],
    'a list of at most 1000 columns, or { pattern: ... }',
  ),
  value: derivedName,
  name: derivedName.optional(),
  absent: textOrList(100).optional(),
});
export type UnpivotSpec = z.infer<typeof UNPIVOT_SHAPE>;

/** A mapping file as YAML gives it: every scalar is still a text. */
export const MAPPING_SHAPE = z.strictObject({
  mapping: mappingName,
  title: text.optional(),
  format: oneOf(['csv', 'json', 'ndjson']),
  encoding: text.default('utf-8'),
  delimiter: z.string().length(1, 'one character').default(','),
  columns: z.array(name).min(1).max(1_000).optional(),
  zone: text.default('Asia/Shanghai'),
  source: z.string().min(1, 'a URI reference').max(256, 'a URI reference of at most 256 characters'),
  stream: oneOf(STREAMS),
  skip: expression.optional(),
  unpivot: UNPIVOT_SHAPE.optional(),
  /** `row-hash` is replaced by a constant before the schema sees it. */
  id: VALUE_SHAPE,
  subject: VALUE_SHAPE.optional(),
  time: VALUE_SHAPE,
  recordedtime: VALUE_SHAPE.optional(),
  revokes: VALUE_SHAPE.optional(),
  amends: VALUE_SHAPE.optional(),
  backfill: oneOf(['true', 'false']).optional(),
  data: z
    .record(fieldName, VALUE_SHAPE)
    .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `at most ${MAX_FIELDS} fields`),
});
export type MappingFile = z.infer<typeof MAPPING_SHAPE>;
