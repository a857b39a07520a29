// What a backtest costs as a user runs it: a file of events and a folder of rules to transitions on the disk.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { backtestFiles } from '../../src/app/backtesting.js';
import { sweepModel } from '../../src/app/sweeping.js';
import type { BacktestTransition } from '../../src/pipeline/backtest/run.js';
import { outcomeOf, type Change, type Outcome } from './outcome.js';
import { benchFiles, MODEL_NAMES, type RuleOptions } from './rules.js';
import { lineOf, Workload, type WorkloadOptions } from './workload.js';

export type BacktestMode = 'ten' | 'one' | 'sweep';

export interface BacktestTask {
  readonly part: 'backtest';
  readonly mode: BacktestMode;
  /** As `writeBacktest` left it. */
  readonly folder: string;
  readonly events: number;
}

export interface BacktestFigures {
  readonly mode: BacktestMode;
  readonly events: number;
  /** Of all threads, from the reading of the rules on. */
  readonly cpuUs: number;
  readonly wallMs: number;
  readonly peakRssBytes: number;
  /** Null of a sweep, whose values say how many warnings there are and no more. */
  readonly outcome: Outcome | null;
  /** Warnings of each value of a sweep. */
  readonly swept: readonly number[];
}

/** Values of the sweep, of which 5 is what the rules have. */
export const SWEPT = [3, 4, 5, 6] as const;
const SWEEP = `params.many=${SWEPT.join(',')}`;
export const EVENTS_FILE = 'events.ndjson';
const IDLE_MODELS = 4;
const RULES: RuleOptions = { windowDays: null, models: Object.keys(MODEL_NAMES).length + IDLE_MODELS };

/** Makes a folder with the events of a workload, their arrivals written down, and with the rules. @returns its path */
export async function writeBacktest(workload: WorkloadOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-bench-'));
  const source = new Workload(workload);
  const out = createWriteStream(join(folder, EVENTS_FILE));
  for (let fact = source.next(); fact !== undefined; fact = source.next()) {
    const { data, ...attributes } = JSON.parse(lineOf(fact)) as { readonly data: unknown };
    const event = { ...attributes, recordedtime: new Date(fact.at).toISOString(), data };
    if (!out.write(`${JSON.stringify(event)}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  const files = benchFiles(RULES);
  await writeRules(join(folder, 'ten'), files);
  const complaints = `${MODEL_NAMES.complaints}.yaml`;
  const isOther = (path: string) => !path.startsWith('catalogue/') && path !== complaints;
  const alone = new Map([...files].filter(([path]) => !isOther(path)));
  await writeRules(join(folder, 'one'), alone);
  const text = (files.get(complaints) ?? '').replace('>= 5', '>= params.many');
  alone.set(complaints, `${text}\nparams: { many: { default: 5 } }\n`);
  await writeRules(join(folder, 'sweep'), alone);
  return folder;
}

async function writeRules(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

export async function removeBacktest(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Runs one of them, by what the command calls. */
export async function runBacktest({ mode, folder, events }: BacktestTask): Promise<BacktestFigures> {
  const request = { files: [join(folder, EVENTS_FILE)], rulesDir: join(folder, mode) };
  const out = join(folder, `${mode}.out.ndjson`);
  const started = process.hrtime.bigint();
  const before = process.cpuUsage();
  const swept =
    mode === 'sweep'
      ? (await sweepModel({ ...request, sweep: SWEEP, model: MODEL_NAMES.complaints })).points
      : [];
  const summary = mode === 'sweep' ? null : (await backtestFiles({ ...request, out })).summary;
  const { user, system } = process.cpuUsage(before);
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return {
    ...{ mode, events, cpuUs: user + system, wallMs, peakRssBytes },
    outcome: summary === null ? null : await outcomeIn(out, summary.duplicates),
    swept: swept.map(({ warnings }) => warnings),
  };
}

async function outcomeIn(path: string, duplicates: number): Promise<Outcome> {
  const changes: Change[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { model, scope, key, clock, level } = JSON.parse(line) as BacktestTransition;
    changes.push({ model, key: `${scope}:${key}`, clock: Date.parse(clock), raised: level !== 'none' });
  }
  return outcomeOf(changes, duplicates, 0);
}
