// The streams: the schema of each one's data, the field types that expressions see, and how it behaves.
import { z } from 'zod';
import { STREAMS, type StreamName } from './event.js';
import type { Field, Fields, FieldType } from './fields.js';
import { complaintFields } from './streams/complaint.js';
import { creditChangeFields } from './streams/credit-change.js';
import { plainCheck, type PlainCheck } from './plain.js';
import { FIELD_TYPE, type PersonalKind } from './streams/field.js';
import { inspectionFields } from './streams/inspection.js';
import { judgmentFields } from './streams/judgment.js';
import { opinionFields } from './streams/opinion.js';
import { penaltyFields } from './streams/penalty.js';
import { rectificationFields } from './streams/rectification.js';
import { registrationFields } from './streams/registration.js';
import { sensorReadingFields } from './streams/sensor-reading.js';

type Shape = Readonly<Record<string, z.ZodType>>;

/** The declared fields of each stream's data, by name. */
export const STREAM_SHAPES: { readonly [S in StreamName]: Shape } = {
  complaint: complaintFields,
  inspection: inspectionFields,
  penalty: penaltyFields,
  'credit-change': creditChangeFields,
  'sensor-reading': sensorReadingFields,
  opinion: opinionFields,
  judgment: judgmentFields,
  registration: registrationFields,
  rectification: rectificationFields,
};

/** One schema per stream. Unknown extra fields are kept; instants come out as UTC with milliseconds. */
export const STREAM_SCHEMAS: { readonly [S in StreamName]: z.ZodType<Record<string, unknown>> } = {
  ...perStream((stream) => described(stream, z.looseObject(STREAM_SHAPES[stream]))),
  'credit-change': described('credit-change', z.looseObject(creditChangeFields).check(creditOrKind)),
  'sensor-reading': described('sensor-reading', z.looseObject(sensorReadingFields).check(valueOrFinding)),
};

/** Whether the data of a stream certainly passes its schema and the usual limits, and comes out unchanged. */
export const PLAIN_DATA: { readonly [S in StreamName]: PlainCheck } = perStream((stream) =>
  plainCheck(STREAM_SCHEMAS[stream]),
);

/** For revocations, whose data may be left out: every field optional, those given still checked. */
export const REVOCATION_SCHEMAS: { readonly [S in StreamName]: z.ZodType<Record<string, unknown>> } =
  perStream((stream) => z.looseObject(STREAM_SHAPES[stream]).partial());

