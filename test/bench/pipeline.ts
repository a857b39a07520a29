// The third part: the embedded pipeline over a folder of its own, from the bytes of a body to warnings on the disk.
import { isUtf8 } from 'node:buffer';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { piecesOfUtf8 } from '../../src/adapters/http/text.js';
import type { InboxRecord } from '../../src/alerts/inbox.js';
import { Embedded } from '../../src/app/embedded.js';
import type { Log } from '../../src/app/log.js';
import { loadRules } from '../../src/model/load.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import type { Log as RecordLog } from '../../src/ports/log.js';
import { outcomeOf, type Change, type Outcome } from './outcome.js';
import { benchFiles } from './rules.js';
import { heapUsed, Meter, type Collect, type RunFigures, type RunOptions } from './run.js';
import { lineOf, Workload } from './workload.js';

/** Events that may wait for evaluate before the sender waits, as the HTTP adapter has it. */
const LAG_MAX = 50_000;
const PAGE = 1_000;
/** Nobody keeps a deadline here. */
const UNHANDLED = 'ALERT_UNHANDLED';

interface Body {
  readonly bytes: Buffer;
  readonly at: number;
  readonly events: number;
}

/** A running pipeline over a folder of its own, and the workload that it is to take. */
export interface PipelineSite {
  readonly embedded: Embedded;
  readonly bodies: readonly Body[];
  /** Subjects with any event. */
  readonly active: number;
  /** Sends everything, and waits until all of it is decided, delivered and archived. @throws where anything failed */
  readonly sent: () => Promise<void>;
}

/**
 * Runs the workload through every role of the embedded mode, HTTP and the warehouse's child aside: what is measured is
 * from the first body on until the last warning is delivered, and all of it on the disk.
 */
export function runPipeline(options: RunOptions, collect: Collect): Promise<RunFigures> {
  const { workload } = options;
  return onPipeline(options, async ({ embedded, bodies, active, sent }) => {
    const heapBefore = heapUsed(collect);
    const meter = new Meter(collect);
    await meter.measureAsync(sent);
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    const outcome = await outcomeIn(embedded);
    const sizes = embedded.evaluate.stateSizes;
    const keys = sizes.reduce((total, size) => total + size.keys, 0);
    return {
      events: bodies.reduce((total, body) => total + body.events, 0),
      cpuUs: meter.cpuUs,
      wallMs: meter.wallMs,
      peakRssBytes,
      stateBytes: heapUsed(collect) - heapBefore,
      encodedBytes: sizes.reduce((total, size) => total + size.bytes, 0),
      activeSubjects: active,
      keys,
      bytesALine: bodies.reduce((total, { bytes }) => total + bytes.length, 0) / workload.events,
      outcome,
    };
  });
}

/** Opens the pipeline, lets it be used, and removes its folder. */
export async function onPipeline<Result>(
  { workload, rules, warehouse }: Pick<RunOptions, 'workload' | 'rules' | 'warehouse'>,
  use: (site: PipelineSite) => Promise<Result>,
): Promise<Result> {
  const { bodies, active, end } = bodiesOf(workload);
  const dataDir = await mkdtemp(join(tmpdir(), 'fenghuo-bench-'));
  const files = benchFiles(rules);
  const loaded = loadRules(files).rules;
  if (loaded === null) throw new Error('the rules of the benchmark do not load');
  const clock = { now: (bodies[0]?.at ?? 0) - 1_000 };
  const failures: unknown[] = [];
  const embedded = await Embedded.start({
    dataDir,
    siteKey: null,
    rules: loaded,
    files,
    now: () => clock.now,
    log: logInto(failures),
    probe: () => undefined,
    replay: null,
    warehouse: warehouse === true,
    holders: { file: null, timestamps: null },
  });
  const sent = async () => {
    await send(embedded, bodies, clock, end);
    if (failures.length > 0) throw new Error(`the pipeline failed: ${String(failures[0])}`);
  };
  try {
    return await use({ embedded, bodies, active, sent });
  } finally {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** As a sender with one request at a time; each body arrives with a tick of its instant. */
async function send(
  embedded: Embedded,
  bodies: readonly Body[],
  clock: { now: number },
  end: number,
): Promise<void> {
  for (const { bytes, at, events } of bodies) {
    clock.now = at;
    await embedded.ingest.tick(at);
    if (!isUtf8(bytes)) throw new Error('the workload has a body that is not UTF-8');
    const taken = await embedded.accept(piecesOfUtf8(bytes));
    if (taken.accepted !== events) throw new Error(`refused: ${JSON.stringify(taken.errors[0])}`);
    while ((await embedded.lag()) > LAG_MAX) await new Promise((done) => setTimeout(done, 5));
  }
  clock.now = end;
  await embedded.ingest.tick(end);
  await embedded.drain();
}

function bodiesOf(workload: RunOptions['workload']): { bodies: Body[]; active: number; end: number } {
  const source = new Workload(workload);
  const active = new Set<number>();
  const bodies: Body[] = [];
  let lines: string[] = [];
  let at = -Infinity;
  const close = () => {
    if (lines.length > 0) bodies.push({ bytes: Buffer.from(lines.join('')), at, events: lines.length });
    lines = [];
  };
  for (let fact = source.next(); fact !== undefined; fact = source.next()) {
    if (fact.at !== at) close();
    at = fact.at;
    active.add(fact.subject);
    lines.push(`${lineOf(fact)}\n`);
  }
  close();
  return { bodies, active: active.size, end: source.end };
}

async function outcomeIn({ folder }: Embedded): Promise<Outcome> {
  const { inbox, verdicts, operator } = folder.logs;
  const changes: Change[] = [];
  for await (const value of valuesOf(inbox)) {
    const record = decodeJson<InboxRecord>(value);
    if (record.kind !== 'warning') continue;
    const { model, scope, key, clock, level } = record.transition;
    changes.push({ model, key: `${scope}:${key}`, clock, raised: level !== 'none' });
  }
  // Nobody here acts on a warning, so deadlines pass; that is said to operators, and is no fault of the run.
  let alerts = 0;
  for await (const value of valuesOf(operator)) {
    if (decodeJson<{ alert: { code: string } }>(value).alert.code !== UNHANDLED) alerts++;
  }
  return outcomeOf(changes, await verdicts.end(0), alerts);
}

async function* valuesOf(log: RecordLog): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; offset += PAGE) {
    const page = await log.read(0, offset, PAGE);
    for (const { value } of page) yield value;
    if (page.length < PAGE) return;
  }
}

function logInto(failures: unknown[]): Log {
  const nothing = () => undefined;
  return {
    info: nothing,
    warn: nothing,
    error: (fields, message) => {
      if ((fields as { code?: unknown }).code !== UNHANDLED) failures.push(message);
    },
    failure: (_stage, error) => void failures.push(error),
  };
}
