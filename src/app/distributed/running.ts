// fenghuo run --config, composed: the servers of a file, the roles of this process, the HTTP front, and the end by a signal.
import { isLoopback, type HttpFront } from '../../adapters/http/http.js';
import { crashProbe } from '../crash.js';
import { boundEnd, endOnFailure } from '../ending.js';
import { modelKeys, siteKey } from '../environment.js';
import { RunningFront } from '../front.js';
import { kafkaAccess } from '../kafka-access.js';
import { countFailures, openLog } from '../log.js';
import { loadRulesAt } from '../named-rules.js';
import type { ReadyChoice } from '../readiness.js';
import { readWholeServers, type WholeServers } from '../servers-file.js';
import { checkTokens, serve, type Reach } from '../serving.js';
import { tracingTo, type TraceChoice } from '../trace-export.js';
import { openFiles, stopSignal, type Files } from '../starting.js';
import { version } from '../version.js';
import { Distributed } from './distributed.js';
import { openRawFeed, readRawTopics } from '../raw-topics.js';
import { openProcessMetrics } from './metrics.js';
import type { ProcessRole } from './roles.js';
import type { TakingOptions } from './taking.js';

export interface ProcessRequest extends Files {
  /** The file of servers. */
  readonly config: string;
  readonly roles: readonly ProcessRole[];
  readonly rulesDir: string;
  readonly port: number;
  /** Where health and metrics are served beside, or without, the role http; null for nowhere. */
  readonly metricsPort: number | null;
  readonly reach: Reach;
  /** A file that gets every seal; null for none. */
  readonly seals: string | null;
  /** Address of a time-stamping authority; null for none. */
  readonly timestamps: string | null;
  readonly logLevel: string;
  /** What still counts as ready. */
  readonly ready: ReadyChoice;
  /** Where traces go; null for nowhere. */
  readonly traces: TraceChoice | null;
  /** Hears that the roles are taken up. @param url null where nothing is served */
  readonly onServing: (url: string | null) => void;
}

/** Runs until a signal asks to end. @throws CodedError; InvalidFiles where the file of servers has faults */
export async function runProcess(request: ProcessRequest): Promise<void> {
  const { log, failures } = countFailures(openLog(request.logLevel));
  endOnFailure(log);
  const { roles } = request;
  log.info({ version: version(), node: process.version, roles }, 'the program starts');
  const stop = stopSignal();
  const ending = boundEnd(stop, log);
  const openTracing = await tracingTo(request.traces);
  const servers = await readWholeServers(request.config);
  const { rules, files, warnings } = await loadRulesAt(request.rulesDir);
  request.onWarnings(warnings);
  const { reach, port, metricsPort } = request;
  const front = new RunningFront(!isLoopback(reach.host));
  const serves = request.roles.includes('http');
  const place = { reach, dataDir: servers.data };
  const http = serves ? await serve(front, { ...place, port }, log) : null;
  let health: HttpFront | null = null;
  try {
    if (metricsPort !== null)
      health = await serve(front, { ...place, port: metricsPort, isHealthOnly: true }, log);
    const publicUrl = http?.publicUrl ?? reach.publicUrl;
    const { channels, personal } = await openFiles(request, rules.catalogue, publicUrl);
    const distributed = await Distributed.start({
      servers,
      roles: request.roles,
      siteKey: siteKey(),
      rules,
      files,
      now: Date.now,
      log,
      probe: crashProbe(),
      openRaw: request.roles.includes('ingest') ? await rawOf(servers) : null,
      channels,
      holders: { file: request.seals, timestamps: request.timestamps, others: channels.holders },
      modelKeys: modelKeys(),
      ready: request.ready,
      openTracing,
    });
    try {
      if (http !== null) await checkTokens(distributed.folder.tokens, log);
      const holding = (pseudonym: string) => distributed.retaining.holding(pseudonym);
      front.show(distributed, openProcessMetrics(distributed, failures), personal, holding);
      request.onServing(http?.publicUrl ?? null);
      await stop;
      await http?.close();
    } finally {
      await distributed.stop();
    }
  } finally {
    await http?.close();
    await health?.close();
  }
  ending.ended();
}

/** Opens the topics of other systems that the file names; null for none. */
async function rawOf(servers: WholeServers): Promise<TakingOptions['openRaw']> {
  if (servers.raw.length === 0) return null;
  const topics = await readRawTopics(servers.raw);
  return (intake) => openRawFeed({ access: kafkaAccess(servers), topics, intake, now: Date.now });
}
