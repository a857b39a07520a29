// Connections that break: idle ones are let go in time, one that is reset is mended without a word, and closing is no failure.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWarehouse, type OpenWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';

const ROWS = [{ offset: 1 }];

describe('a connection to ClickHouse', () => {
  let server: Server;
  let warehouse: OpenWarehouse;
  let sockets: Set<Socket>;
  let tokens: (string | null)[];
  let bodies: string[];
  /** What becomes of requests, one after the other; then all are answered. */
  let fates: ('answered' | 'reset' | 'held')[];
  const serve = async (asked: IncomingMessage, response: ServerResponse) => {
    sockets.add(asked.socket);
    const body = await text(asked);
    tokens.push(new URL(asked.url ?? '', 'http://a').searchParams.get('insert_deduplication_token'));
    bodies.push(body);
    const fate = fates.shift() ?? 'answered';
    if (fate === 'reset') asked.socket.resetAndDestroy();
    if (fate === 'answered') response.end('{"n":1}\n');
  };
  beforeEach(async () => {
    [sockets, tokens, bodies, fates] = [new Set(), [], [], []];
    server = createServer((asked, response) => void serve(asked, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    warehouse = openWarehouse({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await warehouse.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  it('sends a block again under its token where a socket was reset', async () => {
    fates = ['answered', 'reset'];
    await warehouse.insert('events', 'a/0-1/events', ROWS);
    await warehouse.insert('events', 'a/1-2/events', ROWS);
    expect(tokens).toEqual(['a/0-1/events', 'a/1-2/events', 'a/1-2/events']);
    expect(new Set(bodies).size).toBe(1);
  });

  it('reads again where a socket was reset', async () => {
    fates = ['answered', 'reset'];
    await warehouse.query('SELECT 1 AS n');
    expect(await warehouse.query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    fates = ['reset'];
    expect(await warehouse.ready()).toBe(true);
  });

  it('says so where it is reset twice, and leaves it to the caller', async () => {
    fates = ['reset', 'reset'];
    await expect(warehouse.insert('events', 'a', ROWS)).rejects.toMatchObject({
      code: 'WAREHOUSE_UNREACHABLE',
      retriable: true,
    });
    expect(tokens).toEqual(['a', 'a']);
  });

  it('breaks off what is under way when it is closed, and sends nothing more', async () => {
    fates = ['held', 'held'];
    const both = [warehouse.insert('events', 'a', ROWS), warehouse.query('SELECT 1')];
    const ends = Promise.allSettled(both);
    await vi.waitFor(() => expect(tokens).toHaveLength(2));
    await warehouse.close();
    expect(await ends).toMatchObject(both.map(() => ({ status: 'rejected', reason: { code: 'STOPPED' } })));
    await expect(warehouse.insert('events', 'b', ROWS)).rejects.toMatchObject({ code: 'STOPPED' });
    expect(tokens).toHaveLength(2);
  });

  it('lets go of a socket that has idled for two seconds, though the timers are late', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await warehouse.query('SELECT 1');
    vi.setSystemTime(Date.now() + 1_000);
    await warehouse.query('SELECT 1');
    expect(sockets.size).toBe(1);
    // Less than the three seconds of the oldest servers.
    vi.setSystemTime(Date.now() + 2_000);
    await warehouse.query('SELECT 1');
    expect(sockets.size).toBe(2);
  });
});
