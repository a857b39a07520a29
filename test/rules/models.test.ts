import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRouteTests } from '../../src/alerts/route-cases.js';
import { lintRoutes } from '../../src/alerts/route-lint.js';
import { catalogueSchema } from '../../src/model/editor/catalogue-schema.js';
import { formatDiagnostic } from '../../src/model/format-diagnostic.js';
import { loadRules } from '../../src/model/load.js';
import type { Model } from '../../src/model/model.js';
import { parseRouteTests, ROUTE_TESTS } from '../../src/model/route-tests.js';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';

const RULES = new URL('../../rules/', import.meta.url).pathname;
const files = new Map(
  readdirSync(RULES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(RULES, path), 'utf8')] as const),
);
const { rules, diagnostics } = loadRules(files);

describe('the bundled rules', () => {
  it('load without errors', () => {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    expect(errors.map((error) => formatDiagnostic(error, files.get(error.file) ?? ''))).toEqual([]);
    expect(rules?.models.length).toBeGreaterThanOrEqual(19);
  });

  it('have a test beside every model', () => {
    const models = rules?.models.filter(({ feed }) => feed === null) ?? [];
    expect(models.map(({ name }) => name).filter((name) => !files.has(`${name}.test.yaml`))).toEqual([]);
  });

  it('say what each model does not see, name what it rests on, and are as many as authors are promised', () => {
    const models = rules?.models.filter(({ feed }) => feed === null) ?? [];
    const isNoted = ({ name }: { name: string }) =>
      /^# 已知不足：.{10,}$/m.test(files.get(`${name}.yaml`) ?? '');
    expect(models.filter((model) => !isNoted(model)).map(({ name }) => name)).toEqual([]);
    const items = rules?.catalogue.items;
    const isBased = ({ item }: { item: string }) => (items?.get(item)?.legal.length ?? 0) > 0;
    expect(models.filter((model) => !isBased(model)).map(({ name }) => name)).toEqual([]);
    const isWider = ({ scope, indicators }: Model) =>
      !['subject', 'device'].includes(scope) ||
      indicators.some((one) => one.kind === 'window' && one.from.includes('warning'));
    expect(models.length).toBeGreaterThanOrEqual(80);
    expect(models.filter(isWider).length).toBeGreaterThanOrEqual(20);
    expect(new Set(models.map(({ name }) => name.split('/')[0])).size).toBeGreaterThanOrEqual(22);
  });

  it('have somebody who leads every warning, no rule that never decides, and no department out of reach', () => {
    if (rules === null) throw new Error('the rules do not load');
    const models = rules.models.map(({ name }) => name);
    expect(lintRoutes(rules.catalogue, models)).toEqual([]);
  });

  it('send warnings where the tests of routes say, and each rule decides one of them', () => {
    if (rules === null) throw new Error('the rules do not load');
    const { cases, diagnostics: faults } = parseRouteTests(files.get(ROUTE_TESTS) ?? '', rules.catalogue);
    expect(faults).toEqual([]);
    const result = runRouteTests(cases ?? [], rules.catalogue);
    expect(result.cases.flatMap(({ failures }) => failures)).toEqual([]);
    expect(result.unreached).toEqual([]);
  });

  it('take the terms of events that the READMEs and editors show', () => {
    const pages = [join(RULES, '../README.md'), join(RULES, 'README.md')];
    const shown = pages.map((page) => /^events: \{.*\}/m.exec(readFileSync(page, 'utf8'))?.[0]);
    const schema = JSON.parse(JSON.stringify(catalogueSchema('retention.yaml'))) as {
      readonly properties: { readonly events: { readonly examples: readonly unknown[] } };
    };
    const [example] = schema.properties.events.examples;
    for (const terms of new Set([...shown, `events: ${JSON.stringify(example)}`])) {
      expect(terms).toContain('sensor-reading');
      const { diagnostics: found } = loadRules(
        new Map([...files, ['catalogue/retention.yaml', terms ?? '']]),
      );
      expect(found.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
    }
  });

  for (const [path, text] of files) {
    if (!path.endsWith('.test.yaml') || path === ROUTE_TESTS) continue;
    it(`${path} holds`, () => {
      const parsed = parseModelTests(path, text);
      expect(parsed.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      if (rules === null || parsed.tests === null) throw new Error('rules or tests do not load');
      const result = runModelTests(parsed.tests, rules);
      const failures = result.cases.flatMap(({ name, failures: list }) =>
        list.map(({ line, message }) => `${path}:${line}: ${name}: ${message}`),
      );
      expect(failures).toEqual([]);
      expect(result.unreached, 'levels that no case reaches').toEqual([]);
      expect(result.untaken, 'branches that no case takes').toEqual([]);
      expect(result.lacks).toEqual([]);
    });
  }
});
