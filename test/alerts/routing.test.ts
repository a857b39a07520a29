import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { AlertMachine } from '../../src/alerts/machine.js';
import { formerOf, notesOf, routeOf } from '../../src/alerts/routing.js';
import { leadOf, type AlertState } from '../../src/alerts/state.js';
import { officeFor, officesOf } from '../../src/catalogue/jurisdiction.js';
import type { Department } from '../../src/catalogue/catalogue.js';
import { prefixesOf } from '../../src/catalogue/region.js';
import type { Transition } from '../../src/engine/output.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { rulesWith } from '../model/rules-fixture.js';
import {
  catalogueWith,
  DEPARTMENTS,
  item,
  ITEMS,
  REGIONS,
  told,
  toldOf,
  warningOf,
} from './routes-fixture.js';

const plain = catalogueWith();

describe('the office that answers', () => {
  it('has the longest prefix of the region among those that take the level', () => {
    const leads = (region: string, level: Transition['level']) => toldOf(plain, { region, level })[0];
    expect(leads('330106001203', 'blue')).toBe('lead market-village file');
    expect(leads('330106001203', 'yellow')).toBe('lead market-east file');
    expect(leads('330106001203', 'orange')).toBe('lead market file');
    expect(leads('330106001', 'yellow')).toBe('lead market-east file');
    expect(leads('330106', 'yellow')).toBe('lead market file');
    expect(leads('330108', 'blue')).toBe('lead market file');
    expect(leads('', 'blue')).toBe('lead market file');
  });

  it('fits the administrative level of the item', () => {
    expect(toldOf(plain, { item: 'food-city' })).toEqual(['lead market-city file']);
    expect(toldOf(plain, { item: 'food-city', region: '110101' })).toEqual(['lead market file']);
    const { items } = routeOf(warningOf({ item: 'food-city' }), plain);
    expect(items[0]?.passedOffices).toEqual([
      { office: 'market-east', prefix: '330106001', because: 'rank', of: 'market' },
    ]);
  });

  it('is told by its own channels, each once', () => {
    expect(toldOf(plain, { region: '330106002', level: 'blue' })).toEqual([
      'lead market-west file',
      'lead market-west sms',
      'cooperating health file',
    ]);
  });

  it('is sought for those in copy by the same rule, and nobody is where none answers', () => {
    expect(toldOf(plain, { item: 'gas-use' })).toEqual([
      'lead housing file',
      'cooperating fire file',
      'cooperating market-east file',
    ]);
    expect(toldOf(plain, { region: '330108' })).toEqual(['lead market file']);
    const { items } = routeOf(warningOf({ region: '330108' }), plain);
    expect(items[0]?.absent).toEqual([{ department: 'health', role: 'cooperating' }]);
  });

  it('reads codes that end in zeros as the region that they stand for', () => {
    expect(toldOf(plain, { item: 'food-city', region: '330100' })[0]).toBe('lead market-city file');
    expect(toldOf(plain, { region: '330106001000' })[0]).toBe('lead market-east file');
    expect(toldOf(plain, { region: '330106000000' })).toEqual([
      'lead market file',
      'cooperating health file',
    ]);
  });

  it('is that of a region itself where the warning is about one', () => {
    const street = { scope: 'region', key: '330106001', profile: {} } as const;
    expect(toldOf(plain, street)[0]).toBe('lead market-east file');
    expect(toldOf(plain, { ...street, scope: 'region+industry', key: '330106001/H62' })[0]).toBe(
      'lead market-east file',
    );
    expect(toldOf(plain, { scope: 'industry', key: 'H62', profile: { industry: 'H62' } })[0]).toBe(
      'lead market file',
    );
  });

  it('of a warning that ends is the one that had it', () => {
    const ended = { level: 'none', previous: 'yellow' } as const;
    expect(toldOf(plain, ended)[0]).toBe('lead market-east file');
    expect(toldOf(plain, { ...ended, previous: 'red' })[0]).toBe('lead market file');
  });

  it('is the one that a look at all of them finds', () => {
    const LENGTHS = { province: [2], city: [4], county: [6, 9, 12] };
    const region = fc
      .tuple(
        fc.constantFrom(2, 4, 6, 9, 12),
        fc.array(fc.constantFrom('1', '2'), { minLength: 12, maxLength: 12 }),
      )
      .map(([length, digits]) => digits.join('').slice(0, length));
    const levels = fc.option(fc.subarray(['blue', 'yellow', 'orange', 'red'], { minLength: 1 }), {
      nil: undefined,
    });
    const offices = fc.uniqueArray(fc.record({ region, levels }), {
      selector: (one) => one.region,
      maxLength: 12,
    });
    const rank = fc.constantFrom('province', 'city', 'county' as const);
    fc.assert(
      fc.property(offices, fc.boolean(), rank, fc.option(region), (given, hasRegion, itemRank, at) => {
        const own: Department = {
          id: 'd',
          name: 'd',
          channels: ['file'],
          ...(hasRegion ? { region: '111111' } : {}),
        };
        const all = [
          own,
          ...given.map((one, index) => ({
            id: `o${index}`,
            name: '',
            officeOf: 'd',
            channels: ['file'],
            ...one,
          })),
        ];
        for (const level of ['blue', 'red']) {
          const found = officeFor({ offices: officesOf(all) }, 'd', itemRank, prefixesOf(at), level).office;
          const fitting = all.filter(
            (one) =>
              (one.region === undefined ||
                ((at ?? '').startsWith(one.region) &&
                  LENGTHS[itemRank as 'city'].includes(one.region.length))) &&
              ((one as Department).levels?.includes(level) ?? true),
          );
          const longest = Math.max(-1, ...fitting.map((one) => one.region?.length ?? 0));
          const best = fitting.filter((one) => (one.region?.length ?? 0) === longest);
          // At one prefix an office comes before the department itself.
          expect(found?.id ?? null).toBe((best.find(({ id }) => id !== 'd') ?? best[0])?.id ?? null);
        }
      }),
    );
  });
});

