// fenghuo run, composed: rules, HTTP front, data folder, demo, and the ways in which it ends.
import { resolve } from 'node:path';
import { isLoopback } from '../adapters/http/http.js';
import { CodedError } from '../events/coded-error.js';
import { crashProbe } from './crash.js';
import { Embedded } from './embedded.js';
import { boundEnd, endOnFailure } from './ending.js';
import { modelKeys, siteKey } from './environment.js';
import { RunningFront } from './front.js';
import { loadRulesAt } from './named-rules.js';
import type { ReadyChoice } from './readiness.js';
import { summarise, type Summary } from './summary.js';
import type { ReplayChoice } from './replay.js';
import { countFailures, openLog } from './log.js';
import { releasingIn } from './releasing.js';
import { Retaining } from './retaining.js';
import { RulesReloading } from './rules-reloading.js';
import { checkTokens, serve, type Reach } from './serving.js';
import { openSnapshots } from './snapshot.js';
import { openFiles, stopSignal, type Files } from './starting.js';
import { tracingTo, type TraceChoice } from './trace-export.js';
import { openMetrics } from './telemetry.js';
import { version } from './version.js';
import { readersAt, type ReadersPlace } from './warehouse-readers.js';

export interface RunRequest extends Files {
  readonly dataDir: string;
  readonly rulesDir: string;
  readonly port: number;
  readonly reach: Reach;
  /** What a new data folder begins with; null for nothing. */
  readonly replay: ReplayChoice | null;
  readonly warehouse: boolean;
  /** Where programs of others read the warehouse; null for nowhere. */
  readonly readers: ReadersPlace | null;
  /** A file that gets every seal; null for none. */
  readonly seals: string | null;
  /** Address of a time-stamping authority; null for none. */
  readonly timestamps: string | null;
  /** End once the replay, and all that follows from it, is done. */
  readonly once: boolean;
  /** Whether the folder of rules is watched. */
  readonly reload: boolean;
  readonly logLevel: string;
  /** What still counts as ready. */
  readonly ready: ReadyChoice;
  /** Where traces go; null for nowhere. */
  readonly traces: TraceChoice | null;
  readonly onSummary: (summary: Summary) => void;
  readonly onServing: (url: string) => void;
}

/**
 * Runs until a signal asks to end, or until the replay is done with `once`. The port is bound before anything of the
 * data folder is touched, so that one in use is noticed at once and leaves nothing behind.
 */
export async function run(request: RunRequest): Promise<void> {
  const { log, failures } = countFailures(openLog(request.logLevel));
  endOnFailure(log);
  log.info({ version: version(), node: process.version, mode: 'embedded' }, 'the program starts');
  const stop = stopSignal();
  const ending = boundEnd(stop, log);
  const openTracing = await tracingTo(request.traces);
  const { rules, files, warnings } = await loadRulesAt(request.rulesDir);
  request.onWarnings(warnings);
  // Beyond the loopback it never falls open, whatever becomes of the file of tokens.
  const guarded = !isLoopback(request.reach.host);
  const front = new RunningFront(guarded);
  const { reach, once } = request;
  const readers =
    once || request.readers === null ? undefined : await readersAt(request.readers, reach, front);
  const http = once ? null : await serve(front, request, log);
  try {
    const publicUrl = http?.publicUrl ?? request.reach.publicUrl;
    const { channels, personal } = await openFiles(request, rules.catalogue, publicUrl);
    const embedded = await Embedded.start({
      dataDir: resolve(request.dataDir),
      siteKey: siteKey(),
      rules,
      files,
      now: Date.now,
      log,
      probe: crashProbe(),
      replay: request.replay,
      warehouse: request.warehouse,
      readers,
      holders: { file: request.seals, timestamps: request.timestamps, others: channels.holders },
      modelKeys: modelKeys(),
      ready: request.ready,
      openTracing,
      channels,
    });
    const retaining = new Retaining({
      ...{ folder: embedded.folder, rules: () => embedded.rules, now: Date.now, log },
      underWay: () => embedded.ingest.underWay,
      releasing: (parts) => releasingIn(embedded, parts, crashProbe()),
    });
    const snapshots = await openSnapshots(resolve(request.dataDir), embedded, retaining, log);
    try {
      if (http !== null) await checkTokens(embedded.folder.tokens, log);
      const metrics = openMetrics(embedded, failures, () => retaining.released);
      front.show(embedded, metrics, personal, (pseudonym) => retaining.holding(pseudonym));
      const caughtUp = await catchUp(embedded, request, stop);
      if (caughtUp && http !== null) {
        await embedded.goLive();
        retaining.start();
        const reloading = request.reload
          ? await RulesReloading.open({ dir: request.rulesDir, models: embedded.models, log })
          : null;
        request.onServing(http.publicUrl);
        await stop;
        await reloading?.close();
      }
      await http?.close();
    } finally {
      await snapshots?.close();
      await retaining.stop();
      await embedded.stop();
    }
  } finally {
    await http?.close();
  }
  ending.ended();
}

/** @returns whether the start came to its end; false where a signal came first */
async function catchUp(embedded: Embedded, request: RunRequest, stop: Promise<void>): Promise<boolean> {
  const begun = Date.now();
  const caughtUp = embedded.catchUp();
  const ended = await Promise.race([caughtUp.then(() => false), stop.then(() => true)]);
  if (ended) {
    await embedded.interrupt();
    await caughtUp.catch((error: unknown) => {
      if (!(error instanceof CodedError && error.code === 'STOPPED')) throw error;
    });
    return false;
  }
  const { replayed } = await caughtUp;
  request.onSummary(await summarise(embedded, replayed, (Date.now() - begun) / 1000));
  return true;
}
