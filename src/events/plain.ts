// A quick yes for values that a schema takes as they are; whatever it does not say yes to, the schema itself judges.
import { z } from 'zod';
import { isHarmlessName, isPlainNumber, isPlainText } from './data-limits.js';

/**
 * Whether a value certainly passes a schema and the limits of data, and comes out of it unchanged.
 * @param wellFormed whether every text in it is known to hold whole surrogate pairs only
 */
export type PlainCheck = (value: unknown, wellFormed: boolean) => boolean;

/** More elements or fields than these are left to the schema, so that no limit of data is reached unseen. */
const ELEMENTS_MAX = 100;
const FIELDS_MAX = 100;
/** Deeper schemas are left to themselves. */
const DEPTH_MAX = 3;
/** So many names are known in their order; beyond, those of extra fields are looked up. */
const ORDERED_MAX = 64;

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
  if (kind === never || checks === undefined) return kind;
  return checks.map(checkOf).reduce((first, second) => bothOf(first, second), kind);
}

function checkOfKind(schema: z.ZodType, depth: number): PlainCheck {
  // Formats such as whole numbers bring a check of their own, and coercion changes what it takes.
  if (schema._zod.traits.has('$ZodCheck') || 'coerce' in schema._zod.def) return never;
  if (schema instanceof z.ZodOptional) return plainCheck(schema.unwrap() as z.ZodType, depth);
  if (schema instanceof z.ZodNullable) {
    const inner = plainCheck(schema.unwrap() as z.ZodType, depth);
    return inner === never ? never : (value, wellFormed) => value === null || inner(value, wellFormed);
  }
  if (schema instanceof z.ZodString) return isPlainText;
  if (schema instanceof z.ZodNumber) return isPlainNumber;
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === 'boolean';
  if (schema instanceof z.ZodEnum) return isOneOf(schema.options);
  if (schema instanceof z.ZodLiteral) return isOneOf(schema.values);
  if (schema instanceof z.ZodUnion) {
    const options = schema.options.map((option) => plainCheck(option as z.ZodType, depth));
    return (value, wellFormed) => options.some((check) => check(value, wellFormed));
  }
  if (schema instanceof z.ZodArray) return listOf(plainCheck(schema.element as z.ZodType, depth + 1));
  if (schema instanceof z.ZodObject) return depth > DEPTH_MAX ? never : looseObject(schema, depth);
  return never;
}

function bothOf(first: PlainCheck, second: PlainCheck): PlainCheck {
  return (value, wellFormed) => first(value, wellFormed) && second(value, wellFormed);
}

/** What a schema asks beyond its kind: lengths and bounds at once, all else by the schema's own function. */
function checkOf(check: z.core.$ZodCheck<never>): PlainCheck {
  const { check: name, minimum, value: bound, inclusive } = check._zod.def as unknown as CheckDefinition;
  if (name === 'min_length' && minimum !== undefined) {
    return (value) => typeof value === 'string' && value.length >= minimum;
  }
  if (name === 'greater_than' && typeof bound === 'number' && inclusive === true) {
    return (value) => typeof value === 'number' && value >= bound;
  }
  // Texts with a form of their own, such as codes of regions, mostly repeat the last one.
  let last: unknown = NaN;
  return (value) => {
    if (value === last) return true;
    if (!passes(check, value)) return false;
    if (typeof value === 'string') last = value;
    return true;
  };
}

interface CheckDefinition {
  readonly check: string;
  readonly minimum?: number;
  readonly value?: unknown;
  readonly inclusive?: boolean;
}

function isOneOf(values: Iterable<unknown>): PlainCheck {
  const known = new Set(values);
  return (value) => known.has(value);
}

function listOf(element: PlainCheck): PlainCheck {
  return (value, wellFormed) => {
    if (!Array.isArray(value) || value.length > ELEMENTS_MAX) return false;
    for (let index = 0; index < value.length; index++) {
      if (!element(value[index], wellFormed)) return false;
    }
    return true;
  };
}

/** Objects that keep extra fields; of these, only single values are looked at here. */
function looseObject(schema: z.ZodObject, depth: number): PlainCheck {
  if (!(schema.def.catchall instanceof z.ZodUnknown)) return never;
  const fields = new Map<string, PlainCheck>();
  const required = new Set<string>();
  for (const [name, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    fields.set(name, plainCheck(field, depth + 1));
    if (field._zod.optin !== 'optional') required.add(name);
  }
  const order = new FieldOrder(fields, required);
  return (value, wellFormed) => order.isPlain(value, wellFormed);
}

/**
 * The checks of an object's fields in the order in which events mostly name them, with gaps where they leave some out:
 * names of fields are the same texts again and again, so that each is found by a comparison with the next one.
 */
class FieldOrder {
  private readonly names: string[] = [];
  private readonly checks: PlainCheck[] = [];
  private readonly isRequired: boolean[] = [];

  constructor(
    private readonly fields: ReadonlyMap<string, PlainCheck>,
    private readonly required: ReadonlySet<string>,
  ) {}

  isPlain(value: unknown, wellFormed: boolean): boolean {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const { names, checks, isRequired } = this;
    let place = 0;
    let seen = 0;
    let found = 0;
    for (const name in value) {
      if (++seen > FIELDS_MAX) return false;
      const start = place;
      while (place < names.length && names[place] !== name) place++;
      if (place === names.length && !this.isHarmless(name)) return false;
      if (place === names.length) place = this.placeOf(name, start);
      const one = (value as Record<string, unknown>)[name];
      if (place < 0) {
        if (!this.checkNamed(name)(one, wellFormed)) return false;
        if (this.required.has(name)) found++;
        place = start;
        continue;
      }
      if (!(checks[place] as PlainCheck)(one, wellFormed)) return false;
      if (isRequired[place] === true) found++;
      place++;
    }
    return found === this.required.size && Object.getPrototypeOf(value) === Object.prototype;
  }

  private isHarmless(name: string): boolean {
    return this.fields.has(name) || isHarmlessName(name);
  }

  private checkNamed(name: string): PlainCheck {
    return this.fields.get(name) ?? isSingle;
  }

  /** Takes a name that is new into the order, after those before it; -1 where it stands elsewhere, or all is full. */
  private placeOf(name: string, place: number): number {
    if (this.names.length >= ORDERED_MAX && !this.fields.has(name)) return -1;
    if (this.names.includes(name)) return -1;
    this.names.splice(place, 0, name);
    this.checks.splice(place, 0, this.checkNamed(name));
    this.isRequired.splice(place, 0, this.required.has(name));
    return place;
  }
}

function isSingle(value: unknown, wellFormed: boolean): boolean {
  return (
    value === null || typeof value === 'boolean' || isPlainText(value, wellFormed) || isPlainNumber(value)
  );
}

function passes(check: z.core.$ZodCheck<never>, value: unknown): boolean {
  payload.value = value;
  const waits = check._zod.check(payload as unknown as z.core.ParsePayload<never>);
  const passed = waits === undefined && payload.issues.length === 0 && payload.value === value;
  if (!passed) payload.issues = [];
  return passed;
}