describe('the rules of the routes', () => {
  const ruled = catalogueWith(`
routes:
  - { name: tagged, match: { tag: [学校, 医院], domain: food }, to: [{ department: government, role: lead }], channels: [sms] }
  - { name: urgent, match: { level: [red, orange] }, to: [lead, { department: government }], channels: [sms], add: true }
  - { name: by-model, match: { model: food/repeat-complaints, scope: subject, region: "330106002" }, to: [cooperating, { department: fire, role: lead, channels: [mail] }] }
  - { name: everything-else-of-gas, match: { item: gas-use }, channels: [mail] }
`);

  it('stand instead of the usual, or beside it', () => {
    const school = { profile: { region: '330106001', tags: ['学校', '食堂'] } };
    expect(toldOf(ruled, school)).toEqual(['lead government sms']);
    expect(toldOf(ruled, { level: 'red' })).toEqual([
      'lead market file',
      'lead market sms',
      'cooperating health file',
      'cooperating government sms',
    ]);
  });

  it('match by every condition that they name, and the first one decides', () => {
    expect(toldOf(ruled, { region: '330106002' })).toEqual(['lead fire mail', 'cooperating health file']);
    expect(toldOf(ruled, { region: '330106002', model: 'food/other' })[0]).toBe('lead market file');
    expect(toldOf(ruled, { region: '330106002', scope: 'place' })[0]).toBe('lead market file');
    const both = { level: 'red' as const, profile: { region: '330106001', tags: ['医院'] } };
    expect(toldOf(ruled, both)).toEqual(['lead government sms']);
    expect(toldOf(ruled, { ...both, item: 'elevator' })[0]).toBe('lead market file');
  });

  it('without a recipient change the channels alone', () => {
    expect(toldOf(ruled, { item: 'gas-use' })).toEqual([
      'lead housing mail',
      'cooperating fire mail',
      'cooperating market-east mail',
    ]);
  });

  it('are applied to each item of a joint task, and every department hears once', () => {
    const task = { withinWorkdays: 3, items: ['gas-use', 'food-operation'], warnings: [] };
    expect(toldOf(ruled, { item: 'elevator', task })).toEqual([
      'lead market-east file',
      'lead market-east mail',
      'lead housing mail',
      'cooperating fire mail',
      'cooperating health file',
    ]);
  });

  it('say why each was named, and why the others were not', () => {
    const { recipients, items } = routeOf(warningOf({ region: '330106002' }), ruled);
    expect(recipients.map(({ reason }) => reason)).toEqual([
      { by: 'by-model', item: 'food-operation', of: 'fire', prefix: null },
      { by: 'by-model', item: 'food-operation', of: 'health', prefix: '330106' },
    ]);
    expect(items[0]).toMatchObject({
      by: 'by-model',
      passedRules: [
        { rule: 'tagged', because: { condition: 'tag', asked: ['学校', '医院'], found: [] } },
        { rule: 'urgent', because: { condition: 'level', asked: ['red', 'orange'], found: ['yellow'] } },
        { rule: 'everything-else-of-gas', because: 'decided' },
      ],
      passedOffices: [
        { office: 'market-west', prefix: '330106002', because: 'level', of: 'market' },
        { office: 'market-city', prefix: '3301', because: 'rank', of: 'market' },
      ],
    });
    expect(JSON.parse(JSON.stringify(items))).toEqual(items);
  });
});

