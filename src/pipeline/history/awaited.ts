// Which indicators of a deployment still wait for their history, by the checkpoints of those that evaluate.
import type { StateStore } from '../../ports/state.js';
import { checkpointOf } from '../checkpoint.js';
import type { EvaluateMeta } from '../evaluate-meta.js';
import type { StageMeta } from '../stage.js';

/** Indicators that came with a change of rules, and are unknown until the history before it has been read. */
export interface Awaited {
  /** When the change took effect, epoch ms. */
  readonly at: number;
  readonly identities: ReadonlySet<string>;
}

/** @param partitions of the events log @returns null where nothing waits */
export async function awaitedIn(
  state: Pick<StateStore, 'checkpoint'>,
  partitions: number,
): Promise<Awaited | null> {
  let at = -Infinity;
  const identities = new Set<string>();
  const note = (stages: readonly StageMeta[]) => {
    for (const { generation } of stages) for (const one of generation.unprimed) identities.add(one);
  };
  for (let partition = 0; partition < partitions; partition++) {
    const meta = await checkpointOf<EvaluateMeta>(state, `evaluate/${partition}`);
    if ((meta?.telling ?? null) === null) continue;
    at = Math.max(at, meta?.telling?.at ?? -Infinity);
    note(meta?.stages ?? []);
  }
  if (at === -Infinity) return null;
  // Where the strata above run apart, all their partitions turned to the same rules.
  note((await checkpointOf<{ readonly stages: readonly StageMeta[] }>(state, 'derived/0'))?.stages ?? []);
  return identities.size === 0 ? null : { at, identities };
}
