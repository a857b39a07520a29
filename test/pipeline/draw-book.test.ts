// Draws on their way to the inbox: each once, all of it or nothing, in one chain, whatever happens between.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { InboxRecord, WarningRecord } from '../../src/alerts/inbox.js';
import { CHAIN_START, verifyLink } from '../../src/evidence/chain.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { DrawBook, TASKS_MAX } from '../../src/pipeline/draw-book.js';
import type { Log } from '../../src/ports/log.js';
import { drawnIn } from '../alerts/drawn.js';
import { rulesOf } from '../alerts/timeline.js';

const RULES = rulesOf();
const AT = Date.UTC(2026, 8, 14, 2);
const draw = (seed: string, shops = 3) => drawnIn(RULES, { at: AT, shops, seed });

/** Each announcement by a program of its own, as the command is. */
function county() {
  const stores = openMemory();
  const log = stores.log('inbox');
  let serial = 0;
  const book = (inbox: Log = log) =>
    new DrawBook({
      inbox,
      state: stores.state,
      evidenceKey: new Uint8Array(32).fill(7),
      nonce: () => `n${serial++}`,
    });
  const records = async () =>
    (await log.read(0, 0, 10_000)).map(({ value }) => decodeJson<InboxRecord>(value));
  const warnings = async () =>
    (await records()).filter((one): one is WarningRecord => one.kind === 'warning');
  return { log, book, records, warnings };
}

const failing = (log: Log): Log => ({
  append: async () => Promise.reject(new Error('the machine was switched off')),
  read: (...args) => log.read(...args),
  end: (partition) => log.end(partition),
});

describe('a draw', () => {
  it('is announced once, also after another one', async () => {
    const { book, records } = county();
    const said = [];
    for (const seed of ['a', 'a', 'b', 'a', 'b', 'c']) said.push(await book().announce(draw(seed)));
    expect(said).toEqual([3, 0, 3, 0, 0, 3]);
    // Three tasks each, and the instant that is over.
    expect(await records()).toHaveLength(12);
  });

  it('is refused where its seed and tags have drawn before, on another day or by other shares', async () => {
    const { book, records } = county();
    await book().announce(draw('a'));
    const later = drawnIn(RULES, { at: AT + 3_600_000, shops: 3, seed: 'a' });
    await expect(book().announce(later)).rejects.toMatchObject({ code: 'DRAW_TOLD' });
    expect(await book().announce(draw('b'))).toBe(3);
    await expect(book().check(later)).rejects.toMatchObject({ code: 'DRAW_TOLD' });
    expect(await book().announce(draw('a'))).toBe(0);
    expect(await records()).toHaveLength(8);
  });

  it('lies in one chain with those before it, each task in its place', async () => {
    const { book, warnings } = county();
    for (const seed of ['a', 'b']) await book().announce(draw(seed));
    const all = await warnings();
    expect(all.map(({ link }) => link.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    let before = CHAIN_START.hash;
    for (const { link, transition, sample } of all) {
      expect(link.previous).toBe(before);
      expect(verifyLink(link, { transition, sample })).toBe(true);
      before = link.hash;
    }
    expect(all.map(({ origin }) => [origin.offset, origin.ordinal])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [4, 0],
      [4, 1],
      [4, 2],
    ]);
  });

  it('that was cut off before it was written leaves nothing, and is announced as if it had never been', async () => {
    const disturbed = county();
    await disturbed.book().announce(draw('a'));
    await expect(disturbed.book(failing(disturbed.log)).announce(draw('b'))).rejects.toThrow('switched off');
    await disturbed.book().announce(draw('b'));
    const whole = county();
    for (const seed of ['a', 'b']) await whole.book().announce(draw(seed));
    expect(await disturbed.records()).toEqual(await whole.records());
    // Nor does it stand in the way of another.
    const other = county();
    await expect(other.book(failing(other.log)).announce(draw('b'))).rejects.toThrow('switched off');
    expect(await other.book().announce(draw('a'))).toBe(3);
    expect(await other.book().announce(draw('b'))).toBe(3);
  });

  it('of more tasks than departments can be given at once is refused', async () => {
    const { book, records } = county();
    const { tasks, ...rest } = draw('a', 1);
    const many = { ...rest, tasks: Array.from({ length: TASKS_MAX + 1 }, () => tasks[0] as never) };
    await expect(book().announce(many)).rejects.toMatchObject({ code: 'DRAW_LIMIT' });
    expect(await records()).toEqual([]);
  });
});
