import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { diagnosticsOf, expectFault, placeOf, TODAY } from './faults.js';
import { fixtureFile, replaced, rulesWith } from './rules-fixture.js';

describe('the catalogue', () => {
  const path = (name: string) => `catalogue/${name}.yaml`;
  test.each([
    [
      'an unknown key',
      'items',
      'method: 现场检查\n  level: county\n  legal:\n    - { law: 中华人民共和国食品',
      'methd: 现场检查\n  level: county\n  legal:\n    - { law: 中华人民共和国食品',
      'CATALOGUE_UNKNOWN_KEY',
      'methd',
      'method',
    ],
    [
      'an unknown department',
      'items',
      'cooperating: [health]',
      'cooperating: [helth]',
      'CATALOGUE_DEPARTMENT_UNKNOWN',
      'helth',
      'health',
    ],
    [
      'no legal basis',
      'items',
      '\n    - { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 }',
      ' []',
      'CATALOGUE_NO_BASIS',
      '[]',
      undefined,
    ],
    [
      'a basis without its start',
      'items',
      ', from: 2015-10-01',
      '',
      'CATALOGUE_MISSING_KEY',
      '{ law',
      undefined,
    ],
    [
      'a date that does not exist',
      'items',
      '2015-10-01',
      '2015-02-30',
      'CATALOGUE_VALUE',
      '2015-02-30',
      undefined,
    ],
    [
      'a basis that ends before it starts',
      'items',
      '2030-12-31',
      '2013-12-31',
      'CATALOGUE_VALUE',
      '2013-12-31',
      undefined,
    ],
    [
      'an unknown administrative level',
      'items',
      'level: county',
      'level: town',
      'CATALOGUE_VALUE',
      'town',
      undefined,
    ],
    [
      'an unknown superior',
      'departments',
      'superior: government',
      'superior: goverment',
      'CATALOGUE_DEPARTMENT_UNKNOWN',
      'goverment',
      'government',
    ],
    [
      'its own superior',
      'departments',
      'superior: government',
      'superior: market-regulation',
      'CATALOGUE_CYCLE',
      'market-regulation }',
      undefined,
    ],
    ['an id in capitals', 'departments', 'health:', 'Health:', 'CATALOGUE_VALUE', 'Health', undefined],
    [
      'a term that is none',
      'plans',
      'feedback_within: 1 workdays',
      'feedback_within: 1 day',
      'CATALOGUE_VALUE',
      '1 day',
      undefined,
    ],
    ['an unknown level of a plan', 'plans', 'red:', 'rde:', 'CATALOGUE_UNKNOWN_KEY', 'rde', 'red'],
    ['a year whose notice is unknown', 'calendar', '2026]', '2099]', 'CATALOGUE_VALUE', '2099', undefined],
    [
      'years in the wrong order',
      'calendar',
      '[2020, 2026]',
      '[2026, 2020]',
      'CATALOGUE_VALUE',
      '[2026',
      undefined,
    ],
    [
      'an unknown zone',
      'calendar',
      'Asia/Shanghai',
      'Asia/Shanghi',
      'CATALOGUE_VALUE',
      'Asia/Shanghi',
      undefined,
    ],
    [
      'a day that is both',
      'calendar',
      'workdays: []',
      'workdays: [2025-09-15]',
      'CATALOGUE_DAY_TWICE',
      '2025-09-15]\n\n',
      undefined,
    ],
    ['a region code of five digits', 'regions', '330100', '33010', 'CATALOGUE_VALUE', '"33010"', undefined],
    [
      'a list without values',
      'lists',
      ', values: [苏丹红, 三聚氰胺]',
      '',
      'CATALOGUE_MISSING_KEY',
      '{ title',
      undefined,
    ],
    [
      'a region beyond the end of the world',
      'regions',
      '"330100": 杭州市',
      '"330100": { name: 杭州市, longitude: 200.5, latitude: 30 }',
      'CATALOGUE_VALUE',
      '200.5',
      undefined,
    ],
  ])('with %s', (what, name, from, to, code, at, nearest) => {
    if (what !== 'a day that is both') {
      expectFault(path(name), from, to, code, at, nearest);
      return;
    }
    const text = replaced(fixtureFile(path(name)), from, to);
    const { line } = placeOf(text, to);
    expect(diagnosticsOf(path(name), text)).toMatchObject([{ code, line, column: 'workdays: ['.length + 1 }]);
  });

  test('a circle of superiors is found from each of its members', () => {
    const text =
      'market-regulation: { name: a, superior: health }\nhealth: { name: b, superior: market-regulation }\n';
    const found = diagnosticsOf('catalogue/departments.yaml', text);
    expect(found.map(({ code, line }) => [code, line])).toEqual([
      ['CATALOGUE_CYCLE', 1],
      ['CATALOGUE_CYCLE', 2],
    ]);
  });

  test('a missing file is one error, and not one for each model', () => {
    const { rules, diagnostics } = loadRules(rulesWith({ 'catalogue/items.yaml': null }), TODAY);
    expect(rules).toBeNull();
    expect(diagnostics.map(({ code, file }) => [code, file])).toEqual([
      ['CATALOGUE_MISSING_FILE', 'catalogue/items.yaml'],
    ]);
  });

  test('an item without a legal basis in force is one warning, and its models load', () => {
    const late = loadRules(rulesWith(), '2031-01-01');
    expect(late.rules).not.toBeNull();
    expect(late.diagnostics).toMatchObject([
      {
        code: 'CATALOGUE_BASIS_EXPIRED',
        severity: 'warning',
        file: 'catalogue/items.yaml',
        ...placeOf(fixtureFile('catalogue/items.yaml'), '- { law: 中华人民共和国特种设备安全法'),
        message: 'the item "elevator" has no legal basis in force on 2031-01-01',
      },
    ]);
    expect(loadRules(rulesWith(), '2030-12-31').diagnostics).toEqual([]);
    expect(loadRules(rulesWith()).diagnostics).toEqual([]);
  });

  test('an old law beside the one that replaced it is history, and no fault', () => {
    const text = replaced(
      fixtureFile('catalogue/items.yaml'),
      '- { law: 中华人民共和国食品安全法,',
      '- { law: 食品安全法（2009年）, article: 第七十七条, from: 2009-06-01, until: 2015-09-30 }\n    - { law: 中华人民共和国食品安全法,',
    );
    const changes = { 'catalogue/items.yaml': text };
    expect(loadRules(rulesWith(changes), TODAY).diagnostics).toEqual([]);
    expect(loadRules(rulesWith(changes), '2009-01-01').diagnostics).toMatchObject([
      { code: 'CATALOGUE_BASIS_EXPIRED', severity: 'warning' },
      { code: 'CATALOGUE_BASIS_EXPIRED', severity: 'warning' },
    ]);
  });

  test.each([
    ['catalogue/item.yaml', 'items.yaml'],
    ['loose.yaml', undefined],
    ['food/Upper.yaml', undefined],
    ['food/short.yml', undefined],
    ['../outside/model.yaml', undefined],
  ])('%s is no place for a file', (file, nearest) => {
    const { rules, diagnostics } = loadRules(rulesWith({ [file]: 'a: b\n' }), TODAY);
    expect(rules).toBeNull();
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: 'RULES_FILE_NAME', file, line: 1, column: 1 }),
    );
    expect(diagnostics.find(({ code }) => code === 'RULES_FILE_NAME')?.nearest).toBe(nearest);
  });
});

test('regions lie where their file says so, and nowhere where it does not', () => {
  const files = rulesWith({
    'catalogue/regions.yaml':
      '"330100": 杭州市\n"330101": { name: 某区, longitude: 120.15, latitude: -30 }\n',
  });
  const { rules } = loadRules(files, TODAY);
  expect(rules?.catalogue.regions).toEqual(
    new Map([
      ['330100', '杭州市'],
      ['330101', '某区'],
    ]),
  );
  expect(rules?.catalogue.regionPlaces).toEqual(new Map([['330101', { longitude: 120.15, latitude: -30 }]]));
});
