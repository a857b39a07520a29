// What happens to a warning between its raising and its closing, on time lines.
import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/events/act.js';
import { acts, clockOf, play, turns, type Happening, type Played, local } from './timeline.js';

const sign: Act = { type: 'sign' };
const start: Act = { type: 'start' };
const feedback: Act = { type: 'feedback', result: 'confirmed', findings: '属实', measures: '责令改正' };
const close: Act = { type: 'close', conclusion: '已改正' };

/** Plays a time line whole, one record at a time, and with every checkpoint lost once: all must be alike. */
async function played(happenings: readonly Happening[], until: string): Promise<Played> {
  const whole = await play(happenings, until);
  for (const manner of [{ batch: 1 }, { disturbed: true }, { tickMs: 3_600_000 }]) {
    const other = await play(happenings, until, manner);
    expect(other.pushes).toEqual(whole.pushes);
    expect(other.notes).toEqual(whole.notes);
    expect(other.state()).toEqual(whole.state());
  }
  return whole;
}

const told = ({ pushes }: Played) => pushes.map(({ at, to, kind }) => `${at} ${to} ${kind}`);

describe('a warning that is handled', () => {
  it('goes from raised to closed, and nobody is reminded', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 14:00', 'market', start),
        acts('2026-09-17 17:59', 'market', feedback),
        acts('2026-09-18 09:00', 'market', close),
      ],
      '2026-12-01 00:00',
    );
    expect(told(life)).toEqual(['2026-09-16 10:00 market transition', '2026-09-16 10:00 health transition']);
    expect(life.state()).toMatchObject({
      status: 'closed',
      closed: { by: 'market', conclusion: '已改正', level: 'red' },
      parties: [
        { department: 'market', stage: 'fed-back', feedback: { result: 'confirmed' } },
        { department: 'health', acting: false, stage: 'none' },
      ],
    });
    expect(
      life.state().duties.every(({ done, due }) => done !== undefined && due !== null && done <= due),
    ).toBe(true);
    expect(life.marks).toBe(0);
  });

  it('is pushed with its deadlines', async () => {
    const life = await played([turns('2026-09-16 10:00', 'red')], '2026-09-16 10:00');
    const due = life.state().duties.map(({ kind, due: at }) => `${kind} ${clockOf(at)}`);
    expect(due).toEqual(['sign 2026-09-16 12:00', 'feedback 2026-09-17 18:00', 'close 2026-09-30 18:00']);
  });

  it('takes an action once, however often it comes', async () => {
    const twice = { id: 'k' };
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign, twice),
        acts('2026-09-16 11:01', 'market', sign, twice),
      ],
      '2026-09-16 11:30',
    );
    expect(life.state().acts).toHaveLength(1);
    expect(life.state().refused).toEqual([]);
  });

  it('is sent back and reported on anew', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 12:00', 'market', feedback),
        acts(
          '2026-09-16 15:00',
          'county',
          { type: 'return', department: 'market', reason: '未说明数量' },
          { role: 'lead' },
        ),
        acts('2026-09-17 09:00', 'market', close),
        acts('2026-09-17 10:00', 'market', { ...feedback, findings: '三件' } as Act),
        acts('2026-09-17 11:00', 'market', close),
      ],
      '2026-09-17 12:00',
    );
    expect(told(life).slice(2)).toEqual(['2026-09-16 15:00 market returned']);
    expect(life.pushes[2]?.message).toContain('未说明数量');
    expect(life.state().refused).toMatchObject([{ code: 'ACTION_ILLEGAL' }]);
    expect(life.state()).toMatchObject({
      status: 'closed',
      parties: [{ feedback: { findings: '三件' } }, {}],
    });
  });
});

