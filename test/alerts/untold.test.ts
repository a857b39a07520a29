// What departments were not told at once: each rule leaves a record with its reason, once, whatever is lost.
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/ports/log.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import { withheldPage } from '../../src/pipeline/withheld-book.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { clockOf, FILES, idOf, local, mutes, play, played, rulesOf, turns, type Played } from './timeline.js';

const withPush = (text: string) => rulesOf(new Map([...FILES, ['catalogue/push.yaml', text]]));
const nameOf = (warning: string) => Buffer.from(warning, 'hex').toString().replace(/\0+$/, '');
const lines = ({ untold }: Played, department: string | null) =>
  untold
    .filter((one) => one.department === department)
    .map(({ at, reason, warning, level, due }) =>
      [clockOf(at), reason, nameOf(warning), level, due === undefined ? '' : clockOf(due)].join(' ').trim(),
    );

describe('what is not told at once', () => {
  it('because of a silence or a red warning says what it waits for', async () => {
    const same = { key: 's:same' };
    const life = await played(
      [
        mutes('2026-09-16 09:00', '2026-09-16 12:00', { key: 's:m' }),
        turns('2026-09-16 10:00', 'yellow', { name: 'm' }),
        turns('2026-09-16 10:00', 'red', { name: 'r', ...same }),
        turns('2026-09-16 10:10', 'yellow', { name: 'y', ...same }),
        turns('2026-09-16 10:20', 'yellow', { name: 'free' }),
      ],
      '2026-09-16 12:10',
      withPush('inhibit: [yellow, blue]'),
    );
    expect(lines(life, null)).toEqual([
      '2026-09-16 10:00 muted m yellow',
      '2026-09-16 10:10 inhibited y yellow',
    ]);
    expect(life.untold.map(({ sources }) => sources)).toEqual([['mute:m1'], [`warning:${idOf('r')}`]]);
  });

  it('because of a group, or a digest, says when it goes out, and what nobody needs any more', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:03', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:04', 'none', { name: 'b', previous: 'yellow' }),
        turns('2026-09-16 10:05', 'blue', { name: 'c' }),
      ],
      '2026-09-16 11:30',
      withPush(`group: [{ levels: [yellow], by: [item], wait: 10m, interval: 1h }]
digest: [{ levels: [blue], at: hour }]`),
    );
    expect(lines(life, 'market')).toEqual([
      '2026-09-16 10:00 grouped a yellow 2026-09-16 10:10',
      '2026-09-16 10:03 grouped b yellow 2026-09-16 10:10',
      '2026-09-16 10:04 overtaken b none',
      '2026-09-16 10:05 digested c blue 2026-09-16 11:00',
    ]);
    expect(lines(life, 'health')).toEqual(lines(life, 'market'));
  });

  it('because of a cap is said of each warning that waits, those of a group too', async () => {
    const life = await played(
      [
        turns('2026-09-16 10:00', 'orange', { name: 'o1' }),
        turns('2026-09-16 10:01', 'orange', { name: 'o2' }),
        turns('2026-09-16 10:02', 'yellow', { name: 'a' }),
        turns('2026-09-16 10:03', 'yellow', { name: 'b' }),
        turns('2026-09-16 10:04', 'red', { name: 'r' }),
      ],
      '2026-09-16 11:30',
      withPush(`group: [{ levels: [yellow], by: [item], wait: 5m, interval: 1h }]
cap: { per_hour: 1 }`),
    );
    expect(lines(life, 'market')).toEqual([
      '2026-09-16 10:01 capped o2 orange 2026-09-16 11:00',
      '2026-09-16 10:02 grouped a yellow 2026-09-16 10:07',
      '2026-09-16 10:03 grouped b yellow 2026-09-16 10:07',
      '2026-09-16 10:07 capped a yellow 2026-09-16 11:00',
      '2026-09-16 10:07 capped b yellow 2026-09-16 11:00',
    ]);
  });
});

describe('pages of it', () => {
  const rules = withPush('digest: [{ levels: [yellow], at: hour }]');
  const many = Array.from({ length: 40 }, (_, index) =>
    turns(`2026-09-16 ${String(index % 20).padStart(2, '0')}:${index < 20 ? '10' : '20'}`, 'yellow', {
      name: `n${index}`,
    }),
  ).sort((a, b) => a.at - b.at);
  const whole = async (life: Played, limit: number, more: object = {}) => {
    const found: string[] = [];
    for (let before: string | undefined; ;) {
      const page = await withheldPage(life.logs.withheld, life.book, { limit, before, ...more }, () => true);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(
        ...page.items.map(({ withholding: { at, department, warning } }) => `${at} ${department} ${warning}`),
      );
      if (page.next === null) return found;
      before = page.next;
    }
  };

  it('are newest first, and give all of it once whatever their size is and what was written twice', async () => {
    const undisturbed = await play(many, '2026-09-17 00:00', {}, rules);
    const all = await whole(undisturbed, 500);
    expect(all).toHaveLength(undisturbed.untold.length);
    expect(all).toEqual(
      [...undisturbed.untold]
        .reverse()
        .map(({ at, department, warning }) => `${at} ${department} ${warning}`),
    );
    for (const limit of [1, 7]) expect(await whole(undisturbed, limit)).toEqual(all);
    const disturbed = await play(many, '2026-09-17 00:00', { disturbed: true }, rules);
    const stored = await disturbed.logs.withheld.end(0);
    expect(stored).toBeGreaterThan(all.length);
    for (const limit of [1, 7, 500]) expect(await whole(disturbed, limit)).toEqual(all);
  });

  it('hold what lies between two instants', async () => {
    const life = await play(many, '2026-09-17 00:00', {}, rules);
    const since = local('2026-09-16 05:10');
    const until = local('2026-09-16 07:10');
    const expected = (await whole(life, 500)).filter((line) => {
      const at = Number(line.split(' ')[0]);
      return at >= since && at <= until;
    });
    expect(expected.length).toBeGreaterThan(3);
    expect(await whole(life, 2, { since, until })).toEqual(expected);
    expect(await whole(life, 2, { until: local('2026-09-15 00:00') })).toEqual([]);
  });

  it('read a bounded part of the log each, and say where to go on where nothing of it fits', async () => {
    const life = await play([turns('2026-09-16 10:00', 'yellow')], '2026-09-16 10:30', {}, rules);
    const log: Log = openMemory().log('withheld');
    const record = life.untold[0];
    const records = Array.from({ length: 12_000 }, (_, offset) =>
      encodeJson({ origin: { source: 'inbox/0', offset, ordinal: 0 }, withholding: record }),
    );
    await log.append(0, records);
    let before: string | undefined;
    let pages = 0;
    for (let next: string | null = ''; next !== null; pages++) {
      const page = await withheldPage(log, life.book, { limit: 10, before }, () => false);
      expect(page.items).toEqual([]);
      ({ next } = page);
      before = next ?? undefined;
    }
    expect(pages).toBe(3);
  });
});
