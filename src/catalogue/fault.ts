// A fault in a file's content before its place in the text is known, and how zod's issues become faults.
import { z } from 'zod';

export type FaultKind = 'UNKNOWN_KEY' | 'MISSING_KEY' | 'VALUE' | 'UNKNOWN_NAME' | 'CYCLE' | 'BASIS_EXPIRED';

export type Path = readonly (string | number)[];

export interface Fault {
  readonly kind: FaultKind;
  readonly severity: 'error' | 'warning';
  /** From the root of the file to the offending value; for `on: 'key'` its last part is the offending key. */
  readonly path: Path;
  readonly on: 'value' | 'key';
  readonly message: string;
  readonly expected?: string;
  /** A name that is not known, and the names that are. */
  readonly sought?: { readonly name: string; readonly among: readonly string[] };
}

/** More faults than this in one file are not listed one by one. */
const FAULTS_MAX = 50;

/** A schema, and the content that fits it, for who has no other business with the library. */
export type Shape = z.ZodType;
export type Shaped<S extends Shape> = z.output<S>;

/**
 * Checks parsed content (strings, arrays and objects) against a schema.
 * @returns the typed value, or the faults in it.
 */
export function checkShape<S extends z.ZodType>(
  schema: S,
  content: unknown,
):
  | { readonly value: z.output<S>; readonly faults: null }
  | { readonly value: null; readonly faults: Fault[] } {
  const result = schema.safeParse(content, { reportInput: true });
  if (result.success) return { value: result.data, faults: null };
  return {
    value: null,
    faults: result.error.issues.flatMap((issue) => faultsOf(schema, content, issue)).slice(0, FAULTS_MAX),
  };
}

function faultsOf(schema: z.ZodType, content: unknown, issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    const among = keysAt(schema, path);
    return issue.keys.map((key) => ({
      kind: 'UNKNOWN_KEY',
      severity: 'error',
      path: [...path, key],
      on: 'key',
      message: `unknown key "${key}"`,
      ...(among.length > 0 ? { expected: among.join(', ') } : {}),
      sought: { name: key, among },
    }));
  }
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'it is not a valid name';
    return [
      {
        kind: 'VALUE',
        severity: 'error',
        path,
        on: 'key',
        message: `invalid name "${String(path.at(-1))}"`,
        expected: reason,
      },
    ];
  }
  const name = path.at(-1);
  if (issue.code === 'invalid_type' && issue.input === undefined && typeof name === 'string') {
    return [
      { kind: 'MISSING_KEY', severity: 'error', path, on: 'value', message: `the key "${name}" is missing` },
    ];
  }
  const expected = issue.code === 'invalid_type' ? (FORMS[issue.expected] ?? issue.expected) : issue.message;
  // The issue has the value as transforms left it, 0 for `0d`; a person knows what was written.
  const written = valueAt(content, path);
  const among = typeof written === 'string' ? optionsOf(issue) : [];
  return [
    {
      kind: 'VALUE',
      severity: 'error',
      path,
      on: 'value',
      message: `${describe(written)} does not fit here`,
      expected,
      ...(typeof written === 'string' && among.length > 0 ? { sought: { name: written, among } } : {}),
    },
  ];
}

function valueAt(content: unknown, path: Path): unknown {
  let here = content;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as { readonly [part: string | number]: unknown })[part];
  }
  return here;
}

/** The words that would have fitted, by themselves or as one form of several. */
function optionsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((value) => typeof value === 'string');
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? optionsOf(inner) : []));
}

/** What zod's type names are in a YAML file. */
const FORMS: { readonly [type: string]: string } = {
  string: 'text',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
};

function describe(input: unknown): string {
  if (typeof input === 'string')
    return input === '' ? 'an empty value' : `"${input.length > 60 ? `${input.slice(0, 60)}…` : input}"`;
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'object' && input !== null ? 'a map' : 'a missing value';
}

/** The keys that a schema's object knows at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let here: unknown = bare(schema);
  for (const part of path) {
    if (here instanceof z.ZodObject) here = bare((here.shape as Record<string, unknown>)[String(part)]);
    else if (here instanceof z.ZodRecord) here = bare(here.valueType);
    else if (here instanceof z.ZodArray) here = bare(here.element);
    else return [];
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** A schema without the wrappers that change nothing in its keys. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.unwrap());
  return schema instanceof z.ZodPipe ? bare(schema.in) : schema;
}
