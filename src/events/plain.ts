// A quick yes for values that a schema takes as they are; whatever it does not say yes to, the schema itself judges.
import { z } from 'zod';
import { isHarmlessName, isPlainNumber, isPlainText } from './data-limits.js';

/** Whether a value certainly passes a schema and the limits of data, and comes out of it unchanged. */
export type PlainCheck = (value: unknown) => boolean;

/** More elements or fields than these are left to the schema, so that no limit of data is reached unseen. */
const ELEMENTS_MAX = 100;
const FIELDS_MAX = 100;
/** Deeper schemas are left to themselves. */
const DEPTH_MAX = 3;

const never: PlainCheck = () => false;

/** What a schema's own checks are given; reused. */
const payload: { value: unknown; issues: unknown[] } = { value: null, issues: [] };

/**
 * Derives the quick check of a schema from what it declares. A kind of schema that is not known here, and one that
 * changes what it takes, gets a check that always says no.
 */
export function plainCheck(schema: z.ZodType, depth = 1): PlainCheck {
  const kind = checkOfKind(schema, depth);
  const { checks } = schema._zod.def;
  if (kind === never || checks === undefined || checks.length === 0) return kind;
  return (value) => kind(value) && checks.every((check) => passes(check, value));
}

function checkOfKind(schema: z.ZodType, depth: number): PlainCheck {
  // Formats such as whole numbers bring a check of their own, and coercion changes what it takes.
  if (schema._zod.traits.has('$ZodCheck') || 'coerce' in schema._zod.def) return never;
  if (schema instanceof z.ZodOptional) return plainCheck(schema.unwrap() as z.ZodType, depth);
  if (schema instanceof z.ZodNullable) {
    const inner = plainCheck(schema.unwrap() as z.ZodType, depth);
    return (value) => value === null || inner(value);
  }
  if (schema instanceof z.ZodString) return isPlainText;
  if (schema instanceof z.ZodNumber) return isPlainNumber;
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === 'boolean';
  if (schema instanceof z.ZodEnum) return isOneOf(schema.options);
  if (schema instanceof z.ZodLiteral) return isOneOf(schema.values);
  if (schema instanceof z.ZodUnion) {
    const options = schema.options.map((option) => plainCheck(option as z.ZodType, depth));
    return (value) => options.some((check) => check(value));
  }
  if (schema instanceof z.ZodArray) return listOf(plainCheck(schema.element as z.ZodType, depth + 1));
  if (schema instanceof z.ZodObject) return depth > DEPTH_MAX ? never : looseObject(schema, depth);
  return never;
}

function isOneOf(values: Iterable<unknown>): PlainCheck {
  const known = new Set(values);
  return (value) => known.has(value);
}

function listOf(element: PlainCheck): PlainCheck {
  return (value) => Array.isArray(value) && value.length <= ELEMENTS_MAX && value.every(element);
}

/** Objects that keep extra fields; of these, only single values are looked at here. */
function looseObject(schema: z.ZodObject, depth: number): PlainCheck {
  if (!(schema.def.catchall instanceof z.ZodUnknown)) return never;
  const fields = new Map<string, PlainCheck>();
  let required = 0;
  const isRequired = new Set<string>();
  for (const [name, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    fields.set(name, plainCheck(field, depth + 1));
    if (field._zod.optin === 'optional') continue;
    isRequired.add(name);
    required++;
  }
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    let seen = 0;
    let found = 0;
    for (const name in value) {
      if (++seen > FIELDS_MAX) return false;
      const one = (value as Record<string, unknown>)[name];
      const check = fields.get(name);
      if (check === undefined ? !isHarmlessName(name) || !isSingle(one) : !check(one)) return false;
      if (required > 0 && isRequired.has(name)) found++;
    }
    return found === required && Object.getPrototypeOf(value) === Object.prototype;
  };
}

function isSingle(value: unknown): boolean {
  return value === null || typeof value === 'boolean' || isPlainText(value) || isPlainNumber(value);
}

function passes(check: z.core.$ZodCheck<never>, value: unknown): boolean {
  payload.value = value;
  const waits = check._zod.check(payload as unknown as z.core.ParsePayload<never>);
  const passed = waits === undefined && payload.issues.length === 0 && payload.value === value;
  if (!passed) payload.issues = [];
  return passed;
}
