// Which rules run at a place of the log.
import { CodedError } from '../events/coded-error.js';
import { decodeRecord } from '../events/codec.js';
import type { RuleSet } from '../model/ruleset.js';
import type { EvaluateOptions } from './evaluate-options.js';

type Known = Pick<EvaluateOptions, 'rules' | 'rulesOf'>;

/** The rules of a revision that the log names. @throws CodedError where they are not at hand */
export async function rulesNamed({ rules, rulesOf }: Known, revision: string): Promise<RuleSet> {
  if (revision === rules.revision) return rules;
  const found = await rulesOf?.(revision);
  if (found === undefined) throw new CodedError('RULES_CHANGED', `Revision ${revision} is not at hand.`);
  return found;
}

/**
 * The rules that a checkpoint was taken with, or those that a partition of the events log begins with.
 * @param revision of the checkpoint; undefined before the first
 * @throws CodedError where they are not at hand
 */
export async function runningRules(
  options: Known & Pick<EvaluateOptions, 'logs'>,
  revision: string | undefined,
  partition: number,
): Promise<RuleSet> {
  let named = revision;
  if (named === undefined) {
    const [first] = await options.logs.events.read(partition, 0, 1);
    const record = first === undefined ? undefined : decodeRecord(first.value);
    if (record?.kind === 'revision') named = record.revision;
  }
  return named === undefined || options.rulesOf === undefined ? options.rules : rulesNamed(options, named);
}
