import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { STREAMS } from '../../src/events/event.js';
import { jsonSchemas } from '../../src/events/json-schema.js';
import { STREAM_DECLARATIONS } from '../../src/events/streams.js';

const FOLDER = new URL('../../src/events/schemas/', import.meta.url);

describe('JSON Schemas', () => {
  test('the files are those that the schemas generate; UPDATE=1 writes them', () => {
    const schemas = jsonSchemas();
    if (process.env['UPDATE'] === '1') {
      mkdirSync(FOLDER, { recursive: true });
      for (const [name, schema] of schemas) {
        writeFileSync(new URL(name, FOLDER), `${JSON.stringify(schema, null, 2)}\n`);
      }
    }
    expect(readdirSync(FOLDER).sort()).toEqual([...schemas.keys()].sort());
    for (const [name, schema] of schemas) {
      const file: unknown = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
      expect(file, name).toEqual(JSON.parse(JSON.stringify(schema)));
    }
  });

  test('each says that it is generated, takes extra fields, and marks what is personal', () => {
    for (const stream of STREAMS) {
      const schema = jsonSchemas().get(`${stream}.schema.json`);
      expect(schema).toMatchObject({ title: `fenghuo.${stream}`, type: 'object', additionalProperties: {} });
      expect(schema?.['$comment']).toMatch(/^Generated/);
      const properties = schema?.['properties'] as Record<
        string,
        { personal?: boolean; description?: string }
      >;
      const personal = Object.keys(properties).filter((name) => properties[name]?.personal === true);
      expect(personal).toEqual(STREAM_DECLARATIONS[stream].personal);
    }
  });
});
