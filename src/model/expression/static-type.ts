// The static types of the dialect: what is known of a value before anything runs.
import type { Fields, FieldType } from '../../events/fields.js';

/** A declared type, or that of the literal null. */
export type StaticType = FieldType | { readonly type: 'null' };

export const STRING = { type: 'string' } as const;
export const NUMBER = { type: 'number' } as const;
export const BOOL = { type: 'bool' } as const;
export const TIMESTAMP = { type: 'timestamp' } as const;
export const DURATION = { type: 'duration' } as const;
export const DYN = { type: 'dyn' } as const;
export const NULL = { type: 'null' } as const;

const NUMBER_FIELD = { type: NUMBER, optional: false } as const;

/** What `local(t)` yields: the parts of an instant on the clock of the configured zone. */
export const LOCAL_FIELDS: Fields = {
  year: NUMBER_FIELD,
  month: NUMBER_FIELD,
  day: NUMBER_FIELD,
  hour: NUMBER_FIELD,
  minute: NUMBER_FIELD,
  weekday: NUMBER_FIELD,
};

export function listOf(element: FieldType): FieldType {
  return { type: 'list', element };
}

/** The type in words, for messages. */
export function describe(type: StaticType): string {
  return type.type === 'list' ? `list of ${describe(type.element)}` : type.type;
}

/** Whether nothing more is known of the value: it is checked when the expression runs. */
export function isOpen(type: StaticType): boolean {
  return type.type === 'dyn' || type.type === 'null';
}

/** Whether values of the two types can be equal. */
export function comparable(a: StaticType, b: StaticType): boolean {
  if (isOpen(a) || isOpen(b)) return true;
  if (a.type === 'list' && b.type === 'list') return comparable(a.element, b.element);
  return a.type === b.type;
}

/** The type that holds values of both; dyn where they differ. */
export function union(a: StaticType, b: StaticType): StaticType {
  if (a.type === 'null') return b;
  if (b.type === 'null') return a;
  if (a.type === 'list' && b.type === 'list') {
    const element = union(a.element, b.element);
    return listOf(element.type === 'null' ? DYN : element);
  }
  if (a.type === 'object' && b.type === 'object') return a === b || a.fields === b.fields ? a : DYN;
  return a.type === b.type ? a : DYN;
}

/** The type as the contract knows it: null alone is dyn. */
export function declaredType(type: StaticType): FieldType {
  return type.type === 'null' ? DYN : type;
}

/** How `typeof` calls the run-time form, or null where it is no primitive. */
export function primitive(type: StaticType): 'string' | 'number' | 'boolean' | null {
  switch (type.type) {
    case 'string':
      return 'string';
    case 'number':
    case 'timestamp':
    case 'duration':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'dyn':
    case 'null':
    case 'list':
    case 'object':
      return null;
  }
}
