// What editors are told of the files of the catalogue is what its loader takes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectFolder } from '../../src/app/version.js';
import { catalogueSchema, catalogueSchemaTexts } from '../../src/model/editor/catalogue-schema.js';
import type { CatalogueSchemaName } from '../../src/model/editor/catalogue-words.js';
import { catalogueSchemaFile, headerOf } from '../../src/model/editor/header.js';
import { loadRules } from '../../src/model/load.js';
import { parseRouteTests } from '../../src/model/route-tests.js';

const CATALOGUE = join(projectFolder(), 'rules/catalogue');
const names = readdirSync(CATALOGUE).filter((name) => name.endsWith('.yaml')) as CatalogueSchemaName[];
const texts = new Map(names.map((name) => [name, readFileSync(join(CATALOGUE, name), 'utf8')] as const));
const textOf = (name: CatalogueSchemaName): string => texts.get(name) ?? '';
const fits = new Map(
  names.map((name) => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
    return [name, ajv.compile(catalogueSchema(name))] as const;
  }),
);

test.each([...catalogueSchemaTexts()])(
  'rules/catalogue/%s is what the shapes generate; UPDATE=1 writes it',
  (file, text) => {
    if (process.env['UPDATE'] === '1') writeFileSync(join(CATALOGUE, file), text);
    expect(readFileSync(join(CATALOGUE, file), 'utf8')).toBe(text);
  },
);

test.each(names)('%s names its schema in its first line, and fits it as an editor reads it', (name) => {
  const text = textOf(name);
  expect(text.split('\n')[0]).toBe(headerOf(`catalogue/${name}`));
  expect(headerOf(`catalogue/${name}`)).toContain(`$schema=${catalogueSchemaFile(name)}`);
  const isFitting = fits.get(name);
  expect([isFitting?.(parse(text)), isFitting?.errors ?? null]).toEqual([true, null]);
});

/** Whether the loader finds errors of shape in the catalogue with one file changed. */
function hasErrors(name: CatalogueSchemaName, text: string): boolean {
  if (name === 'routes.test.yaml') return parseRouteTests(text, null).cases === null;
  const files = new Map([...texts].map(([one, own]) => [`catalogue/${one}`, own] as const));
  const { diagnostics } = loadRules(files.set(`catalogue/${name}`, text));
  return diagnostics.some(({ severity, file }) => severity === 'error' && file === `catalogue/${name}`);
}

describe('what is wrong in one way is refused by schema and loader', () => {
  test.each([
    ['items.yaml', 'a key that is not known', '  lead: ', '  leads: '],
    ['items.yaml', 'no legal basis', / {2}legal:\n( {4}- .*\n)+/, '  legal: []\n'],
    ['items.yaml', 'a level of government that is none', '  level: county', '  level: village'],
    ['departments.yaml', 'a level that is none', 'levels: [blue', 'levels: [green'],
    ['departments.yaml', 'an id that is none', 'market-regulation: {', 'Market_Regulation: {'],
    ['regions.yaml', 'a code that is none', '"330199":', '"33019":'],
    ['plans.yaml', 'a step that says not until when', /sign_within: [^,}]+, /, ''],
    ['lists.yaml', 'words that are no list', /values: \[/, 'value: ['],
    ['queue.yaml', 'a weight above a hundred', 'level: 50', 'level: "150"'],
    ['draws.yaml', 'a class that is none', 'unknown: 5%', 'E: 5%'],
    ['evaluation.yaml', 'a model that has no domain', /model: \S+/, 'model: evaluation'],
    ['calendar.yaml', 'one year alone', /years: \[.*\]/, 'years: [2026]'],
    ['push.yaml', 'red that waits', /inhibit: \[blue\]/, 'inhibit: [red]'],
    ['routes.yaml', 'a level that is none', 'level: red', 'level: purple'],
    ['routes.test.yaml', 'a role that is none', 'role: lead', 'role: leader'],
    ['lists.yaml', 'an allowance without a reason', /$/, 'lint: [{ allow: CATALOGUE_LIST_UNUSED }]\n'],
  ] as const)('%s: %s', (name, _what, from, to) => {
    const text = textOf(name).replace(from, to);
    expect(text).not.toBe(textOf(name));
    expect([fits.get(name)?.(parse(text)), hasErrors(name, text)]).toEqual([false, true]);
  });

  test('and an allowance with a reason is taken by both', () => {
    const lint = 'lint: [{ allow: CATALOGUE_LIST_UNUSED, of: prepaid-closing, because: 留用 }]\n';
    for (const name of ['lists.yaml', 'regions.yaml', 'queue.yaml'] as const) {
      const text = textOf(name) + lint;
      expect([name, fits.get(name)?.(parse(text)), hasErrors(name, text)]).toEqual([name, true, false]);
    }
  });
});
