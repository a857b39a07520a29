// Runs each piece of the benchmark in a fresh process and holds it against the reference.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AlertFigures } from './alerts.js';
import type { BacktestFigures, BacktestTask } from './backtest.js';
import type { ChildTask } from './child.js';
import { differences, type Outcome } from './outcome.js';
import { selfTimes, type CpuProfile, type ProfileLine } from './profile.js';
import type { MeasuredRun } from './report.js';
import type { RunOptions } from './run.js';
import type { WorkloadOptions } from './workload.js';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const HEAP_LIMIT_MB = 6_144;
/** What an event leaves behind mostly lives long: fewer, larger collections of the young copy less of it. */
const SEMI_SPACE_MB = 64;
const execute = promisify(execFile);

/** Thrown when a run says other warnings than the reference. */
export class OutcomeError extends Error {
  override readonly name = 'OutcomeError';
}

/** One reference for all runs that must say the same. */
export class Runner {
  private readonly references = new Map<string, Outcome>();

  /** One run in a process of its own. @throws OutcomeError */
  async run(options: RunOptions): Promise<MeasuredRun> {
    const measured = (await child(options)) as MeasuredRun;
    const reference = await this.reference(options);
    const found = differences(measured.outcome, reference);
    if (found.length > 0) {
      throw new OutcomeError(`${JSON.stringify(options)} differs from the reference:\n${found.join('\n')}`);
    }
    return measured;
  }

  async reference({ workload, rules }: Omit<RunOptions, 'part'>): Promise<Outcome> {
    const name = JSON.stringify([workload, rules.windowDays]);
    let outcome = this.references.get(name);
    if (outcome === undefined) {
      outcome = (await child({ part: 'reference', workload, rules })) as Outcome;
      this.references.set(name, outcome);
    }
    return outcome;
  }
}

export type MeasuredAlerts = AlertFigures & { readonly calibrationMs: number };

/** The lives of warnings, in a process of its own. */
export async function runAlertsApart(warnings: number): Promise<MeasuredAlerts> {
  return (await child({ part: 'alerts', warnings })) as MeasuredAlerts;
}

/** Self times of one run under V8's profiler, which slows it. */
export async function profiled(options: RunOptions): Promise<ProfileLine[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-bench-'));
  try {
    const within = options.part === 'pipeline' ? null : 'measure';
    return await profileIn(folder, within, (flags) => child(options, flags));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function profileIn(
  folder: string,
  within: string | null,
  run: (flags: readonly string[]) => Promise<unknown>,
): Promise<ProfileLine[]> {
  await run(['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('the profiler left no file');
  return selfTimes(JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile, within);
}

/** A backtest in a process like that of the command. @param young whether its semi-spaces are large */
export async function runBacktestApart(
  task: BacktestTask,
  young: boolean,
): Promise<BacktestFigures & { readonly calibrationMs: number }> {
  const flags = young ? [`--max-semi-space-size=${SEMI_SPACE_MB}`] : [];
  return (await start([...flags, CHILD, JSON.stringify(task)])) as Awaited<
    ReturnType<typeof runBacktestApart>
  >;
}

/** Self times of a backtest under V8's profiler. */
export async function profiledBacktest(task: BacktestTask): Promise<ProfileLine[]> {
  return profileIn(task.folder, null, (flags) => start([...flags, CHILD, JSON.stringify(task)]));
}

/** What the reference says of a workload under the rules themselves. */
export async function referenceApart(workload: WorkloadOptions): Promise<Outcome> {
  return (await child({ part: 'reference', workload, rules: { windowDays: null, models: 6 } })) as Outcome;
}

async function child(task: ChildTask, flags: readonly string[] = []): Promise<unknown> {
  return start([
    '--expose-gc',
    `--max-old-space-size=${HEAP_LIMIT_MB}`,
    `--max-semi-space-size=${SEMI_SPACE_MB}`,
    ...flags,
    CHILD,
    JSON.stringify(task),
  ]);
}

async function start(argv: readonly string[]): Promise<unknown> {
  const { stdout } = await execute(process.execPath, argv, { maxBuffer: 1_048_576 });
  return JSON.parse(stdout);
}
