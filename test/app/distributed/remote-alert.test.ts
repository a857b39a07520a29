// What other processes see of the alert side: a failure to look is said at once, and one that lasts once a minute.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { RemoteAlert } from '../../../src/app/distributed/remote-alert.js';
import { loadRules } from '../../../src/model/load.js';
import { CITY } from '../../support/servers/city.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => vi.useRealTimers());

it('says a failure to look at once, and then once a minute until it looks well', async () => {
  const { state } = openMemory();
  const { rules } = loadRules(CITY);
  if (rules === null) throw new Error('the rules have faults');
  const said: unknown[] = [];
  const unknown = () => Promise.resolve(undefined);
  const remote = new RemoteAlert(state, rules, unknown, (error) => said.push(error));
  await remote.start();
  const pass = async (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);
  await pass(5);
  expect(said).toHaveLength(0);
  const looks = vi.spyOn(state, 'checkpoint').mockRejectedValue(new Error('gone'));
  await pass(50);
  expect(said).toHaveLength(1);
  await pass(60);
  expect(said).toHaveLength(2);
  looks.mockResolvedValue(undefined);
  await pass(2);
  looks.mockRejectedValue(new Error('gone again'));
  await pass(2);
  expect(said).toHaveLength(3);
  await remote.stop();
});
