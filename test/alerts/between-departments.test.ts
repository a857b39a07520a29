// Warnings that several departments and organs have a part in, on time lines.
import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/events/act.js';
import { acts, clockOf, played, told, turns } from './timeline.js';

const sign: Act = { type: 'sign' };
const feedback: Act = { type: 'feedback', result: 'confirmed', findings: '属实', measures: '责令改正' };
const close: Act = { type: 'close', conclusion: '已改正' };

describe('between departments', () => {
  it('a warning that is passed on is handled by the other, with deadlines of its own', async () => {
    const passed: Act = { ...feedback, result: 'transferred', department: 'police' };
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 12:00', 'market', passed),
        acts('2026-09-16 12:30', 'market', close),
        acts('2026-09-16 13:00', 'police', sign),
        acts('2026-09-16 14:00', 'police', feedback),
        acts('2026-09-16 15:00', 'police', close),
      ],
      '2026-10-30 00:00',
    );
    expect(told(life).slice(2)).toEqual(['2026-09-16 12:00 police assigned']);
    expect(life.state()).toMatchObject({ status: 'closed', closed: { by: 'police' } });
    expect(life.state().refused).toMatchObject([{ code: 'ACTION_FORBIDDEN' }]);
  });

  it('a joint task still has a lead who closes it when one that cooperates passes on to the lead', async () => {
    const task = { withinWorkdays: 10, items: ['food'], warnings: [] };
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red', { task }),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 11:00', 'health', sign),
        acts('2026-09-16 11:10', 'health', { ...feedback, result: 'transferred', department: 'market' }),
        acts('2026-09-16 11:20', 'market', sign),
        acts('2026-09-16 11:30', 'market', feedback),
        acts('2026-09-16 11:40', 'market', close),
      ],
      '2026-09-16 12:00',
    );
    expect(life.state()).toMatchObject({ status: 'closed', closed: { by: 'market' } });
  });

  it('a transfer to a judicial organ is answered by it, or it is urged', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 12:00', 'market', {
          type: 'hand-over',
          organ: 'police',
          materials: ['检查笔录', '检验报告'],
        }),
        acts('2026-09-16 13:00', 'market', { type: 'accept', transfer: 1 }),
        acts('2026-09-16 14:00', 'police', { type: 'receipt', transfer: 1, number: '公受〔2026〕12 号' }),
        acts('2026-09-17 10:00', 'market', feedback),
        acts('2026-09-17 11:00', 'market', close),
        acts('2026-09-22 10:00', 'police', { type: 'refuse', transfer: 1, reason: '不构成犯罪' }),
      ],
      '2026-10-30 00:00',
    );
    // Three working days: 17, 18 and Sunday the 20th, which is a make-up day.
    expect(told(life).slice(2)).toEqual([
      '2026-09-16 12:00 police transfer',
      '2026-09-20 18:00 police remind',
      '2026-09-20 20:00 police urge',
      '2026-09-21 18:00 county urge',
      '2026-09-22 10:00 market transfer-refused',
    ]);
    expect(life.state().transfers).toMatchObject([
      {
        number: 1,
        from: 'market',
        organ: 'police',
        receipt: { number: '公受〔2026〕12 号' },
        answer: { accepted: false },
      },
    ]);
    expect(life.state().refused).toMatchObject([{ code: 'ACTION_FORBIDDEN' }]);
  });

  it('a plan that wants a joint judgement lets nobody close before its conclusion', async () => {
    const gas = { model: 'gas/leak' };
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red', gas),
        acts('2026-09-16 11:00', 'housing', sign),
        acts('2026-09-16 12:00', 'housing', feedback),
        acts('2026-09-16 12:10', 'housing', close),
        acts('2026-09-16 13:00', 'housing', {
          type: 'convene',
          participants: ['fire', 'market'],
          reason: '原因不明',
        }),
        acts('2026-09-16 14:00', 'fire', { type: 'opinion', position: 'agree', text: '管道老化' }),
        acts('2026-09-16 14:10', 'housing', { type: 'conclude', conclusion: '更换管道' }),
        acts('2026-09-16 15:00', 'market', { type: 'opinion', position: 'agree', text: '同意' }),
        acts('2026-09-16 16:00', 'housing', { type: 'conclude', conclusion: '更换管道' }),
        acts('2026-09-16 17:00', 'housing', close),
      ],
      '2026-10-30 00:00',
    );
    expect(life.state().refused.map(({ code }) => code)).toEqual(['ACTION_ILLEGAL', 'ACTION_INVALID']);
    expect(life.state()).toMatchObject({
      status: 'closed',
      judgement: { required: true, participants: ['fire', 'market'], concluded: { conclusion: '更换管道' } },
    });
    expect(told(life).slice(2)).toEqual([
      '2026-09-16 13:00 fire judgement',
      '2026-09-16 13:00 market judgement',
    ]);
  });

  it('who has no part in a warning can do nothing to it', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 10:10', 'health', sign),
        acts('2026-09-16 10:20', 'fire', sign),
        acts('2026-09-16 10:30', 'market', sign, { role: 'operator' }),
        acts('2026-09-16 10:40', 'market', sign, { role: 'auditor' }),
      ],
      '2026-09-16 11:00',
    );
    expect(life.state().acts).toEqual([]);
    expect(life.state().refused.map(({ code, allowed }) => `${code} ${allowed.join()}`)).toEqual(
      Array.from({ length: 4 }, () => 'ACTION_FORBIDDEN '),
    );
  });
});

