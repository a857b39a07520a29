// What the registry knows of every subject, as the last checkpoint of evaluate has it.
import { FIRST_GENERATION } from '../engine/generation.js';
import type { Key } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';
import type { RuleSet } from '../model/ruleset.js';
import type { StateStore } from '../ports/state.js';
import { CheckpointCursor, FencedError } from './checkpoint.js';
import { KeyCache } from './key-cache.js';
import { KeyRoom } from './key-room.js';
import { Stage, type StageMeta } from './stage.js';
import { namePages } from './stored-names.js';

const PAGE = 1_000;
const RECORDS = 'k/';
/** How often a page is read anew where a checkpoint comes in between. */
const ATTEMPTS = 100;

/**
 * The profiles of all subjects, by partition in the order of their keys, a page at a time. Each page is of one checkpoint; where
 * evaluate goes on meanwhile, the next one may be of another.
 * @param rules those of the checkpoint
 */
export async function* subjectProfiles(
  state: StateStore,
  rules: RuleSet,
  partitions = 1,
): AsyncGenerator<readonly Profiled[]> {
  for (let partition = 0; partition < partitions; partition++) {
    const namespace = `evaluate/${partition}`;
    for await (const names of namePages(state, namespace, `${RECORDS}subject:`, PAGE)) {
      const keys = names.map((name) => name.slice(RECORDS.length));
      yield await profilesOf(state, rules, namespace, keys);
    }
  }
}

type Profiled = readonly [key: Key, profile: Profile];

/** The records of a key are read one after another: they go together only where no checkpoint came in between. */
async function profilesOf(
  state: StateStore,
  rules: RuleSet,
  namespace: string,
  keys: readonly Key[],
): Promise<Profiled[]> {
  const cursor = new CheckpointCursor<{ stages: readonly StageMeta[] }>(state, namespace, () => '');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const generation = (await cursor.load())?.stages[0]?.generation ?? FIRST_GENERATION;
    const silent = { emit: () => undefined, forward: () => undefined };
    const room = new KeyRoom(PAGE);
    const own = { rules, state, namespace, generation, partition: 0, room, ...silent };
    const { plan } = new Stage(0, own).engine.context;
    // One for each page, so that no more than a page is held.
    const cache = new KeyCache(state, namespace, plan, generation, room, '');
    try {
      await cache.restoreNames();
      await cache.prepare(keys);
    } catch (error) {
      if (await cursor.isCurrent()) throw error;
      continue;
    }
    if (!(await cursor.isCurrent())) continue;
    return keys.flatMap((key) => {
      const found = cache.get(key);
      return found === undefined ? [] : [[key, found.profile] as const];
    });
  }
  throw new FencedError(namespace);
}
