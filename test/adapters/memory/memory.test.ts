import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { logContract } from '../../contract/log.js';
import { stateContract } from '../../contract/state.js';
import { vaultContract } from '../../contract/vault.js';

logContract('memory', async () => {
  const stores = openMemory();
  return { log: stores.log('events'), close: () => stores.close() };
});

stateContract('memory', async () => {
  const stores = openMemory();
  return { state: stores.state, close: () => stores.close() };
});

vaultContract('memory', async () => {
  const stores = openMemory();
  return { vault: stores.vault, close: () => stores.close() };
});

describe('stores in memory', () => {
  it('give the same log for a name, and another for another', async () => {
    const stores = openMemory();
    await stores.log('events').append(0, [new Uint8Array(1)]);
    expect(await stores.log('events').end(0)).toBe(1);
    expect(await stores.log('inbox').end(0)).toBe(0);
  });

  it('keep small values of the deployment by name', async () => {
    const { meta } = openMemory();
    expect(await meta.get('site-key')).toBeUndefined();
    await meta.put('site-key', new Uint8Array([1, 2]));
    expect(await meta.get('site-key')).toEqual(new Uint8Array([1, 2]));
  });
});