describe('deadlines that are missed', () => {
  it('remind, urge up to the top, and then tell the operators', async () => {
    const life = await played([turns('2026-09-16 10:00', 'red')], '2026-09-22 12:00');
    const signing = told(life).filter(
      (_one, index) => life.pushes[index]?.message.includes('签收，') === true,
    );
    expect(signing).toEqual([
      '2026-09-16 12:00 market remind',
      '2026-09-16 14:00 market urge',
      '2026-09-17 18:00 county urge',
      '2026-09-18 18:00 city urge',
    ]);
    expect(life.notes).toContainEqual({ code: 'ALERT_UNHANDLED', clock: local('2026-09-18 18:00') });
  });

  it('pass over a holiday week with its make-up days', async () => {
    // Feedback is due at the end of Thursday 1 October's next working day: National Day ends on the 7th.
    const life = await played(
      [turns('2026-09-30 15:00', 'red'), acts('2026-09-30 16:00', 'market', sign)],
      '2026-10-13 00:00',
    );
    expect(told(life).slice(2)).toEqual([
      '2026-10-08 18:00 market remind',
      '2026-10-08 20:00 market urge',
      '2026-10-09 18:00 county urge',
      // Saturday the 10th is a make-up day.
      '2026-10-10 18:00 city urge',
    ]);
  });

  it('stop as soon as it is done', async () => {
    const life = await played(
      [turns('2026-09-16 10:00', 'red'), acts('2026-09-16 12:30', 'market', sign)],
      '2026-09-17 17:00',
    );
    expect(told(life).slice(2)).toEqual(['2026-09-16 12:00 market remind']);
    expect(life.state().duties[0]).toMatchObject({ kind: 'sign', urged: 1, done: local('2026-09-16 12:30') });
  });

  it('count office hours where the plan says so', async () => {
    const life = await played([turns('2026-09-16 16:00', 'orange')], '2026-09-17 11:00');
    expect(told(life).slice(2)).toEqual(['2026-09-17 11:00 market remind']);
  });

  it('say so where the calendar ends', async () => {
    const life = await played([turns('2026-12-28 10:00', 'red')], '2026-12-28 11:00');
    expect(life.state().duties.map(({ kind, due }) => `${kind} ${clockOf(due)}`)).toEqual([
      'sign 2026-12-28 12:00',
      'feedback 2026-12-29 18:00',
      'close never',
    ]);
    expect(life.notes.map(({ code }) => code)).toEqual(['ALERT_CALENDAR']);
  });
});

describe('levels that change', () => {
  it('a graver level asks anew, with the earlier deadline of the two', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'yellow'),
        acts('2026-09-16 11:00', 'market', sign),
        turns('2026-09-16 15:00', 'red', { previous: 'yellow' }),
      ],
      '2026-09-16 16:00',
    );
    expect(life.state()).toMatchObject({ status: 'raised', asked: 'red' });
    const open = life.state().duties.filter(({ done }) => done === undefined);
    expect(open.map(({ kind, due }) => `${kind} ${clockOf(due)}`)).toEqual([
      'feedback 2026-09-17 18:00',
      'close 2026-09-30 18:00',
      'sign 2026-09-16 17:00',
    ]);
  });

  it('a lower level asks nothing, and the deadlines stay', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        turns('2026-09-16 10:30', 'yellow', { previous: 'red', reason: 'de-escalated' }),
      ],
      '2026-09-16 10:40',
    );
    expect(life.state().duties.map(({ due }) => clockOf(due))[0]).toBe('2026-09-16 12:00');
    expect(told(life)).toHaveLength(4);
  });

  it('a flapping model asks once for each level that is graver than before', async () => {
    const flaps = Array.from({ length: 20 }, (_one, index) =>
      turns(`2026-09-16 10:${String(index + 10)}`, index % 2 === 0 ? 'yellow' : 'orange', {
        previous: index % 2 === 0 ? 'orange' : 'yellow',
        reason: index % 2 === 0 ? 'de-escalated' : 'escalated',
      }),
    );
    const life = await played(flaps, '2026-09-16 11:00');
    expect(life.state().duties.filter(({ kind }) => kind === 'sign')).toHaveLength(1);
    expect(life.state().asked).toBe('orange');
  });

  it('one that clears by itself before anybody signed is over', async () => {
    const life = await played(
      [turns('2026-09-16 10:00', 'red'), turns('2026-09-16 11:00', 'none', { previous: 'red' })],
      '2026-10-30 00:00',
    );
    expect(life.state()).toMatchObject({ status: 'cleared', duties: [] });
    expect(told(life)).toHaveLength(4);
  });

  it('one that clears after it was signed for is still to be reported on', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        turns('2026-09-16 12:00', 'none', { previous: 'red' }),
        acts('2026-09-16 13:00', 'market', feedback),
        acts('2026-09-16 14:00', 'market', close),
      ],
      '2026-10-30 00:00',
    );
    expect(life.state()).toMatchObject({ status: 'closed', level: 'none', closed: { level: 'none' } });
  });

  it('one whose basis is revoked after it was signed for is withdrawn, and nothing more is asked', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        turns('2026-09-16 12:00', 'none', { previous: 'red', reason: 'withdrawn' }),
        acts('2026-09-16 13:00', 'market', feedback),
      ],
      '2026-10-30 00:00',
    );
    expect(life.state().status).toBe('withdrawn');
    expect(life.state().duties.every(({ done }) => done !== undefined)).toBe(true);
    expect(life.state().refused).toMatchObject([{ code: 'ACTION_ILLEGAL', allowed: [] }]);
    expect(told(life)).toEqual([
      '2026-09-16 10:00 market transition',
      '2026-09-16 10:00 health transition',
      '2026-09-16 12:00 market transition',
      '2026-09-16 12:00 health transition',
    ]);
  });

  it('one that was closed opens again at a graver level, and not at the same', async () => {
    const handled = [
      turns('2026-09-16 10:00', 'yellow'),
      acts('2026-09-16 11:00', 'market', sign),
      acts('2026-09-16 12:00', 'market', feedback),
      acts('2026-09-16 13:00', 'market', close),
    ];
    const lower = await played(
      [...handled, turns('2026-09-16 14:00', 'blue', { previous: 'yellow', reason: 'de-escalated' })],
      '2026-09-16 15:00',
    );
    expect(lower.state().status).toBe('closed');
    const graver = await played(
      [...handled, turns('2026-09-16 14:00', 'red', { previous: 'yellow' })],
      '2026-09-16 15:00',
    );
    expect(graver.state()).toMatchObject({ status: 'raised', asked: 'red' });
    expect(graver.state().closed).toBeUndefined();
  });

  it('one of backfilled history asks nothing of anybody', async () => {
    const life = await played([turns('2026-09-16 10:00', 'red', { quiet: true })], '2026-10-30 00:00');
    expect(life.state()).toMatchObject({ status: 'quiet', duties: [] });
    expect(life.pushes).toEqual([]);
  });
});

