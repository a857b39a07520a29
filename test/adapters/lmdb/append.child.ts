// Appends and commits without end, printing what was acknowledged, until it is killed.
// Arguments: folder, records per append, appends under way at a time.
import { writeSync } from 'node:fs';
import { openLmdb } from '../../../src/adapters/lmdb/lmdb.js';

const [path, size, width] = process.argv.slice(2) as [string, string, string];
const stores = await openLmdb({ path });
const log = stores.log('events');
const state = stores.state;
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function append(): Promise<void> {
  for (;;) {
    const values = Array.from({ length: Number(size) }, (_, index) => bytes([index, Number(size)]));
    // A write to a pipe is synchronous here, so a kill loses no line that stands for an acknowledged write.
    writeSync(1, `append ${await log.append(0, values)}\n`);
  }
}

async function commit(): Promise<void> {
  const stored = await state.checkpoint('test');
  for (let base = stored?.sequence ?? 0; ; base += 1) {
    const next = base + 1;
    await state.commit('test', {
      base,
      baseNonce: base === 0 ? '' : `n${base}`,
      nonce: `n${next}`,
      meta: bytes(next),
      records: new Map(['a', 'b', 'c'].map((key) => [key, bytes(next)])),
      timersSet: [{ due: next, key: 'k', name: 'm' }],
      timersCleared: base === 0 ? [] : [{ due: base, key: 'k', name: 'm' }],
    });
    writeSync(1, `commit ${next}\n`);
  }
}

await Promise.all([...Array.from({ length: Number(width) }, append), commit()]);
