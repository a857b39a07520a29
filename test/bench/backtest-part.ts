// The part of the benchmark that runs backtests: in processes of their own, held against the reference.
import { removeBacktest, SWEPT, writeBacktest, type BacktestFigures, type BacktestMode } from './backtest.js';
import { OutcomeError, profiledBacktest, referenceApart, runBacktestApart } from './children.js';
import { differences, type Outcome } from './outcome.js';
import type { ProfileLine } from './profile.js';
import { median } from './report.js';
import { MODEL_NAMES } from './rules.js';
import type { WorkloadOptions } from './workload.js';

/** Which is run; a sweep reads once on each thread and steps all its values. */
const MODES: readonly BacktestMode[] = ['ten', 'one', 'sweep'];
const TITLES: { readonly [mode in BacktestMode]: string } = {
  ten: 'ten models',
  one: 'one model',
  sweep: `a sweep of one model over ${SWEPT.length} values`,
};

export type MeasuredBacktest = BacktestFigures & { readonly calibrationMs: number };

export interface BacktestMeasured {
  /** As a user runs it. */
  readonly runs: readonly MeasuredBacktest[];
  /** With semi-spaces of 64 MB. */
  readonly young: readonly MeasuredBacktest[];
}

/** The modes take turns. @throws OutcomeError where one says other warnings than the reference */
export async function measureBacktests(workload: WorkloadOptions, runs: number): Promise<BacktestMeasured> {
  const folder = await writeBacktest(workload);
  try {
    const reference = await referenceApart(workload);
    const measured: { runs: MeasuredBacktest[]; young: MeasuredBacktest[] } = { runs: [], young: [] };
    for (let count = 0; count < runs; count++) {
      for (const mode of MODES) {
        const task = { part: 'backtest', mode, folder, events: workload.events } as const;
        measured.runs.push(checked(await runBacktestApart(task, false), reference));
        if (mode === 'ten') measured.young.push(checked(await runBacktestApart(task, true), reference));
      }
    }
    return measured;
  } finally {
    await removeBacktest(folder);
  }
}

export async function profileBacktest(workload: WorkloadOptions): Promise<ProfileLine[]> {
  const folder = await writeBacktest(workload);
  try {
    return await profiledBacktest({ part: 'backtest', mode: 'ten', folder, events: workload.events });
  } finally {
    await removeBacktest(folder);
  }
}

function checked(figures: MeasuredBacktest, reference: Outcome): MeasuredBacktest {
  const raised = reference.raised[MODEL_NAMES.complaints] ?? 0;
  const found =
    figures.mode === 'ten' && figures.outcome !== null
      ? differences(figures.outcome, reference)
      : [figures.outcome?.raised[MODEL_NAMES.complaints] ?? figures.swept[SWEPT.indexOf(5)]].flatMap(
          (count) => (count === raised ? [] : [`warnings: ${count}, the reference has ${raised}`]),
        );
  if (found.length > 0) throw new OutcomeError(`a backtest differs from the reference:\n${found.join('\n')}`);
  return figures;
}

/** Medians as lines of text. */
export function backtestLines({ runs, young }: BacktestMeasured, steps: number): string[] {
  const line = (title: string, own: readonly MeasuredBacktest[]) => {
    const of = (figure: (run: MeasuredBacktest) => number) => median(own.map(figure));
    const us = of((run) => run.cpuUs / run.events);
    const stepsAnEvent = of((run) => (run.cpuUs * steps) / (run.events * run.calibrationMs * 1000));
    const cores = of((run) => run.cpuUs / 1000 / run.wallMs);
    const rate = Math.round(of((run) => (run.events * 1000) / run.wallMs)).toLocaleString('en');
    const core = Math.round(1_000_000 / us).toLocaleString('en');
    return [
      `  ${title.padEnd(42)}`,
      `${us.toFixed(1)} us CPU an event, ${stepsAnEvent.toFixed(0)} calibration steps, ${rate} events/s,`,
      `${core}/s a core, ${cores.toFixed(2)} cores, ${(of((run) => run.peakRssBytes) / 1e6).toFixed(0)} MB`,
    ].join(' ');
  };
  return [
    ...MODES.map((mode) =>
      line(
        TITLES[mode],
        runs.filter((run) => run.mode === mode),
      ),
    ),
    line('ten models, semi-spaces of 64 MB', young),
  ];
}
