// What happens to a warning between its raising and its closing, on time lines.
import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/events/act.js';
import { acts, clockOf, idOf, local, play, played, told, turns } from './timeline.js';

const sign: Act = { type: 'sign' };
const start: Act = { type: 'start' };
const feedback: Act = { type: 'feedback', result: 'confirmed', findings: '属实', measures: '责令改正' };
const close: Act = { type: 'close', conclusion: '已改正' };

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
        acts('2026-09-17 10:00', 'market', { ...feedback, findings: '三件' }),
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

describe('a warning that is merged', () => {
  const merged = (into: string): Act => ({ ...feedback, result: 'merged', into: idOf(into) });

  it('goes into one that is there, that who merges it may read, and not in a circle, however the action came', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red'),
        turns('2026-09-16 10:00', 'red', { name: 'b' }),
        turns('2026-09-16 10:00', 'red', { name: 'gas', model: 'gas/leak' }),
        acts('2026-09-16 11:00', 'market', sign),
        acts('2026-09-16 11:00', 'market', sign, { name: 'b', id: 'b signs' }),
        acts('2026-09-16 12:00', 'market', merged('nowhere')),
        // Of the housing department alone.
        acts('2026-09-16 12:01', 'market', merged('gas')),
        acts('2026-09-16 12:02', 'market', merged('b')),
        acts('2026-09-16 12:03', 'market', merged('a'), { name: 'b' }),
      ],
      '2026-09-16 12:30',
    );
    expect(life.state().refused.map(({ id, code, message }) => [id.slice(11, 16), code, message])).toEqual([
      ['12:00', 'ACTION_INVALID', '要并入的预警不存在，或者本账号无权查看。'],
      ['12:01', 'ACTION_INVALID', '要并入的预警不存在，或者本账号无权查看。'],
    ]);
    expect(life.state().parties[0]?.feedback).toMatchObject({ result: 'merged', into: idOf('b') });
    expect(life.state('b').refused.map(({ message }) => message)).toEqual(['要并入的预警已并入本条预警。']);
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

  it('one of which nobody was told stays quiet when it ends, and is withdrawn when it is taken back', async () => {
    const end = { previous: 'red', quiet: true } as const;
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red', { quiet: true }),
        turns('2026-09-16 10:00', 'red', { quiet: true, name: 'b' }),
        turns('2026-09-17 10:00', 'none', end),
        turns('2026-09-17 10:00', 'none', { ...end, reason: 'withdrawn', name: 'b' }),
      ],
      '2026-09-18 00:00',
    );
    expect(life.state()).toMatchObject({ status: 'quiet', ended: 'cleared', level: 'none' });
    expect(life.state('b')).toMatchObject({ status: 'withdrawn', level: 'none' });
    expect(life.pushes).toEqual([]);
  });

  it('one that a live event made graver is told, and cleared when it ends', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'yellow', { quiet: true }),
        turns('2026-09-16 11:00', 'red', { previous: 'yellow' }),
        turns('2026-09-17 10:00', 'none', { previous: 'red' }),
      ],
      '2026-09-18 00:00',
    );
    expect(life.state()).toMatchObject({ status: 'cleared', asked: 'red' });
    expect(told(life).length).toBeGreaterThan(0);
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

  it('gives what is asked while they stand still no more time than is left of the pause', async () => {
    const life = await played(
      [
        turns('2026-09-14 10:00', 'yellow'),
        acts('2026-09-14 12:00', 'county', suspend, { role: 'lead' }),
        turns('2026-09-25 11:00', 'red', { previous: 'yellow' }),
      ],
      '2026-09-25 12:30',
    );
    const [signing] = life.state().duties.filter(({ kind }) => kind === 'sign');
    expect(clockOf(signing?.due ?? null)).toBe('2026-09-25 14:00');
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
