// What other rules would change before they are brought in: in the files, in what is held, and in what would have been
// warned about over the last days of the stored history. Nothing is changed by it.
import { turnPlan, type TurnPlan } from '../engine/turn-plan.js';
import { CodedError } from '../events/coded-error.js';
import { formatInstant } from '../events/timestamp.js';
import { reachOf, type Reach } from '../model/reach.js';
import { changedRules, type ChangedRules } from '../model/rules-diff.js';
import type { RuleSet } from '../model/ruleset.js';
import { CHANGES, type Change } from '../pipeline/shadow/episodes.js';
import { OF_PROFILES, sinceOf } from '../pipeline/shadow/replay.js';
import type { ShadowReport } from '../pipeline/shadow/shadow-models.js';
import { RuleChanges } from '../pipeline/rule-changes.js';
import { compareSets, type ComparedSets } from './backtest-comparing.js';
import { storedInput, type BacktestInput } from './backtest-input.js';
import { measuresOf, secondsSince } from './backtesting.js';
import { openHistory, type HistoryPlace } from './history-place.js';
import { shadowReports } from './models-shadow.js';
import { loadRulesAt } from './named-rules.js';
import type { Place } from './place.js';
import { formerRules } from './rule-changing.js';
import { StoredRules } from './stored-rules.js';

export interface PlanRequest {
  readonly place: Place;
  /** A folder of rules, or a former revision by the beginning of its hash. */
  readonly wanted: { readonly rulesDir: string } | { readonly revision: string };
  /** Of stored history, up to what is evaluated. */
  readonly days: number;
  /** Events that are read at most, those before the days among them. */
  readonly eventsMax: number;
  readonly secondsMax: number;
  readonly onWarnings: (lines: readonly string[]) => void;
  /** Hears now and then how far it has come. */
  readonly onProgress: (events: number, clock: number) => void;
}

/** What would have been warned about. */
export type PlannedBehaviour = Pick<ComparedSets, 'comparison' | 'former' | 'latter' | 'released'> & {
  /** The changes by the department that leads the item of the model. */
  readonly departments: readonly {
    readonly department: string;
    readonly name: string;
    readonly changes: { readonly [change in Change]: number };
  }[];
  /** Warnings that stand and would end because their model does not go on. */
  readonly ending: readonly { readonly model: string; readonly standing: number }[];
  /** Models whose levels may rest on more than was read. */
  readonly lasting: Reach['lasting'];
};

export interface ModelsPlan {
  readonly former: string;
  readonly latter: string;
  readonly files: ChangedRules;
  readonly held: TurnPlan;
  /** Models that leave the shadow and go live: what they said in it. */
  readonly promoted: readonly ShadowReport[];
  /** The span that is compared; null where nothing changes, or nothing was evaluated yet. */
  readonly from: string | null;
  readonly to: string | null;
  /** Which limit was reached before all was read; null for none. */
  readonly limit: 'events' | 'time' | null;
  /** Null where there was nothing to compare, or the limit was reached before the span. */
  readonly behaviour: PlannedBehaviour | null;
  readonly seconds: number;
}

const DAY_MS = 86_400_000;

/**
 * @throws InvalidFiles where the rules have errors; CodedError NOT_BEGUN, MODELS_UNKNOWN, RULES_CHANGED where this build
 *   does not take the rules that run, FILE_READ, REPLAY_LIMIT, and as the stores do
 */
export async function planModels(request: PlanRequest): Promise<ModelsPlan> {
  const started = performance.now();
  const opened = await openHistory(request.place);
  try {
    const stored = new StoredRules(opened.values);
    const running = opened.revision;
    if (running === null) throw new CodedError('NOT_BEGUN');
    const former = { rules: await stored.load(running), files: (await stored.files(running)) ?? null };
    if (former.rules === undefined)
      throw new CodedError('RULES_CHANGED', `Revision ${running} cannot be read by this build.`);
    const latter = await wantedRules(request, opened, stored);
    const sets = { former: former.rules, latter: latter.rules };
    const plan = {
      ...{ former: running, latter: latter.rules.revision },
      files: changedRules(former.files, latter.files),
      held: turnPlan(sets.former, sets.latter),
      promoted: await shadowReports(opened, sets.former, promotedBy(sets)),
    };
    const nothing = { from: null, to: null, limit: null, behaviour: null };
    const isSame = plan.former === plan.latter || !Number.isFinite(opened.clock);
    const compared = isSame ? nothing : await behaviourOf(request, opened, sets, plan.held);
    return { ...plan, ...compared, seconds: secondsSince(started) };
  } finally {
    await opened.close();
  }
}

