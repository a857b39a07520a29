import { describe, expect, it } from 'vitest';
import type { EventSource } from '../../src/pipeline/backtest/backtest.js';
import { complaint, run, sourceOf } from './backtest-fixture.js';

describe('what must be held in memory', () => {
  const ordered = Array.from({ length: 50 }, (_, index) => complaint(`c${index}`, index));
  const reversed = [...ordered].reverse();

  it('is nothing for files in order, however long', async () => {
    const even = ordered.filter((_, index) => index % 2 === 0);
    const odd = ordered.filter((_, index) => index % 2 === 1);
    const { summary } = await run([sourceOf(odd), sourceOf(even)], { sortLimit: 1 });
    expect(summary.events).toBe(50);
  });

  it('is bounded for a file out of order, and the error names file, limit and way out', async () => {
    expect((await run([sourceOf(reversed, 'mixed.ndjson')], { sortLimit: 50 })).summary.events).toBe(50);
    await expect(run([sourceOf(reversed, 'mixed.ndjson')], { sortLimit: 49 })).rejects.toMatchObject({
      code: 'BACKTEST_SORT_LIMIT',
      message: expect.stringMatching(
        /mixed\.ndjson is out of order, and more than 49 .*--sort-limit/,
      ) as string,
    });
  });

  it('is bounded over all files together, and given back when one is done', async () => {
    const early = reversed.slice(25);
    const late = reversed.slice(0, 25);
    expect((await run([sourceOf(late), sourceOf(early)], { sortLimit: 25 })).summary.events).toBe(50);
    const woven = [0, 1].map((rest) => sourceOf(reversed.filter((_, index) => index % 2 === rest)));
    await expect(run(woven, { sortLimit: 30 })).rejects.toMatchObject({ code: 'BACKTEST_SORT_LIMIT' });
  });

  it('is bounded for a pipe, which may be longer as long as it is in order', async () => {
    expect((await run([sourceOf(ordered, 'pipe', false)], { sortLimit: 7 })).summary.events).toBe(50);
    expect((await run([sourceOf(reversed, 'pipe', false)], { sortLimit: 50 })).summary.events).toBe(50);
    const lateDisorder = [...ordered, complaint('x', 3)];
    for (const rows of [reversed, lateDisorder]) {
      await expect(run([sourceOf(rows, 'pipe', false)], { sortLimit: 7 })).rejects.toMatchObject({
        code: 'BACKTEST_SORT_LIMIT',
      });
    }
  });

  it('is bounded for a single instant', async () => {
    const crowd = Array.from({ length: 9 }, (_, index) => complaint(`c${index}`, 0));
    expect((await run([sourceOf(crowd)], { sortLimit: 9 })).summary.events).toBe(9);
    await expect(run([sourceOf(crowd)], { sortLimit: 8 })).rejects.toMatchObject({
      code: 'BACKTEST_SORT_LIMIT',
    });
  });

  it('is noticed when a file changes between its two readings', async () => {
    const readings = [ordered, reversed];
    const changing: EventSource = {
      ...sourceOf(ordered, 'growing.ndjson'),
      batches: () => sourceOf(readings.shift() ?? []).batches(),
    };
    await expect(run([changing])).rejects.toThrow(/growing\.ndjson changed while it was read/);
  });
});
