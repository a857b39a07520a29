// A thread that runs some values of a sweep over the history, all in one reading of it.
import { parentPort, workerData } from 'node:worker_threads';
import { CodedError } from '../events/coded-error.js';
import type { Code } from '../events/codes.js';
import { loadRules } from '../model/load.js';
import { SweepRun, withValue, type SweepPoint, type SweepRunOptions } from '../pipeline/backtest/sweep.js';
import type { InputRequest } from './backtest-input.js';
import { runInput, withInput } from './backtesting.js';

/** What a thread is asked for. */
export interface SweepWork {
  readonly files: ReadonlyMap<string, string>;
  readonly model: string;
  readonly path: readonly string[];
  readonly values: readonly string[];
  readonly input: InputRequest;
  readonly measures: Omit<SweepRunOptions, 'rules' | 'model' | 'value' | 'fromMs'>;
}

/** What it says: how far it has come, and then what it found or why it failed. */
export type SweepWord =
  | { readonly kind: 'progress'; readonly events: number; readonly clock: number }
  | { readonly kind: 'points'; readonly points: readonly SweepPoint[] }
  | { readonly kind: 'failed'; readonly code: Code | null; readonly message: string };

async function work({ files, model, path, values, input: request, measures }: SweepWork) {
  const variants = values.map((value) => {
    const name = `${model}.yaml`;
    const text = withValue(files.get(name) ?? '', path, value);
    const { rules } = loadRules(new Map([...files, [name, text]]));
    if (rules === null) throw new CodedError('USAGE', `The rules do not load with ${value}.`);
    return { rules, value };
  });
  const zone = variants[0]?.rules.catalogue.calendar.zone ?? 'UTC';
  return withInput(request, zone, async (input) => {
    const runs = variants.map((one) => new SweepRun({ ...one, ...measures, model, fromMs: input.fromMs }));
    await runInput(
      input,
      runs.map(({ run }) => run),
      { onProgress: (events, clock) => say({ kind: 'progress', events, clock }) },
    );
    return runs.map((run) => run.point());
  });
}

function say(word: SweepWord): void {
  parentPort?.postMessage(word);
}

if (parentPort !== null) {
  work(workerData as SweepWork).then(
    (points) => say({ kind: 'points', points }),
    (error: unknown) => {
      const code = error instanceof CodedError ? error.code : null;
      say({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
    },
  );
}