describe('a warning whose clocks stand still', () => {
  const suspend: Act = { type: 'suspend', reason: '等待鉴定', until: local('2026-09-25 12:00') };

  it('reminds nobody meanwhile, and has as much time left afterwards', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 12:00', 'county', suspend, { role: 'lead' }),
        acts('2026-09-22 12:00', 'county', { type: 'resume', reason: '鉴定已出' }, { role: 'lead' }),
      ],
      '2026-09-23 17:00',
    );
    // One working day was left: 17 September; 5 working days passed (17, 18, 20, 21, 22).
    expect(clockOf(life.state().duties[1]?.due ?? null)).toBe('2026-09-23 18:00');
    expect(told(life).slice(2)).toEqual([
      '2026-09-16 12:00 market suspended',
      '2026-09-22 12:00 market resumed',
    ]);
  });

  it('goes on by itself at the end of the term', async () => {
    const life = await played(
      [turns('2026-09-16 10:00', 'red'), acts('2026-09-16 11:00', 'county', suspend, { role: 'lead' })],
      '2026-09-25 12:30',
    );
    expect(told(life).slice(2)).toEqual([
      '2026-09-16 11:00 market suspended',
      '2026-09-25 12:00 market resumed',
    ]);
    expect(clockOf(life.state().duties[0]?.due ?? null)).toBe('2026-09-25 13:00');
  });

  it('cannot stand still for ever, nor by the department itself', async () => {
    const endless: Act = { type: 'suspend', reason: '等', until: local('2027-09-25 12:00') };
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        acts('2026-09-16 10:10', 'county', endless, { role: 'lead' }),
        acts('2026-09-16 10:20', 'market', suspend),
      ],
      '2026-09-16 11:00',
    );
    expect(life.state().refused.map(({ code }) => code)).toEqual(['ACTION_INVALID', 'ACTION_FORBIDDEN']);
    expect(life.state().suspended).toBeUndefined();
  });
});

describe('between departments', () => {
  it('a warning that is passed on is handled by the other, with deadlines of its own', async () => {
    const passed: Act = { ...feedback, result: 'transferred', department: 'police' } as Act;
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

describe('many at once', () => {
  it('thousands of open warnings cost nothing between their due times, and each is reminded', async () => {
    const many = Array.from({ length: 2_500 }, (_one, index) =>
      turns('2026-09-16 10:00', 'red', { name: `w${index}` }),
    );
    const quiet = await play(many, '2026-09-16 11:59', { batch: 1_000, tickMs: 60_000 });
    expect(quiet.marks).toBe(0);
    const due = await play(many, '2026-09-16 12:00', { batch: 1_000 });
    expect(due.marks).toBe(1);
    expect(due.pushes.filter(({ kind }) => kind === 'remind')).toHaveLength(2_500);
    expect(new Set(due.pushes.filter(({ kind }) => kind === 'remind').map(({ name }) => name)).size).toBe(
      2_500,
    );
  });
});