describe('a joint task', () => {
  const task = { withinWorkdays: 10, items: ['food'], warnings: [] };
  const joint = { name: 'j', item: 'food', key: 's:x', task };
  const called = [
    turns('2026-09-16 10:00', 'orange', joint),
    turns('2026-09-16 11:00', 'yellow', { name: 'g', model: 'gas/leak', item: 'gas', key: 's:x' }),
  ];

  it('takes in a later warning on the same key, whose departments act as well, and tells everybody once', async () => {
    const life = await played(called, '2026-09-16 11:30');
    expect(told(life).filter((line) => line.includes('joined'))).toEqual([
      '2026-09-16 11:00 market joined',
      '2026-09-16 11:00 health joined',
      '2026-09-16 11:00 housing joined',
      '2026-09-16 11:00 fire joined',
    ]);
    expect(life.state('j').parties.map(({ department, acting }) => `${department} ${acting}`)).toEqual([
      'market true',
      'health true',
      'housing true',
      'fire true',
    ]);
    expect(life.state('j').joined).toMatchObject([{ item: 'gas' }]);
  });

  it('is done by its own date, and closed when every department has reported', async () => {
    const departments = ['market', 'health', 'housing', 'fire'];
    const all = departments.flatMap((department, index) => [
      acts(`2026-09-17 09:0${index}`, department, sign, { name: 'j' }),
      acts(`2026-09-17 10:0${index}`, department, feedback, { name: 'j' }),
    ]);
    const early = acts('2026-09-17 10:02:30', 'market', close, { name: 'j', id: 'early' });
    const steps = [...called, ...all, early, acts('2026-09-17 11:00', 'market', close, { name: 'j' })];
    const life = await played(
      steps.sort((a, b) => a.at - b.at),
      '2026-09-17 12:00',
    );
    const due = life.state('j').duties.find(({ kind }) => kind === 'close')?.due ?? null;
    expect(clockOf(due)).toBe('2026-09-30 18:00');
    expect(life.state('j').refused.map(({ id }) => id)).toEqual(['early']);
    expect(life.state('j').status).toBe('closed');
  });

  it('does not take in what it has, what is on another key, what has ended, nor anything once it is closed', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'orange', joint),
        turns('2026-09-16 11:00', 'yellow', { name: 'same', key: 's:x' }),
        turns('2026-09-16 11:10', 'yellow', { name: 'other', model: 'gas/leak', key: 's:y' }),
        turns('2026-09-16 11:20', 'yellow', { name: 'quiet', model: 'gas/leak', key: 's:x', quiet: true }),
        turns('2026-09-16 12:00', 'none', { ...joint, previous: 'orange' }),
        turns('2026-09-16 13:00', 'yellow', { name: 'late', model: 'gas/leak', key: 's:x' }),
      ],
      '2026-09-16 13:30',
    );
    expect(told(life).filter((line) => line.includes('joined'))).toEqual([]);
    expect(life.state('j').joined).toBeUndefined();
  });
});
