// Joint inspections that a random draw called for, on time lines: told, signed for, fed back by each, closed by the last.
import { describe, expect, it } from 'vitest';
import type { Actor } from '../../src/alerts/action.js';
import { mayRead } from '../../src/alerts/authority.js';
import { drawnTransitions } from '../../src/alerts/drawn-task.js';
import { allowedTo } from '../../src/alerts/lifecycle.js';
import type { AlertState } from '../../src/alerts/state.js';
import { warningDetail } from '../../src/alerts/view.js';
import { CHAIN_START, linkRecord } from '../../src/evidence/chain.js';
import type { Draw } from '../../src/evidence/draw.js';
import type { Act } from '../../src/events/act.js';
import { drawnIn } from './drawn.js';
import {
  clockOf,
  FILES,
  local,
  mutes,
  play,
  played,
  rulesOf,
  turns,
  type Happening,
  type Played,
} from './timeline.js';

/** A Monday; the Sunday after it is a working day. */
const START = '2026-09-14 10:00';
const RULES = rulesOf();
const sign: Act = { type: 'sign' };
const feedback = (result: 'confirmed' | 'not-confirmed' = 'not-confirmed'): Act => ({
  type: 'feedback',
  result,
  findings: '现场检查',
  measures: '无须整改',
});

/** What `fenghuo joint --tell` puts into the inbox. @param offset at which it does */
function announced(draw: Draw, offset = 0, when = START): Happening[] {
  return drawnTransitions(draw).map((transition, ordinal) => ({
    at: local(when),
    record: (ordinals) => {
      ordinals.set(transition.warning, 1);
      const link = linkRecord(CHAIN_START, '00'.repeat(16), { transition, sample: [] });
      const origin = { source: 'draws/0', offset, ordinal };
      return { kind: 'warning', origin, at: transition.clock, transition, sample: [], link };
    },
  }));
}

const idIn = (draw: Draw, index = 0) => drawnTransitions(draw)[index]?.warning ?? '';

function acts(when: string, draw: Draw, actor: Actor | string, act: Act): Happening {
  const at = local(when);
  const by: Actor =
    typeof actor === 'string' ? { id: `${actor}-1`, role: 'department', department: actor } : actor;
  const id = `${when} ${by.id} ${act.type}`;
  return { at, record: () => ({ kind: 'action', id, at, warning: idIn(draw), actor: by, act }) };
}

const stateOf = (life: Played, draw: Draw, index = 0) =>
  life.states.get(idIn(draw, index)) ?? expect.fail('no such task');
const told = ({ pushes }: Played) => pushes.map(({ at, to, kind }) => `${at} ${to} ${kind}`);
const dueOf = ({ duties }: AlertState) =>
  duties.map(({ kind, department, due }) => `${kind} ${department} ${clockOf(due)}`);

const drawOf = (shops: number, seed = 'lottery') => drawnIn(RULES, { at: local(START), shops, seed });
const ONE = drawOf(1);

