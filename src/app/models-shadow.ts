// fenghuo models shadow: what the models in the shadow said since they were switched on, read beside the deployment.
import { CodedError } from '../events/coded-error.js';
import type { RuleSet } from '../model/ruleset.js';
import { RuleChanges, type RuleChange } from '../pipeline/rule-changes.js';
import { ShadowModels, type ShadowReport, type ShadowSince } from '../pipeline/shadow/shadow-models.js';
import { openHistory, type HistoryPlace } from './history-place.js';
import type { Place } from './place.js';
import { StoredRules } from './stored-rules.js';

export interface ShadowAsked {
  readonly place: Place;
  /** All in the shadow where left out. */
  readonly model?: string | undefined;
}

export interface ShadowsFound {
  /** The revision that was evaluated last. */
  readonly revision: string;
  readonly models: readonly ShadowReport[];
}

const NAMED = 20;

/**
 * @throws CodedError NOT_BEGUN, USAGE where the model that is asked for does not run in the shadow, RULES_CHANGED where
 *   this build does not take the rules that run, REPLAY_LIMIT, and as `openHistory` does
 */
export async function shadowModels({ place, model }: ShadowAsked): Promise<ShadowsFound> {
  const opened = await openHistory(place);
  try {
    const revision = opened.revision;
    if (revision === null) throw new CodedError('NOT_BEGUN');
    const rules = await new StoredRules(opened.values).load(revision);
    if (rules === undefined)
      throw new CodedError('RULES_CHANGED', `Revision ${revision} cannot be read by this build.`);
    const inShadow = rules.models.filter(({ shadow }) => shadow === true).map(({ name }) => name);
    if (model !== undefined && !inShadow.includes(model)) {
      const known =
        inShadow.length === 0 ? 'there is none' : `there are ${inShadow.slice(0, NAMED).join(', ')}`;
      throw new CodedError(
        'USAGE',
        `--model ${JSON.stringify(model)}: expected a model that runs in the shadow (${known}).`,
      );
    }
    const asked = model === undefined ? inShadow : [model];
    return { revision, models: await shadowReports(opened, rules, asked) };
  } finally {
    await opened.close();
  }
}

/** Of models that run in the shadow by the rules that were evaluated last. @throws CodedError REPLAY_LIMIT, as the stores do */
export async function shadowReports(
  opened: Pick<HistoryPlace, 'values' | 'said' | 'clock'>,
  rules: RuleSet,
  names: readonly string[],
): Promise<ShadowReport[]> {
  if (names.length === 0 || !Number.isFinite(opened.clock)) return [];
  const changes = await new RuleChanges(opened.values).all();
  const stored = new StoredRules(opened.values);
  const asked = new Map<string, ShadowSince>();
  for (const name of names) asked.set(name, await sinceOf(name, rules.revision, changes, stored));
  const heard = new ShadowModels(rules, asked);
  for await (const page of opened.said()) for (const said of page) heard.hear(said);
  return heard.reports(opened.clock);
}

/** Goes back from the rules that run, change by change, to the first in which the model ran in the shadow. */
async function sinceOf(
  name: string,
  running: string,
  changes: readonly RuleChange[],
  stored: Pick<StoredRules, 'load'>,
): Promise<ShadowSince> {
  let revision: string | null = running;
  let changedMs: number | null = null;
  for (const change of [...changes].reverse()) {
    if (change.revision !== revision) continue;
    revision = change.former;
    if (!change.changed.models.some((one) => one.name === name)) continue;
    const began = change.at ?? change.asked;
    const former = revision === null ? undefined : await stored.load(revision);
    if (former?.models.find((one) => one.name === name)?.shadow !== true)
      return { sinceMs: began, changedMs, fromBeginning: revision === null };
    changedMs ??= began;
  }
  return { sinceMs: null, changedMs, fromBeginning: true };
}
