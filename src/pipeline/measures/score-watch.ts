// The scores of a model on all its keys week by week, by an engine of its own beside the run.
import { Engine } from '../../engine/engine.js';
import { MemoryKeyStore, planFor } from '../../engine/key-state.js';
import type { LogRecord } from '../../events/event.js';
import type { Model } from '../../model/model.js';
import type { RuleSet } from '../../model/ruleset.js';
import { readsWarnings } from '../../model/strata.js';
import { areaUnderCurve, type ScoredCase } from './area-under-curve.js';
import { bootstrap, type BootstrapOptions, type Estimate } from './bootstrap.js';
import type { ScoresOfModel } from './first-scores.js';
import type { Observed, OutcomeBook } from './outcomes.js';
import type { Weeks } from './weeks.js';

/** Cases of one model that are held in memory; beyond it every second week is left out. */
export const CASES_MAX = 1_000_000;

/** How well a score ranks, over the weeks whose horizon is known. */
export interface ScoreQuality {
  readonly model: string;
  readonly weeks: number;
  /** A subject at the beginning of a week each. */
  readonly cases: number;
  readonly happened: number;
  /** Null where no week has both subjects to which something happens and others. */
  readonly area: Estimate | null;
}

/** Whether the scores of a model can be told week by week: it reads events of its own key alone. */
export function isScored(model: Model): boolean {
  return model.score !== null && model.stratum === 0 && !readsWarnings(model);
}

export class ScoreWatch {
  private readonly store = new MemoryKeyStore();
  private readonly engine: Engine;
  private taken: { readonly key: number; readonly instant: number; readonly score: number }[] = [];
  private readonly numbers = new Map<string, number>();
  /** The scores of the instant that is looked at, by key. */
  private readonly looked = new Map<string, number>();
  /** The beginning of the week that comes next; NaN before the first record. */
  private next = NaN;
  private passed = 0;
  private stride = 1;

  /**
   * @param fromMs weeks that begin before are left out
   * @param lookMs an instant whose scores are kept for themselves, epoch ms; Infinity for none
   */
  constructor(
    rules: RuleSet,
    private readonly model: Model,
    private readonly fromMs: number,
    private readonly weeks: Weeks,
    private lookMs = Infinity,
  ) {
    const alone: RuleSet = { ...rules, models: [model], strata: 1 };
    const { store } = this;
    this.engine = new Engine(alone, { namespace: 'scores', partition: 0, store, emit: () => undefined });
  }

  /** @param record an event, a tick or a gap */
  step(record: LogRecord, offset: number): void {
    if (Number.isNaN(this.next)) {
      const first = Math.max(record.at, this.fromMs);
      const begin = this.weeks.beginOf(first);
      this.next = begin < first ? this.weeks.nextOf(begin) : begin;
    }
    // What arrives at the very beginning of a week counts there.
    if (record.at > this.next || record.at > this.lookMs) this.pass(record.at - 1);
    this.engine.step(record, offset);
  }

  /** Takes the weeks that begin up to an instant, and the instant that is looked at. */
  pass(until: number): void {
    for (; Math.min(this.next, this.lookMs) <= until;) {
      if (this.lookMs <= this.next) {
        this.eachScore(this.lookMs, (key, score) => this.looked.set(key, score));
        this.lookMs = Infinity;
        continue;
      }
      if (this.passed++ % this.stride === 0) this.take(this.next);
      this.next = this.weeks.nextOf(this.next);
    }
  }

  /** The scores of the instant that was looked at; none where the run did not come to it. */
  get first(): ScoresOfModel {
    return { model: this.model.name, scores: this.looked };
  }

  quality(outcomes: OutcomeBook, observed: Observed, options: BootstrapOptions): ScoreQuality {
    const { fromMs, untilMs, horizonMs } = observed;
    const keys = [...this.numbers.keys()];
    const cases = this.taken.flatMap(({ key, instant, score }): ScoredCase[] => {
      if (instant < fromMs || instant + horizonMs > untilMs) return [];
      const followed = outcomes.firstAfter(keys[key] ?? '', instant);
      const happened = followed !== undefined && followed.time <= instant + horizonMs;
      return [{ cluster: key, instant, score, happened }];
    });
    return {
      model: this.model.name,
      weeks: new Set(cases.map(({ instant }) => instant)).size,
      cases: cases.length,
      happened: cases.filter(({ happened }) => happened).length,
      area: bootstrap(keys.length, cases.length, areaUnderCurve(cases), options),
    };
  }

  private take(instant: number): void {
    const { numbers } = this;
    this.eachScore(instant, (name, score) => {
      let key = numbers.get(name);
      if (key === undefined) numbers.set(name, (key = numbers.size));
      this.taken.push({ key, instant, score });
    });
    if (this.taken.length > CASES_MAX) this.thin();
  }

  /** Tells the score of every key that the model speaks about; evaluating what has not changed changes nothing. */
  private eachScore(instant: number, tell: (key: string, score: number) => void): void {
    const { engine, model, store } = this;
    const { context } = engine;
    const rule = model.score;
    if (rule === null) return;
    engine.advance(instant);
    engine.end();
    let score: unknown = null;
    context.watch = (_model, scope) => (score = scope.values[rule.index]);
    for (const state of store.all) {
      const plan = planFor(context.plan, state.key).byName.get(model.name);
      if (plan === undefined) continue;
      score = null;
      context.mark(state, plan, false, false);
      engine.end();
      if (typeof score === 'number') tell(state.key, score);
    }
    context.watch = null;
  }

  /** Leaves out every second of the weeks that were taken, and of those to come. */
  private thin(): void {
    const instants = [...new Set(this.taken.map(({ instant }) => instant))];
    const kept = new Set(instants.filter((_, index) => index % 2 === 0));
    this.taken = this.taken.filter(({ instant }) => kept.has(instant));
    this.stride *= 2;
    this.passed = 0;
  }
}
