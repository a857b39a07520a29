// Terms of events against what looks back on them.
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { RULE_FILES } from '../app/office.js';

const RETENTION = 'catalogue/retention.yaml';

function model(name: string, indicators: string, level = 'found >= 3', more = ''): [string, string] {
  return [
    `${name}.yaml`,
    `model: ${name}
title: 试 ${name}
summary: 测试用。
item: food
scope: subject
indicators: ${indicators}
levels: { yellow: '${level}' }
${more}plan: plan
advise: 核实。
`,
  ];
}

const errors = (retention: string, ...models: [string, string][]) =>
  loadRules(new Map([...RULE_FILES, ...models, [RETENTION, retention]])).diagnostics.filter(
    ({ severity }) => severity === 'error',
  );

describe('a term of events', () => {
  it('may be as long as the longest look-back, and is otherwise an error where it stands', () => {
    const year = model('food/year', "{ found: { from: complaint, count: '*', over: 365d } }");
    // An event may be dated five minutes after its arrival.
    expect(errors('events: { complaint: 365d5m }', year)).toEqual([]);
    expect(errors('events: { opinion: 90d, complaint: 365d }', year)).toMatchObject([
      {
        ...{ code: 'CATALOGUE_RETENTION', file: RETENTION, line: 1, column: 36 },
        message: 'events of complaint would go after 365d, and food/year (found) looks 366d back',
        expected: '366d or longer, or models that look less far back',
      },
    ]);
  });

  it.each([
    [
      'a comparison with the span before',
      `{ found: { from: opinion, count: '*', over: 31d, versus: previous } }`,
      { days: 62, level: 'found.change >= 3' },
    ],
    [
      'a baseline',
      `{ found: { from: opinion, count: '*', baseline: { over: 60d, every: 1d, method: zscore, min: 24 } } }`,
      { days: 62, level: 'found.score >= 3' },
    ],
    [
      'a wait before the level',
      `{ found: { from: opinion, count: '*', over: 90d } }`,
      { days: 97, more: 'for: 7d\n' },
    ],
    ['arrivals', `{ found: { from: opinion, count: '*', over: 90d, basis: arrival } }`, { days: 126 }],
  ])(
    'covers %s',
    (_name, indicators, { days, level, more }: { days: number; level?: string; more?: string }) => {
      const one = model('food/one', indicators, level, more);
      const found = errors('events: { opinion: 60d }', one);
      expect(found.map(({ code }) => code)).toEqual(['CATALOGUE_RETENTION']);
      const needed = Number(/looks (\d+)d back/.exec(found[0]?.message ?? '')?.[1]);
      expect(needed).toBeGreaterThanOrEqual(days);
      expect(errors(`events: { opinion: ${needed}d }`, one)).toEqual([]);
    },
  );

  it('of a stream that nobody reads is as long as an event may be revoked, but for readings', () => {
    expect(errors('events: { penalty: 34d }').map(({ message }) => message)).toEqual([
      'events of penalty would go after 34d, and an event may be revoked for 35d',
    ]);
    expect(errors('events: { penalty: 35d, sensor-reading: 1d }')).toEqual([]);
  });

  it('names a few of many models', () => {
    const models = [1, 2, 3, 4, 5].map((one) =>
      model(`food/y${one}`, `{ found: { from: penalty, count: '*', over: ${one}00d } }`),
    );
    expect(errors('events: { penalty: 60d }', ...models).map(({ message }) => message)).toEqual([
      'events of penalty would go after 60d, and food/y5 (found) looks 501d back; ' +
        'food/y4 (found) looks 401d back; food/y3 (found) looks 301d back; 2 more look further back than the term',
    ]);
  });

  it('is refused for the streams that make the profiles, with the reason', () => {
    for (const stream of ['registration', 'credit-change']) {
      const [found] = errors(`events: { ${stream}: 400d }`);
      expect(`${found?.message} ${found?.expected}`).toMatch(/make the profiles .* kept without end/);
    }
    expect(errors('events: { complaint: 12h }')[0]?.code).toBe('CATALOGUE_VALUE');
    expect(errors('personal: { complaint: 30d }')).toEqual([]);
  });
});
