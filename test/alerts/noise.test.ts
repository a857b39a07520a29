// How messages are kept from becoming noise, on time lines: nothing is lost, and a red one never waits.
import { describe, expect, it } from 'vitest';
import {
  acts,
  FILES,
  idOf,
  local,
  mutes,
  play,
  played,
  rulesOf,
  told,
  turns,
  unmutes,
  type Played,
} from './timeline.js';

const withPush = (text: string) => rulesOf(new Map([...FILES, ['catalogue/push.yaml', text]]));
const market = ({ pushes }: Played) =>
  pushes.filter(({ to }) => to === 'market').map(({ at, kind, name }) => `${at} ${kind} ${name}`.trim());

describe('grouping', () => {
  const rules = withPush('group: [{ levels: [yellow], by: [item], wait: 5m, interval: 1h }]');

  it('puts together what comes within the wait, and then what comes within the interval', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:03', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:10', 'yellow', { name: 'c' }),
      ],
      '2026-09-16 12:00',
      rules,
    );
    expect(market(life)).toEqual(['2026-09-16 10:05 batch a', '2026-09-16 11:05 transition c']);
    expect(life.pushes[0]?.message).toContain('【合并推送】黄色预警 2 条。');
    expect(life.state('a').status).toBe('raised');
  });

  it('sends one alone as it is', async () => {
    const life = await played([turns('2026-09-16 10:00', 'yellow')], '2026-09-16 12:00', rules);
    expect(told(life)).toEqual(['2026-09-16 10:05 health transition', '2026-09-16 10:05 market transition']);
    expect(life.pushes[0]?.message).not.toContain('合并推送');
  });

  it('lets a red one pass, and one that turns red takes its yellow along', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:01', 'red', { name: 'b' }),
        turns('2026-09-16 10:02', 'red', { name: 'a', previous: 'yellow' }),
      ],
      '2026-09-16 11:00',
      rules,
    );
    expect(market(life)).toEqual(['2026-09-16 10:01 transition b', '2026-09-16 10:02 transition a']);
    expect(life.state('a').pending).toHaveLength(2);
  });

  it('says nothing of what has ended before anybody heard of it', async () => {
    const life = await played(
      [turns('2026-09-16 10:00', 'yellow'), turns('2026-09-16 10:02', 'none', { previous: 'yellow' })],
      '2026-09-16 11:00',
      rules,
    );
    expect(life.pushes).toEqual([]);
    expect(life.state()).toMatchObject({ status: 'cleared', pending: [] });
  });

  it('reaches a department by each of its channels', async () => {
    const departments = (FILES.get('catalogue/departments.yaml') ?? '').replace(
      'market: { name: 市场监管局,',
      'market: { channels: [file, hook], name: 市场监管局,',
    );
    const push = 'group: [{ levels: [yellow], by: [item], wait: 5m, interval: 1h }]';
    const life = await play(
      [
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:01', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:02', 'red', { name: 'b', previous: 'yellow' }),
      ],
      '2026-09-16 11:00',
      {},
      rulesOf(
        new Map([...FILES, ['catalogue/push.yaml', push], ['catalogue/departments.yaml', departments]]),
      ),
    );
    const ways = life.deliveries.filter(({ department }) => department === 'market');
    expect(ways.map(({ channel, warning, level }) => `${channel} ${level} ${warning}`)).toEqual([
      `file red ${idOf('b')}`,
      `hook red ${idOf('b')}`,
      `file yellow ${idOf('a')}`,
      `hook yellow ${idOf('a')}`,
    ]);
  });

  it('makes one message of five hundred that come at once, and each of them is known to be in it', async () => {
    const many = Array.from({ length: 500 }, (_one, index) =>
      turns('2026-09-16 10:00', 'yellow', { name: `n${index}` }),
    );
    const life = await play(many, '2026-09-16 10:06', {}, rules);
    const [batch, ...others] = life.deliveries.filter(({ department }) => department === 'market');
    expect(others).toEqual([]);
    expect(batch?.body).toMatchObject({ kind: 'batch', total: 500, levels: { yellow: 500 } });
    expect(JSON.stringify(batch?.body).length).toBeLessThan(12_000);
    expect(new Set(batch?.covers?.map(({ warning }) => warning)).size).toBe(500);
  });
});

