// npm run bench: what an event costs, alone and from bytes, and how that changes with windows, keys and models.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { backtestLines, measureBacktests, profileBacktest } from './backtest-part.js';
import { CALIBRATION_STEPS } from './calibration.js';
import { OutcomeError, profiled, runAlertsApart, Runner, type MeasuredAlerts } from './children.js';
import type { Outcome } from './outcome.js';
import { runLatency } from './latency.js';
import { areas, type ProfileLine } from './profile.js';
import {
  alertLines,
  latencyLines,
  pointLine,
  serversLines,
  summarise,
  summaryLines,
  type MeasuredRun,
  type Summary,
} from './report.js';
import type { RuleOptions } from './rules.js';
import type { Part, RunOptions } from './run.js';
import { runServers, type ServersFigures } from './servers.js';
import type { WorkloadOptions } from './workload.js';

const USAGE = `npm run bench [-- options]
  --events N     events of the workload (1000000)
  --subjects N   subjects of the workload (100000)
  --runs N       runs of each part, each in a fresh process (5)
  --only PART    engine, ndjson, pipeline, alerts, backtest or servers: that part alone, without the scaling series;
                 backtest (files to transitions, as the command runs it) runs only so;
                 servers (Kafka, Redis, processes of their own) runs only so, with a tenth of the events
  --evaluators N processes that evaluate on the servers, or several numbers, such as 1,2,4 (1)
  --rate N       events a second at which the servers' latency is measured, less where they do not keep up (5000);
                 0 leaves it out
  --warehouse    the pipeline with its warehouse, whose own process is not measured
  --profile      where the time of each part goes, in place of the measurement
  --json         one JSON object on standard output`;

const RULES: RuleOptions = { windowDays: null, models: 6 };
const DAYS = 60;
const TITLES = {
  engine: '(a) engine alone: parsed events to warnings',
  ndjson: '(b) NDJSON bytes to warnings',
  pipeline: '(c) pipeline: NDJSON bytes to warnings on the disk',
} as const;
const PARTS = ['engine', 'ndjson', 'pipeline'] as const;
const ALERTS = 'alerts';
const SERVERS = 'servers';
const BACKTEST = 'backtest';
/** Warnings whose lives are measured. */
const WARNINGS = 20_000;
/** The pipeline gets so many events at most, as dense as a million in 60 days, 500 in a body. */
const PIPELINE = { events: 100_000, daysAnEvent: 60 / 1_000_000, together: 500 } as const;

interface BenchOptions {
  readonly workload: WorkloadOptions;
  readonly runs: number;
  readonly parts: readonly Part[];
  readonly alerts: boolean;
  readonly backtest: boolean;
  /** Processes that evaluate on servers; null where that part is not measured. */
  readonly evaluators: readonly number[] | null;
  /** Events a second at which the latency on servers is measured; 0 where it is not. */
  readonly rate: number;
  readonly warehouse: boolean;
  readonly scaling: boolean;
  readonly profile: boolean;
  readonly json: boolean;
}

interface Point {
  readonly series: string;
  readonly point: string;
  readonly summary: Summary;
}

