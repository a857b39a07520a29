import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEPARTMENTS, ITEMS, REGIONS } from '../alerts/routes-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const ROUTES = `
routes:
  - { name: red, title: 红色报县政府, match: { level: red }, to: [{ department: government }], add: true }
  - { name: schools, match: { tag: 学校 }, to: [{ department: government, role: lead }] }
fallback: { departments: [government] }
`;
const TESTS = `cases:
  - name: 红色预警报县政府
    warning: { item: elevator, region: "330106", level: red }
    by: red
    expect:
      - { department: market, role: lead, channels: [file] }
      - { department: government, role: cooperating, channels: [file] }
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-route-'));
  await writeRules(join(folder, 'rules'), {
    'catalogue/items.yaml': ITEMS,
    'catalogue/departments.yaml': DEPARTMENTS,
    'catalogue/regions.yaml': REGIONS,
    'catalogue/routes.yaml': ROUTES,
    'catalogue/routes.test.yaml': TESTS,
  });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const run = (...args: string[]) => fenghuo(args, folder);
const FOOD = ['--item', 'food-operation', '--region', '330106001203'];

describe('fenghuo route', () => {
  it('says who hears of a warning', async () => {
    expect(await run('route', ...FOOD, '--level', 'yellow')).toEqual({
      code: 0,
      err: '',
      out: 'market-east 东所: leads, by file\nhealth 卫健局: in copy, by file\n',
    });
  });

  it('explains why, and what was passed over', async () => {
    const { out } = await run('route', '--explain', ...FOOD, '--level', 'yellow', '--tags', '食堂,幼儿园');
    expect(out.trimEnd().split('\n')).toEqual([
      'market-east 东所: leads, by file',
      '  since the usual route of food-operation: answers for market in region 330106001 东街道',
      'health 卫健局: in copy, by file',
      '  since the usual route of food-operation: answers for health in region 330106 西湖区',
      'passed over for food-operation:',
      '  rule red 红色报县政府: asks for level red, the warning has yellow',
      '  rule schools: asks for tag 学校, the warning has 食堂, 幼儿园',
      '  office market-village 村站: takes blue only',
    ]);
    const ruled = await run('route', '--explain', ...FOOD, '--level', 'red', '--tags', '学校');
    expect(ruled.out).toContain(
      'government 县政府: in copy, by file\n  since the rule red 红色报县政府 for food-operation: named there\n',
    );
    expect(ruled.out).toContain('  rule schools: a rule before it decides\n');
  });

  it('prints the same as one JSON document', async () => {
    const { out, code } = await run('route', ...FOOD, '--level', 'blue', '--scope', 'place', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      warning: { item: 'food-operation', region: '330106001203', level: 'blue', scope: 'place' },
      taken: true,
      route: {
        recipients: [
          { department: 'market-village', role: 'lead', channel: 'file', reason: { by: 'usual' } },
          { department: 'health' },
        ],
        items: [{ by: 'usual', passedRules: [{ rule: 'red' }, { rule: 'schools' }] }],
      },
    });
  });

  it('fails where only the fallback takes it', async () => {
    const { out, code } = await run('route', '--item', 'food-operatin', '--level', 'blue');
    expect(code).toBe(1);
    expect(out).toBe(
      'government 县政府: leads, by file\n' +
        'food-operatin: the catalogue has no such item, did you mean food-operation?; the fallback takes it (ALERT_NO_ROUTE)\n',
    );
  });

  it('refuses what is no warning', async () => {
    for (const args of [
      ['--item', 'elevator'],
      ['--level', 'red'],
      ['--item', 'elevator', '--level', 'none'],
      ['--item', 'elevator', '--level', 'red', '--region', '33010'],
      ['--item', 'elevator', '--level', 'red', '--scope', 'town'],
    ]) {
      const result = await run('route', ...args);
      expect(result.code, args.join(' ')).toBe(2);
      expect(result.err, args.join(' ')).toContain('USAGE: ');
    }
  });
});

describe('the routes of a rule set', () => {
  it('are checked for gaps with the place in the catalogue', async () => {
    await writeRules(join(folder, 'rules'), {
      'catalogue/items.yaml': ITEMS,
      'catalogue/departments.yaml': DEPARTMENTS.replace(
        'housing: { name: 住建局 }',
        'housing: { name: 住建局, levels: [red] }',
      ),
      'catalogue/regions.yaml': REGIONS,
      'catalogue/routes.yaml': ROUTES.replace(/fallback.*\n/, ''),
    });
    const { code, out } = await run('check');
    expect(code).toBe(1);
    const line = ITEMS.split('\n').findIndex((text) => text === '  lead: housing') + 1;
    expect(out).toContain(
      `rules/catalogue/items.yaml:${line}:9: error ROUTE_GAP: nobody leads orange, yellow, blue warnings of "gas-use"`,
    );
    expect((await run('check', 'rules/food')).code).toBe(0);
  });

  it('are tested beside the models, and a failure has its line', async () => {
    const good = await run('test', 'rules/catalogue');
    expect(good).toMatchObject({ code: 0, err: '' });
    expect(good.out).toMatch(
      /routes\.test\.yaml: warning TEST_ROUTE_UNREACHED: .*schools\.\n1 passed, 0 failed\n$/,
    );
    await writeRules(join(folder, 'rules'), {
      'catalogue/items.yaml': ITEMS,
      'catalogue/departments.yaml': DEPARTMENTS,
      'catalogue/regions.yaml': REGIONS,
      'catalogue/routes.test.yaml': TESTS.replace('department: government', 'department: fire'),
    });
    const bad = await run('test', 'rules/catalogue/routes.yaml');
    expect(bad.code).toBe(1);
    expect(bad.out).toContain(
      'rules/catalogue/routes.test.yaml:7: 红色预警报县政府: expected fire in copy by file, came nothing\n',
    );
    expect(bad.out).toContain(
      'routes.test.yaml:2: 红色预警报县政府: came government in copy by file, expected nothing',
    );
    expect((await run('test', 'rules/food')).out).not.toContain('routes.test.yaml');
  });
});
