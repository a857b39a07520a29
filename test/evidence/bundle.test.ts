import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bundleSchema } from '../../src/evidence/bundle.js';

const FILE = new URL('../../src/evidence/bundle.schema.json', import.meta.url);

it('the JSON Schema of the bundle is what the code generates; UPDATE=1 writes it', () => {
  const schema = bundleSchema();
  if (process.env['UPDATE'] === '1') writeFileSync(FILE, `${JSON.stringify(schema, null, 2)}\n`);
  const file: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  expect(file).toEqual(JSON.parse(JSON.stringify(schema)));
});
