// Backtest from files: CloudEvents as NDJSON through a folder of rules, a transition a line, and a report of them.
import { openLines, StreamLines, type LineWriter } from '../adapters/tabular/output.js';
import { parseDuration } from '../catalogue/duration.js';
import { CodedError } from '../events/coded-error.js';
import { runOver, type BacktestSummary, type RefusedEvent } from '../pipeline/backtest/backtest.js';
import { isScored } from '../pipeline/measures/score-watch.js';
import { ReportRun, type BacktestReport, type ReportOptions } from '../pipeline/backtest/report.js';
import type { ReleasedStream } from '../pipeline/retention/released.js';
import { BacktestRun, type BacktestTransition } from '../pipeline/backtest/run.js';
import {
  fileOut,
  openInput,
  refuseOverlap,
  type BacktestInput,
  type InputRequest,
} from './backtest-input.js';
import { defaults } from './environment.js';
import { instantOf } from './local-time.js';
import { loadRulesAt, type LoadedRules } from './named-rules.js';
import { readOutcomes } from './outcome-file.js';

export interface BacktestRequest extends InputRequest {
  /** A folder of rules; the one used by default where left out. */
  readonly rulesDir?: string | undefined;
  /** Where transitions go: standard output where it is `-`, and nowhere where it is left out of a report. */
  readonly out?: string | undefined;
  /** Hears now and then how far it has come. */
  readonly onProgress?: ((events: number, clock: number) => void) | undefined;
}

/** How warnings are set against what happened. */
export interface MeasureRequest {
  /** A file of outcomes. */
  readonly outcomes?: string | undefined;
  /** A duration; 90d where left out. */
  readonly horizon?: string | undefined;
  /** Up to when outcomes are known: RFC 3339 or a local date. */
  readonly knownUntil?: string | undefined;
  readonly first?: readonly number[] | undefined;
  /** The instant whose highest scores are measured: RFC 3339 or a local date. */
  readonly at?: string | undefined;
  /** The scoring model that others are compared with at that instant. */
  readonly baseline?: string | undefined;
  readonly seed?: number | undefined;
  readonly resamples?: number | undefined;
}