describe('digests', () => {
  it('go out on the hour, or as offices open', async () => {
    const rules = withPush('digest: [{ levels: [blue], at: morning }, { levels: [yellow], at: hour }]');
    const life = await played(
      [
        turns('2026-09-30 17:30', 'blue', { name: 'a' }),
        turns('2026-09-30 17:40', 'yellow', { name: 'c' }),
        turns('2026-10-03 10:00', 'blue', { name: 'b' }),
      ],
      '2026-10-09 00:00',
      rules,
    );
    // National Day: offices open again on the 8th. The yellow one is handled by nobody, so it reminds beside.
    expect(market(life).filter((line) => !/remind|urge/.test(line))).toEqual([
      '2026-09-30 18:00 transition c',
      '2026-10-08 09:00 batch a',
    ]);
  });
});

describe('a cap', () => {
  const rules = withPush('cap: { per_hour: 3 }');

  it('announces what it holds back, sends it in the next hour, and never holds back a red one', async () => {
    const life = await played(
      [
        ...['a', 'b', 'c', 'd', 'e'].map((name) => turns('2026-09-16 10:00', 'yellow', { name })),
        turns('2026-09-16 10:30', 'red', { name: 'r' }),
        turns('2026-09-16 10:40', 'yellow', { name: 'f' }),
      ],
      '2026-09-16 11:30',
      rules,
    );
    expect(market(life)).toEqual([
      '2026-09-16 10:00 transition a',
      '2026-09-16 10:00 transition b',
      '2026-09-16 10:00 transition c',
      '2026-09-16 10:00 cap',
      '2026-09-16 10:30 transition r',
      '2026-09-16 11:00 batch d',
    ]);
    expect(life.pushes.find(({ kind }) => kind === 'cap')?.message).toBe(
      '【推送上限】本小时已推送 3 条，其余暂缓至 11:00 合并推送；红色预警不受限制，随到随推。',
    );
    const batch = life.deliveries.find(({ kind, department }) => kind === 'batch' && department === 'market');
    expect(batch?.covers?.map(({ warning }) => warning)).toEqual(['d', 'e', 'f'].map(idOf));
  });

  it('sends what it held back of a flood in messages of five hundred, each warning in one of them', async () => {
    const names = Array.from({ length: 703 }, (_unused, index) => `n${String(index).padStart(4, '0')}`);
    const life = await played(
      names.map((name) => turns('2026-09-16 10:00', 'yellow', { name })),
      '2026-09-16 11:30',
      rules,
    );
    const batches = life.deliveries.filter(
      ({ kind, department }) => kind === 'batch' && department === 'market',
    );
    expect(batches.map(({ covers = [] }) => covers.length)).toEqual([500, 200]);
    const covered = batches.flatMap(({ covers = [] }) => covers.map(({ warning }) => warning));
    expect(covered.sort()).toEqual(names.slice(3).map(idOf).sort());
    const announced = life.pushes.filter(({ to, kind }) => to === 'market' && kind === 'cap');
    expect(announced).toHaveLength(1);
  });

  it('takes back the one that has ended out of a full batch, and no other', async () => {
    const names = Array.from({ length: 603 }, (_unused, index) => `n${String(index).padStart(4, '0')}`);
    const ended = ['n0003', 'n0502', 'n0602'];
    const life = await played(
      [
        ...names.map((name) => turns('2026-09-16 10:00', 'yellow', { name })),
        ...ended.map((name) => turns('2026-09-16 10:20', 'none', { name, previous: 'yellow' })),
      ],
      '2026-09-16 11:30',
      rules,
    );
    const batches = life.deliveries.filter(
      ({ kind, department }) => kind === 'batch' && department === 'market',
    );
    const covered = batches.flatMap(({ covers = [] }) => covers.map(({ warning }) => warning));
    const told = names.slice(3).filter((name) => !ended.includes(name));
    expect(covered.sort()).toEqual(told.map(idOf).sort());
    expect(life.state('n0502').pending).toEqual([]);
  });

  it('lets nobody believe that a warning stands whose lower level was held back and which then ended', async () => {
    const life = await played(
      [
        turns('2026-09-16 09:00', 'orange', { name: 'a' }),
        turns('2026-09-16 10:00', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:10', 'yellow', { name: 'a', previous: 'orange', reason: 'de-escalated' }),
        turns('2026-09-16 10:20', 'none', { name: 'a', previous: 'yellow' }),
      ],
      '2026-09-16 11:30',
      withPush('cap: { per_hour: 1 }'),
    );
    expect(market(life).filter((line) => line.startsWith('2026-09-16 11:00'))).toEqual([
      '2026-09-16 11:00 transition a',
    ]);
    expect(life.deliveries.find(({ at }) => at === local('2026-09-16 11:00'))?.level).toBe('none');
    const untold = life.untold.filter(({ warning }) => warning === idOf('a')).map(({ reason }) => reason);
    expect(new Set(untold)).toEqual(new Set(['capped']));
  });

  it('loses no urging whose warning moves on while it is held back', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:05', 'red', { name: 'a' }),
        turns('2026-09-16 10:30', 'yellow', { name: 'a', previous: 'red', reason: 'de-escalated' }),
        turns('2026-09-16 12:00', 'yellow', { name: 'b' }),
        turns('2026-09-16 12:10', 'orange', { name: 'a', previous: 'yellow' }),
        turns('2026-09-16 12:20', 'yellow', { name: 'a', previous: 'orange', reason: 'de-escalated' }),
      ],
      '2026-09-16 13:00',
      withPush('cap: { per_hour: 1 }'),
    );
    // The reminder of 12:05 is held back for the cap, and stays so whatever becomes of the level.
    const batch = life.deliveries.find(
      ({ at, department }) => at === local('2026-09-16 13:00') && department === 'market',
    );
    expect(String(batch?.body['message'])).toContain('签收');
  });

  it('is announced on each channel that it holds back, once an hour', async () => {
    const departments = (FILES.get('catalogue/departments.yaml') ?? '').replace(
      'name: 市场监管局,',
      'name: 市场监管局, channels: [file, mail],',
    );
    const files = new Map([...FILES, ['catalogue/departments.yaml', departments] as const]);
    files.set('catalogue/push.yaml', 'cap: { per_hour: 2 }');
    const three = ['a', 'b', 'c'].map((name) => turns('2026-09-16 10:00', 'yellow', { name }));
    const life = await play(three, '2026-09-16 11:30', {}, rulesOf(files));
    const sent = life.deliveries.filter(({ department }) => department === 'market');
    expect(sent.map(({ kind, channel }) => `${channel} ${kind}`)).toEqual([
      'file transition',
      'mail transition',
      'file cap',
      'mail cap',
      'file batch',
      'mail batch',
    ]);
  });

  it('of a department by name goes before that of all', async () => {
    const named = withPush('cap: { per_hour: 1, departments: { market: 5 } }');
    const five = ['a', 'b', 'c'].map((name) => turns('2026-09-16 10:00', 'yellow', { name }));
    const life = await played(five, '2026-09-16 10:30', named);
    expect(market(life)).toHaveLength(3);
    expect(life.pushes.filter(({ to }) => to === 'health').map(({ kind }) => kind)).toEqual([
      'transition',
      'cap',
    ]);
  });
});

