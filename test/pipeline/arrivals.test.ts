import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRunStore } from '../../src/adapters/files/run-store.js';
import { eventOf, type Event } from '../../src/events/event.js';
import { inOrderOfArrival } from '../../src/pipeline/arrivals.js';
import { SortRoom } from '../../src/pipeline/event-buffer.js';
import { SortedRuns } from '../../src/pipeline/external-sort.js';
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

  it('goes to disk where there is a place for it, with the same result, and leaves nothing there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fenghuo-runs-'));
    try {
      const shuffled = [...reversed.slice(20), ...reversed.slice(0, 20), complaint('late', 3)];
      const whole = await run([sourceOf(shuffled)]);
      expect(whole.transitions.length).toBeGreaterThan(0);
      for (const sources of [
        [sourceOf(shuffled)],
        [sourceOf(shuffled, 'pipe', false)],
        [0, 1, 2].map((rest) => sourceOf(shuffled.filter((_, index) => index % 3 === rest))),
      ]) {
        const runs = openRunStore(folder);
        const sorted = await run(sources, { sortLimit: 4, runs });
        expect(sorted.transitions).toEqual(whole.transitions);
        expect(await readdir(folder)).toEqual([]);
        await runs.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('merges more runs than can be open at once', async () => {
    const store = openRunStore();
    const runs = new SortedRuns(store, 3);
    const ats = Array.from({ length: 200 }, (_, index) => (index * 73) % 101);
    for (const at of ats)
      await runs.add(oneBatch(eventOf(`s ${at}`, 'complaint', 's', 'subject:a', at, at, {})));
    const merged: number[] = [];
    for await (const events of runs.merged()) merged.push(...events.map((event) => event.at));
    expect(merged).toEqual([...ats].sort((a, b) => a - b));
    await store.close();
  });

  it('is bounded for a single instant', async () => {
    const crowd = Array.from({ length: 9 }, (_, index) => complaint(`c${index}`, 0));
    expect((await run([sourceOf(crowd)], { sortLimit: 9 })).summary.events).toBe(9);
    await expect(run([sourceOf(crowd)], { sortLimit: 8 })).rejects.toMatchObject({
      code: 'BACKTEST_SORT_LIMIT',
    });
  });

  it('goes to disk for a single instant as well, and comes in the order of ids over all files', async () => {
    const before = complaint('a', -60);
    const after = complaint('z', 60);
    const crowd = Array.from({ length: 23 }, (_, index) => complaint(`c${(index * 7) % 23}`, 0));
    const named = async (sources: readonly EventSource[], sortLimit: number) => {
      const ids: string[] = [];
      const runs = openRunStore();
      const room = new SortRoom(sortLimit);
      const onRefused = () => undefined;
      for await (const events of inOrderOfArrival(sources, { toMs: Infinity, room, runs, onRefused }))
        ids.push(...events.map(({ id }) => id));
      await runs.close();
      return ids;
    };
    const all = [before, ...crowd, after];
    const whole = await named([sourceOf(all)], 100);
    expect(whole).toHaveLength(25);
    expect(whole.slice(1, -1)).toEqual([...whole.slice(1, -1)].sort());
    const split = [0, 1, 2].map((rest) => sourceOf(all.filter((_, index) => index % 3 === rest)));
    for (const sources of [
      [sourceOf(all)],
      [sourceOf(all, 'pipe', false)],
      split,
      [sourceOf([...all].reverse())],
    ])
      expect(await named(sources, 4)).toEqual(whole);
    // Two crowds one after the other, and one at the very end.
    const again = Array.from({ length: 9 }, (_, index) => complaint(`d${index}`, 60));
    expect(await named([sourceOf([...all, ...again])], 4)).toEqual(
      await named([sourceOf([...all, ...again])], 100),
    );
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

async function* oneBatch(event: Event): AsyncGenerator<readonly Event[]> {
  yield [event];
}
