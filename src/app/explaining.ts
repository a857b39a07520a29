// Explains one model on one key over a history: files of events, or what a deployment stored.
import { CodedError } from '../events/coded-error.js';
import type { Key } from '../events/event.js';
import { formatInstant } from '../events/timestamp.js';
import type { RefusedEvent } from '../pipeline/backtest/backtest.js';
import { withValue } from '../pipeline/backtest/sweep.js';
import { explain } from '../pipeline/explain/explain.js';
import { ExplainRun } from '../pipeline/explain/explain-run.js';
import type { Explanation } from '../pipeline/explain/explanation.js';
import type { Awaited } from '../pipeline/history/awaited.js';
import { loadRules } from '../model/load.js';
import type { Model } from '../model/model.js';
import { nearest } from '../model/nearest.js';
import { windowReach } from '../model/reach.js';
import { readFile } from '../model/report.js';
import type { RuleSet } from '../model/ruleset.js';
import { isSwitchedOff } from '../model/status.js';
import { withInput } from './backtesting.js';
import { defaults } from './environment.js';
import { loadRulesAt, type LoadedRules } from './named-rules.js';
import type { Place } from './place.js';

export interface ExplainRequest {
  /** Name of the model. */
  readonly model: string;
  /** The key of the model's scope, with or without the scope before it. */
  readonly subject: string;
  /** RFC 3339 or a local date; the end of what is read where left out. */
  readonly at?: string | undefined;
  readonly files: readonly string[];
  readonly place?: Place | undefined;
  readonly rulesDir?: string | undefined;
  readonly onProgress?: ((events: number, clock: number) => void) | undefined;
}

export interface ExplainResult {
  readonly explanation: Explanation;
  /** A model that is switched off is explained as if it were not. */
  readonly status: 'active' | 'shadow' | 'off';
  /** The rules that the deployment ran since its last change before the instant, else those that it runs; null for files. */
  readonly ran: string | null;
  /** What the deployment holds for unknown at the instant, while its history is read; null for nothing. */
  readonly awaited: ExplainedAwaiting | null;
  /** Events that were read, of all keys. */
  readonly events: number;
  /** The first few that were refused. */
  readonly refused: readonly RefusedEvent[];
}

/** Indicators that came with a change of rules, so that the deployment has to read the history for them first. */
export interface ExplainedAwaiting {
  /** When the change took effect. */
  readonly since: string;
  readonly indicators: readonly {
    /** The model explained, or one whose warnings it reads. */
    readonly model: string;
    readonly name: string;
    readonly from: readonly string[];
    /** The earliest that counts in it. */
    readonly history_from: string;
  }[];
}

const SUBJECT_LENGTH_MAX = 300;
const REFUSED_SHOWN = 10;

/**
 * Steps the history up to an instant, and says what the model holds on the key there.
 * @throws CodedError USAGE for a model or key that is none, EXPLAIN_EMPTY, InvalidFiles for faulty rules, and as
 *   reading the history does
 */
export async function explainKey(request: ExplainRequest): Promise<ExplainResult> {
  const { rules, model, status } = named(
    await loadRulesAt(request.rulesDir ?? defaults().rules),
    request.model,
  );
  const run = new ExplainRun({ rules, model, key: keyOf(request.subject, model) });
  const { files, place, at: to } = request;
  const input = { files, place, to, toOption: '--at' };
  const refused: RefusedEvent[] = [];
  const onRefused = (event: RefusedEvent) => {
    if (refused.length < REFUSED_SHOWN) refused.push(event);
  };
  let ran: string | null = null;
  let awaited: Awaited | null = null;
  const onRevision = (revision: string) => {
    ran = revision;
  };
  const events = await withInput(input, rules.catalogue.calendar.zone, async (opened) => {
    ({ revision: ran, awaited } = opened);
    let offset = 0;
    let count = 0;
    for await (const records of opened.read({ onRefused, onRevision })) {
      for (const record of records) {
        if (record.kind === 'event') count++;
        run.step(record, offset++);
      }
      request.onProgress?.(count, run.clock);
    }
    run.end(opened.toMs, offset);
    return count;
  });
  const waiting = awaitingIn(run, awaited);
  return { explanation: explain(run), status, ran, awaited: waiting, events, refused };
}

/** What of the run's models waits at the instant that is explained. */
function awaitingIn({ rules, clock }: ExplainRun, awaited: Awaited | null): ExplainedAwaiting | null {
  if (awaited === null || clock < awaited.at) return null;
  const indicators = rules.models.flatMap(({ name: model, indicators: all }) =>
    all.flatMap((one) =>
      one.kind === 'window' && awaited.identities.has(one.identity)
        ? [{ model, name: one.name, from: one.from, history_from: formatInstant(clock - windowReach(one)) }]
        : [],
    ),
  );
  return indicators.length === 0 ? null : { since: formatInstant(awaited.at), indicators };
}

/** The model, switched on where it is off. */
function named(
  loaded: LoadedRules,
  name: string,
): { rules: RuleSet; model: Model; status: ExplainResult['status'] } {
  const { rules, files } = loaded;
  const model = rules.models.find((one) => one.name === name);
  if (model !== undefined) return { rules, model, status: model.shadow === true ? 'shadow' : 'active' };
  const file = `${name}.yaml`;
  const text = files.get(file);
  if (text !== undefined && isSwitchedOff(readFile(file, text).content)) {
    const changed = loadRules(new Map(files).set(file, withValue(text, ['status'], 'active'))).rules;
    const found = changed?.models.find((one) => one.name === name);
    if (changed !== null && found !== undefined) return { rules: changed, model: found, status: 'off' };
  }
  const near = nearest(
    name,
    rules.models.map((one) => one.name),
  );
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new CodedError('USAGE', `--model ${JSON.stringify(name)}: the rules have no such model.${hint}`);
}

function keyOf(subject: string, { scope }: Model): Key {
  const id = subject.startsWith(`${scope}:`) ? subject.slice(scope.length + 1) : subject;
  if (id !== '' && subject.length <= SUBJECT_LENGTH_MAX) return `${scope}:${id}`;
  throw new CodedError('USAGE', `--subject names a ${scope}, at most ${SUBJECT_LENGTH_MAX} characters.`);
}