describe('inhibition', () => {
  const rules = withPush('inhibit: [yellow, blue]');
  const same = { key: 's:same' };

  it('withholds the yellow of the same subject and item while a red one stands, and tells it afterwards', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red', { name: 'r', ...same }),
        turns('2026-09-16 10:10', 'yellow', { name: 'y', ...same }),
        turns('2026-09-16 10:11', 'yellow', { name: 'o' }),
        turns('2026-09-16 10:12', 'yellow', { name: 'g', model: 'gas/leak', ...same }),
        turns('2026-09-16 11:00', 'none', { name: 'r', previous: 'red', ...same }),
      ],
      '2026-09-16 11:30',
      rules,
    );
    expect(market(life)).toEqual([
      '2026-09-16 10:00 transition r',
      '2026-09-16 10:11 transition o',
      '2026-09-16 11:00 transition r',
      '2026-09-16 11:00 transition y',
    ]);
    expect(life.pushes.find(({ name }) => name === 'y')?.message).toContain('同一对象红色预警期间暂缓推送');
    expect(life.state('y').history[0]).toMatchObject({
      withheld: 'inhibited',
      released: local('2026-09-16 11:00'),
    });
    // Its deadlines begin when it is told.
    expect(life.state('y').duties[0]?.from).toBe(local('2026-09-16 11:00'));
  });

  it('does not hold back one that turns graver, nor one without a red one', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red', { name: 'r', ...same }),
        turns('2026-09-16 10:10', 'yellow', { name: 'y', ...same }),
        turns('2026-09-16 10:20', 'orange', { name: 'y', previous: 'yellow', ...same }),
      ],
      '2026-09-16 10:30',
      rules,
    );
    expect(market(life)).toEqual(['2026-09-16 10:00 transition r', '2026-09-16 10:20 transition y']);
    expect(life.pushes.find(({ name }) => name === 'y')?.message).toContain('新发预警');
  });
});

