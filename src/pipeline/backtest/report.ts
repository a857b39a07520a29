// The report of a backtest: what was warned about, what it asks of departments, and how it stands against outcomes.
import type { Transition } from '../../engine/output.js';
import type { LogRecord } from '../../events/event.js';
import { formatInstant } from '../../events/timestamp.js';
import type { Level } from '../../model/model.js';
import type { RuleSet } from '../../model/ruleset.js';
import { accuracyOf, JUDGED_LEVELS, precisionAt } from '../measures/accuracy.js';
import type { Accuracy, FirstOfWeek } from '../measures/accuracy.js';
import { bootstrap, shareOf, type BootstrapOptions, type Estimate } from '../measures/bootstrap.js';
import { firstAtInstant, type FirstAtInstant } from '../measures/first-scores.js';
import { LeakWatch, type Leaks } from '../measures/leaks.js';
import { judge, OutcomeBook, type Observed, type Outcome } from '../measures/outcomes.js';
import { keyOf, RaisedWarnings, type RaisedWarning } from '../measures/raised.js';
import { isScored, ScoreWatch, type ScoreQuality } from '../measures/score-watch.js';
import {
  countedBy,
  countWarnings,
  type LevelCounts,
  type WarningCounts,
} from '../measures/warning-counts.js';
import { Weeks } from '../measures/weeks.js';
import { BacktestRun } from './run.js';
import type { BacktestSummary } from './summary.js';
import type { BacktestTransition } from './run.js';

export interface AgainstOutcomes {
  /** Of the span, and which of them lie on keys of any model's scope. */
  readonly outcomes: number;
  readonly kinds: readonly {
    readonly kind: string;
    readonly outcomes: number;
    readonly recall: Estimate | null;
  }[];
  readonly horizonDays: number;
  /** Outcomes are known up to here. */
  readonly until: string;
  readonly seed: number;
  /** Of all models that have to do with keys on which anything happened, by the level that a warning came to at least. */
  readonly levels: readonly ({ readonly level: Level } & Accuracy)[];
  readonly models: readonly ({ readonly model: string; readonly title: string } & Accuracy)[];
  /** Models of a scope in which nothing happened: nothing is said about them. */
  readonly unmeasured: readonly string[];
  readonly first: readonly FirstOfWeek[];
  readonly scores: readonly ScoreQuality[];
  /** The highest scores at the instant that was asked for; null where none was. */
  readonly firstScores: FirstAtInstant | null;
  readonly leaks: Leaks;
}

export interface BacktestReport extends WarningCounts {
  readonly revision: string;
  readonly zone: string;
  /** The span that is reported. */
  readonly from: string | null;
  readonly to: string | null;
  readonly days: number;
  readonly events: number;
  readonly perDay: number;
  readonly models: readonly ({ readonly model: string; readonly title: string } & LevelCounts)[];
  /** Null without outcomes. */
  readonly accuracy: AgainstOutcomes | null;
  readonly summary: BacktestSummary;
}

export interface ReportOptions {
  readonly rules: RuleSet;
  readonly fromMs: number;
  readonly onTransition?: ((transition: BacktestTransition) => void | Promise<void>) | undefined;
  /** Hears every transition as the engine says it. */
  readonly hear?: ((transition: Transition) => void) | undefined;
  /** Null where nobody knows what happened. */
  readonly outcomes: readonly Outcome[] | null;
  readonly horizonMs: number;
  /** Up to when outcomes are known, epoch ms; the end of the run or the last outcome, whichever is later, where left out. */
  readonly knownUntilMs?: number | undefined;
  /** Places of the first of a week, and of the highest scores. */
  readonly ks: readonly number[];
  /** The instant whose highest scores are measured, epoch ms, and the model that others are compared with. */
  readonly look?: { readonly instantMs: number; readonly baseline: string | null } | undefined;
  readonly bootstrap: BootstrapOptions;
}

const DAY_MS = 86_400_000;

/** A run whose warnings are kept, to be reported at its end. */
export class ReportRun {
  readonly run: BacktestRun;
  private readonly raised: RaisedWarnings;
  private readonly scores: readonly ScoreWatch[];
  private readonly leaks: LeakWatch;
  private readonly weeks: Weeks;
  private firstMs = Infinity;

  constructor(private readonly options: ReportOptions) {
    const { rules, fromMs, outcomes, onTransition } = options;
    const keys = new Set((outcomes ?? []).map(keyOf));
    this.weeks = new Weeks(rules.catalogue.calendar.zone);
    this.raised = new RaisedWarnings(fromMs, (key) => keys.has(key));
    this.leaks = new LeakWatch(keys);
    const lookMs = options.look?.instantMs;
    const scored = outcomes === null ? [] : rules.models.filter(isScored);
    this.scores = scored.map((model) => new ScoreWatch(rules, model, fromMs, this.weeks, lookMs));
    this.run = new BacktestRun({
      ...{ rules, fromMs, onTransition },
      hear: (transition) => {
        this.raised.hear(transition);
        options.hear?.(transition);
      },
      see: (record, offset) => this.see(record, offset),
    });
  }

