import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/model/model.js';
import { loadRules } from '../../src/model/load.js';
import { placeOf, TODAY } from './faults.js';
import { rulesWith } from './rules-fixture.js';

const PATH = 'wide/one.yaml';

interface Parts {
  readonly scope: string;
  readonly indicator?: string;
  readonly level?: string;
  readonly more?: string;
}

function textOf({ scope, indicator, level, more }: Parts): string {
  return `model: wide/one
title: 测试
summary: 测试
item: food-operation
scope: ${scope}
indicators:
  n: { ${indicator ?? "from: complaint, count: '*'"}, over: 365d }
levels:
  red: '${level ?? 'n > 0'}'
plan: food-joint-check
${more ?? ''}advise: 测试
`;
}

function errorsOf(parts: Parts) {
  const { rules, diagnostics } = loadRules(rulesWith({ [PATH]: textOf(parts) }), TODAY);
  expect(rules === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  return diagnostics.filter(({ severity }) => severity === 'error');
}

function modelOf(parts: Parts): Model {
  const { rules, diagnostics } = loadRules(rulesWith({ [PATH]: textOf(parts) }), TODAY);
  const model = rules?.models.find(({ name }) => name === 'wide/one');
  if (model === undefined) throw new Error(JSON.stringify(diagnostics));
  return model;
}

/** The one error, at the first place of a passage. */
function errorOf(parts: Parts, at: string) {
  const errors = errorsOf(parts);
  expect(errors.map(({ line, column }) => ({ line, column }))).toEqual([placeOf(textOf(parts), at)]);
  return errors[0];
}

describe('scopes', () => {
  test.each([
    ['subject', 'subject'],
    ['device', 'device'],
    ['place', 'place'],
    ['region', 'region'],
    ['industry', 'industry'],
    ['[region, industry]', 'region+industry'],
    ['[industry, region]', 'region+industry'],
  ])('%s', (scope, known) => {
    expect(modelOf({ scope, indicator: "from: registration, count: '*'" }).scope).toBe(known);
  });

  test.each([
    '[region, region]',
    '[region]',
    '[region, industry, place]',
    '[subject, region]',
    'region+industry',
  ])('%s is refused', (scope) => {
    const error = errorOf({ scope }, scope);
    expect([error?.code, error?.expected]).toEqual([
      'MODEL_SCOPE',
      'one of subject, device, place, region, industry, or [region, industry]',
    ]);
  });
});

describe('what a scope may read', () => {
  const ALL =
    'complaint inspection penalty credit-change sensor-reading opinion judgment registration rectification warning';
  test.each([
    ['subject', ''],
    ['device', 'complaint inspection penalty credit-change opinion judgment rectification warning'],
    ['place', 'sensor-reading'],
    ['region', ''],
    ['industry', ''],
    ['[region, industry]', ''],
  ])('%s: all but %s', (scope, refused) => {
    const failing = ALL.split(' ').filter(
      (stream) => errorsOf({ scope, indicator: `from: ${stream}, count: '*'` }).length > 0,
    );
    expect(failing).toEqual(refused.split(' ').filter((stream) => stream !== ''));
  });

  test('a misspelt source is told the nearest, warnings among them', () => {
    const error = errorOf({ scope: 'subject', indicator: "from: warnings, count: '*'" }, 'warnings');
    expect([error?.code, error?.nearest]).toEqual(['MODEL_STREAM_UNKNOWN', 'warning']);
  });

  test('a warning has its own fields, beside those that every event has', () => {
    const fields = 'warning model domain item department level previous scope key id source stream'.split(
      ' ',
    );
    const where = [...fields.map((name) => `event.${name} != ""`), 'event.at >= event.time'].join(' && ');
    expect(errorsOf({ scope: 'subject', indicator: `from: warning, where: '${where}', count: '*'` })).toEqual(
      [],
    );
    const indicator = "from: warning, where: 'event.severity == 1', count: '*'";
    expect(errorOf({ scope: 'subject', indicator }, 'severity')?.code).toBe('EXPR_FIELD');
  });

  test('a filter over warnings says of which models it hears', () => {
    const where = 'event.model == "elevator/overload"';
    const hears = (indicator: string) => {
      const [window] = modelOf({ scope: 'subject', indicator }).indicators;
      return window?.kind === 'window' ? window.warningsOf : undefined;
    };
    expect(hears(`from: warning, where: '${where}', count: '*'`)).toEqual(['elevator/overload']);
    expect(hears("from: warning, count: '*'")).toBeNull();
    expect(hears("from: complaint, where: 'event.category == \"a\"', count: '*'")).toBeNull();
  });
});

describe('subject', () => {
  test('is the owner in a device model, wherever it stands', () => {
    const model = modelOf({
      scope: 'device',
      indicator: "from: sensor-reading, where: '\"食品经营\" in subject.tags', count: '*'",
      level: 'n > 0 && subject.credit == "D" && device.capacity > 1',
    });
    const condition = model.levels[0]?.condition;
    expect(model.readsOwner).toBe(true);
    expect(condition?.reads).toMatchObject({ owner: ['credit'], profile: ['capacity'] });
    expect(model.indicators[0]?.kind === 'window' && model.indicators[0].where?.reads.owner).toEqual([
      'tags',
    ]);
  });

  test.each(['region', 'industry', '[region, industry]'])(
    'in scope %s is the subject of an event, in what an indicator takes from it',
    (scope) => {
      const indicator = "from: complaint, where: 'subject.credit == \"D\"', distinct: 'subject.name'";
      expect(modelOf({ scope, indicator }).readsOwner).toBe(false);
    },
  );

  test.each([
    ['a level', { level: 'n > 0 && subject.credit == "D"' }],
    ['where of the model', { more: 'where: \'subject.credit == "D"\'\n' }],
    ['has', { level: 'has(subject.credit)' }],
  ])('means nothing in %s of a wider scope', (_what, parts) => {
    const errors = errorsOf({ scope: 'region', ...parts });
    expect(errors.map(({ code, expected }) => [code, expected])).toEqual([
      ['EXPR_NAME', 'region.code, or subject inside where or the argument of an indicator'],
    ]);
  });

  test('means nothing in a place model', () => {
    const error = errorOf({ scope: 'place', level: 'subject.credit == "D"' }, 'subject.credit');
    expect([error?.code, error?.message]).toEqual(['EXPR_NAME', 'a place has no subject']);
  });
});

describe('a wider scope', () => {
  test('knows its own code', () => {
    const level = 'n > 0 && region.code.startsWith("33") && industry.code != "I62"';
    const model = modelOf({ scope: '[region, industry]', level });
    expect(model.levels[0]?.condition.reads.profile).toEqual(['industry', 'region']);
    expect(
      model.levels[0]?.condition.run({
        event: null,
        profile: { region: '330106', industry: 'I61' },
        subject: {},
        params: {},
        values: [1],
        anchors: [],
        now: 0,
        missing: () => undefined,
      }),
    ).toBe(true);
  });

  test.each([
    ['the other code', 'region', 'industry.code == "I62"', 'industry'],
    ['another field', 'region', 'region.name == "x"', 'name'],
    ['the whole of it', 'region', 'region == "330106"', 'region == '],
  ])('does not know %s', (_what, scope, level, at) => {
    expect(['EXPR_NAME', 'EXPR_FIELD']).toContain(errorOf({ scope, level }, at)?.code);
  });

  test('a code is never null, so no null is looked for', () => {
    const level = 'n > 0 && region.code == "330106"';
    expect(
      modelOf({ scope: 'region', level, more: 'where: \'region.code in ["330106"]\'\n' }).where?.nullable,
    ).toBe(false);
  });

  test.each([
    ['region', 'subject.credit'],
    ['industry', 'industry.code'],
    ['device', 'subject.credit'],
  ])('parameters of scope %s are not chosen by %s', (scope, by) => {
    const error = errorOf(
      {
        scope,
        indicator: "from: registration, count: '*'",
        level: 'n > params.p',
        more: `params: { p: { default: 1, by: ${by} } }\n`,
      },
      by,
    );
    expect(error?.code).toBe('MODEL_PARAM_BY');
  });
});

describe('a joint task', () => {
  const indicator = "from: warning, distinct: 'event.department'";

  test('has its term in working days', () => {
    const more = 'task: { merge: items, within: 10 workdays }\n';
    expect(modelOf({ scope: 'subject', indicator, more }).task).toEqual({ withinWorkdays: 10 });
    expect(modelOf({ scope: 'subject', indicator }).task).toBeNull();
  });

  test.each(['0 workdays', '251 workdays', '10d', 'ten'])('a term of %s is refused', (within) => {
    const more = `task: { merge: items, within: ${within} }\n`;
    expect(errorOf({ scope: 'subject', indicator, more }, within)?.code).toBe('MODEL_VALUE');
  });

  test.each([
    ['merge: all, within: 10 workdays', 'all', 'MODEL_VALUE'],
    ['within: 10 workdays', '{ within', 'MODEL_MISSING_KEY'],
    ['merge: items, within: 10 workdays, by: x', 'by: x', 'MODEL_UNKNOWN_KEY'],
  ])('%s is refused', (task, at, code) => {
    expect(errorOf({ scope: 'subject', indicator, more: `task: { ${task} }\n` }, at)?.code).toBe(code);
  });

  test('belongs to a model that reads warnings', () => {
    const more = 'task: { merge: items, within: 10 workdays }\n';
    const error = errorOf({ scope: 'subject', more }, 'task:');
    expect([error?.code, error?.expected]).toEqual(['MODEL_TASK', 'an indicator with from: warning']);
  });
});

test('indicators of different scopes, sources and subjects are told apart', () => {
  const identityOf = (scope: string, indicator: string) =>
    modelOf({ scope, indicator }).indicators[0]?.identity;
  const identities = [
    identityOf('region', "from: complaint, count: '*'"),
    identityOf('industry', "from: complaint, count: '*'"),
    identityOf('[region, industry]', "from: complaint, count: '*'"),
    identityOf('place', "from: complaint, count: '*'"),
    identityOf('subject', "from: complaint, count: '*'"),
    identityOf('region', "from: [complaint, warning], count: '*'"),
    identityOf('region', "from: warning, count: '*'"),
    identityOf('region', "from: complaint, where: 'subject.credit == \"D\"', count: '*'"),
    identityOf('device', "from: sensor-reading, where: 'subject.credit == \"D\"', count: '*'"),
    identityOf('device', "from: sensor-reading, where: 'device.credit == \"D\"', count: '*'"),
  ];
  expect(new Set(identities).size).toBe(identities.length);
  expect(identityOf('[industry, region]', "from: complaint, count: '*'")).toBe(identities[2]);
});
