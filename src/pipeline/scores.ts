// The scores of a model on every subject at an instant of the past, by the same engine, from the log alone.
import { Engine } from '../engine/engine.js';
import { MemoryKeyStore, planFor, type KeyState } from '../engine/key-state.js';
import type { ScoreEvidence } from '../engine/output.js';
import { scoreOf } from '../engine/score.js';
import { figuresOf, lazyContributions, scoreEvidence } from '../engine/transition.js';
import { CodedError } from '../events/coded-error.js';
import { keyId, type Json, type LogRecord } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';
import type { Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import { readsWarnings } from '../model/strata.js';
import type { HistoryRecord } from '../ports/history.js';

/** One subject at the instant. */
export interface ScoredSubject {
  readonly subject: string;
  readonly profile: Profile;
  readonly score: ScoreEvidence;
  readonly indicators: { readonly [name: string]: Json };
  readonly contributions: {
    readonly total: number;
    readonly hash: string;
    readonly events: readonly string[];
  };
}

/** Ids of events that one subject lists; the hash covers all. */
const EVENTS_SHOWN = 20;

/** The model that scores by a name. @throws CodedError EVALUATION_MODEL where it is none that can */
export function scoringModel({ models }: RuleSet, name: string): Model {
  const model = models.find((one) => one.name === name);
  const why =
    model === undefined
      ? 'there is no such model'
      : model.score === null
        ? 'it has no score'
        : model.scope !== 'subject' || readsWarnings(model)
          ? 'it is not about subjects and events alone'
          : null;
  if (model === undefined || why !== null) throw new CodedError('EVALUATION_MODEL', `${name}: ${why}.`);
  return model;
}

/**
 * Steps the history up to an instant and computes the score of every subject that the model speaks about, whether anything
 * ever happened to it or not. What arrived later does not count; in the order of the subjects.
 * @param history records in the order in which they count, from the first
 * @param at epoch ms
 */
export async function scoresAt(
  history: AsyncIterable<readonly Pick<HistoryRecord, 'record'>[]>,
  rules: RuleSet,
  model: Model,
  at: number,
): Promise<readonly ScoredSubject[]> {
  const store = new MemoryKeyStore();
  const alone: RuleSet = { ...rules, models: [model], strata: 1 };
  const engine = new Engine(alone, { namespace: 'evaluation', partition: 0, store, emit: () => undefined });
  let offset = 0;
  for await (const records of history) {
    const end = records.findIndex(({ record }) => record.at > at);
    for (const { record } of end < 0 ? records : records.slice(0, end)) {
      if (counts(record)) engine.step(record, offset++);
    }
    if (end >= 0) break;
  }
  engine.advance(at);
  engine.end();
  return store.all.flatMap((state) => scored(engine, state, model) ?? []);
}

/** The rules of the evaluation are one for all of the log, and nothing was before them. */
function counts({ kind }: LogRecord): boolean {
  return kind === 'event' || kind === 'tick' || kind === 'gap';
}

function scored(engine: Engine, state: KeyState, model: Model): ScoredSubject | null {
  const { context } = engine;
  const plan = planFor(context.plan, state.key).byName.get(model.name);
  if (plan === undefined || state.scope !== 'subject') return null;
  let found: ScoredSubject | null = null;
  context.watch = (_model, scope) => {
    if (model.score === null) return;
    const score = scoreEvidence(scoreOf(model.score, scope));
    const indicators = figuresOf(model, scope.values);
    const { total, hash, events } = lazyContributions(plan, state, 0, context.clock)();
    const ids = events.slice(-EVENTS_SHOWN).map(({ id }) => id);
    const contributions = { total, hash, events: ids };
    found = { subject: keyId(state.key), profile: state.profile, score, indicators, contributions };
  };
  context.mark(state, plan, false, false);
  engine.end();
  context.watch = null;
  return found;
}
