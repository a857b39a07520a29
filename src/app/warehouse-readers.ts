// Programs of others that read the embedded warehouse: where they reach it, and which tokens let them in.
import { isIP } from 'node:net';
import { isLoopback } from '../adapters/http/http.js';
import type { Role } from '../events/act.js';
import { CodedError } from '../events/coded-error.js';
import type { RunningFront } from './front.js';
import { tlsOf, type Reach } from './serving.js';
import { Sightings } from './sightings.js';
import { DATABASE, type Readers } from './warehouse.js';

/** Where they reach it. */
export interface ReadersPlace {
  /** An IP address. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** The warehouse has all departments and regions, so that only who may see all of it anyway reads it. */
const ROLES: readonly Role[] = ['operator', 'auditor'];

/** An account that is refused again within it is not noted again: it could fill the audit log. */
const QUIET_MS = 60_000;

/**
 * Readers that show a token of the data folder as their password. What they are refused is noted in the audit log.
 * @param reach how the HTTP front is reached: beyond this machine the readers share its TLS, or its proxy
 * @throws CodedError HTTP_SETTINGS where the host is no address, HTTP_TLS where tokens would pass in clear text
 */
export async function readersAt(place: ReadersPlace, reach: Reach, front: RunningFront): Promise<Readers> {
  const { host, port } = place;
  if (isIP(host) === 0) throw new CodedError('HTTP_SETTINGS', '--warehouse-host is an IP address.');
  const tls = isLoopback(host) ? null : await tlsOf(reach);
  if (!isLoopback(host) && tls === null && !reach.behindProxy) throw new CodedError('HTTP_TLS');
  const refusals = new Sightings(Date.now);
  return {
    ...{ host, port, tls, database: DATABASE },
    verdictOn: async (token) => {
      const caller = await front.reader(token).catch((error: unknown) => {
        if (error instanceof CodedError && error.code === 'HTTP_CATCHING_UP') return null;
        throw error;
      });
      if (caller === null) return 'early';
      if (caller !== undefined && ROLES.includes(caller.role) && caller.region === null) return 'granted';
      if (caller === undefined || refusals.isNew(caller.id, QUIET_MS))
        await front.refused(caller ?? null, 'warehouse');
      return caller === undefined ? 'unknown' : 'forbidden';
    },
  };
}
