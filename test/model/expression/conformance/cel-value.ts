// Values and types of CEL, as protobuf writes them in JSON, in the forms of the dialect.
import type { Json } from '../../../../src/events/event.js';
import type { FieldType } from '../../../../src/events/fields.js';

/** One of its fields is set; `cel.expr.Value`. */
export interface CelValue {
  readonly nullValue?: null;
  readonly boolValue?: boolean;
  readonly int64Value?: string;
  readonly doubleValue?: number | string;
  readonly stringValue?: string;
  readonly listValue?: { readonly values?: readonly CelValue[] };
  readonly mapValue?: { readonly entries?: readonly { readonly key: CelValue; readonly value: CelValue }[] };
  readonly objectValue?: { readonly '@type': string; readonly value?: unknown };
  readonly uint64Value?: string;
  readonly bytesValue?: string;
  readonly enumValue?: unknown;
  readonly typeValue?: string;
}

/** One of its fields is set; `cel.expr.Type`. */
export interface CelType {
  readonly primitive?: string;
  readonly wellKnown?: string;
  readonly listType?: { readonly elemType?: CelType };
  readonly mapType?: { readonly keyType?: CelType; readonly valueType?: CelType };
  readonly [other: string]: unknown;
}

/** Instants and spans are objects of these types; others are no values of the dialect. */
export const INSTANT = 'type.googleapis.com/google.protobuf.Timestamp';
export const SPAN = 'type.googleapis.com/google.protobuf.Duration';

/** The value in the dialect: one type of number, instants and spans in seconds; undefined where it has none. */
export function readValue(value: CelValue | undefined): Json | undefined {
  if (value === undefined) return undefined;
  if (value.nullValue !== undefined) return null;
  if (value.int64Value !== undefined) return Number(value.int64Value);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (value.listValue !== undefined)
    return (value.listValue.values ?? []).map((item) => readValue(item) ?? null);
  if (value.mapValue !== undefined) {
    const entries = value.mapValue.entries ?? [];
    return Object.fromEntries(
      entries.map((entry) => [
        entry.key.stringValue ?? JSON.stringify(readValue(entry.key)),
        readValue(entry.value) ?? null,
      ]),
    );
  }
  if (value.objectValue !== undefined) return readObject(value.objectValue);
  return value.boolValue ?? value.stringValue;
}

function readObject(object: NonNullable<CelValue['objectValue']>): Json | undefined {
  const text = String(object.value);
  if (object['@type'] === INSTANT) return Date.parse(text) / 1000;
  return object['@type'] === SPAN ? Number(text.replace(/s$/, '')) : undefined;
}

const PRIMITIVES: { readonly [name: string]: FieldType['type'] } = {
  INT64: 'number',
  DOUBLE: 'number',
  STRING: 'string',
  BOOL: 'bool',
  TIMESTAMP: 'timestamp',
  DURATION: 'duration',
};

/** The declared type in the dialect; dyn where nothing is declared, and of maps, whose fields nobody declares. */
export function readType(type: CelType | undefined): FieldType {
  if (type?.listType !== undefined) return { type: 'list', element: readType(type.listType.elemType) };
  const name = PRIMITIVES[type?.primitive ?? type?.wellKnown ?? ''];
  return name === undefined ? { type: 'dyn' } : ({ type: name } as FieldType);
}
