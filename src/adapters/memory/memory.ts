// Log, state and vault in memory: for tests, backtests and previews; everything is gone with the process.
import type { LettingGo } from '../../ports/letting-go.js';
import type { Log, LogName, WideLogName } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { NamedValues } from '../../ports/values.js';
import type { SharedVault } from '../../ports/vault.js';
import { MemoryLog } from './log.js';
import { MemoryState } from './state.js';
import { MemoryValues } from './values.js';
import { MemoryVault } from './vault.js';

export interface MemoryStores {
  /** The log of that name; the same one each time. */
  log(name: LogName | WideLogName): Log & LettingGo;
  readonly state: StateStore;
  readonly vault: SharedVault;
  readonly meta: NamedValues;
  close(): Promise<void>;
}

/** Empty stores that behave as the LMDB ones do, limits and fencing included. */
export function openMemory(): MemoryStores {
  const logs = new Map<LogName | WideLogName, MemoryLog>();
  return {
    log(name) {
      const known = logs.get(name) ?? new MemoryLog();
      logs.set(name, known);
      return known;
    },
    state: new MemoryState(),
    vault: new MemoryVault(),
    meta: new MemoryValues(),
    close: async () => undefined,
  };
}