describe('a task that was drawn', () => {
  it('is pushed once to each department, and names the others, the reason, and until when', async () => {
    const life = await played(announced(ONE), '2026-09-14 11:00');
    expect(told(life)).toEqual([`${START} housing transition`, `${START} market transition`]);
    for (const { message } of life.pushes) {
      expect(message).toMatch(
        /^【双随机抽查】店0001：抽中联合检查。由住建局、市场监管局共同监管；信用等级 C，同级候选 1 家，按 100% 抽 1 家/,
      );
      expect(message).toMatch(
        /由住建局牵头，市场监管局参加，请一次上门查完food监督检查、gas监督检查，于 5 个工作日内各自反馈。$/,
      );
    }
    expect(life.deliveries[0]).toMatchObject({
      level: 'blue',
      body: {
        title: '双随机联合检查',
        draw: {
          digest: ONE.digest,
          seed: 'lottery',
          place: 1,
          departments: [{ id: 'housing' }, { id: 'market' }],
        },
        task: { within_workdays: 5, items: [{ id: 'food', checklist: ['现场检查'] }, { id: 'gas' }] },
      },
    });
    const state = stateOf(life, ONE);
    expect(dueOf(state)).toEqual([
      'sign housing 2026-09-17 18:00',
      'feedback housing 2026-09-20 18:00',
      'sign market 2026-09-17 18:00',
      'feedback market 2026-09-20 18:00',
    ]);
    expect(warningDetail(state, RULES)).toMatchObject({ level_name: '双随机抽查', plan: { id: 'draws' } });
    expect(life.untold).toEqual([]);
  });

  it('is open until the last department has fed back, and is closed by that', async () => {
    const begun = [
      ...announced(ONE),
      acts('2026-09-15 09:00', ONE, 'market', sign),
      acts('2026-09-15 10:00', ONE, 'housing', sign),
      acts('2026-09-16 10:00', ONE, 'market', feedback('confirmed')),
    ];
    const half = await played(begun, '2026-09-16 11:00');
    expect(stateOf(half, ONE)).toMatchObject({
      status: 'signed',
      parties: [
        { department: 'housing', role: 'lead', acting: true, stage: 'signed' },
        { department: 'market', role: 'cooperating', acting: true, stage: 'fed-back' },
      ],
    });
    const whole = await played(
      [...begun, acts('2026-09-17 10:00', ONE, 'housing', feedback())],
      '2026-12-01 00:00',
    );
    const state = stateOf(whole, ONE);
    expect(state).toMatchObject({
      status: 'closed',
      level: 'none',
      closed: { at: local('2026-09-17 10:00'), by: 'housing', level: 'blue' },
    });
    expect(state.duties.every(({ done, due }) => done !== undefined && done <= (due ?? 0))).toBe(true);
    expect(whole.taken.map(({ type, department, missed }) => [type, department, missed])).toEqual([
      ['sign', 'market', false],
      ['sign', 'housing', false],
      ['feedback', 'market', false],
      ['feedback', 'housing', false],
    ]);
    expect(told(whole)).toHaveLength(2);
    // Nothing is listed as current that is over.
    expect(await whole.book.list(0, 10)).toEqual([]);
  });

  it('is reminded of at its deadline and then urged up the chain, as the rules of the draws say', async () => {
    const life = await played(
      [
        ...announced(ONE),
        acts('2026-09-15 09:00', ONE, 'market', sign),
        acts('2026-09-15 10:00', ONE, 'housing', sign),
        acts('2026-09-16 10:00', ONE, 'market', feedback()),
      ],
      '2026-09-30 00:00',
    );
    expect(told(life).slice(2)).toEqual([
      '2026-09-20 18:00 housing remind',
      '2026-09-21 18:00 county urge',
      '2026-09-23 18:00 city urge',
    ]);
    expect(life.pushes[3]?.message).toMatch(/^【督办】住建局应于 2026-09-20 18:00 前反馈，至今未反馈/);
    expect(life.notes.map(({ code }) => code)).toEqual(['ALERT_UNHANDLED']);
  });

  it('is opened once, however often the same draw is announced', async () => {
    const twice = [...announced(ONE), ...announced(ONE, 7), ...announced(ONE, 9, '2026-09-15 12:00')];
    const life = await played(twice, '2026-09-15 13:00');
    expect(told(life)).toHaveLength(2);
    expect(life.notes).toEqual([]);
    const other = drawOf(1, 'lottery-2');
    expect(idIn(other)).not.toBe(idIn(ONE));
  });

  it('takes in a later warning on its subject that brings another item, and asks those who answer for it', async () => {
    const files = new Map(FILES);
    files.set(
      'catalogue/items.yaml',
      `${FILES.get('catalogue/items.yaml') ?? ''}
fires: { title: 消防监督检查, domain: 消防, lead: fire, object: 单位, method: 现场检查, level: county,
  legal: [ { law: 中华人民共和国消防法, article: 第五十三条, from: 2009-05-01 } ] }
`,
    );
    const key = 's:0001';
    const life = await played(
      [
        ...announced(ONE),
        turns('2026-09-15 10:00', 'yellow', { name: 'same', key }),
        turns('2026-09-15 11:00', 'yellow', { name: 'new', key, item: 'fires' }),
        turns('2026-09-15 12:00', 'yellow', { name: 'elsewhere', item: 'fires' }),
        acts('2026-09-16 09:00', ONE, 'market', sign),
        acts('2026-09-16 09:10', ONE, 'housing', sign),
        acts('2026-09-16 10:00', ONE, 'market', feedback()),
        acts('2026-09-16 10:10', ONE, 'housing', feedback()),
      ],
      '2026-09-16 11:00',
      rulesOf(files),
    );
    const state = stateOf(life, ONE);
    expect(state.joined?.map(({ item }) => item)).toEqual(['fires']);
    expect(state.parties.map(({ department, acting }) => [department, acting])).toEqual([
      ['housing', true],
      ['market', true],
      ['fire', true],
    ]);
    expect(dueOf(state).slice(-2)).toEqual(['sign fire 2026-09-18 18:00', 'feedback fire 2026-09-21 18:00']);
    expect(told(life).filter((line) => line.endsWith('joined'))).toHaveLength(3);
    // It waits for the one that came to it.
    expect(state.closed).toBeUndefined();
  });

  it('takes in later warnings also where a silence held it back until it ended', async () => {
    const key = 's:0001';
    const life = await played(
      [
        mutes('2026-09-14 09:00', '2026-09-14 12:00', { key }),
        ...announced(ONE),
        turns('2026-09-15 10:00', 'yellow', { name: 'new', key, item: 'wages' }),
      ],
      '2026-09-15 11:00',
    );
    expect(told(life).filter((line) => line.endsWith('transition'))).toContain(
      '2026-09-14 12:00 housing transition',
    );
    expect(stateOf(life, ONE).joined?.map(({ item }) => item)).toEqual(['wages']);
  });

  it('takes in later warnings however many tasks on its subject were closed since it was told', async () => {
    const key = 's:0001';
    const others = Array.from({ length: 25 }, (_, index) => {
      const at = local('2026-09-15 09:00') + index * 600_000;
      return drawnIn(RULES, { at, shops: 1, seed: `lottery ${index}` });
    });
    const closed = others.flatMap((draw, index) => {
      const when = local('2026-09-15 09:00') + index * 600_000;
      const at = (minutes: number) => clockOf(when + minutes * 60_000);
      return [
        ...announced(draw, index + 1, at(0)),
        acts(at(1), draw, 'market', sign),
        acts(at(2), draw, 'housing', sign),
        acts(at(3), draw, 'market', feedback()),
        acts(at(4), draw, 'housing', feedback()),
      ];
    });
    const life = await played(
      [
        ...announced(ONE),
        ...closed,
        turns('2026-09-16 10:00', 'yellow', { name: 'new', key, item: 'wages' }),
      ],
      '2026-09-16 11:00',
    );
    expect(stateOf(life, others[24] as Draw).closed).toBeDefined();
    expect(stateOf(life, ONE).joined?.map(({ item }) => item)).toEqual(['wages']);
  });

  it('refuses whoever has no part in it, and says what is allowed', async () => {
    const life = await played(
      [
        ...announced(ONE),
        acts('2026-09-14 11:00', ONE, 'police', sign),
        acts('2026-09-14 11:10', ONE, 'market', feedback()),
        acts('2026-09-14 11:20', ONE, 'market', { type: 'close', conclusion: '查完' }),
      ],
      '2026-09-14 12:00',
    );
    expect(stateOf(life, ONE).refused.map(({ code, allowed }) => [code, allowed])).toEqual([
      ['ACTION_FORBIDDEN', []],
      ['ACTION_ILLEGAL', ['sign']],
      ['ACTION_FORBIDDEN', ['sign']],
    ]);
    expect(stateOf(life, ONE).acts).toEqual([]);
    // An event has no answer that could say so.
    expect(life.notes.map(({ code }) => code)).toEqual(Array(3).fill('ACTION_REFUSED'));
  });

  it('lies where its subject does: who is limited to another region neither reads it nor acts on it', async () => {
    const life = await played(announced(ONE), '2026-09-14 11:00');
    const state = stateOf(life, ONE);
    const of = (region: string): Actor => ({ id: 'm', role: 'department', department: 'market', region });
    const { catalogue } = RULES;
    expect([mayRead(of('330106'), state, catalogue), allowedTo(state, of('330106'), catalogue)]).toEqual([
      true,
      ['sign'],
    ]);
    expect([mayRead(of('3302'), state, catalogue), allowedTo(state, of('3302'), catalogue)]).toEqual([
      false,
      [],
    ]);
  });

  it('waits for a judgement that was called for before it is closed', async () => {
    const lead: Actor = { id: 'county-1', role: 'lead', department: 'county' };
    const life = await played(
      [
        ...announced(ONE),
        acts('2026-09-15 09:00', ONE, 'market', sign),
        acts('2026-09-15 09:10', ONE, 'housing', sign),
        acts('2026-09-15 09:20', ONE, lead, { type: 'convene', participants: ['fire'], reason: '会商' }),
        acts('2026-09-15 10:00', ONE, 'market', feedback()),
        acts('2026-09-15 10:10', ONE, 'housing', feedback()),
        acts('2026-09-15 11:00', ONE, 'fire', { type: 'opinion', position: 'agree', text: '同意' }),
        acts('2026-09-15 12:00', ONE, lead, { type: 'conclude', conclusion: '无隐患' }),
      ],
      '2026-09-15 12:30',
    );
    expect(stateOf(life, ONE)).toMatchObject({
      status: 'closed',
      closed: { at: local('2026-09-15 12:00'), by: 'housing' },
    });
  });
});