describe('what no route takes', () => {
  const DEPARTMENTS = `
government: { name: 县政府 }
duty: { name: 值班室 }
market: { name: 市场监管局, region: "330106" }
health: { name: 卫健局 }
`;
  const items = {
    'catalogue/departments.yaml': DEPARTMENTS,
    'catalogue/items.yaml': item('food-operation', 'market', 'health') + item('elevator', 'government'),
  };
  const narrow = catalogueWith('fallback: { departments: [government, duty] }', items);
  const bare = catalogueWith(null, items);
  const elsewhere = warningOf({ region: '330108' });

  it('goes to the fallback, whose first department leads, and to the operators', () => {
    const route = routeOf(elsewhere, narrow);
    expect(told(route)).toEqual(['lead government file', 'cooperating duty file', 'cooperating health file']);
    expect(notesOf({ ...elsewhere, warning: 'w' }, route)).toEqual([
      {
        code: 'ALERT_NO_ROUTE',
        message:
          'warning w: no office of market takes food-operation, yellow, in its region; sent to the fallback',
      },
    ]);
  });

  it('reaches those in copy and the operators where there is no fallback', () => {
    const route = routeOf(elsewhere, bare);
    expect(told(route)).toEqual(['cooperating health file']);
    expect(route.items[0]?.by).toBeNull();
    expect(notesOf({ ...elsewhere, warning: 'w' }, route)).toHaveLength(1);
  });

  it('is an unknown item as well, alone or in a joint task', () => {
    const task = { withinWorkdays: 3, items: ['gone'], warnings: [] };
    const route = routeOf(warningOf({ region: '330106001', task }), narrow);
    expect(route.unknown).toEqual(['gone']);
    expect(told(route)).toEqual([
      'lead market file',
      'lead government file',
      'cooperating health file',
      'cooperating duty file',
    ]);
    expect(notesOf({ ...elsewhere, warning: 'w' }, route)[0]?.message).toBe(
      'warning w: no item gone; sent to the fallback',
    );
  });

  it('is not what a rule takes, and a rule under which nobody would lead is passed over', () => {
    const routes = `
routes:
  - { name: copies, match: { domain: food }, to: [lead, cooperating] }
  - { name: rest, match: { domain: food }, to: [{ department: duty, role: lead }] }
`;
    const route = routeOf(elsewhere, catalogueWith(routes, items));
    expect(told(route)).toEqual(['lead duty file']);
    expect(route.items[0]?.passedRules).toEqual([{ rule: 'copies', because: 'nobody-leads' }]);
    expect(notesOf({ ...elsewhere, warning: 'w' }, route)).toEqual([]);
  });
});

