// A store that was emptied is noticed by whoever looks for its place, and nothing begins anew.
import { expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { BEGUN, guarded } from '../../../src/app/distributed/guarded-state.js';
import { CheckpointCursor, NO_CHANGES } from '../../../src/pipeline/checkpoint.js';

const cursorOf = (stores: ReturnType<typeof openMemory>) =>
  new CheckpointCursor<{ at: number }>(guarded(stores.state, stores.meta), 'evaluate/0', () => 'nonce');

it('a consumer begins where the store was begun, and goes on from its checkpoint', async () => {
  const stores = openMemory();
  await stores.meta.put(BEGUN, new Uint8Array([1]));
  const cursor = cursorOf(stores);
  expect(await cursor.load()).toBeUndefined();
  await cursor.commit({ at: 1 }, NO_CHANGES);
  expect(await cursorOf(stores).load()).toEqual({ at: 1 });
});

it('one that finds neither checkpoint nor mark does not begin anew', async () => {
  const lost = { code: 'STATE_LOST' };
  await expect(cursorOf(openMemory()).load()).rejects.toMatchObject(lost);
});

it('nor does one whose store is emptied between its look and its first checkpoint', async () => {
  const stores = openMemory();
  await stores.meta.put(BEGUN, new Uint8Array([1]));
  let isEmptied = false;
  const get = async (name: string) => (isEmptied ? undefined : stores.meta.get(name));
  const state = guarded(stores.state, { ...stores.meta, get });
  const cursor = new CheckpointCursor<{ at: number }>(state, 'evaluate/0', () => 'nonce');
  expect(await cursor.load()).toBeUndefined();
  isEmptied = true;
  await expect(cursor.commit({ at: 1 }, NO_CHANGES)).rejects.toMatchObject({ code: 'STATE_LOST' });
});

it('nor does one whose store holds checkpoints of a rebuild that has not come to its end', async () => {
  const stores = openMemory();
  await new CheckpointCursor(stores.state, 'evaluate/0', () => 'nonce').commit({ at: 1 }, NO_CHANGES);
  await expect(cursorOf(stores).load()).rejects.toMatchObject({ code: 'STATE_LOST' });
  await stores.meta.put(BEGUN, new Uint8Array([1]));
  expect(await cursorOf(stores).load()).toEqual({ at: 1 });
});
