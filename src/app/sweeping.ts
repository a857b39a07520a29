// A sweep over all cores: the values of one model shared out among threads, each of which reads the history once.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../events/coded-error.js';
import { loadRules } from '../model/load.js';
import { nearest } from '../model/nearest.js';
import { sweepOf, withValue, type SweepPoint } from '../pipeline/backtest/sweep.js';
import type { ReleasedStream } from '../pipeline/retention/released.js';
import {
  measuresOf,
  secondsSince,
  withInput,
  type BacktestRequest,
  type MeasureRequest,
} from './backtesting.js';
import { refuseUnreadableTwice } from './backtest-input.js';
import { defaults } from './environment.js';
import { loadRulesAt } from './named-rules.js';
import type { SweepWord, SweepWork } from './sweep-worker.js';

export interface SweepRequest extends Omit<BacktestRequest, 'out'>, MeasureRequest {
  /** `params.many=3..10` and the like. */
  readonly sweep: string;
  /** May be left out where the rules have one model. */
  readonly model?: string | undefined;
}

export interface SweepResult {
  readonly model: string;
  readonly path: string;
  /** In the order in which the values were named. */
  readonly points: readonly SweepPoint[];
  readonly threads: number;
  /** What was not there to be read. */
  readonly released: readonly ReleasedStream[];
  /** What is to be noticed of the rules, as lines to read. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/** Of each thread, in place of 48: an event is garbage soon after it was stepped, and then costs the collector nothing. */
const YOUNG_MB = 192;

/** Runs a sweep to its end. @throws CodedError as `backtestReport` does */
export async function sweepModel(request: SweepRequest): Promise<SweepResult> {
  const started = performance.now();
  const { path, values } = sweepOf(request.sweep);
  const { rules, files, warnings } = await loadRulesAt(request.rulesDir ?? defaults().rules);
  const own = rules.models.filter(({ feed }) => feed === null || feed === undefined);
  const model = request.model ?? (own.length === 1 ? own[0]?.name : undefined);
  if (model === undefined)
    throw new CodedError('USAGE', `--model names which of the ${own.length} models is varied.`);
  const name = `${model}.yaml`;
  const text = files.get(name);
  if (text === undefined) {
    const near = nearest(
      model,
      own.map((one) => one.name),
    );
    const hint = near === undefined ? '' : ` Did you mean ${near}?`;
    throw new CodedError('USAGE', `--model ${model}: the rules have no such model.${hint}`);
  }
  for (const value of values) checkValue(files, name, withValue(text, path, value), value);
  refuseUnreadableTwice(request.files);
  const { files: events, place, from, to, sortLimit } = request;
  const input = { files: events, place, from, to, sortLimit };
  // What is wrong with the input is said before threads begin.
  const released = await withInput(input, rules.catalogue.calendar.zone, (opened) =>
    opened.released(rules.models),
  );
  if (request.at !== undefined) throw new CodedError('USAGE', '--sweep takes no --at.');
  const { ks: _, look: __, ...measures } = await measuresOf(request, rules);
  const threads = Math.min(values.length, availableParallelism());
  const shares = Array.from({ length: threads }, (none, thread) =>
    values.filter((value, at) => at % threads === thread),
  );
  const progress = new Slowest(threads, request.onProgress);
  const workers = shares.map((share, thread) =>
    startWorker({ files, model, path, values: share, input, measures }, (events, clock) =>
      progress.heard(thread, events, clock),
    ),
  );
  try {
    const found = (await Promise.all(workers.map(({ points }) => points))).flat();
    const points = values.flatMap((value) => found.find((one) => one.value === value) ?? []);
    const seconds = secondsSince(started);
    return { model, path: path.join('.'), points, threads, released, warnings, seconds };
  } finally {
    await Promise.all(workers.map(({ end }) => end()));
  }
}

/** @throws CodedError USAGE where the rules are faulty with a value */
function checkValue(files: ReadonlyMap<string, string>, name: string, text: string, value: string): void {
  const { rules, diagnostics } = loadRules(new Map([...files, [name, text]]));
  if (rules !== null) return;
  const [first] = diagnostics.filter(({ severity }) => severity === 'error');
  throw new CodedError(
    'USAGE',
    `With ${value} the rules have faults: ${first?.message ?? 'they do not load'}.`,
  );
}

interface Running {
  readonly points: Promise<readonly SweepPoint[]>;
  readonly end: () => Promise<unknown>;
}

function startWorker(work: SweepWork, onProgress: (events: number, clock: number) => void): Running {
  const worker = new Worker(new URL('./sweep-worker.js', import.meta.url), {
    workerData: work,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const points = new Promise<readonly SweepPoint[]>((resolve, reject) => {
    worker.on('message', (word: SweepWord) => {
      if (word.kind === 'progress') onProgress(word.events, word.clock);
      else if (word.kind === 'points') resolve(word.points);
      else reject(failure(word));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new CodedError('INTERNAL', `A thread ended with ${code}.`)));
  });
  return { points, end: () => worker.terminate() };
}

/** What a thread failed with, as it would have been thrown here. */
function failure({ code, message }: Extract<SweepWord, { readonly kind: 'failed' }>): Error {
  return code === null ? new Error(message) : Object.assign(new CodedError(code), { message });
}

/** The progress of several threads: that of the one that is furthest behind. */
class Slowest {
  private readonly reached: { events: number; clock: number }[];

  constructor(
    threads: number,
    private readonly onProgress: ((events: number, clock: number) => void) | undefined,
  ) {
    this.reached = Array.from({ length: threads }, () => ({ events: 0, clock: NaN }));
  }

  heard(thread: number, events: number, clock: number): void {
    this.reached[thread] = { events, clock };
    const [last] = [...this.reached].sort((a, b) => a.events - b.events);
    if (last !== undefined) this.onProgress?.(last.events, last.clock);
  }
}
