// The connection to ClickHouse: idle sockets are let go before the server lets go of them, and one that broke is mended once.
import { createClient, ClickHouseLogLevel, type ClickHouseClient } from '@clickhouse/client';
import type { ClickHouseSettings } from './config.js';

/**
 * A second less than the shortest time for which a server keeps idle sockets: 3 s before 23.11, 10 s since then, 10 s at
 * the embedded front (src/adapters/chdb/server.ts). A request on a socket that the server is closing is reset.
 */
const IDLE_SOCKET_MS = 2_000;

/** @param database none for statements that make it */
export function connect(settings: ClickHouseSettings, database: string | undefined): ClickHouseClient {
  return createClient({
    url: settings.url,
    username: settings.username,
    password: settings.password,
    ...(database === undefined ? {} : { database }),
    ...(settings.ca === undefined ? {} : { tls: { ca_cert: Buffer.from(settings.ca) } }),
    request_timeout: settings.requestTimeoutMs,
    max_open_connections: settings.connections,
    // By their age as well, since timers are late where the event loop is busy.
    keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS, eagerly_destroy_stale_sockets: true },
    application: 'fenghuo',
    // The client would write rows and parameters of failed requests to the console.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Whether the connection broke under a request: a server closed a socket that idled, or it died. */
export function isReset(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}
