// What waits for departments lies in records by batch, so that one message does not write all that wait.
import { describe, expect, it, vi } from 'vitest';
import { MemoryState } from '../../src/adapters/memory/state.js';
import type { Batch } from '../../src/alerts/batch-message.js';
import type { Queue } from '../../src/alerts/posts.js';
import { ALERT_NAMESPACE, queueName } from '../../src/pipeline/alert-names.js';
import { CheckpointCursor, encodeJson } from '../../src/pipeline/checkpoint.js';
import { StoredQueues } from '../../src/pipeline/stored-queues.js';

const batchOf = (name: string, ...warnings: string[]): Batch => ({
  name,
  channel: 'file',
  due: 3_600_000,
  only: null,
  held: warnings.map((warning) => ({
    covered: { warning, id: `d-${warning}` },
    level: 'yellow',
    previous: 'none',
    message: '黄色预警',
  })),
});
const queueOf = (department: string, ...batches: Batch[]): Queue => ({
  department,
  batches,
  sent: {},
  hour: 1,
  count: 3,
  serial: 7,
});

async function site() {
  const state = new MemoryState();
  const cursor = new CheckpointCursor<object>(state, ALERT_NAMESPACE, () => 'nonce');
  await cursor.load();
  return {
    state,
    commit: (records: ReadonlyMap<string, Uint8Array | null>) => cursor.commit({}, { records }),
  };
}

describe('queues in the store', () => {
  it('are read as they were written, by each department', async () => {
    const { state, commit } = await site();
    const queues = [
      queueOf('health'),
      queueOf('market', batchOf('cap file', 'a', 'b'), batchOf('group file', 'c')),
    ];
    const stored = new StoredQueues(state);
    for (const queue of queues) await commit(stored.recordsOf(queue));
    expect([...(await new StoredQueues(state).load()).values()]).toEqual(queues);
  });

  it('are written without the batches that did not change, and let go of those that went out', async () => {
    const { state, commit } = await site();
    const [full, open, other] = [
      batchOf('cap file', 'a', 'b'),
      batchOf('cap file 2', 'c'),
      batchOf('cap file', 'z'),
    ];
    const stored = new StoredQueues(state);
    await commit(stored.recordsOf(queueOf('market-2', other)));
    await commit(stored.recordsOf(queueOf('market', full, open)));
    const more = queueOf('market', full, batchOf('cap file 2', 'c', 'd'));
    const changed = stored.recordsOf(more);
    expect([...changed.keys()].sort()).toEqual(['q/market', 'qb/market cap file 2']);
    await commit(changed);
    const gone = stored.recordsOf(queueOf('market', open));
    expect(gone.get('qb/market cap file')).toBeNull();
    await commit(gone);
    const loaded = await new StoredQueues(state).load();
    expect(loaded.get('market')).toEqual(queueOf('market', open));
    expect(loaded.get('market-2')).toEqual(queueOf('market-2', other));
  });

  it('of a build that wrote them whole are read, and then written by batch', async () => {
    const { state, commit } = await site();
    const queue = queueOf('market', batchOf('cap file', 'a'));
    await commit(new Map([[queueName('market'), encodeJson(queue)]]));
    const stored = new StoredQueues(state);
    const [read] = (await stored.load()).values();
    expect(read).toEqual(queue);
    await commit(stored.recordsOf(read as Queue));
    expect([...(await new StoredQueues(state).load()).values()]).toEqual([queue]);
    const [head] = await state.load(ALERT_NAMESPACE, [queueName('market')]);
    expect(new TextDecoder().decode(head)).toContain('"batches":["cap file"]');
  });

  it('cost what one department has, however many others have batches', async () => {
    const { state, commit } = await site();
    const stored = new StoredQueues(state);
    const records = Array.from({ length: 300 }, (_, index) =>
      stored.recordsOf(queueOf(`d${index}`, batchOf('cap file', 'a'), batchOf('group file', 'b'))),
    );
    await commit(new Map(records.flatMap((one) => [...one])));
    let looked = 0;
    const keys = Reflect.get(Map.prototype, 'keys') as (this: Map<unknown, unknown>) => MapIterator<unknown>;
    const counted = function* (this: Map<unknown, unknown>): Generator<unknown, undefined> {
      for (const key of keys.call(this)) {
        looked += 1;
        yield key;
      }
      return undefined;
    };
    const spy = vi.spyOn(Map.prototype, 'keys').mockImplementation(counted as typeof keys);
    try {
      const changed = stored.recordsOf(queueOf('d7', batchOf('cap file', 'a', 'c')));
      expect([...changed].length).toBe(3);
    } finally {
      spy.mockRestore();
    }
    expect(looked).toBe(2);
  });

  it('that miss a batch are refused', async () => {
    const { state, commit } = await site();
    const records = new StoredQueues(state).recordsOf(queueOf('market', batchOf('cap file', 'a')));
    records.delete('qb/market cap file');
    await commit(records);
    await expect(new StoredQueues(state).load()).rejects.toThrow('The batch cap file of market.');
  });
});