async function main(): Promise<void> {
  const options = readOptions();
  const say = (text: string) => {
    if (!options.json) console.log(text);
  };
  const { workload } = options;
  say(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`);
  say(`${workload.events} events over ${workload.days} d, ${workload.subjects} subjects, 6 rules\n`);
  if (options.backtest) return measureBacktest(options, say);
  if (options.profile) return profile(options, say);
  if (options.evaluators !== null) {
    for (const count of options.evaluators) await measureServers(options, count, say);
    return;
  }
  const alerts = options.alerts ? await measureAlerts(options, say) : [];
  if (options.parts.length === 0) {
    if (options.json) console.log(JSON.stringify({ alerts }));
    return;
  }
  const runner = new Runner();
  const parts = await measureParts(runner, options, say);
  const outcome = await runner.reference({ workload, rules: RULES });
  say(`Warnings raised, as the reference counts them: ${raisedText(outcome)}\n`);
  const points = options.scaling ? await measureScaling(runner, options, say) : [];
  if (!options.json) return;
  const { node, v8 } = process.versions;
  const machine = { node, v8, cpus: cpus().length, cpu: cpus()[0]?.model ?? null };
  console.log(
    JSON.stringify({
      machine,
      workload,
      runs: options.runs,
      raised: outcome.raised,
      ...parts,
      alerts,
      scaling: points,
    }),
  );
}

async function measureBacktest(
  { workload, runs, json, profile: isProfile }: BenchOptions,
  say: (text: string) => void,
): Promise<void> {
  if (isProfile)
    return sayProfile('backtest, ten models', await profileBacktest(workload), workload.events, say);
  const measured = await measureBacktests(workload, runs);
  const title = `(f) backtest: a file of events to transitions on the disk, median of ${runs}`;
  say(`${[title, ...backtestLines(measured, CALIBRATION_STEPS)].join('\n')}\n`);
  if (json) console.log(JSON.stringify(measured));
}

async function measureServers(
  { workload, runs, rate, json }: BenchOptions,
  evaluators: number,
  say: (text: string) => void,
): Promise<void> {
  const events = Math.ceil(workload.events / 10);
  const days = events * PIPELINE.daysAnEvent;
  const measured: ServersFigures[] = [];
  for (let count = 0; count < runs; count++) {
    measured.push(await runServers({ workload: { ...workload, events, days }, rules: RULES, evaluators }));
  }
  const title = `(e) servers: a topic of CloudEvents to transitions, ${evaluators} evaluate, median of ${runs}`;
  say(serversLines(title, measured, CALIBRATION_STEPS).join('\n'));
  const latency = rate === 0 ? [] : await runLatency({ rules: RULES, evaluators, rate });
  say(`${latencyLines(latency).join('\n')}\n`);
  if (json) console.log(JSON.stringify({ evaluators, servers: measured, latency }));
}

async function measureAlerts({ runs }: BenchOptions, say: (text: string) => void): Promise<MeasuredAlerts[]> {
  const measured: MeasuredAlerts[] = [];
  for (let count = 0; count < runs; count++) measured.push(await runAlertsApart(WARNINGS));
  const title = `(d) the alert side in process, ${WARNINGS} warnings to two departments each, median of ${runs}`;
  say(`${alertLines(title, measured, CALIBRATION_STEPS).join('\n')}\n`);
  return measured;
}

/** The parts take turns, so that a noisy minute meets them alike. */
async function measureParts(
  runner: Runner,
  { workload, runs, parts, warehouse }: BenchOptions,
  say: (text: string) => void,
): Promise<{ [part in Part]?: Summary }> {
  const measured: { [part in Part]: MeasuredRun[] } = { engine: [], ndjson: [], pipeline: [] };
  for (let count = 0; count < runs; count++) {
    for (const part of parts) measured[part].push(await runner.run(optionsOf(part, workload, warehouse)));
  }
  const summaries: { [part in Part]?: Summary } = {};
  for (const part of parts) {
    const summary = summarise(measured[part], CALIBRATION_STEPS);
    summaries[part] = summary;
    say(`${summaryLines(`${TITLES[part]}, median of ${runs}`, summary).join('\n')}\n`);
  }
  return summaries;
}

function optionsOf(part: Part, workload: WorkloadOptions, warehouse: boolean): RunOptions {
  if (part !== 'pipeline') return { part, workload, rules: RULES };
  const events = Math.min(workload.events, PIPELINE.events);
  const days = events * PIPELINE.daysAnEvent;
  const bounded = { ...workload, events, days, together: PIPELINE.together };
  return { part, workload: bounded, rules: RULES, warehouse };
}

async function measureScaling(
  runner: Runner,
  { workload, runs }: BenchOptions,
  say: (text: string) => void,
): Promise<Point[]> {
  const points: Point[] = [];
  const count = Math.max(1, runs >> 1);
  for (const { series, entries } of scaling(workload)) {
    say(`Engine alone, ${series}, median of ${count}`);
    const measured = entries.map(() => [] as MeasuredRun[]);
    for (let turn = 0; turn < count; turn++) {
      for (const [index, { options }] of entries.entries()) measured[index]?.push(await runner.run(options));
    }
    for (const [index, { point }] of entries.entries()) {
      const summary = summarise(measured[index] ?? [], CALIBRATION_STEPS);
      points.push({ series, point, summary });
      say(pointLine(point, summary));
    }
    say('');
  }
  return points;
}

interface Series {
  readonly series: string;
  readonly entries: readonly { readonly point: string; readonly options: RunOptions }[];
}

function scaling(base: WorkloadOptions): Series[] {
  const part = 'engine';
  const fewer = Math.ceil(base.events / 4);
  const year = { ...base, events: fewer, subjects: Math.ceil(base.subjects / 100), days: 400 };
  const quarter = { ...base, events: fewer };
  return [
    {
      series: `by length of the windows (${fewer} events over 400 d, ${year.subjects} subjects)`,
      entries: [7, 30, 90, 365].map((days) => ({
        point: `${days} d`,
        options: { part, workload: year, rules: { ...RULES, windowDays: days } },
      })),
    },
    {
      series: `by number of subjects (${base.events} events over ${base.days} d)`,
      entries: [1_000, 10_000, 100_000, 1_000_000].map((subjects) => ({
        point: `${subjects} subjects`,
        options: { part, workload: { ...base, subjects }, rules: RULES },
      })),
    },
    ...[true, false].map((creditChanges) => ({
      series:
        `by models that do not read the streams (${fewer} events over ${base.days} d, ` +
        `${creditChanges ? '5 % credit changes' : 'no credit changes'})`,
      entries: [6, 60, 600].map((models) => ({
        point: `${models} models`,
        options: { part, workload: { ...quarter, creditChanges }, rules: { ...RULES, models } } as const,
      })),
    })),
  ];
}

async function profile(options: BenchOptions, say: (text: string) => void): Promise<void> {
  for (const part of options.parts) {
    const task = optionsOf(part, options.workload, options.warehouse);
    const { workload } = task;
    sayProfile(TITLES[part], await profiled(task), workload.events, say);
  }
}

function sayProfile(
  title: string,
  lines: readonly ProfileLine[],
  events: number,
  say: (text: string) => void,
): void {
  const total = lines.reduce((sum, { us }) => sum + us, 0);
  const line = ({ place, us }: { place: string; us: number }) =>
    `${((us / total) * 100).toFixed(1).padStart(7)} %  ${(us / events).toFixed(3).padStart(7)} us  ${place}`;
  say(`${title}: wall time an event under the profiler ${(total / events).toFixed(2)} us`);
  say(`${areas(lines).map(line).join('\n')}\n`);
  say(`${lines.slice(0, 30).map(line).join('\n')}\n`);
}

function raisedText({ raised }: Outcome): string {
  return Object.entries(raised)
    .sort()
    .map(([model, count]) => `${model} ${count}`)
    .join(', ');
}

function readOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1000000' },
      subjects: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '5' },
      only: { type: 'string' },
      evaluators: { type: 'string', default: '1' },
      rate: { type: 'string', default: '5000' },
      profile: { type: 'boolean', default: false },
      warehouse: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) throw new UsageError(USAGE);
  const { only } = values;
  const parts = only === undefined ? PARTS : PARTS.filter((part) => part === only);
  if (parts.length === 0 && only !== ALERTS && only !== SERVERS && only !== BACKTEST) {
    throw new UsageError(
      `--only takes ${[...PARTS, ALERTS, BACKTEST, SERVERS].join(', ')}, not ${only}\n${USAGE}`,
    );
  }
  return {
    workload: {
      events: whole('events', values.events, 10_000_000),
      subjects: whole('subjects', values.subjects, 10_000_000),
      days: DAYS,
      creditChanges: true,
    },
    runs: whole('runs', values.runs, 100),
    parts,
    alerts: only === undefined || only === ALERTS,
    backtest: only === BACKTEST,
    evaluators:
      only === SERVERS ? values.evaluators.split(',').map((one) => whole('evaluators', one, 16)) : null,
    rate: values.rate === '0' ? 0 : whole('rate', values.rate, 1_000_000),
    warehouse: values.warehouse,
    scaling: only === undefined,
    profile: values.profile,
    json: values.json,
  };
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`--${name} takes a whole number from 1 to ${most}, not ${text}\n${USAGE}`);
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

try {
  await main();
} catch (error) {
  const expected = error instanceof UsageError || error instanceof OutcomeError;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}
