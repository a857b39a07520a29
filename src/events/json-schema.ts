// JSON Schemas of the envelope and the streams, for senders and editors; the files in schemas/ are made from these.
import { z } from 'zod';
import { ENVELOPE_SCHEMA } from './envelope-schema.js';
import { STREAMS } from './event.js';
import { STREAM_SCHEMAS } from './streams.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const GENERATED =
  'Generated from the schemas in src/events; do not edit. To write it anew: ' +
  'UPDATE=1 npx vitest run --config test/vitest.config.ts test/events/json-schema.test.ts';

/** File name to schema (JSON Schema 2020-12): `envelope.schema.json` and one per stream, for what senders write. */
export function jsonSchemas(): ReadonlyMap<string, JsonSchema> {
  const schemas = new Map<string, JsonSchema>();
  schemas.set('envelope.schema.json', schemaOf(ENVELOPE_SCHEMA));
  for (const stream of STREAMS) schemas.set(`${stream}.schema.json`, schemaOf(STREAM_SCHEMAS[stream]));
  return schemas;
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, $comment: GENERATED, ...rest };
}
