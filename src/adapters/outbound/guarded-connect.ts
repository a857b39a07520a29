// Connections that only lead to allowed addresses: a name is judged by what it resolves to when it is connected to.
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { connect, isIP, Socket, type LookupFunction } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CodedError } from '../../events/coded-error.js';
import type { Addresses } from './address.js';

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });

/** @throws CodedError CHANNEL_ADDRESS_REFUSED where the host is an address itself, and not allowed */
export function checkLiteral(host: string, addresses: Addresses): void {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0 && !addresses.allows(bare)) throw new CodedError('CHANNEL_ADDRESS_REFUSED');
}

/** @throws CodedError CHANNEL_ADDRESS_REFUSED where a socket leads to another place than may be called */
export function checkConnected({ remoteAddress }: Pick<Socket, 'remoteAddress'>, addresses: Addresses): void {
  if (remoteAddress === undefined || !addresses.allows(remoteAddress)) {
    throw new CodedError('CHANNEL_ADDRESS_REFUSED');
  }
}

/** A look-up for sockets that leaves out what may not be called, and fails where nothing is left. */
export function guardedLookup(addresses: Addresses, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const family = options.family === 4 || options.family === 6 ? options.family : 0;
        const usable = found.filter(
          (one) => (family === 0 || one.family === family) && addresses.allows(one.address),
        );
        const [first] = usable;
        if (first === undefined) callback(new CodedError('CHANNEL_ADDRESS_REFUSED'), '', 0);
        else if (options.all === true) callback(null, usable);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

/** Connects to a server that speaks another protocol than HTTP. Rejects where it cannot, or may not. */
export function guardedConnect(
  addresses: Addresses,
  resolve: Resolve,
  { host, port, timeoutMs }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
): Promise<Socket> {
  return new Promise((done, fail) => {
    checkLiteral(host, addresses);
    const socket = connect({ host, port, lookup: guardedLookup(addresses, resolve), timeout: timeoutMs });
    const refuse = (error: unknown) => {
      socket.destroy();
      fail(error instanceof Error ? error : new Error(String(error)));
    };
    socket.once('error', refuse);
    socket.once('timeout', () => refuse(new CodedError('CHANNEL_TIMEOUT')));
    socket.once('connect', () => {
      socket.removeAllListeners('timeout');
      socket.setTimeout(0);
      try {
        checkConnected(socket, addresses);
        socket.removeListener('error', refuse);
        done(socket);
      } catch (error) {
        refuse(error);
      }
    });
  });
}

/**
 * A socket to a server of a protocol whose client brings its own events: what is refused is an error of the socket, with
 * the code CHANNEL_ADDRESS_REFUSED.
 * @param tls undefined for a connection in the clear; the certificate must be one for the host
 */
export function guardedDial(
  addresses: Addresses,
  resolve: Resolve,
  {
    host,
    port,
    tls,
  }: { readonly host: string; readonly port: number; readonly tls?: { readonly ca?: string } | undefined },
  onConnect: () => void,
): Socket {
  const refuse = (check: () => void): boolean => {
    try {
      check();
      return false;
    } catch (refused) {
      socket.destroy(refused as Error);
      return true;
    }
  };
  let socket = new Socket();
  if (refuse(() => checkLiteral(host, addresses))) return socket;
  const place = { host, port, lookup: guardedLookup(addresses, resolve) };
  const checked = (): void => {
    if (!refuse(() => checkConnected(socket, addresses))) onConnect();
  };
  const named = isIP(host) === 0 ? { servername: host } : {};
  socket = tls === undefined ? connect(place, checked) : connectTls({ ...place, ...named, ...tls }, checked);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

const KEEP_ALIVE_MS = 60_000;
