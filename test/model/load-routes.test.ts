import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { diagnosticsOf, placeOf, TODAY } from './faults.js';
import { COMPLAINTS, fixtureFile, replaced, rulesWith } from './rules-fixture.js';

const ROUTES = 'catalogue/routes.yaml';
const DEPARTMENTS = 'catalogue/departments.yaml';
const VALID = `routes:
  - name: grave
    title: 严重的
    match: { domain: 食品, item: [food-operation], model: food/repeat-complaints, level: [red, orange], tag: 学校, region: "3301", scope: subject }
    to: [lead, { department: health, role: cooperating, channels: [file] }]
    channels: [file]
    add: true
fallback: { departments: [government], channels: [file] }
backup: { webhook: file }
`;

describe('routes.yaml', () => {
  test('is read whole, and may be left out', () => {
    const { rules, diagnostics } = loadRules(rulesWith({ [ROUTES]: VALID }), TODAY);
    expect(diagnostics).toEqual([]);
    expect(rules?.catalogue.routes).toMatchObject({
      rules: [{ name: 'grave', add: true, match: { item: ['food-operation'], level: ['red', 'orange'] } }],
      fallback: { departments: ['government'] },
      backup: new Map([['webhook', 'file']]),
    });
    expect(loadRules(rulesWith(), TODAY).rules?.catalogue.routes).toEqual({
      rules: [],
      fallback: null,
      backup: new Map(),
    });
  });

  test('counts in the revision of the rules', () => {
    const { rules } = loadRules(rulesWith({ [ROUTES]: VALID }));
    expect(rules?.revision).not.toBe(loadRules(rulesWith()).rules?.revision);
  });

  test.each([
    ['an unknown key', 'title:', 'titel:', 'CATALOGUE_UNKNOWN_KEY', 'titel', 'title'],
    ['an unknown condition', 'tag: 学校', 'tags: 学校', 'CATALOGUE_UNKNOWN_KEY', 'tags', 'tag'],
    ['no name', '- name: grave\n    title', '- title', 'CATALOGUE_MISSING_KEY', '- title', undefined],
    ['a name that means something else', 'grave', 'fallback', 'CATALOGUE_VALUE', 'fallback', undefined],
    ['an unknown domain', 'domain: 食品', 'domain: 药品', 'ROUTE_ITEM_UNKNOWN', '药品', '食品'],
    [
      'an unknown item',
      '[food-operation]',
      '[food-operatio]',
      'ROUTE_ITEM_UNKNOWN',
      'food-operatio]',
      'food-operation',
    ],
    [
      'an unknown model',
      'food/repeat-complaints',
      'food/repeat-complaint',
      'ROUTE_MODEL_UNKNOWN',
      'food/repeat',
      'food/repeat-complaints',
    ],
    ['an unknown level', '[red, orange]', 'rde', 'CATALOGUE_VALUE', 'rde', 'red'],
    ['an unknown scope', 'scope: subject', 'scope: subjct', 'CATALOGUE_VALUE', 'subjct', 'subject'],
    ['a region of five digits', '"3301"', '"33010"', 'CATALOGUE_VALUE', '"33010"', undefined],
    ['an unknown region', '"3301"', '"330109"', 'CATALOGUE_REGION_UNKNOWN', '"330109"', '330100'],
    [
      'an unknown department',
      'department: health',
      'department: helth',
      'CATALOGUE_DEPARTMENT_UNKNOWN',
      'helth',
      'health',
    ],
    ['an unknown word', 'to: [lead,', 'to: [leed,', 'CATALOGUE_VALUE', 'leed', 'lead'],
    [
      'nobody who leads instead of the usual',
      'to: [lead, {',
      'to: [cooperating, {',
      'CATALOGUE_VALUE',
      '[cooperating',
      undefined,
    ],
    ['no channel', 'channels: [file]\n    add', 'channels: []\n    add', 'CATALOGUE_VALUE', '[]', undefined],
    [
      'an unknown department of the fallback',
      '[government]',
      '[govrnment]',
      'CATALOGUE_DEPARTMENT_UNKNOWN',
      'govrnment',
      'government',
    ],
    ['a backup that comes back', 'webhook: file', 'file: file', 'ROUTE_BACKUP_CYCLE', 'file }', undefined],
  ])('with %s', (what, from, to, code, at, nearest) => {
    const asIs = what.startsWith('nobody') ? VALID.replace('    add: true\n', '') : VALID;
    const text = replaced(asIs, from, to);
    const errors = diagnosticsOf(ROUTES, text).filter(({ severity }) => severity === 'error');
    expect(errors.map((found) => [found.code, found.line, found.nearest])).toEqual([
      [code, placeOf(text, at).line, nearest],
    ]);
    if (!['no name', 'a backup that comes back'].includes(what)) {
      expect(errors[0]?.column).toBe(placeOf(text, at).column);
    }
  });

  test('with two rules of one name', () => {
    const text = 'routes:\n  - { name: a }\n  - { name: b }\n  - { name: a }\n';
    expect(diagnosticsOf(ROUTES, text)).toMatchObject([{ code: 'ROUTE_NAME_TWICE', line: 4, column: 13 }]);
  });

  test('does not call a model unknown that is there and faulty', () => {
    const files = rulesWith({
      [ROUTES]: VALID,
      'food/repeat-complaints.yaml': replaced(COMPLAINTS, 'item: food-operation', 'itm: food-operation'),
    });
    const found = loadRules(files, TODAY).diagnostics;
    expect(new Set(found.map(({ file }) => file))).toEqual(new Set(['food/repeat-complaints.yaml']));
  });
});