function promotedBy({ former, latter }: { readonly former: RuleSet; readonly latter: RuleSet }): string[] {
  const live = new Set(latter.models.filter(({ shadow }) => shadow !== true).map(({ name }) => name));
  return former.models
    .filter(({ name, shadow }) => shadow === true && live.has(name))
    .map(({ name }) => name);
}

async function wantedRules(
  { wanted, onWarnings }: PlanRequest,
  { values }: HistoryPlace,
  stored: StoredRules,
) {
  if ('revision' in wanted) return formerRules(wanted.revision, await new RuleChanges(values).all(), stored);
  const loaded = await loadRulesAt(wanted.rulesDir);
  onWarnings(loaded.warnings);
  return loaded;
}

async function behaviourOf(
  request: PlanRequest,
  opened: HistoryPlace,
  sets: { readonly former: RuleSet; readonly latter: RuleSet },
  held: TurnPlan,
): Promise<Pick<ModelsPlan, 'from' | 'to' | 'limit' | 'behaviour'>> {
  const toMs = opened.clock;
  const fromMs = toMs - request.days * DAY_MS;
  const [before, after] = [reachOf(sets.former), reachOf(sets.latter)];
  const reach = { ms: Math.max(before.ms, after.ms), skipsGaps: before.skipsGaps || after.skipsGaps };
  const { history, ends } = opened;
  const sinceMs = await sinceOf({ history, ends, fromMs }, reach);
  const limits = new Limits(request);
  const whole = storedInput(opened, { fromMs, toMs, sinceMs, always: OF_PROFILES });
  // Where a limit ends it, time passes no further than what was read.
  const input = limits.over({ ...whole, toMs: Infinity });
  const measures = await measuresOf({}, sets.latter);
  const compared = await compareSets(sets, input, { measures, onProgress: request.onProgress });
  const { reached, limit } = limits;
  const span = { from: formatInstant(fromMs), to: formatInstant(Math.min(toMs, Math.max(reached, fromMs))) };
  if (limit !== null && reached < fromMs) return { ...span, limit, behaviour: null };
  const { comparison, former, latter, released, standing } = compared;
  const behaviour = {
    ...{ comparison, former, latter, released, lasting: after.lasting },
    departments: byDepartment(comparison.models, sets),
    ending: held.ending.map((model) => ({ model, standing: standing.get(model) ?? 0 })),
  };
  return { ...span, limit, behaviour };
}

/** Ends a reading where it takes too many events, or too long. */
class Limits {
  limit: 'events' | 'time' | null = null;
  reached = -Infinity;
  private events = 0;
  private readonly overdue: number;

  constructor(private readonly request: Pick<PlanRequest, 'eventsMax' | 'secondsMax'>) {
    this.overdue = performance.now() + request.secondsMax * 1_000;
  }

  over(input: BacktestInput): BacktestInput {
    const read = async function* (limits: Limits, listener: Parameters<BacktestInput['read']>[0]) {
      for await (const records of input.read(listener)) {
        yield records;
        limits.events += records.length;
        limits.reached = records[records.length - 1]?.at ?? limits.reached;
        if (limits.events > limits.request.eventsMax) limits.limit = 'events';
        else if (performance.now() > limits.overdue) limits.limit = 'time';
        if (limits.limit !== null) return;
      }
    };
    return { ...input, read: (listener) => read(this, listener) };
  }
}

function byDepartment(
  models: ComparedSets['comparison']['models'],
  { former, latter }: { readonly former: RuleSet; readonly latter: RuleSet },
): PlannedBehaviour['departments'] {
  const leads = new Map<string, { id: string; name: string }>();
  for (const { catalogue, models: all } of [former, latter]) {
    for (const { name, item } of all) {
      const id = catalogue.items.get(item)?.lead ?? item;
      leads.set(name, { id, name: catalogue.departments.get(id)?.name ?? id });
    }
  }
  const none = { same: 0, earlier: 0, later: 0, new: 0, gone: 0 };
  const found = new Map<
    string,
    { department: string; name: string; changes: { [change in Change]: number } }
  >();
  for (const { model, changes } of models) {
    const { id, name } = leads.get(model) ?? { id: model, name: model };
    const one = found.get(id) ?? { department: id, name, changes: { ...none } };
    found.set(id, one);
    for (const change of CHANGES) one.changes[change] += changes[change];
  }
  return [...found.values()].sort((a, b) => (a.department < b.department ? -1 : 1));
}
