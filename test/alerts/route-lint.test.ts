import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintRoutes } from '../../src/alerts/route-lint.js';
import { isTaken, routeOf } from '../../src/alerts/routing.js';
import { LEVELS } from '../../src/model/model.js';
import { catalogueWith, DEPARTMENTS, warningOf } from './routes-fixture.js';

const MODELS = ['food/repeat-complaints', 'elevator/overload'];
const NARROW = DEPARTMENTS.replace(
  'market: { name: 市场监管局,',
  'market: { name: 市场监管局, region: "330106", levels: [blue, yellow, orange],',
);
const lint = (routes: string | null, departments = DEPARTMENTS) =>
  lintRoutes(catalogueWith(routes, { 'catalogue/departments.yaml': departments }), MODELS);
const of = (code: string, faults: ReturnType<typeof lint>) => faults.filter((fault) => fault.code === code);

describe('gaps', () => {
  it('are none where departments answer for all regions', () => {
    expect(of('ROUTE_GAP', lint(null))).toEqual([]);
  });

  it('are named by item, levels and regions, those alike together', () => {
    const gaps = of('ROUTE_GAP', lint(null, NARROW)).filter(({ path }) => path[0] === 'food-operation');
    expect(gaps.map(({ severity, file, message }) => [severity, file, message])).toEqual([
      [
        'error',
        'items.yaml',
        'nobody leads red, orange, yellow, blue warnings of "food-operation" here: without a region, 3301 杭州市, 330108 滨江区',
      ],
      [
        'error',
        'items.yaml',
        'nobody leads red warnings of "food-operation" here: 330106 西湖区, 330106001 东街道, 330106001203 某村, 330106002 西街道',
      ],
    ]);
  });

  it('are warnings where a fallback takes them', () => {
    const gaps = of('ROUTE_GAP', lint('fallback: { departments: [government] }', NARROW));
    expect(gaps.length).toBeGreaterThan(0);
    expect(new Set(gaps.map(({ severity }) => severity))).toEqual(new Set(['warning']));
  });

  it('are closed by a rule that names who leads, and not by one that only adds', () => {
    const rest = (add: string) =>
      `routes: [{ name: rest, to: [{ department: government, role: lead }, lead, cooperating]${add} }]`;
    expect(of('ROUTE_GAP', lint(rest(''), NARROW))).toEqual([]);
    const copies = 'routes: [{ name: copies, to: [{ department: government }], add: true }]';
    expect(of('ROUTE_GAP', lint(copies, NARROW))).not.toEqual([]);
  });

  it('count the regions that are too many to name', () => {
    const regions = Array.from({ length: 9 }, (_, index) => `"33010${index + 1}": 区${index + 1}`).join('\n');
    const catalogue = catalogueWith(null, {
      'catalogue/departments.yaml': 'd: { name: d, region: "330101" }\n',
      'catalogue/items.yaml': `food-operation: &item
  { title: t, domain: food, lead: d, object: o, method: m, level: county, legal: [{ law: l, article: a, from: 2015-01-01 }] }
elevator: *item
`,
      'catalogue/regions.yaml': regions,
    });
    expect(lintRoutes(catalogue, MODELS)[0]?.message).toMatch(
      /here: without a region, 330102 区2, .*330105 区5 and 4 more$/,
    );
  });

  it('are all there are: what the proof covers is taken whatever else is known of a warning', () => {
    const value = <T>(...values: T[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
    const rule = fc.record({
      item: value('food-operation', 'gas-use'),
      level: value('red', 'yellow'),
      region: value('3301', '330106', '330106001', '330108'),
      tag: value('甲', '乙'),
      scope: value('subject', 'device'),
      model: value(...MODELS),
      to: fc.constantFrom('lead', 'cooperating, { department: government, role: lead }'),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), fc.boolean(), (rules, isNarrow) => {
        const text = rules.map(({ to, ...match }, index) => {
          const conditions = Object.entries(match).flatMap(([name, values]) =>
            values === undefined ? [] : `${name}: [${values.map((one) => `"${one}"`).join(', ')}]`,
          );
          return `  - { name: r${index}, match: { ${conditions.join(', ')} }, to: [${to}] }\n`;
        });
        const catalogue = catalogueWith(text.length === 0 ? null : `routes:\n${text.join('')}`, {
          'catalogue/departments.yaml': isNarrow ? NARROW : DEPARTMENTS,
        });
        const gaps = of('ROUTE_GAP', lintRoutes(catalogue, MODELS));
        for (const item of catalogue.items.keys())
          for (const region of [...catalogue.regions.keys(), ''])
            for (const level of LEVELS.slice(1)) {
              const named = gaps.some(
                ({ path, message }) =>
                  path[0] === item &&
                  message.split(' here: ')[0]?.includes(level) === true &&
                  ` ${message.split(' here: ')[1] ?? ''},`.includes(
                    region === '' ? ' without a region,' : ` ${region} `,
                  ),
              );
              const bare = { item, region, level, model: 'other/model', scope: 'place' };
              const [route] = routeOf(warningOf(bare), catalogue).items;
              expect(route !== undefined && isTaken(route), `${item} ${region} ${level}`).toBe(!named);
              if (named) continue;
              for (const tag of ['甲', '丙'])
                for (const model of MODELS)
                  for (const scope of ['subject', 'source']) {
                    const profile = region === '' ? { tags: [tag] } : { region, tags: [tag] };
                    const full = warningOf({ item, level, model, scope, profile });
                    expect(routeOf(full, catalogue).items.every(isTaken)).toBe(true);
                  }
            }
      }),
      { numRuns: 60 },
    );
  });
});

describe('rules that never decide', () => {
  const never = (rules: string) =>
    of('ROUTE_NEVER', lint(`routes:\n${rules}`)).map(({ path, message }) => [path[1], message]);
  const LEAD = 'to: [{ department: government, role: lead }]';

  it('are those behind one that takes all they describe', () => {
    expect(
      never(`
  - { name: all-food, match: { domain: food }, ${LEAD} }
  - { name: one-street, match: { item: food-operation, region: "330106001", tag: 学校 }, ${LEAD} }
  - { name: gas, match: { item: gas-use }, ${LEAD} }
`),
    ).toEqual([[1, 'all that the rule "one-street" describes is decided by "all-food" before it']]);
  });

  it('are those behind several that take all of it together', () => {
    const halves = `
  - { name: grave, match: { level: [red, orange] }, ${LEAD} }
  - { name: light, match: { level: [yellow, blue] }, ${LEAD} }
  - { name: late, match: { model: elevator/overload }, ${LEAD} }
`;
    expect(never(halves)).toEqual([
      [2, 'all that the rule "late" describes is decided by "grave", "light" before it'],
    ]);
    expect(never(halves.replace('[yellow, blue]', '[yellow]'))).toEqual([]);
  });

  it('are not those behind one that asks for more', () => {
    expect(
      never(`
  - { name: tagged, match: { domain: food, tag: 学校 }, ${LEAD} }
  - { name: by-model, match: { domain: food, model: food/repeat-complaints }, ${LEAD} }
  - { name: on-subjects, match: { domain: food, scope: subject }, ${LEAD} }
  - { name: of-the-county, match: { domain: food, region: "330106" }, ${LEAD} }
  - { name: all-food, match: { domain: food }, ${LEAD} }
`),
    ).toEqual([]);
  });

  it('are those whose conditions fit no warning', () => {
    expect(never(`  - { name: odd, match: { domain: gas, item: food-operation }, ${LEAD} }\n`)).toEqual([
      [0, 'there is no warning that the rule "odd" would decide'],
    ]);
  });
});

describe('departments out of reach', () => {
  const unreached = (routes: string | null, more: string) =>
    of('ROUTE_UNREACHED', lint(routes, DEPARTMENTS + more)).map(({ path }) => path[0]);

  it('are those that nothing names', () => {
    const idle = 'idle: { name: 闲置 }\n';
    expect(unreached(null, idle)).toEqual(['idle']);
    expect(unreached('fallback: { departments: [idle] }', idle)).toEqual([]);
    expect(
      unreached('routes: [{ name: r, match: { tag: x }, to: [{ department: idle }], add: true }]', idle),
    ).toEqual([]);
    expect(
      unreached(
        null,
        `${idle}chief: { name: 上级 }\nfire-east: { name: 所, office_of: fire, region: "330106001", superior: chief }\n`,
      ),
    ).toEqual(['idle']);
  });

  it('are offices that no item is for', () => {
    expect(unreached(null, 'market-hz: { name: 省局, office_of: market, region: "33" }\n')).toEqual([
      'market-hz',
    ]);
    expect(unreached(null, 'fire-hz: { name: 支队, office_of: fire, region: "3301" }\n')).toEqual([
      'fire-hz',
    ]);
  });
});