describe('who heard of a warning', () => {
  const rules: RuleSet = { revision: '', catalogue: plain, models: [], strata: 1 };

  function record(ordinal: number, change: Partial<Transition>): WarningRecord {
    const transition: Transition = {
      ...warningOf(),
      kind: 'transition',
      warning: '0'.repeat(32),
      ordinal,
      clock: ordinal,
      raised: 0,
      indicators: {},
      params: {},
      reason: 'raised',
      revision: '0'.repeat(16),
      quiet: false,
      contributions: { events: [], total: 0, hash: '' },
      ...change,
    };
    const link = { sequence: ordinal, previous: '', hash: String(ordinal), salt: '', digest: '' };
    const origin = { source: 'events/0', offset: ordinal, ordinal: 0 };
    return { kind: 'warning', origin, at: ordinal, transition, sample: [], link };
  }

  class Life {
    state: AlertState | undefined;
    private readonly machine = new AlertMachine(rules);

    step(ordinal: number, change: Partial<Transition>): string[] {
      const { state, outputs } = this.machine.step(this.state, record(ordinal, change));
      this.state = state;
      return outputs.deliveries.map(({ department, role }) => `${role} ${department}`);
    }

    get acting(): string[] {
      return (this.state?.parties ?? []).flatMap(({ department, acting }) => (acting ? department : []));
    }
  }
  const graver = { level: 'red', previous: 'yellow', reason: 'escalated' } as const;

  it('goes on hearing of it when a graver level takes it elsewhere, up to the end', () => {
    const life = new Life();
    expect(life.step(0, { level: 'yellow' })).toEqual(['lead market-east', 'cooperating health']);
    expect(life.acting).toEqual(['market-east']);
    const all = ['lead market', 'cooperating health', 'cooperating market-east'];
    expect(life.step(1, graver)).toEqual(all);
    expect(life.acting).toEqual(['market']);
    expect(life.step(2, { level: 'none', previous: 'red', reason: 'cleared' })).toEqual(all);
  });

  it('leaves it to who took it over when the level falls again, and until then to who has it', () => {
    const life = new Life();
    life.step(0, { level: 'red' });
    const lower = { level: 'yellow', previous: 'red', reason: 'de-escalated' } as const;
    expect(life.step(1, lower)).toEqual(['cooperating market-east', 'cooperating health', 'lead market']);
    expect(life.acting).toEqual(['market']);
    const quiet = new Life();
    quiet.step(0, { level: 'yellow' });
    expect(quiet.step(1, { ...graver, quiet: true })).toEqual([]);
    expect(quiet.acting).toEqual(['market-east']);
  });

  it('owes nothing more once another department has taken it over', () => {
    const { rules: loaded } = loadRules(
      rulesWith({
        'catalogue/items.yaml': ITEMS,
        'catalogue/departments.yaml': DEPARTMENTS,
        'catalogue/regions.yaml': REGIONS,
      }),
    );
    if (loaded === null) throw new Error('the rules do not load');
    const machine = new AlertMachine(loaded);
    const clock = Date.UTC(2025, 5, 3, 2);
    const first = machine.step(undefined, record(0, { level: 'yellow', clock })).state;
    const due = (state: AlertState | undefined) =>
      (state?.duties ?? []).map(({ kind, department }) => `${kind} ${department}`).sort();
    expect(due(first)).toEqual(['close market-east', 'feedback market-east', 'sign market-east']);
    const second = machine.step(first, record(1, { ...graver, clock: clock + 1 })).state;
    expect(due(second)).toEqual(['close market', 'feedback market', 'sign market']);
    expect(leadOf(second as AlertState)?.department).toBe('market');
  });

  it('is called to a joint task where an item names it, and only hears of it where a rule does in copy', () => {
    const routes = 'routes: [{ name: report, to: [{ department: government }], add: true }]';
    const machine = new AlertMachine({ ...rules, catalogue: catalogueWith(routes) });
    const task = { withinWorkdays: 3, items: ['gas-use'], warnings: [] };
    const { state } = machine.step(undefined, record(0, { item: 'elevator', task }));
    const parties = state?.parties.map(({ department, acting }) => [department, acting]);
    expect(Object.fromEntries(parties ?? [])).toEqual({
      'market-east': true,
      housing: true,
      fire: true,
      government: false,
    });
  });

  it('hears by its own channels, and once each', () => {
    const route = routeOf(warningOf({ level: 'red', region: '330106002' }), plain);
    const heard = ['market', 'market-west', 'market-west', 'dissolved'];
    expect(
      formerOf(heard, route, plain).map(({ department, channel }) => `${department} ${channel}`),
    ).toEqual(['market-west file', 'market-west sms', 'dissolved file']);
  });
});
