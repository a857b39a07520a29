// The building blocks of the stream schemas: one schema per kind of value, and what a field says about itself.
import { z } from 'zod';
import type { IdentifierFault } from '../identifiers.js';
import { isIndustryCode, isRegionCode, placeIdFault, subjectIdFault } from '../identifiers.js';
import { formatInstant, parseTimestamp, TIMESTAMP_PATTERN, type DayEdge } from '../timestamp.js';

/** Whose value a personal field holds: pseudonyms of different kinds never coincide. */
export type PersonalKind = 'name' | 'phone' | 'id' | 'contact';

/** What the schema of a field carries beside its description; it also shows in the generated JSON Schema. */
export interface FieldMarks {
  readonly personal?: true;
  readonly personalKind?: PersonalKind;
  /** Prose, in which phone and ID numbers may hide. */
  readonly freeText?: true;
}

/** Marks a schema whose value is stored as an instant. */
export const FIELD_TYPE = 'x-field-type';

export const text = z.string().min(1, 'must not be empty');
export const freeText = z.string();
export const number = z.number();
export const amount = z.number().min(0, 'must be 0 or more');
export const flag = z.boolean();
export const texts = z.array(z.string());

/** A moment; a bare date is its local midnight. Stored as UTC with milliseconds. */
export const instant = timestamp('start');
/** A last moment; a bare date lasts until the local midnight that ends it. Stored as UTC with milliseconds. */
export const deadline = timestamp('end');

export const regionCode = z
  .string()
  .refine(isRegionCode, 'must be a region code of 2, 4, 6, 9 or 12 digits (GB/T 2260), such as "110105"');
export const industryCode = z
  .string()
  .refine(isIndustryCode, 'must be an industry code: a letter A to T and up to 4 digits, such as "F5211"');
export const subjectId = identifier(subjectIdFault);
export const placeId = identifier(placeIdFault);

/** A field that must be there and not null. */
export function required<S extends z.ZodType>(schema: S, chinese: string, english: string): S {
  return schema.meta({ description: `${chinese} ${english}` });
}

/** A field that may be absent or null. */
export function optional<S extends z.ZodType>(
  schema: S,
  chinese: string,
  english: string,
  marks: FieldMarks = {},
) {
  return schema.nullish().meta({ description: `${chinese} ${english}`, ...marks });
}

/** A field that names or reaches a person; it is replaced by a pseudonym before anything is stored. */
export function personal(kind: PersonalKind, chinese: string, english: string) {
  return optional(z.string(), chinese, english, { personal: true, personalKind: kind });
}

/** Prose that people typed. */
export function prose(chinese: string, english: string) {
  return optional(freeText, chinese, english, { freeText: true });
}

/** Where and by whom, in every stream. */
export const commonFields = {
  region: optional(regionCode, '行政区划代码', 'region code, GB/T 2260'),
  place: optional(placeId, '场所编号', 'id of the place'),
  department: optional(text, '登记部门', 'id of the department that recorded it'),
};

function timestamp(edge: DayEdge) {
  return z
    .string()
    .transform((value, context) => {
      const ms = parseTimestamp(value, edge);
      if (ms !== undefined) return formatInstant(ms);
      context.issues.push({
        code: 'custom',
        input: value,
        message:
          'must be a date YYYY-MM-DD or an RFC 3339 time with offset, such as "2026-03-01T09:30:00+08:00"',
      });
      return z.NEVER;
    })
    .meta({ [FIELD_TYPE]: 'timestamp', pattern: TIMESTAMP_PATTERN });
}

function identifier(faultOf: (value: string) => IdentifierFault | undefined) {
  return z.string().check((context) => {
    const fault = faultOf(context.value);
    if (fault === undefined) return;
    const code = fault.code === 'EVENT_ENVELOPE' ? 'EVENT_DATA' : fault.code;
    context.issues.push({ code: 'custom', input: context.value, message: fault.message, params: { code } });
  });
}
