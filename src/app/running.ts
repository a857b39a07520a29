// fenghuo run, composed: rules, data folder, demo, HTTP front, and the ways in which it ends.
import { resolve } from 'node:path';
import { openHttpFront, type HttpFront } from '../adapters/http/http.js';
import { warningDetail, warningView } from '../alerts/view.js';
import { CodedError } from '../events/coded-error.js';
import { crashProbe } from './crash.js';
import { Embedded } from './embedded.js';
import { siteKey } from './environment.js';
import { loadRulesAt } from './named-rules.js';
import { summarise, type Summary } from './summary.js';
import type { ReplayChoice } from './replay.js';
import { openLog, type Log } from './log.js';
import { openMetrics } from './telemetry.js';

export interface RunRequest {
  readonly dataDir: string;
  readonly rulesDir: string;
  readonly port: number;
  /** What a new data folder begins with; null for nothing. */
  readonly replay: ReplayChoice | null;
  readonly warehouse: boolean;
  /** End once the replay, and all that follows from it, is done. */
  readonly once: boolean;
  readonly logLevel: string;
  readonly onSummary: (summary: Summary) => void;
  readonly onServing: (url: string) => void;
}

/** Runs until a signal asks to end, or until the replay is done with `once`. */
export async function run(request: RunRequest): Promise<void> {
  const log = openLog(request.logLevel);
  const stop = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  const embedded = await Embedded.start({
    dataDir: resolve(request.dataDir),
    siteKey: siteKey(),
    rules: await loadRulesAt(request.rulesDir),
    now: Date.now,
    log,
    probe: crashProbe(),
    replay: request.replay,
    warehouse: request.warehouse,
  });
  try {
    const begun = Date.now();
    const caughtUp = embedded.catchUp();
    const ended = await Promise.race([caughtUp.then(() => false), stop.then(() => true)]);
    if (!ended) {
      const { replayed } = await caughtUp;
      request.onSummary(await summarise(embedded, replayed, (Date.now() - begun) / 1000));
      if (!request.once) await serve(embedded, request, log, stop);
    } else {
      await embedded.interrupt();
      await caughtUp.catch((error: unknown) => {
        if (!(error instanceof CodedError && error.code === 'STOPPED')) throw error;
      });
    }
  } finally {
    await embedded.stop();
  }
}

async function serve(embedded: Embedded, request: RunRequest, log: Log, stop: Promise<void>): Promise<void> {
  await embedded.goLive();
  const registry = openMetrics(embedded);
  const front: HttpFront = await openHttpFront(
    {
      accept: (body) => embedded.accept(body),
      busyForSeconds: () => embedded.busyForSeconds(),
      warnings: async (offset, limit) => ({
        items: (await embedded.book.list(offset, limit)).map((state) => warningView(state, embedded.rules)),
        total: embedded.alert.current,
      }),
      warning: async (id) => {
        const state = await embedded.book.get(id);
        return state === undefined ? undefined : warningDetail(state, embedded.rules);
      },
      notReady: () => embedded.notReady(),
      metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    },
    { host: '127.0.0.1', port: request.port },
    (entry) => log.error(entry, 'a request failed'),
  );
  request.onServing(front.url);
  await stop;
  await front.close();
}
