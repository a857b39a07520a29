// The HTTP front as it is reached: its address, its names, TLS, and who must show a token.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decompress } from '../adapters/compression/compression.js';
import type { Tokens } from '../adapters/files/tokens.js';
import { isLoopback, openHttpFront, type FailureEntry, type HttpFront } from '../adapters/http/http.js';
import { CodedError } from '../events/coded-error.js';
import type { Front } from '../ports/front.js';
import type { Log } from './log.js';
import { tokensOf } from './stores.js';

/** Where and how others reach the HTTP front. */
export interface Reach {
  readonly host: string;
  readonly names: readonly string[];
  /** Files of PEM; both or none. */
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly behindProxy: boolean;
  /** Under which people find the pages; null for where it listens. */
  readonly publicUrl: string | null;
  /** Limits a minute; where undefined, those of the front. */
  readonly rate: {
    readonly requestsPerMinute: number | undefined;
    readonly eventBodiesPerMinute: number | undefined;
    readonly personalPerMinute: number | undefined;
    readonly refusedPerMinute: number | undefined;
  };
}

/** What is served, and where. */
export interface Serving {
  readonly reach: Reach;
  /** 0 for any free one. */
  readonly port: number;
  /** The folder with the tokens. */
  readonly dataDir: string;
  /** Whether health and metrics are all that it serves. */
  readonly isHealthOnly?: boolean;
}

/** Binds the port; the front may have nothing to answer from yet. @throws CodedError USAGE, FILE_READ */
export async function serve(front: Front, serving: Serving, log: Log): Promise<HttpFront> {
  const { reach, port, dataDir, isHealthOnly = false } = serving;
  const { host, names, behindProxy, publicUrl, rate } = reach;
  const tls = await tlsOf(reach);
  const given = await tokensOf(resolve(dataDir)).required();
  const config = {
    host,
    port,
    names: names.map((name) => name.toLowerCase()),
    // Health and figures alone may be served before the first token is given: until then the figures are refused to all.
    guarded: (given || isHealthOnly) && !isLoopback(host),
    behindProxy,
    rate,
    ...(tls === null ? {} : { tls }),
    ...(publicUrl === null ? {} : { publicUrl }),
  };
  const failed = (entry: FailureEntry) => log.error(entry, 'a request failed');
  const http = await openHttpFront(front, config, failed, { decompress, isHealthOnly });
  const what = isHealthOnly
    ? 'health and metrics are served'
    : 'HTTP listens; events are taken once the start has caught up';
  log.info({ url: http.url }, what);
  if (!isLoopback(host) && tls === null) {
    const advice =
      'HTTP without TLS beyond this machine: tokens pass in clear text between the proxy and here';
    log.warn({ url: http.url }, `${advice}; let nobody but the proxy reach the port`);
  }
  return http;
}

/** Notes that tokens were given, and says where the file of them is gone, as in a data folder from a back-up without it. */
export async function checkTokens(tokens: Tokens, log: Log): Promise<void> {
  if (!(await tokens.required()) || tokens.isFileThere) return;
  const advice = 'put it back from a copy, or give tokens anew (fenghuo token add)';
  log.warn({}, `tokens were given and tokens.json is missing, so nobody is let in: ${advice}`);
}

/** The certificate and the key, read; null for none. @throws CodedError USAGE, FILE_READ */
export async function tlsOf({ tlsCert, tlsKey }: Reach): Promise<{ cert: string; key: string } | null> {
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null)
    throw new CodedError('USAGE', '--tls-cert and --tls-key go together.');
  const read = (path: string) =>
    readFile(path, 'utf8').catch((error: unknown) => {
      throw new CodedError('FILE_READ', `${path}: ${(error as NodeJS.ErrnoException).code ?? ''}.`, error);
    });
  return { cert: await read(tlsCert), key: await read(tlsKey) };
}
