// What the registry knows of every subject, as the last checkpoint of evaluate has it.
import { FIRST_GENERATION } from '../engine/generation.js';
import type { Key } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';
import type { RuleSet } from '../model/ruleset.js';
import type { StateStore } from '../ports/state.js';
import { CheckpointCursor } from './checkpoint.js';
import { KeyCache } from './key-cache.js';
import { Stage, type StageMeta } from './stage.js';
import { namePages } from './stored-names.js';

const PAGE = 1_000;
const NAMESPACE = 'evaluate/0';
const RECORDS = 'k/';

/**
 * The profiles of all subjects, in the order of their keys, a page at a time. The store must be at rest.
 * @param rules those of the checkpoint
 */
export async function* subjectProfiles(
  state: StateStore,
  rules: RuleSet,
): AsyncGenerator<readonly (readonly [key: Key, profile: Profile])[]> {
  const cursor = new CheckpointCursor<{ stages: readonly StageMeta[] }>(state, NAMESPACE, () => '');
  const generation = (await cursor.load())?.stages[0]?.generation ?? FIRST_GENERATION;
  const silent = { emit: () => undefined, forward: () => undefined };
  const own = { rules, state, namespace: NAMESPACE, generation, partition: 0, cachedKeys: PAGE, ...silent };
  const { plan } = new Stage(0, own).engine.context;
  for await (const names of namePages(state, NAMESPACE, `${RECORDS}subject:`, PAGE)) {
    // One for each page, so that no more than a page is held.
    const cache = new KeyCache(state, NAMESPACE, plan, generation, PAGE, '');
    await cache.restoreNames();
    const keys = names.map((name) => name.slice(RECORDS.length));
    await cache.prepare(keys);
    yield keys.flatMap((key) => {
      const found = cache.get(key);
      return found === undefined ? [] : [[key, found.profile] as const];
    });
  }
}