export interface BacktestResult {
  readonly summary: BacktestSummary;
  /** The first few. */
  readonly refused: readonly RefusedEvent[];
  /** What was not there to be read. */
  readonly released: readonly ReleasedStream[];
  /** What is to be noticed of the rules, as lines to read. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

export interface ReportResult extends Omit<BacktestResult, 'summary'> {
  readonly report: BacktestReport;
}

const REFUSED_SHOWN = 10;
const HORIZON = '90d';
const FIRST = [10, 50, 100];
const SEED = 1;
const RESAMPLES = 1_000;

/**
 * Runs a backtest to its end. Refused events never stop it.
 * @throws CodedError USAGE, FILE_READ, FILE_WRITE, BACKTEST_SORT_LIMIT, and InvalidFiles for faulty rules
 */
export async function backtestFiles(request: BacktestRequest): Promise<BacktestResult> {
  const started = performance.now();
  refuseOverlap(request.files, [request.out]);
  const { rules, warnings } = await loadRulesAt(request.rulesDir ?? defaults().rules);
  return withInput(request, rules.catalogue.calendar.zone, async (input) => {
    const out = await openOut(request.out ?? '-');
    return kept(out, async (onTransition) => {
      const run = new BacktestRun({ rules, fromMs: input.fromMs, onTransition });
      const refused = await runInput(input, [run], request);
      const released = await input.released(rules.models);
      return { summary: run.summary(), refused, released, warnings, seconds: secondsSince(started) };
    });
  });
}

/** Runs a backtest to its end, and reports it. @throws CodedError as `backtestFiles` does, and OUTCOMES_FORMAT */
export async function backtestReport(request: BacktestRequest & MeasureRequest): Promise<ReportResult> {
  const started = performance.now();
  if (request.out === '-')
    throw new CodedError('USAGE', 'A report stands on standard output; --out names a file.');
  refuseOverlap(
    [...request.files, ...(request.outcomes === undefined ? [] : [request.outcomes])],
    [request.out],
  );
  const { rules, warnings } = await loadRulesAt(request.rulesDir ?? defaults().rules);
  return withInput(request, rules.catalogue.calendar.zone, async (input) => {
    const measures = await measuresOf(request, rules);
    const out = request.out === undefined ? undefined : await openOut(request.out);
    return kept(out, async (onTransition) => {
      const reporting = new ReportRun({ rules, fromMs: input.fromMs, onTransition, ...measures });
      const { run, onRead } = reporting;
      const refused = await runInput(input, [run], request, onRead);
      const released = await input.released(rules.models);
      return { report: reporting.report(), refused, released, warnings, seconds: secondsSince(started) };
    });
  });
}

/** Opens what is read, and closes it whatever happens. */
export async function withInput<Result>(
  request: InputRequest,
  zone: string,
  use: (input: BacktestInput) => Promise<Result>,
): Promise<Result> {
  const input = await openInput(request, zone);
  try {
    return await use(input);
  } finally {
    await input.close();
  }
}

/** Steps what is read through the runs. @returns the first refused events */
export async function runInput(
  input: BacktestInput,
  runs: readonly BacktestRun[],
  { onProgress }: Pick<BacktestRequest, 'onProgress'>,
  onRead?: ReportRun['onRead'],
): Promise<RefusedEvent[]> {
  const refused: RefusedEvent[] = [];
  const onRefused = (event: RefusedEvent) => {
    for (const run of runs) run.refused(event.code);
    if (refused.length < REFUSED_SHOWN) refused.push(event);
  };
  await runOver(input.read({ onRefused, onRead }), runs, { toMs: input.toMs, onProgress });
  return refused;
}

type Measures = Pick<ReportOptions, 'outcomes' | 'horizonMs' | 'knownUntilMs' | 'ks' | 'look' | 'bootstrap'>;

/** @throws CodedError USAGE, FILE_READ, OUTCOMES_FORMAT */
export async function measuresOf(request: MeasureRequest, rules: LoadedRules['rules']): Promise<Measures> {
  const { zone } = rules.catalogue.calendar;
  const { outcomes, horizon = HORIZON, knownUntil, seed = SEED, resamples = RESAMPLES } = request;
  const horizonMs = parseDuration(horizon);
  if (horizonMs === null || horizonMs <= 0)
    throw new CodedError('USAGE', `--horizon ${JSON.stringify(horizon)} is none; it looks like 90d.`);
  return {
    outcomes: outcomes === undefined ? null : await readOutcomes(outcomes, zone),
    horizonMs,
    knownUntilMs: knownUntil === undefined ? undefined : instantOf('--known-until', knownUntil, zone),
    ks: request.first ?? FIRST,
    look: lookOf(request, rules),
    bootstrap: { seed, replicates: resamples },
  };
}

/** @throws CodedError USAGE where scores cannot be looked at, before anything is read */
function lookOf(
  { at, baseline, outcomes, from }: MeasureRequest & Pick<BacktestRequest, 'from'>,
  { models, catalogue }: LoadedRules['rules'],
): Measures['look'] {
  const { zone } = catalogue.calendar;
  if (at === undefined) {
    if (baseline !== undefined) throw new CodedError('USAGE', '--baseline goes with --at.');
    return undefined;
  }
  if (outcomes === undefined) throw new CodedError('USAGE', '--at measures by --outcomes; name their file.');
  const instantMs = instantOf('--at', at, zone);
  if (from !== undefined && instantMs < instantOf('--from', from, zone))
    throw new CodedError('USAGE', '--at is before --from.');
  const scored = models.filter(isScored).map(({ name }) => name);
  if (baseline !== undefined && !scored.includes(baseline)) {
    const known = scored.length === 0 ? 'there is none' : `such as ${scored.slice(0, 5).join(', ')}`;
    throw new CodedError(
      'USAGE',
      `--baseline ${baseline}: expected a model with a score of its own (${known}).`,
    );
  }
  return { instantMs, baseline: baseline ?? null };
}

function openOut(out: string): Promise<LineWriter> | LineWriter {
  const target = fileOut(out);
  return target === undefined ? new StreamLines(process.stdout) : openLines(target, false);
}

/** Writes transitions while something runs: the whole file, or none. */
async function kept<Result>(
  out: LineWriter | undefined,
  run: (write?: (transition: BacktestTransition) => void | Promise<void>) => Promise<Result>,
): Promise<Result> {
  if (out === undefined) return run();
  try {
    const result = await run((transition) => out.write(JSON.stringify(transition)));
    await out.close();
    return result;
  } catch (error) {
    await out.abandon();
    throw error;
  }
}

/** For messages. */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