describe('a silence that somebody ordered', () => {
  it('withholds what it matches until its time is over, and then tells what still stands', async () => {
    const life = await played(
      [
        mutes('2026-09-16 09:00', '2026-09-16 12:00', { item: 'food', levels: ['yellow', 'blue'] }),
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:10', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:20', 'red', { name: 'c' }),
        turns('2026-09-16 11:00', 'none', { name: 'b', previous: 'yellow' }),
      ],
      '2026-09-16 12:10',
    );
    expect(market(life).filter((line) => !line.includes('remind'))).toEqual([
      '2026-09-16 10:20 transition c',
      '2026-09-16 12:00 transition a',
    ]);
    expect(life.pushes.find(({ name }) => name === 'a')?.message).toContain('静默期间暂缓推送');
    expect(life.state('b')).toMatchObject({ status: 'cleared', history: [{ withheld: 'muted' }, {}] });
  });

  it('can be taken back before its time', async () => {
    const life = await played(
      [
        mutes('2026-09-16 09:00', '2026-09-17 12:00', { model: 'food/bad' }),
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        unmutes('2026-09-16 10:30'),
        turns('2026-09-16 10:40', 'yellow', { name: 'b' }),
      ],
      '2026-09-16 11:00',
    );
    expect(market(life)).toEqual(['2026-09-16 10:30 transition a', '2026-09-16 10:40 transition b']);
  });

  it('does not end what another one withholds', async () => {
    const life = await played(
      [
        mutes('2026-09-16 09:00', '2026-09-16 11:00', { item: 'food' }),
        mutes('2026-09-16 09:00', '2026-09-16 12:00', { key: 's:a' }, 'm2'),
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:00', 'yellow', { name: 'b' }),
      ],
      '2026-09-16 12:10',
    );
    expect(market(life)).toEqual(['2026-09-16 11:00 transition b', '2026-09-16 12:00 transition a']);
  });
});

describe('repetition', () => {
  it('pushes again what nobody signed for, and stops when somebody does', async () => {
    const rules = withPush('repeat: { red: 30m }');
    const life = await played(
      [
        turns('2026-09-16 10:00', 'red', { name: 'a' }),
        turns('2026-09-16 10:00', 'yellow', { name: 'b' }),
        acts('2026-09-16 11:10', 'market', { type: 'sign' }),
      ],
      '2026-09-16 14:00',
      rules,
    );
    expect(market(life).slice(2)).toEqual(['2026-09-16 10:30 repeat a', '2026-09-16 11:00 repeat a']);
  });
});
