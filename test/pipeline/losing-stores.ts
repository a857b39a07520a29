// Stores in memory whose checkpoints can be lost: what a consumer wrote before one stays, and the checkpoint does not.
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { WideLogs } from '../../src/ports/log.js';
import type { StateStore } from '../../src/ports/state.js';

export interface LosingStores {
  readonly logs: WideLogs;
  readonly state: StateStore;
  /** Runs something that takes a checkpoint, which is lost. */
  readonly losing: (run: () => Promise<unknown>) => Promise<void>;
}

export const LOG_NAMES = [
  'events',
  'inbox',
  'verdicts',
  'deliveries',
  'actions',
  'dead-letters',
  'operator',
  'seals',
  'withheld',
  'cases',
] as const;
export const WIDE_LOG_NAMES = [...LOG_NAMES, 'derived', 'transitions', 'audit'] as const;

export function openLosingStores(): LosingStores {
  const stores = openMemory();
  let isLosing = false;
  return {
    logs: Object.fromEntries(WIDE_LOG_NAMES.map((name) => [name, stores.log(name)])) as unknown as WideLogs,
    state: {
      checkpoint: (namespace) => stores.state.checkpoint(namespace),
      isCurrent: (namespace, sequence, nonce) => stores.state.isCurrent(namespace, sequence, nonce),
      load: (namespace, keys) => stores.state.load(namespace, keys),
      due: (namespace, until, limit) => stores.state.due(namespace, until, limit),
      keys: (namespace, prefix, after, limit) => stores.state.keys(namespace, prefix, after, limit),
      commit: async (namespace, checkpoint) => {
        if (isLosing) throw new Error('lost');
        return stores.state.commit(namespace, checkpoint);
      },
    },
    losing: async (run) => {
      isLosing = true;
      await run().catch(() => undefined);
      isLosing = false;
    },
  };
}
