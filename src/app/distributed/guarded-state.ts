// State that is gone is not state that never was: without its mark nobody begins anew.
import { CodedError } from '../../events/coded-error.js';
import type { StateStore } from '../../ports/state.js';
import type { NamedValues } from '../../ports/values.js';

/** The value that is kept from the first start on, beside the state; where it is missing, so is the rest. */
export const BEGUN = 'first-rules';

/** Says `yes` while the state is brought forward from a copy, which has the mark from its beginning on. */
const REBUILDING = 'rebuilding';

/** Whether somebody began here, and the state is not being made anew: the mark is the last that a rebuild sets. */
export async function isBegun(values: NamedValues): Promise<boolean> {
  const [begun, rebuilding] = await Promise.all([values.get(BEGUN), values.get(REBUILDING)]);
  return begun !== undefined && Buffer.from(rebuilding ?? []).toString() !== 'yes';
}

/** Keeps everybody from the state, or lets them begin with the rules that the deployment began with. */
export async function beginWith(values: NamedValues, revision: string | null): Promise<void> {
  // In this order: nobody may begin before all is said.
  if (revision !== null) await values.put(BEGUN, Buffer.from(revision));
  await values.put(REBUILDING, Buffer.from(revision === null ? 'yes' : 'no'));
}

/** The revision that the deployment began with; undefined where its mark is lost. */
export async function begunWith(values: NamedValues): Promise<string | undefined> {
  const kept = await values.get(BEGUN);
  return kept === undefined ? undefined : Buffer.from(kept).toString('utf8');
}

/**
 * A store in which a consumer without a checkpoint is one that never had any.
 * @throws CodedError STATE_LOST where the store was emptied, from any consumer that looks for its place
 */
export function guarded(state: StateStore, values: NamedValues): StateStore {
  return {
    checkpoint: async (namespace) => {
      // A checkpoint without the mark is one that a rebuild left on its way.
      const [stored, isWhole] = await Promise.all([state.checkpoint(namespace), isBegun(values)]);
      if (!isWhole) throw new CodedError('STATE_LOST');
      return stored;
    },
    isCurrent: (namespace, sequence, nonce) => state.isCurrent(namespace, sequence, nonce),
    load: (namespace, keys) => state.load(namespace, keys),
    due: (namespace, until, limit) => state.due(namespace, until, limit),
    keys: (namespace, prefix, after, limit) => state.keys(namespace, prefix, after, limit),
    commit: async (namespace, checkpoint) => {
      // The first checkpoint of a consumer could be the first of a store that was emptied a moment ago.
      if (checkpoint.base === 0 && !(await isBegun(values))) throw new CodedError('STATE_LOST');
      return state.commit(namespace, checkpoint);
    },
  };
}
