// fenghuo run --config, composed: the servers of a file, the roles of this process, the HTTP front, and the end by a signal.
import { isLoopback } from '../../adapters/http/http.js';
import { CODES } from '../../events/codes.js';
import { missingChannels, openChannels } from '../channels.js';
import { crashProbe } from '../crash.js';
import { modelKeys, siteKey } from '../environment.js';
import { RunningFront } from '../front.js';
import { openLog } from '../log.js';
import { loadRulesAt } from '../named-rules.js';
import { openPersonalSettings } from '../personal-settings.js';
import { readWholeServers } from '../servers-file.js';
import { serve, type Reach } from '../serving.js';
import { Distributed } from './distributed.js';
import { openProcessMetrics } from './metrics.js';
import type { ProcessRole } from './roles.js';

export interface ProcessRequest {
  /** The file of servers. */
  readonly config: string;
  readonly roles: readonly ProcessRole[];
  readonly rulesDir: string;
  readonly port: number;
  readonly reach: Reach;
  /** The file of channels; undefined where inbox files are the only way to departments. */
  readonly channels: string | undefined;
  /** The file that says who may see clear personal values; undefined where nobody may. */
  readonly personal: string | undefined;
  /** A file that gets every seal; null for none. */
  readonly seals: string | null;
  /** Address of a time-stamping authority; null for none. */
  readonly timestamps: string | null;
  readonly logLevel: string;
  /** Hears what is to be noticed of the rules, as lines to read. */
  readonly onWarnings: (lines: readonly string[]) => void;
  /** Hears that the roles are taken up. @param url null where nothing is served */
  readonly onServing: (url: string | null) => void;
}

/** Runs until a signal asks to end. @throws CodedError; InvalidFiles where the file of servers has faults */
export async function runProcess(request: ProcessRequest): Promise<void> {
  const log = openLog(request.logLevel);
  const stop = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  const servers = await readWholeServers(request.config);
  const { rules, files, warnings } = await loadRulesAt(request.rulesDir);
  request.onWarnings(warnings);
  const { reach, port } = request;
  const front = new RunningFront(!isLoopback(reach.host));
  const serves = request.roles.includes('http');
  const http = serves ? await serve(front, { reach, port, dataDir: servers.data }, log) : null;
  try {
    const departments = new Set(rules.catalogue.departments.keys());
    const personal = await openPersonalSettings(request.personal, departments);
    const publicUrl = http?.publicUrl ?? reach.publicUrl;
    const channels = await openChannels(request.channels, departments, Date.now, publicUrl);
    for (const name of missingChannels(rules.catalogue, channels)) {
      request.onWarnings([`channel ${name}: ${CODES.CHANNEL_UNKNOWN}`]);
    }
    const distributed = await Distributed.start({
      servers,
      roles: request.roles,
      siteKey: siteKey(),
      rules,
      files,
      now: Date.now,
      log,
      probe: crashProbe(),
      channels,
      holders: { file: request.seals, timestamps: request.timestamps, others: channels.holders },
      modelKeys: modelKeys(),
    });
    try {
      front.show(distributed, openProcessMetrics(distributed), personal);
      request.onServing(http?.publicUrl ?? null);
      await stop;
      await http?.close();
    } finally {
      await distributed.stop();
    }
  } finally {
    await http?.close();
  }
}