describe('offices', () => {
  const office = (rest: string) => `${fixtureFile(DEPARTMENTS)}east: { name: 东所, ${rest} }\n`;

  test('have the department as their superior, unless they name another', () => {
    const of = (rest: string) =>
      loadRules(rulesWith({ [DEPARTMENTS]: office(rest) })).rules?.catalogue.departments.get('east');
    expect(of('office_of: market-regulation, region: "330100"')).toMatchObject({
      superior: 'market-regulation',
      channels: ['file'],
    });
    expect(of('office_of: market-regulation, region: "330100", superior: health')?.superior).toBe('health');
  });

  test.each([
    [
      'of an unknown department',
      'office_of: market-reglation, region: "330100"',
      'CATALOGUE_DEPARTMENT_UNKNOWN',
      'market-reglation',
    ],
    ['without a region', 'office_of: market-regulation', 'CATALOGUE_VALUE', 'market-regulation }'],
    [
      'in an unknown region',
      'office_of: market-regulation, region: "330200"',
      'CATALOGUE_REGION_UNKNOWN',
      '"330200"',
    ],
    [
      'with an unknown level',
      'office_of: health, region: "330100", levels: [green]',
      'CATALOGUE_VALUE',
      'green',
    ],
    ['with no level', 'office_of: health, region: "330100", levels: []', 'CATALOGUE_VALUE', '[]'],
    ['with no channel', 'office_of: health, region: "330100", channels: []', 'CATALOGUE_VALUE', '[]'],
  ])('%s', (_, rest, code, at) => {
    const text = office(rest);
    const errors = diagnosticsOf(DEPARTMENTS, text).filter(({ severity }) => severity === 'error');
    expect(errors.map((found) => [found.code, found.line])).toEqual([[code, placeOf(text, at).line]]);
  });

  test('of an office, or two for the same warnings', () => {
    const first = office('office_of: health, region: "330100", levels: [blue, yellow]');
    const chained = `${first}west: { name: 西所, office_of: east, region: "330100" }\n`;
    expect(diagnosticsOf(DEPARTMENTS, chained)).toMatchObject([
      { code: 'CATALOGUE_OFFICE', message: '"east" is itself an office', expected: 'office_of: health' },
    ]);
    const beside = `${first}west: { name: 西所, office_of: health, region: "3301", levels: [yellow, red] }\n`;
    expect(diagnosticsOf(DEPARTMENTS, beside)).toMatchObject([
      { code: 'CATALOGUE_OFFICES_ALIKE', message: '"east" takes yellow warnings of this region, too' },
    ]);
    const apart = replaced(beside, '[yellow, red]', '[orange, red]');
    expect(diagnosticsOf(DEPARTMENTS, apart)).toEqual([]);
  });
});
