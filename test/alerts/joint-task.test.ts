import { describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { AlertMachine } from '../../src/alerts/machine.js';
import type { RoutedWarning } from '../../src/alerts/route-conditions.js';
import { routeOf } from '../../src/alerts/routing.js';
import type { AlertState } from '../../src/alerts/state.js';
import { messageOf, nameOf } from '../../src/alerts/wording.js';
import type { JointTask, Transition } from '../../src/engine/output.js';
import { loadRules } from '../../src/model/load.js';
import { fixtureFile, rulesWith } from '../model/rules-fixture.js';

const item = (id: string, title: string, lead: string, cooperating: string) => `
${id}:
  title: ${title}
  domain: ${id}
  lead: ${lead}
  cooperating: [${cooperating}]
  object: 单位
  method: 现场检查
  level: county
  legal:
    - { law: 中华人民共和国某法, article: 第一条, from: 2015-01-01 }
`;
const { rules, diagnostics } = loadRules(
  rulesWith({
    'catalogue/items.yaml':
      fixtureFile('catalogue/items.yaml') +
      item('gas-use', '燃气使用监督检查', 'housing', 'fire, market-regulation') +
      item('joint-inspection', '跨部门联合检查', 'government', ''),
    'catalogue/departments.yaml': `${fixtureFile('catalogue/departments.yaml')}housing: { name: 住房和城乡建设局 }
fire: { name: 消防救援大队 }
`,
    'catalogue/regions.yaml': '"330100": 杭州市\n"330106": 西湖区\n',
  }),
  '2025-06-01',
);
if (rules === null) throw new Error(JSON.stringify(diagnostics));
const { catalogue } = rules;

const task = (...items: string[]): JointTask => ({
  withinWorkdays: 10,
  items,
  warnings: ['a'.repeat(32), 'b'.repeat(32)],
});

function transition(change: Partial<Transition> = {}): Transition {
  return {
    kind: 'transition',
    warning: '0'.repeat(32),
    ordinal: 0,
    model: 'joint/same-subject',
    scope: 'subject',
    key: 's:1',
    level: 'orange',
    previous: 'none',
    clock: Date.UTC(2025, 5, 1),
    raised: Date.UTC(2025, 5, 1),
    indicators: {},
    params: {},
    profile: { name: '某饭店' },
    reason: 'raised',
    revision: '0'.repeat(16),
    item: 'joint-inspection',
    quiet: false,
    contributions: { events: [], total: 0, hash: '' },
    task: task('food-operation', 'gas-use'),
    ...change,
  };
}

function record(one: Transition): WarningRecord {
  const link = { sequence: one.ordinal, previous: '', hash: String(one.ordinal), salt: '', digest: '' };
  const origin = { source: 'events/0', offset: one.ordinal, ordinal: 0 };
  return { kind: 'warning', origin, at: one.clock, transition: one, sample: [], link };
}

const departments = (one: RoutedWarning) =>
  routeOf(one, catalogue).recipients.map(({ department, role }) => `${role} ${department}`);
const sentenceOf = (one: Transition) => messageOf(one, undefined, undefined, catalogue)['message'];

describe('the route of a joint task', () => {
  it('is the lead and cooperating departments of every item, each once, and a lead as lead', () => {
    expect(departments(transition())).toEqual([
      'lead government',
      'lead market-regulation',
      'lead housing',
      'cooperating health',
      'cooperating fire',
    ]);
  });

  it('is that of the item alone where there is no task', () => {
    const { task: _task, ...plain } = transition({ item: 'gas-use' });
    expect(departments(plain)).toEqual(['lead housing', 'cooperating fire', 'cooperating market-regulation']);
  });

  it('names the items that the catalogue lacks, and routes by the others', () => {
    const route = routeOf(transition({ task: task('gas-use', 'gone') }), catalogue);
    expect(route.unknown).toEqual(['gone']);
    expect(route.recipients.map(({ department }) => department)).toContain('housing');
  });
});

describe('the words of a joint task', () => {
  it('say which items, who leads and until when', () => {
    expect(sentenceOf(transition())).toBe(
      '【橙色预警】某饭店：joint/same-subject。新发预警。联合检查任务：涉及食品经营监督检查、燃气使用监督检查，' +
        '由市场监督管理局、住房和城乡建设局共同牵头，请于 10 个工作日内一次上门完成。',
    );
    expect(sentenceOf(transition({ task: task('gas-use') }))).toMatch(
      /联合检查任务：涉及燃气使用监督检查，由住房和城乡建设局牵头，/,
    );
  });

  it('count what is too long to name', () => {
    const many = Array.from({ length: 7 }, (_, index) => `item-${index}`);
    const items = new Map([...catalogue.items]);
    for (const id of many)
      items.set(id, { ...(items.get('gas-use') as never as object), title: id } as never);
    const one = messageOf(transition({ task: task(...many) }), undefined, undefined, { ...catalogue, items });
    expect(one['message']).toMatch(/涉及item-0、item-1、item-2、item-3、item-4等 7 个事项，由住房/);
  });

  it('give each item with its departments and legal basis as data, and at most 100 warnings', () => {
    const warnings = Array.from({ length: 150 }, (_, index) => String(index));
    const message = messageOf(
      transition({ task: { ...task('gas-use'), warnings } }),
      undefined,
      undefined,
      catalogue,
    );
    expect(message['task']).toEqual({
      within_workdays: 10,
      items: [
        {
          id: 'gas-use',
          title: '燃气使用监督检查',
          domain: 'gas-use',
          lead: { id: 'housing', name: '住房和城乡建设局' },
          cooperating: [
            { id: 'fire', name: '消防救援大队' },
            { id: 'market-regulation', name: '市场监督管理局' },
          ],
          checklist: ['现场检查'],
          legal: [{ law: '中华人民共和国某法', article: '第一条', in_force: true }],
        },
      ],
      warnings: warnings.slice(0, 100),
      warnings_total: 150,
    });
  });

  it('end it when the warning ends', () => {
    const end = transition({ level: 'none', previous: 'orange', reason: 'cleared', task: task() });
    expect(sentenceOf(end)).toBe(
      '【预警解除】某饭店：joint/same-subject，原橙色预警，预警解除。联合检查任务随之终止。',
    );
  });
});

describe('the deliveries of a joint task', () => {
  it('are one for each transition and department, and who was called hears of the end', () => {
    const machine = new AlertMachine(rules);
    let state: AlertState | undefined;
    const step = (one: Transition) => {
      const result = machine.step(state, record(one));
      state = result.state;
      return result.outputs.deliveries.map(({ department }) => department);
    };
    const all = ['government', 'market-regulation', 'housing', 'health', 'fire'];
    expect(step(transition())).toEqual(all);
    const fewer = transition({ ordinal: 1, level: 'red', previous: 'orange', task: task('food-operation') });
    expect(step(fewer).sort()).toEqual([...all].sort());
    const over = transition({ ordinal: 2, level: 'none', previous: 'red', reason: 'cleared', task: task() });
    expect(step(over).sort()).toEqual([...all].sort());
    expect(step(over)).toEqual([]);
  });

  it('note an item that nobody answers for', () => {
    const { outputs } = new AlertMachine(rules).step(undefined, record(transition({ task: task('gone') })));
    expect(outputs.notes.map(({ code }) => code)).toEqual(['ALERT_NO_ROUTE']);
    expect(outputs.deliveries.map(({ department }) => department)).toEqual(['government']);
  });
});

describe('the name of a key', () => {
  it('is that of its region and industry where it has none of its own', () => {
    const named = (scope: string, key: string, profile: Transition['profile']) =>
      nameOf({ scope, key, profile }, catalogue);
    expect(named('region', '330106', { region: '330106' })).toBe('西湖区');
    expect(named('region', '330199', { region: '330199' })).toBe('330199');
    expect(named('region+industry', '330106/I62', { region: '330106', industry: 'I62' })).toBe(
      '西湖区行业I62',
    );
    expect(named('industry', 'I62', { industry: 'I62' })).toBe('行业I62');
    expect(named('subject', 's:1', { region: '330106' })).toBe('s:1');
  });
});