  /** In the order in which they were raised. */
  get warnings(): readonly RaisedWarning[] {
    return this.raised.all;
  }

  /** Hears how an event came to its arrival. */
  readonly onRead: LeakWatch['see'] = (event, isAssumed) => {
    if (this.options.outcomes !== null) this.leaks.see(event, isAssumed);
  };

  /** After the run has ended. */
  report(): BacktestReport {
    const { rules, outcomes } = this.options;
    const { warnings } = this;
    const summary = this.run.summary();
    const { calendar } = rules.catalogue;
    const [fromMs, endMs] = [Math.max(this.options.fromMs, this.firstMs), this.run.clock];
    const hasSpan = Number.isFinite(fromMs) && endMs >= fromMs;
    const begins = hasSpan ? this.weeks.between(fromMs, endMs) : [];
    const days = hasSpan ? (endMs - fromMs) / DAY_MS : 0;
    const titles = new Map(rules.models.map(({ name, title }) => [name, title]));
    return {
      revision: rules.revision,
      zone: calendar.zone,
      from: hasSpan ? formatInstant(fromMs) : null,
      to: hasSpan ? formatInstant(endMs) : null,
      days,
      events: summary.events,
      ...countWarnings(warnings, rules.catalogue, begins, this.weeks),
      perDay: days === 0 ? 0 : warnings.length / days,
      models: [...countedBy(warnings, ({ model }) => model)]
        .map(([model, counts]) => ({ model, title: titles.get(model) ?? model, ...counts }))
        .sort((a, b) => b.total - a.total || (a.model < b.model ? -1 : 1)),
      accuracy: outcomes === null || !hasSpan ? null : this.against(outcomes, fromMs, endMs, begins, summary),
      summary,
    };
  }

  private see(record: LogRecord, offset: number): void {
    if (record.kind === 'event' && this.firstMs === Infinity) this.firstMs = record.at;
    for (const score of this.scores) score.step(record, offset);
  }

  private against(
    all: readonly Outcome[],
    fromMs: number,
    endMs: number,
    begins: readonly number[],
    summary: BacktestSummary,
  ): AgainstOutcomes {
    const { rules, horizonMs, ks, look, knownUntilMs, bootstrap: options } = this.options;
    const lastOutcome = all.reduce((last, { time }) => Math.max(last, time), -Infinity);
    const untilMs = Math.max(endMs, knownUntilMs ?? lastOutcome);
    const observed: Observed = { fromMs, endMs, untilMs, horizonMs };
    const book = new OutcomeBook(all, observed);
    const measured = rules.models.filter(({ scope }) => book.scopes.has(scope));
    // A model is asked for what happened to keys of its own scope.
    const books = new Map(
      [...book.scopes].map((scope) => {
        const own = all.filter((outcome) => outcome.scope === scope);
        return [scope, new OutcomeBook(own, observed)] as const;
      }),
    );
    const { warnings } = this;
    for (const score of this.scores) score.pass(endMs);
    return {
      outcomes: book.inSpan.length,
      kinds: recallByKind(warnings, book, observed, options),
      horizonDays: horizonMs / DAY_MS,
      until: formatInstant(untilMs),
      seed: options.seed,
      levels: JUDGED_LEVELS.map((level) => {
        return { level, ...accuracyOf(warnings, book, observed, level, options) };
      }),
      models: measured.map(({ name, title, scope }) => {
        const own = warnings.filter(({ model }) => model === name);
        const asked = books.get(scope) ?? book;
        return { model: name, title, ...accuracyOf(own, asked, observed, 'blue', options) };
      }),
      unmeasured: rules.models.filter((model) => !measured.includes(model)).map(({ name }) => name),
      first: precisionAt(ks, warnings, book, observed, begins, options),
      scores: this.scores.map((score) => score.quality(book, observed, options)),
      firstScores:
        look === undefined
          ? null
          : firstAtInstant(
              look.instantMs,
              this.scores.map((score) => score.first),
              ks,
              look.baseline,
              book,
              observed,
              options,
            ),
      leaks: this.leaks.found(
        judge(warnings, book, observed, 'blue'),
        summary.refused.find(({ code }) => code === 'EVENT_FUTURE')?.count ?? 0,
      ),
    };
  }
}

function recallByKind(
  warnings: readonly RaisedWarning[],
  book: OutcomeBook,
  observed: Observed,
  options: BootstrapOptions,
): AgainstOutcomes['kinds'] {
  const { outcomes } = judge(warnings, book, observed, 'blue');
  const clusters = new Map<string, number>();
  for (const { key } of outcomes) if (!clusters.has(key)) clusters.set(key, clusters.size);
  const kinds = [...new Set(outcomes.map(({ outcome }) => outcome.kind))].sort();
  return kinds.map((kind) => {
    const own = outcomes.filter(({ outcome }) => outcome.kind === kind);
    const parts = own.map(({ key, by }) => {
      return { cluster: clusters.get(key) ?? 0, count: by === null ? 0 : 1, of: 1 };
    });
    const recall = bootstrap(clusters.size, parts.length, shareOf(parts), options);
    return { kind, outcomes: own.length, recall };
  });
}