/** How a stream behaves. */
export interface StreamDeclaration {
  /** Whether its events can be revoked and amended. */
  readonly revocable: boolean;
  /** How long after `time` its events usually arrive, ms; lint asks for `basis: arrival` in windows under four times that. */
  readonly usualDelayMs: number;
  /** Whether long windows over it must be paned. */
  readonly highRate: boolean;
  /** The fields that hold personal values. */
  readonly personal: readonly string[];
  /** The field with the number in the records by which other events name one of the stream; null where it has none. */
  readonly number: string | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Penalties and credit records are published within seven working days, judgments about a month later. */
const USUAL_DELAY_MS: { readonly [S in StreamName]: number } = {
  complaint: 6 * HOUR_MS,
  inspection: DAY_MS,
  penalty: 10 * DAY_MS,
  'credit-change': 10 * DAY_MS,
  'sensor-reading': MINUTE_MS,
  opinion: HOUR_MS,
  judgment: 30 * DAY_MS,
  registration: DAY_MS,
  rectification: DAY_MS,
};

const NUMBERS: { readonly [S in StreamName]?: string } = {
  inspection: 'inspection',
  penalty: 'document',
  judgment: 'case_no',
};

export const STREAM_DECLARATIONS: { readonly [S in StreamName]: StreamDeclaration } = perStream((stream) => ({
  revocable: stream !== 'sensor-reading',
  usualDelayMs: USUAL_DELAY_MS[stream],
  highRate: stream === 'sensor-reading',
  personal: Object.keys(STREAM_SHAPES[stream]).filter((name) => personalKindOf(stream, name) !== undefined),
  number: NUMBERS[stream] ?? null,
}));

const ENVELOPE_FIELDS: Fields = {
  id: { type: { type: 'string' }, optional: false, description: '事件编号 id: source, space, given id' },
  source: { type: { type: 'string' }, optional: false, description: '来源 source' },
  stream: { type: { type: 'string' }, optional: false, description: '数据流 stream' },
  time: { type: { type: 'timestamp' }, optional: false, description: '发生时间 when it happened' },
  at: { type: { type: 'timestamp' }, optional: false, description: '到达时间 when it arrived' },
};

const FIELDS: { readonly [S in StreamName]: Fields } = perStream((stream) => ({
  ...fieldsOf(STREAM_SHAPES[stream]),
  ...ENVELOPE_FIELDS,
}));

/** What `event.` offers in expressions over a stream: its declared data fields and id, source, stream, time, at. */
export function streamFields(stream: StreamName): Fields {
  return FIELDS[stream];
}

/** Which kind of personal value a declared field holds, or undefined. */
export function personalKindOf(stream: StreamName, field: string): PersonalKind | undefined {
  return metaOf(stream, field)?.['personalKind'] as PersonalKind | undefined;
}

/** The values that a declared field may have, where they are listed; undefined where any text goes. */
export function valuesOf(stream: StreamName, field: string): readonly string[] | undefined {
  const shape = STREAM_SHAPES[stream];
  const schema = Object.hasOwn(shape, field) ? shape[field] : undefined;
  const inner = schema === undefined ? undefined : unwrap(schema).inner;
  return inner instanceof z.ZodEnum ? inner.options.map(String) : undefined;
}

/** Whether a declared field holds prose, in which phone and ID numbers may hide. */
export function isFreeText(stream: StreamName, field: string): boolean {
  return metaOf(stream, field)?.['freeText'] === true;
}

function metaOf(stream: StreamName, field: string): Readonly<Record<string, unknown>> | undefined {
  const shape = STREAM_SHAPES[stream];
  return Object.hasOwn(shape, field) ? shape[field]?.meta() : undefined;
}

function perStream<T>(make: (stream: StreamName) => T): { readonly [S in StreamName]: T } {
  return Object.fromEntries(STREAMS.map((stream) => [stream, make(stream)])) as { [S in StreamName]: T };
}

function described<S extends z.ZodType>(stream: StreamName, schema: S): S {
  return schema.meta({ title: `fenghuo.${stream}` });
}

function creditOrKind(context: z.core.ParsePayload<Record<string, unknown>>): void {
  if (given(context.value['credit']) || given(context.value['kind'])) return;
  context.issues.push(missing(context.value, 'credit', 'needs credit or kind, at least one of them'));
}

function valueOrFinding(context: z.core.ParsePayload<Record<string, unknown>>): void {
  const data = context.value;
  if (!given(data['finding'])) {
    if (given(data['value'])) return;
    context.issues.push(missing(data, 'value', 'needs value or finding, at least one of them'));
    return;
  }
  for (const name of ['media', 'media_hash']) {
    if (!given(data[name])) context.issues.push(missing(data, name, 'is needed together with finding'));
  }
}

function missing(input: unknown, name: string, message: string): z.core.$ZodRawIssue {
  return { code: 'custom', input, path: [name], message };
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Derives the static types from the schemas, so that there is one declaration of each field. */
function fieldsOf(shape: Shape): Fields {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, fieldOf(schema)]));
}

function fieldOf(schema: z.ZodType): Field {
  const meta = schema.meta();
  const { inner, optional } = unwrap(schema);
  return {
    type: typeOf(inner),
    optional,
    ...(meta?.['personal'] === true ? { personal: true } : {}),
    ...(meta?.description === undefined ? {} : { description: meta.description }),
  };
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; optional: boolean } {
  let inner = schema;
  let optional = false;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
    inner = inner.unwrap() as z.ZodType;
    optional = true;
  }
  return { inner, optional };
}

function typeOf(schema: z.ZodType): FieldType {
  if (schema.meta()?.[FIELD_TYPE] === 'timestamp') return { type: 'timestamp' };
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return { type: 'string' };
  if (schema instanceof z.ZodNumber) return { type: 'number' };
  if (schema instanceof z.ZodBoolean) return { type: 'bool' };
  if (schema instanceof z.ZodArray) {
    return { type: 'list', element: typeOf(unwrap(schema.element as z.ZodType).inner) };
  }
  if (schema instanceof z.ZodObject) return { type: 'object', fields: fieldsOf(schema.shape) };
  return { type: 'dyn' };
}
