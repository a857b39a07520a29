import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { lettingGoContract } from '../../contract/letting-go.js';
import { logContract } from '../../contract/log.js';
import { stateContract } from '../../contract/state.js';
import { valuesContract } from '../../contract/values.js';
import { sharedVaultContract, vaultContract } from '../../contract/vault.js';

logContract('memory', async () => {
  const stores = openMemory();
  return { log: stores.log('events'), close: () => stores.close() };
});

lettingGoContract('memory', async () => {
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

sharedVaultContract('memory', async () => {
  const stores = openMemory();
  return { vault: stores.vault, close: () => stores.close() };
});

valuesContract('memory', async () => {
  const stores = openMemory();
  return { values: stores.meta, close: () => stores.close() };
});

describe('stores in memory', () => {
  it('give the same log for a name, and another for another', async () => {
    const stores = openMemory();
    await stores.log('events').append(0, [new Uint8Array(1)]);
    expect(await stores.log('events').end(0)).toBe(1);
    expect(await stores.log('inbox').end(0)).toBe(0);
  });
});
