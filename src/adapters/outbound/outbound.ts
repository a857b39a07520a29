// Outgoing requests of channels: one POST at a time over a fresh connection, to allowed addresses only, no redirect.
import type { Socket } from 'node:net';
import { Client, buildConnector } from 'undici';
import { CodedError } from '../../events/coded-error.js';
import type { HttpPost, PostAnswer, PostFailure, PostRequest } from '../../ports/http-post.js';
import { Addresses } from './address.js';
import { failureOf, refusalOf } from './failure.js';
import {
  checkConnected,
  checkLiteral,
  guardedConnect,
  guardedDial,
  guardedLookup,
  systemResolve,
  type Resolve,
} from './guarded-connect.js';

const ANSWER_MAX_BYTES = 64 * 1024;
const HEADERS_MAX_BYTES = 16 * 1024;

export interface OutboundOptions {
  /** Ranges that may be called although they are not public, in CIDR notation. */
  readonly allowAddresses: readonly string[];
  /** Resolves names; by default as the system does. */
  readonly resolve?: Resolve;
}

export interface Outbound {
  readonly post: HttpPost;
  /** A connection for another protocol than HTTP; rejects where it cannot, or may not, be made. */
  readonly connect: (place: {
    readonly host: string;
    readonly port: number;
    readonly timeoutMs: number;
  }) => Promise<Socket>;
  /** The same at once, for a client that brings its own events; see `guardedDial`. */
  readonly dial: (
    place: {
      readonly host: string;
      readonly port: number;
      readonly tls: { readonly ca?: string } | undefined;
    },
    onConnect: () => void,
  ) => Socket;
}

/** The way out for one channel. */
export function openOutbound({ allowAddresses, resolve = systemResolve }: OutboundOptions): Outbound {
  const addresses = new Addresses(allowAddresses);
  return {
    post: (request) => post(request, addresses, resolve),
    connect: (place) => guardedConnect(addresses, resolve, place),
    dial: (place, onConnect) => guardedDial(addresses, resolve, place, onConnect),
  };
}

async function post(
  request: PostRequest,
  addresses: Addresses,
  resolve: Resolve,
): Promise<PostAnswer | PostFailure> {
  const { url, headers, body, timeoutMs, signal } = request;
  const overdue = AbortSignal.timeout(timeoutMs);
  const progress = { isConnected: false };
  let client: Client | null = null;
  try {
    const { origin, hostname, pathname, search } = new URL(url);
    checkLiteral(hostname, addresses);
    client = new Client(origin, {
      connect: connectorTo(addresses, resolve, timeoutMs, progress),
      // No connection is used twice, so that each is judged anew.
      pipelining: 0,
      maxHeaderSize: HEADERS_MAX_BYTES,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const answer = await client.request({
      path: `${pathname}${search}`,
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.any([signal, overdue]),
    });
    const json = await jsonOf(answer.body);
    const { statusCode: status } = answer;
    if (status >= 200 && status < 300) return { ok: true, status, json };
    return { ...refusalOf(status, answer.headers), json };
  } catch (error) {
    return failureOf(error, progress.isConnected, overdue.aborted);
  } finally {
    // Whatever of the answer was not read goes with the connection.
    await client?.destroy();
  }
}

function connectorTo(
  addresses: Addresses,
  resolve: Resolve,
  timeoutMs: number,
  progress: { isConnected: boolean },
): buildConnector.connector {
  const connect = buildConnector({ lookup: guardedLookup(addresses, resolve), timeout: timeoutMs, port: 0 });
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      try {
        checkConnected(socket, addresses);
      } catch (refused) {
        socket.destroy();
        return callback(refused instanceof Error ? refused : new CodedError('CHANNEL_ADDRESS_REFUSED'), null);
      }
      progress.isConnected = true;
      callback(null, socket);
    });
  };
}

/** A body that is JSON of a bounded size; undefined for any other. */
async function jsonOf(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > ANSWER_MAX_BYTES) return undefined;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
