// fenghuo run, composed: rules, HTTP front, data folder, demo, and the ways in which it ends.
import { resolve } from 'node:path';
import { openHttpFront, type HttpFront } from '../adapters/http/http.js';
import { CodedError } from '../events/coded-error.js';
import { CODES } from '../events/codes.js';
import { missingChannels, openChannels } from './channels.js';
import { crashProbe } from './crash.js';
import { Embedded } from './embedded.js';
import { modelKeys, siteKey } from './environment.js';
import { RunningFront } from './front.js';
import { loadRulesAt } from './named-rules.js';
import { summarise, type Summary } from './summary.js';
import type { ReplayChoice } from './replay.js';
import { openLog, type Log } from './log.js';

export interface RunRequest {
  readonly dataDir: string;
  readonly rulesDir: string;
  readonly port: number;
  /** The file of channels; undefined where inbox files are the only way to departments. */
  readonly channels: string | undefined;
  /** What a new data folder begins with; null for nothing. */
  readonly replay: ReplayChoice | null;
  readonly warehouse: boolean;
  /** A file that gets every seal; null for none. */
  readonly seals: string | null;
  /** Address of a time-stamping authority; null for none. */
  readonly timestamps: string | null;
  /** End once the replay, and all that follows from it, is done. */
  readonly once: boolean;
  readonly logLevel: string;
  /** Hears what is to be noticed of the rules, as lines to read. */
  readonly onWarnings: (lines: readonly string[]) => void;
  readonly onSummary: (summary: Summary) => void;
  readonly onServing: (url: string) => void;
}

/**
 * Runs until a signal asks to end, or until the replay is done with `once`. The port is bound before anything of the
 * data folder is touched, so that one in use is noticed at once and leaves nothing behind.
 */
export async function run(request: RunRequest): Promise<void> {
  const log = openLog(request.logLevel);
  const stop = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  const { rules, files, warnings } = await loadRulesAt(request.rulesDir);
  request.onWarnings(warnings);
  const departments = new Set(rules.catalogue.departments.keys());
  const channels = await openChannels(request.channels, departments, Date.now);
  for (const name of missingChannels(rules.catalogue, channels)) {
    request.onWarnings([`channel ${name}: ${CODES.CHANNEL_UNKNOWN}`]);
  }
  const front = new RunningFront();
  const http = request.once ? null : await listen(front, request, log);
  try {
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
      holders: { file: request.seals, timestamps: request.timestamps },
      modelKeys: modelKeys(),
      channels,
    });
    try {
      front.show(embedded);
      const caughtUp = await catchUp(embedded, request, stop);
      if (caughtUp && http !== null) {
        await embedded.goLive();
        request.onServing(http.url);
        await stop;
      }
      await http?.close();
    } finally {
      await embedded.stop();
    }
  } finally {
    await http?.close();
  }
}

async function listen(front: RunningFront, request: RunRequest, log: Log): Promise<HttpFront> {
  const http = await openHttpFront(front, { host: '127.0.0.1', port: request.port }, (entry) =>
    log.error(entry, 'a request failed'),
  );
  log.info({ url: http.url }, 'HTTP listens; events are taken once the start has caught up');
  return http;
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
