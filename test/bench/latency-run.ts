// Takes events at a rate as ingest does, and sees when their transitions come up in the logs; the figures go to standard output.
import { setTimeout as delay } from 'node:timers/promises';
import { firstRules } from '../../src/app/distributed/first-rules.js';
import { openServerStores } from '../../src/app/distributed/server-stores.js';
import { Taking } from '../../src/app/distributed/taking.js';
import type { Log } from '../../src/app/log.js';
import { loadRulesAt } from '../../src/app/named-rules.js';
import { readWholeServers } from '../../src/app/servers-file.js';
import { StoredRules } from '../../src/app/stored-rules.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import type { TransitionLogRecord } from '../../src/pipeline/wide/wide-records.js';
import type { Log as StoredLog } from '../../src/ports/log.js';
import type { LatencyFigures, Span } from './latency.js';
import { lineOf, Workload } from './workload.js';

const [config = '', rulesDir = '', rateText = '', warmText = '', secondsText = ''] = process.argv.slice(2);
const [rate, warmS, seconds] = [Number(rateText), Number(warmText), Number(secondsText)];
/** Events of so many ms arrive together. */
const STEP_MS = 20;
/** Bodies that are being taken at once, as of several senders. */
const UNDER_WAY = 16;
/** How often the logs are looked at: what is measured may be so much too large. */
const LOOK_MS = 5;
const READ_RECORDS = 1_000;
/** What has not come up so long after the last event is not waited for. */
const REST_MS = 15_000;
const SUBJECTS = 100_000;
/** As dense as the workload of a million in 60 days. */
const DAYS_AN_EVENT = 60 / 1_000_000;
const failures: unknown[] = [];
const log: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields) => failures.push(fields),
  failure: (_stage, error) => failures.push(error),
};

const servers = await readWholeServers(config);
const stores = await openServerStores(servers, null, { log, now: Date.now });
const { rules, files } = await loadRulesAt(rulesDir);
await firstRules(stores, new StoredRules(stores.values), { rules, files, now: Date.now });
const taking = new Taking({
  stores,
  now: Date.now,
  log,
  probe: () => undefined,
  inboxClock: Date.now,
  onAppended: () => undefined,
  tracing: null,
  openRaw: null,
  needs: [],
});
await taking.start();

const found = new Map<string, number[]>();
let isOver = false;
const begun = Date.now();
const [measuredFrom, end] = [begun + warmS * 1_000, begun + (warmS + seconds) * 1_000];

/** Stamps what a log gets, from now on, with when it can be read. */
async function watch(name: string, records: StoredLog): Promise<void> {
  let offset = await records.end(0);
  while (!isOver) {
    const read = await records.read(0, offset, READ_RECORDS);
    const seen = Date.now();
    offset += read.length;
    for (const { value } of read) {
      const record = decodeJson<TransitionLogRecord>(value);
      if (record.kind !== 'warning' || record.at < measuredFrom || record.at >= end) continue;
      const stratum = /^strata\/(\d+)/.exec(record.origin.source)?.[1] ?? '0';
      const place = `${name}, stratum ${stratum}`;
      const spans = found.get(place) ?? [];
      found.set(place, spans);
      spans.push(seen - record.at);
    }
    if (read.length < READ_RECORDS) await delay(LOOK_MS);
  }
}

async function take(lines: readonly string[], count: (accepted: number) => void): Promise<void> {
  count((await taking.accept(lines.join('\n'))).accepted);
}

/** @returns events a second that were taken since the measurement began, and how far the last step came behind its time, ms */
async function feed(): Promise<{ taken: number; behindMs: number }> {
  const total = Math.ceil(rate * (warmS + seconds));
  const days = total * DAYS_AN_EVENT;
  const workload = new Workload({ events: total, subjects: SUBJECTS, days, creditChanges: true });
  let [given, taken, behindMs] = [0, 0, 0];
  const underWay = new Set<Promise<void>>();
  for (let step = begun; step < end; step += STEP_MS) {
    if (Date.now() < step) await delay(step - Date.now());
    const now = Date.now();
    behindMs = now - step;
    const lines: string[] = [];
    for (const due = ((step + STEP_MS - begun) * rate) / 1_000; given < due; given++) {
      const fact = workload.next();
      // It happened as long before it arrives as in the workload.
      if (fact !== undefined) lines.push(lineOf({ ...fact, time: now - (fact.at - fact.time) }));
    }
    const one = take(lines, (accepted) => (taken += now >= measuredFrom ? accepted : 0));
    underWay.add(one);
    void one.finally(() => underWay.delete(one)).catch(() => undefined);
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return { taken: (1_000 * taken) / (Date.now() - measuredFrom), behindMs };
}

const watching = [watch('transitions', stores.logs.transitions), watch('inbox', stores.logs.inbox)];
const { taken, behindMs } = await feed();
await delay(REST_MS);
isOver = true;
await Promise.all(watching);
await taking.stop();
await stores.close();
const refused = [...taking.intake.refused].map(([code, count]) => `${code} ${count}`);
if (refused.length > 0 || failures.length > 0) {
  throw new Error(`refused: ${refused.join(', ')}; failures: ${failures.map(String).join(', ')}`);
}

function spanOf(place: string, spans: number[]): Span {
  spans.sort((a, b) => a - b);
  const at = (share: number) => spans[Math.min(spans.length - 1, Math.floor(share * spans.length))] ?? NaN;
  return { place, count: spans.length, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) };
}

const spans = [...found].sort(([a], [b]) => (a < b ? 1 : -1)).map(([place, all]) => spanOf(place, all));
console.log(JSON.stringify({ rate, taken, behindMs, spans } satisfies LatencyFigures));
