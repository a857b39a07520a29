// One set of rules on its way over history: the strata that run live, with every key in memory.
import { MemoryKeyStore } from '../../engine/key-state.js';
import type { Output, ScoreEvidence, Transition } from '../../engine/output.js';
import { Strata } from '../../engine/strata.js';
import type { Event, Json, LogRecord } from '../../events/event.js';
import { formatInstant } from '../../events/timestamp.js';
import type { RuleSet } from '../../model/ruleset.js';
import { Masking } from '../masking.js';
import { Tally, type BacktestSummary } from './summary.js';

/** One line of the result. Names stand in the order in which they are written. */
export interface BacktestTransition {
  /** `<warning>/<ordinal>`, as a live run over the same log has it. */
  readonly id: string;
  readonly model: string;
  readonly scope: string;
  readonly key: string;
  readonly level: string;
  readonly previous: string;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly clock: string;
  readonly indicators: { readonly [name: string]: Json };
  /** Of a model that has one. */
  readonly score?: ScoreEvidence;
  readonly params: { readonly [name: string]: Json };
  readonly reason: string;
  /** Sources on whose silence it rests: a live run withholds it while they are silent. Absent where there is none. */
  readonly rests_on?: readonly string[];
  readonly revision: string;
}

export interface BacktestRunOptions {
  readonly rules: RuleSet;
  /** Transitions before this instant are not reported, though the events before it count; epoch ms. */
  readonly fromMs: number;
  /** Receives transitions in order as lines; a promise holds the run back. */
  readonly onTransition?: ((transition: BacktestTransition) => void | Promise<void>) | undefined;
  /** Hears every transition of the whole history as the engine says it, during the step that causes it. */
  readonly hear?: ((transition: Transition) => void) | undefined;
  /** Sees every record before it is stepped. */
  readonly see?: ((record: LogRecord, offset: number) => void) | undefined;
}

export class BacktestRun {
  readonly rules: RuleSet;
  private readonly tally = new Tally();
  private readonly masking = new Masking();
  private readonly strata: Strata;
  private reported: BacktestTransition[] = [];
  private stepping: Event | undefined;

  constructor(private readonly options: BacktestRunOptions) {
    this.rules = options.rules;
    this.strata = new Strata(options.rules, {
      namespace: 'live',
      store: () => new MemoryKeyStore(),
      emit: (output) => this.emit(output),
    });
  }

  get clock(): number {
    return this.strata.clock;
  }

  refused(code: string): void {
    this.tally.refusedFor(code);
  }

  step(record: LogRecord, offset: number): void {
    this.options.see?.(record, offset);
    this.stepping = record.kind === 'event' ? record : undefined;
    this.strata.step(record, offset);
  }

  /** Ends the run: every stratum leaves the last instant. */
  end(): void {
    this.strata.end();
  }

  /** Hands over what is to be written. */
  async report(): Promise<void> {
    const lines = this.reported;
    if (lines.length === 0) return;
    this.reported = [];
    for (const line of lines) {
      const waiting = this.options.onTransition?.(line);
      if (waiting !== undefined) await waiting;
    }
  }

  summary(): BacktestSummary {
    return this.tally.summary(this.strata);
  }

  private emit(output: Output): void {
    if (output.kind !== 'transition') {
      this.tally.heard(output, this.stepping);
      return;
    }
    this.options.hear?.(output);
    if (output.clock < this.options.fromMs) return;
    this.tally.warned(output);
    if (this.options.onTransition !== undefined) this.reported.push(lineOf(output, this.masking));
  }
}

function lineOf(transition: Transition, masking: Masking): BacktestTransition {
  const { warning, ordinal, model, scope, key, level, previous, reason, revision } = transition;
  return {
    id: `${warning}/${ordinal}`,
    model,
    scope,
    key,
    level,
    previous,
    clock: formatInstant(transition.clock),
    indicators: masking.masked(transition.indicators),
    ...(transition.score === undefined ? {} : { score: transition.score }),
    params: transition.params,
    reason,
    ...(transition.restsOn === undefined ? {} : { rests_on: transition.restsOn }),
    revision,
  };
}