describe('a draw of many', () => {
  it('tells each department in one message, which all its tasks wait for', async () => {
    const draw = drawOf(40);
    const life = await played(announced(draw), '2026-09-14 11:00');
    expect(told(life)).toEqual([`${START} housing batch`, `${START} market batch`]);
    expect(life.pushes[1]?.message).toMatch(
      /^【双随机抽查】抽中联合检查 40 家。请逐件签收，各家一次上门查完各部门事项，于 2026-09-20 18:00 前反馈：店\d{4}（会同住建局）、/,
    );
    expect(life.deliveries[0]?.covers).toHaveLength(40);
    expect(life.untold).toEqual([]);
    expect([...life.states.values()].every((state) => state?.duties.length === 4)).toBe(true);
  });

  it('is told in messages of five hundred tasks, which the cap of an hour holds for', async () => {
    const files = new Map(FILES);
    files.set('catalogue/push.yaml', 'cap: { per_hour: 1 }\n');
    const draw = drawOf(1_200);
    const life = await play(announced(draw), '2026-09-14 11:30', {}, rulesOf(files));
    const market = life.deliveries.filter(({ department }) => department === 'market');
    expect(market.map(({ at, kind, covers }) => [clockOf(at), kind, covers?.length])).toEqual([
      [START, 'batch', 500],
      [START, 'cap', 0],
      ['2026-09-14 11:00', 'batch', 500],
      ['2026-09-14 11:00', 'batch', 200],
    ]);
    expect(market[2]?.body['message']).toContain('抽中联合检查 500 家');
    expect(market[3]?.body['message']).toContain('抽中联合检查 200 家');
  });
});
