// Two folders of rules over one history: what the new ones would change.
import { CodedError } from '../events/coded-error.js';
import type { RefusedEvent } from '../pipeline/backtest/backtest.js';
import { RulesComparing, type RulesComparison } from '../pipeline/backtest/comparison.js';
import { ReportRun, type BacktestReport } from '../pipeline/backtest/report.js';
import type { ReleasedStream } from '../pipeline/retention/released.js';
import {
  measuresOf,
  runInput,
  secondsSince,
  withInput,
  type BacktestRequest,
  type MeasureRequest,
} from './backtesting.js';
import type { RuleSet } from '../model/ruleset.js';
import type { BacktestInput } from './backtest-input.js';
import { loadRulesAt } from './named-rules.js';

export interface CompareRequest extends Omit<BacktestRequest, 'rulesDir' | 'out'>, MeasureRequest {
  /** Folders of rules. */
  readonly former: string;
  readonly latter: string;
}

export interface CompareResult {
  readonly comparison: RulesComparison;
  readonly former: BacktestReport;
  readonly latter: BacktestReport;
  /** The first few. */
  readonly refused: readonly RefusedEvent[];
  /** What was not there to be read. */
  readonly released: readonly ReleasedStream[];
  /** What is to be noticed of the new rules, as lines to read. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/** Runs both in one reading of the history. @throws CodedError as `backtestReport` does */
export async function compareRules(request: CompareRequest): Promise<CompareResult> {
  const started = performance.now();
  const [former, latter] = [await loadRulesAt(request.former), await loadRulesAt(request.latter)];
  const { zone } = latter.rules.catalogue.calendar;
  if (former.rules.catalogue.calendar.zone !== zone)
    throw new CodedError('USAGE', 'The two sets of rules have other zones; their days cannot be compared.');
  return withInput(request, zone, async (input) => {
    const measures = await measuresOf(request, latter.rules);
    const compared = await compareSets({ former: former.rules, latter: latter.rules }, input, {
      ...request,
      measures,
    });
    return { ...compared, warnings: latter.warnings, seconds: secondsSince(started) };
  });
}

export interface SetsToCompare {
  readonly former: RuleSet;
  readonly latter: RuleSet;
}

export type ComparedSets = Omit<CompareResult, 'warnings' | 'seconds'> & {
  /** Warnings of the former rules that stand at the end, by model. */
  readonly standing: ReadonlyMap<string, number>;
};

/** Runs two sets in one reading of a history. @throws CodedError as `compareRules` does */
export async function compareSets(
  { former, latter }: SetsToCompare,
  input: BacktestInput,
  {
    measures,
    onProgress,
  }: Pick<BacktestRequest, 'onProgress'> & { readonly measures: Awaited<ReturnType<typeof measuresOf>> },
): Promise<ComparedSets> {
  const comparing = new RulesComparing(input.fromMs, input.toMs);
  const reporting = (side: 'former' | 'latter', rules: RuleSet) =>
    new ReportRun({
      ...{ rules, fromMs: input.fromMs, ...measures },
      hear: (transition) => comparing.hear(side, transition),
    });
  const [before, after] = [reporting('former', former), reporting('latter', latter)];
  const refused = await runInput(input, [before.run, after.run], { onProgress }, (event, isAssumed) => {
    before.onRead(event, isAssumed);
    after.onRead(event, isAssumed);
  });
  return {
    comparison: comparing.compared(),
    former: before.report(),
    latter: after.report(),
    refused,
    released: await input.released([...former.models, ...latter.models]),
    standing: comparing.standing(),
  };
}
