// What a deployment on servers begins with: the rules of its first start, named by the first record of every partition.
import { CodedError } from '../../events/coded-error.js';
import { encodeRecord } from '../../events/codec.js';
import type { RuleSet } from '../../model/ruleset.js';
import { noteFirst } from '../rule-changing.js';
import type { StoredRules } from '../stored-rules.js';
import { BEGUN } from './guarded-state.js';
import type { ServerStores } from './server-stores.js';

export interface FirstRulesOptions {
  /** Those given here, which count at the first start. */
  readonly rules: RuleSet;
  /** The texts that they were loaded from, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly now: () => number;
}

/**
 * The rules that the deployment began with, kept before the logs name them; every partition begins with them.
 * @throws CodedError STATE_LOST, RULES_CHANGED where this build cannot load them
 */
export async function firstRules(
  { values, logs, partitions }: ServerStores,
  stored: StoredRules,
  { rules, files, now }: FirstRulesOptions,
): Promise<RuleSet> {
  for (let partition = 0; partition < partitions.events; partition++) {
    // In this order: whoever is at its first start at the same time sets the mark before it appends anything.
    const isBegun = (await logs.events.end(partition)) > 0;
    if (isBegun && (await values.get(BEGUN)) === undefined) throw new CodedError('STATE_LOST');
  }
  await stored.keep(rules, files);
  const kept = await values.putOnce(BEGUN, Buffer.from(rules.revision));
  const revision = Buffer.from(kept).toString('utf8');
  const first = await stored.load(revision);
  if (first === undefined) throw new CodedError('RULES_CHANGED', `Revision ${revision} is not at hand.`);
  for (let partition = 0; partition < partitions.events; partition++) {
    if ((await logs.events.end(partition)) > 0) continue;
    await noteFirst(values, first, (await stored.files(revision)) ?? new Map(), now());
    await logs.events.append(partition, [encodeRecord({ kind: 'revision', at: now(), revision })]);
  }
  return first;
}
