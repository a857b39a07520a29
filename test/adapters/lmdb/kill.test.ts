import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLmdb } from '../../../src/adapters/lmdb/lmdb.js';
import { childEnd, startChild } from '../../support/child.js';

const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

/** The figures behind a word in whole lines; the kill may have cut the last one. */
function acknowledged(output: string, word: string): number[] {
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => Number(line.slice(word.length + 1)));
}

describe('lmdb under kill -9', () => {
  it('keeps every acknowledged append and commit, without holes and without halves, kill after kill', async () => {
    const path = await mkdtemp(join(tmpdir(), 'fenghuo-kill-'));
    const size = 7;
    // Counts of output lines after which the process is killed: early, in the middle of the first growth, late.
    for (const lines of [1, 9, 120, 1_200]) {
      const child = startChild(new URL('./append.child.ts', import.meta.url), [path, String(size), '4']);
      const { output, errors } = await childEnd(child, (seen) => {
        if (seen.split('\n').length > lines) child.kill('SIGKILL');
      });
      expect(errors).toBe('');
      const appends = acknowledged(output, 'append');
      const commits = acknowledged(output, 'commit');
      const stores = await openLmdb({ path });
      const log = stores.log('events');
      const end = await log.end(0);
      expect(end).toBeGreaterThanOrEqual(Math.max(0, ...appends.map((offset) => offset + size)));
      expect(end % size).toBe(0);
      for (let offset = 0; offset < end; offset += 10_000) {
        const records = await log.read(0, offset, 10_000);
        expect(records.length).toBe(Math.min(10_000, end - offset));
        expect(records.every((record) => text(record.value) === `[${record.offset % size},${size}]`)).toBe(
          true,
        );
      }
      const stored = await stores.state.checkpoint('test');
      const sequence = stored?.sequence ?? 0;
      expect(sequence).toBeGreaterThanOrEqual(Math.max(0, ...commits));
      if (stored !== undefined) {
        expect([stored.nonce, text(stored.meta)]).toEqual([`n${sequence}`, String(sequence)]);
        const records = await stores.state.load('test', ['a', 'b', 'c']);
        expect(records.map(text)).toEqual([sequence, sequence, sequence].map(String));
        expect(await stores.state.due('test', 1e12, 10)).toEqual([{ due: sequence, key: 'k', name: 'm' }]);
      }
      await stores.close();
    }
    await rm(path, { recursive: true });
  });
});
