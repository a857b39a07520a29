// How long it takes on servers from the arrival of an event to its transition, and on to the inbox, at a rate.
import { fileURLToPath } from 'node:url';
import { besideServers, onServers } from './bench-site.js';
import { benchFiles, modelText, type RuleOptions } from './rules.js';

const RUN = fileURLToPath(new URL('./latency-run.js', import.meta.url));
/** Left out at first, while code is compiled and what is known of keys grows, and then measured; s. */
const WARM_S = 10;
const MEASURED_S = 15;
/** Of what comes after the last step, more than this behind, the rate was not held. */
const BEHIND_MS = 2_000;

/** From the instant at which events arrive to that at which the log gives a record out, ms. */
export interface Span {
  /** Log and stratum. */
  readonly place: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

export interface LatencyFigures {
  /** Events a second that were to be taken, and that were. */
  readonly rate: number;
  readonly taken: number;
  /** How far the last events came behind their time. */
  readonly behindMs: number;
  readonly spans: readonly Span[];
}

export interface LatencyOptions {
  readonly rules: RuleOptions;
  readonly evaluators: number;
  /** Events a second. */
  readonly rate: number;
}

/** A model above stratum 0: whatever warning stands of a subject. */
const WARNED = `indicators:
  warnings: { from: warning, count: '*', over: 30d }
levels: { orange: 'warnings >= 1' }
`;

/** Measures at a rate, and at half of it as long as this machine does not keep up. @returns every attempt, of which the last was borne */
export async function runLatency({ rules, evaluators, rate }: LatencyOptions): Promise<LatencyFigures[]> {
  const tried: LatencyFigures[] = [];
  for (let next = rate; next >= 1; next = Math.floor(next / 2)) {
    const figures = await measured(rules, evaluators, next);
    tried.push(figures);
    const above = Math.max(...figures.spans.map(({ p50Ms }) => p50Ms));
    if (figures.behindMs < BEHIND_MS && above < 2 * BEHIND_MS) break;
  }
  return tried;
}

function measured(rules: RuleOptions, evaluators: number, rate: number): Promise<LatencyFigures> {
  const files = benchFiles(rules).set('bench/warned.yaml', modelText('bench/warned', 'subject', WARNED));
  return onServers(files, [], async (deployment) => {
    const roles = [...Array.from({ length: evaluators }, () => ['evaluate']), ['alert']];
    const processes = roles.map((some) => deployment.run(some));
    await Promise.all(processes.map(({ ready }) => ready));
    const figures = await besideServers(deployment, RUN, [rate, WARM_S, MEASURED_S]);
    await Promise.all(processes.map((one) => one.end('SIGTERM')));
    return figures as LatencyFigures;
  });
}
