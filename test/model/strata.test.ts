import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { warningSources } from '../../src/model/strata.js';
import { placeOf, TODAY } from './faults.js';
import { rulesWith } from './rules-fixture.js';

interface Parts {
  readonly scope?: string;
  readonly from?: string;
  readonly where?: string;
  readonly level?: string;
  readonly more?: string;
}

/** A small model; its window is long enough for any stream. */
function model(name: string, { scope = 'subject', from = 'complaint', where, level = 'n > 0', more }: Parts) {
  const filter = where === undefined ? '' : `where: '${where}', `;
  return `model: ${name}
title: 测试
summary: 测试
item: food-operation
scope: ${scope}
indicators:
  n: { from: ${from}, ${filter}count: '*', over: 365d }
levels: { red: '${level}' }
plan: food-joint-check
${more ?? ''}advise: 测试
`;
}

/** The fixture's two models (stratum 0) and these, by path without `.yaml`. */
function loaded(models: { readonly [name: string]: Parts }) {
  const files = Object.entries(models).map(([name, parts]) => [`${name}.yaml`, model(name, parts)] as const);
  return { ...loadRules(rulesWith(Object.fromEntries(files)), TODAY), files: new Map<string, string>(files) };
}

function rulesOf(models: { readonly [name: string]: Parts }) {
  const { rules, diagnostics } = loaded(models);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

function strataOf(models: { readonly [name: string]: Parts }) {
  const rules = rulesOf(models);
  return Object.fromEntries(
    rules.models.filter(({ name }) => name in models).map(({ name, stratum }) => [name, stratum]),
  );
}

const OWNED: Parts = {
  scope: 'device',
  from: 'sensor-reading',
  where: 'event.value > device.capacity',
  level: 'n > 0 && subject.credit == "D"',
};

describe('without warnings', () => {
  test.each<[string, Parts, number]>([
    ['a subject model', {}, 0],
    ['a device model', { scope: 'device', from: 'sensor-reading' }, 0],
    ['a place model', { scope: 'place', from: 'opinion' }, 0],
    ['a subject model that reads its devices', { from: '[complaint, sensor-reading]' }, 1],
    ['a region model', { scope: 'region' }, 1],
    ['an industry model', { scope: 'industry', from: 'sensor-reading' }, 1],
    ['a region and industry model', { scope: '[industry, region]' }, 1],
    ['a device model that asks for its owner in a level', OWNED, 2],
    [
      'a device model that asks for its owner in a filter',
      { ...OWNED, where: 'subject.credit == "D"', level: 'n > 0' },
      2,
    ],
    [
      'a device model whose own where asks for its owner',
      { ...OWNED, level: 'n > 0', more: "where: 'has(subject.credit)'\n" },
      2,
    ],
  ])('%s', (_what, parts, stratum) => {
    const rules = rulesOf({ 'a/one': parts });
    expect(rules.models.find(({ name }) => name === 'a/one')?.stratum).toBe(stratum);
    expect(rules.strata).toBe(stratum + 1);
  });

  test('only device models ask for an owner', () => {
    const rules = rulesOf({
      'a/device': OWNED,
      'a/region': { scope: 'region', where: 'subject.credit == "D"' },
    });
    expect(rules.models.filter(({ readsOwner }) => readsOwner).map(({ name }) => name)).toEqual(['a/device']);
  });
});

describe('a model that reads warnings', () => {
  const JOINT: Parts = { from: 'warning' };

  test('stands above all models that read none', () => {
    expect(strataOf({ 'joint/a': JOINT })).toEqual({ 'joint/a': 1 });
    expect(strataOf({ 'a/device': OWNED, 'joint/a': JOINT })).toEqual({ 'a/device': 2, 'joint/a': 3 });
    expect(strataOf({ 'a/region': { scope: 'region' }, 'joint/a': JOINT })).toEqual({
      'a/region': 1,
      'joint/a': 2,
    });
  });

  test('stands above the stratum of its own scope', () => {
    expect(
      strataOf({ 'joint/a': { ...JOINT, scope: 'region', where: 'event.model == "elevator/overload"' } }),
    ).toEqual({
      'joint/a': 2,
    });
  });

  test('that names models stands above these alone', () => {
    const where = 'event.level == "red" && event.model in ["elevator/overload", "food/repeat-complaints"]';
    expect(strataOf({ 'a/device': OWNED, 'joint/a': { ...JOINT, where } })).toEqual({
      'a/device': 2,
      'joint/a': 1,
    });
  });

  test('may name models that read warnings themselves, in a chain', () => {
    expect(
      strataOf({
        'joint/a': JOINT,
        'joint/b': { ...JOINT, where: 'event.model == "joint/a"' },
        'joint/c': { ...JOINT, where: 'event.model == "joint/a" || "joint/b" == event.model' },
      }),
    ).toEqual({ 'joint/a': 1, 'joint/b': 2, 'joint/c': 3 });
  });

  test('hears, where it names none, of no model that reads warnings', () => {
    expect(strataOf({ 'joint/a': JOINT, 'joint/b': { ...JOINT, scope: 'region' } })).toEqual({
      'joint/a': 1,
      'joint/b': 2,
    });
    const { models } = rulesOf({
      'joint/a': JOINT,
      'joint/b': { ...JOINT, where: 'event.model == "joint/a"' },
    });
    const sourcesOf = (name: string) => {
      const reader = models.find((one) => one.name === name);
      return reader === undefined ? null : warningSources(reader, models).map((one) => one.name);
    };
    expect(sourcesOf('joint/a')).toEqual(['elevator/overload', 'food/repeat-complaints']);
    expect(sourcesOf('joint/b')).toEqual(['joint/a']);
    expect(sourcesOf('elevator/overload')).toEqual([]);
  });
});

describe('warnings that wait for each other', () => {
  const naming = (name: string): Parts => ({ from: 'warning', where: `event.model == "${name}"` });

  test.each([
    ['a model that names itself', { 'joint/a': naming('joint/a') }, 'joint/a -> joint/a'],
    [
      'two models',
      { 'joint/a': naming('joint/b'), 'joint/b': naming('joint/a') },
      'joint/a -> joint/b -> joint/a',
    ],
    [
      'a circle that another model leads into',
      { 'joint/a': naming('joint/b'), 'joint/b': naming('joint/c'), 'joint/c': naming('joint/b') },
      'joint/b -> joint/c -> joint/b',
    ],
  ])('%s', (_what, models, path) => {
    const { rules, diagnostics, files } = loaded(models);
    expect(rules).toBeNull();
    expect(diagnostics).toHaveLength(1);
    const file = `${path.split(' ')[0] ?? ''}.yaml`;
    const place = placeOf(files.get(file) ?? '', "'event.model");
    expect(diagnostics[0]).toMatchObject({ code: 'MODEL_WARNING_CYCLE', file, ...place });
    expect(diagnostics[0]?.message).toContain(path);
  });

  test('two circles are two faults', () => {
    const { diagnostics } = loaded({ 'joint/a': naming('joint/a'), 'joint/b': naming('joint/b') });
    expect(diagnostics.map(({ code, file }) => [code, file])).toEqual([
      ['MODEL_WARNING_CYCLE', 'joint/a.yaml'],
      ['MODEL_WARNING_CYCLE', 'joint/b.yaml'],
    ]);
  });

  test('a name that no model has is a fault with the nearest', () => {
    const { rules, diagnostics } = loaded({ 'joint/a': naming('food/repeat-complaint') });
    expect(rules).toBeNull();
    expect(diagnostics.map(({ code, nearest }) => [code, nearest])).toEqual([
      ['MODEL_WARNING_UNKNOWN', 'food/repeat-complaints'],
    ]);
  });

  test.each([
    ['beside other warnings', 'event.level == "red" || event.model == "joint/b"', "'event.level"],
    ['in a choice', 'event.level == "red" ? event.model in ["joint/b"] : false', "'event.level"],
  ])('a joint model that is asked for %s is never heard, which is said', (_how, where, at) => {
    const models = { 'joint/a': { from: '[warning, penalty]', where }, 'joint/b': { from: 'warning' } };
    const { rules, diagnostics, files } = loaded(models);
    expect(rules).not.toBeNull();
    const place = placeOf(files.get('joint/a.yaml') ?? '', at);
    expect(diagnostics).toEqual([
      expect.objectContaining({
        code: 'MODEL_WARNING_UNHEARD',
        severity: 'warning',
        file: 'joint/a.yaml',
        ...place,
      }),
    ]);
    expect(diagnostics[0]?.message).toContain('joint/b');
  });

  test('another stream may stand beside the joint model that is asked for', () => {
    const where = 'event.stream == "penalty" || event.model == "joint/b"';
    const { rules, diagnostics } = loaded({
      'joint/a': { from: '[warning, penalty]', where },
      'joint/b': { from: 'warning' },
    });
    expect(diagnostics).toEqual([]);
    expect(rules?.models.find(({ name }) => name === 'joint/a')?.stratum).toBe(2);
  });

  test('a model with a fault of its own is not called unknown, too', () => {
    const { diagnostics } = loaded({ 'joint/a': naming('a/faulty'), 'a/faulty': { level: 'm > 0' } });
    expect(diagnostics.map(({ code, file }) => [code, file])).toEqual([['EXPR_NAME', 'a/faulty.yaml']]);
  });
});
