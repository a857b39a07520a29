// From the figures of several runs to what the benchmark says.
import type { MeasuredAlerts } from './children.js';
import type { LatencyFigures } from './latency.js';
import type { RunFigures } from './run.js';
import type { ProcessFigures } from './role-cost.js';
import type { ServersFigures } from './servers.js';

export type MeasuredRun = RunFigures & { readonly calibrationMs: number };

/** Medians over the runs of one piece of the benchmark. */
export interface Summary {
  readonly cpuUsAnEvent: number;
  /** Least and most of the runs. */
  readonly cpuUsRange: readonly [number, number];
  readonly eventsASecond: number;
  readonly peakRssBytes: number;
  readonly heapBytesASubject: number;
  readonly heapBytesAnEvent: number;
  /** What a key's state takes as it is stored, exactly. */
  readonly storedBytesAKey: number;
  readonly activeSubjects: number;
  readonly keys: number;
  readonly bytesALine: number;
  readonly calibrationMs: number;
  /** CPU time of an event in steps of the calibration loop: comparable between machines and loads. */
  readonly stepsAnEvent: number;
}

export function summarise(runs: readonly MeasuredRun[], calibrationSteps: number): Summary {
  const of = (figure: (run: MeasuredRun) => number) => median(runs.map(figure));
  const cpuUs = runs.map((run) => run.cpuUs / run.events);
  return {
    cpuUsAnEvent: median(cpuUs),
    cpuUsRange: [Math.min(...cpuUs), Math.max(...cpuUs)],
    eventsASecond: of((run) => (run.events * 1000) / run.wallMs),
    peakRssBytes: of((run) => run.peakRssBytes),
    heapBytesASubject: of((run) => run.stateBytes / run.activeSubjects),
    heapBytesAnEvent: of((run) => run.stateBytes / run.events),
    storedBytesAKey: of((run) => run.encodedBytes / run.keys),
    activeSubjects: of((run) => run.activeSubjects),
    keys: of((run) => run.keys),
    bytesALine: of((run) => run.bytesALine),
    calibrationMs: of((run) => run.calibrationMs),
    stepsAnEvent: of((run) => (run.cpuUs * calibrationSteps) / (run.events * run.calibrationMs * 1000)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** A summary as lines of text. */
export function summaryLines(title: string, summary: Summary): string[] {
  const [least, most] = summary.cpuUsRange;
  return [
    title,
    `  CPU an event           ${us(summary.cpuUsAnEvent)} us (${us(least)} to ${us(most)}), ${summary.stepsAnEvent.toFixed(0)} calibration steps`,
    `  events a second        ${Math.round(summary.eventsASecond).toLocaleString('en')}`,
    `  peak RSS               ${megabytes(summary.peakRssBytes)} MB`,
    `  memory a subject       ${Math.round(summary.heapBytesASubject)} B over ${summary.activeSubjects} active subjects (${Math.round(summary.heapBytesAnEvent)} B an event)`,
    `  stored bytes a key     ${Math.round(summary.storedBytesAKey)} B over ${summary.keys} keys`,
    `  calibration loop       ${summary.calibrationMs.toFixed(0)} ms`,
  ];
}

/** Medians of the lives of warnings as lines of text. */
export function alertLines(
  title: string,
  runs: readonly MeasuredAlerts[],
  calibrationSteps: number,
): string[] {
  const of = (figure: (run: MeasuredAlerts) => number) => median(runs.map(figure));
  const raise = of(({ raiseCpuUs, warnings }) => raiseCpuUs / warnings);
  const life = of(({ raiseCpuUs, handleCpuUs, warnings }) => (raiseCpuUs + handleCpuUs) / warnings);
  const steps = of((run) => (run.raiseCpuUs * calibrationSteps) / (run.warnings * run.calibrationMs * 1000));
  const aSecond = (cpuUs: number) => Math.round(1_000_000 / cpuUs).toLocaleString('en');
  return [
    title,
    `  raised and routed      ${us(raise)} us of CPU, ${steps.toFixed(0)} calibration steps, ${aSecond(raise)}/s a core`,
    `  the whole life         ${us(life)} us of CPU, ${aSecond(life)}/s a core`,
  ];
}

/** One point of a scaling series as a line of text. */
export function pointLine(point: string, summary: Summary): string {
  const { cpuUsAnEvent, stepsAnEvent, peakRssBytes, heapBytesASubject } = summary;
  return [
    `  ${point.padEnd(36)}`,
    `${us(cpuUsAnEvent).padStart(7)} us`,
    `${stepsAnEvent.toFixed(0).padStart(6)} steps`,
    `${megabytes(peakRssBytes).padStart(6)} MB`,
    `${Math.round(heapBytesASubject).toString().padStart(8)} B a subject`,
  ].join('  ');
}

function us(value: number): string {
  return value.toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

/** What the processes on servers cost, start and compilation left out of nothing but evaluate. */
export function serversLines(
  title: string,
  runs: readonly ServersFigures[],
  calibrationSteps: number,
): string[] {
  const calibrationMs = median(runs.map((run) => run.calibrationMs));
  const line = (name: string, of: (run: ServersFigures) => ProcessFigures) => {
    const cpuUs = runs.map((run) => of(run).cpuUs / run.events);
    const steps = (median(cpuUs) * calibrationSteps) / (calibrationMs * 1000);
    const range = `${Math.min(...cpuUs).toFixed(1)} to ${Math.max(...cpuUs).toFixed(1)}`;
    const rate = median(runs.map((run) => (run.events * 1000) / of(run).wallMs));
    const rss = median(runs.map((run) => of(run).peakRssBytes)) / 1e6;
    return `  ${name.padEnd(9)} ${median(cpuUs).toFixed(1)} us CPU an event (${range}), ${steps.toFixed(0)} calibration steps, ${rate.toFixed(0)} events/s, peak RSS ${rss.toFixed(0)} MB a process`;
  };
  const counts = `  ${runs[0]?.events ?? 0} events, ${runs[0]?.transitions ?? 0} transitions, the same as those of one undisturbed run`;
  const roles = (['ingest', 'evaluate', 'alert', 'archive'] as const).map((role) =>
    line(role, (run) => run[role]),
  );
  return [title, counts, ...roles, ...storedLines(runs)];
}

/** What an event and a key take in the stores, of the last run. */
function storedLines(runs: readonly ServersFigures[]): string[] {
  const last = runs[runs.length - 1];
  if (last === undefined) return [];
  const { logBytes, stateBytes, warehouseBytes, keys } = last.stored;
  const anEvent = (bytes: number) => (bytes / last.events).toFixed(0);
  return [
    `  stored    ${anEvent(logBytes)} B an event in the logs, ${anEvent(warehouseBytes)} B in the warehouse, ${(stateBytes / keys).toFixed(0)} B a key in Redis, ${keys} keys`,
  ];
}

/** How long transitions took, by log and stratum, each attempt. */
export function latencyLines(tried: readonly LatencyFigures[]): string[] {
  return tried.flatMap(({ rate, taken, behindMs, spans }) => [
    `  at ${rate} events/s (taken ${taken.toFixed(0)}, the last ${Math.round(behindMs)} ms behind their time)`,
    ...spans.map(({ place, count, p50Ms, p99Ms, mostMs }) => {
      const figures = `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, at most ${mostMs.toFixed(0)} ms`;
      return `    ${place.padEnd(22)} ${figures}, ${count} records`;
    }),
  ]);
}
