import { gzipSync } from 'node:zlib';
import { createClient, ClickHouseLogLevel, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FRONT_LIMITS } from '../../../src/adapters/chdb/front.js';
import { chdbRuns, openTestWarehouse, type TestWarehouse } from '../../support/warehouse.js';

const LONG = 'SELECT max(sipHash64(number)) FROM numbers(1000000000000)';

describe.skipIf(!(await chdbRuns()))('the front of chDB', () => {
  let under: TestWarehouse;
  let client: ClickHouseClient;
  beforeAll(async () => {
    under = await openTestWarehouse();
    client = clientWith({});
    await client.command({ query: 'CREATE DATABASE work' });
    await client.command({ query: 'CREATE TABLE work.t (n UInt32, s String) ENGINE = MergeTree ORDER BY n' });
  });
  afterAll(async () => {
    await client?.close();
    await under?.close();
  });

  function clientWith(settings: Parameters<typeof createClient>[0]): ClickHouseClient {
    const { url, token } = under.embedded;
    return createClient({ url, password: token, log: { level: ClickHouseLogLevel.OFF }, ...settings });
  }

  /** A plain request with the token, unless `headers` say otherwise. */
  async function ask(search: string, init: RequestInit = {}): Promise<Response> {
    const headers = { 'X-ClickHouse-Key': under.embedded.token, ...(init.headers as Record<string, string>) };
    return fetch(`${under.embedded.url}/${search}`, { method: 'POST', ...init, headers });
  }

  async function running(part: string): Promise<number> {
    const answer = await client.query({
      query:
        'SELECT count() AS n FROM system.processes ' +
        "WHERE position(query, {part:String}) > 0 AND position(query, 'system.processes') = 0",
      query_params: { part },
      format: 'JSONEachRow',
    });
    const rows: { n: number | string }[] = await answer.json();
    return Number(rows[0]?.n);
  }

  async function count(): Promise<number> {
    const answer = await ask('?query=SELECT count() FROM work.t');
    return Number(await answer.text());
  }

  it('listens on 127.0.0.1 and lets nobody in without the token, ping included', async () => {
    expect(new URL(under.embedded.url).hostname).toBe('127.0.0.1');
    const cases: [string, Record<string, string>, number, string][] = [
      ['ping', {}, 401, '194'],
      ['?query=SELECT 1', {}, 401, '194'],
      ['?query=SELECT 1', { 'X-ClickHouse-Key': 'wrong' }, 403, '516'],
      ['?query=SELECT 1', { Authorization: 'Bearer wrong' }, 403, '516'],
      [
        '?query=SELECT 1',
        { Authorization: `Basic ${Buffer.from('default:').toString('base64')}` },
        403,
        '516',
      ],
      ['ping', { Authorization: `Bearer ${under.embedded.token}` }, 200, ''],
    ];
    for (const [search, headers, status, code] of cases) {
      const answer = await fetch(`${under.embedded.url}/${search}`, { method: 'POST', headers });
      expect(answer.status, search).toBe(status);
      expect(answer.headers.get('X-ClickHouse-Exception-Code') ?? '').toBe(code);
      await answer.text();
    }
  });

  it('gives the client errors that it knows, with the number of ClickHouse', async () => {
    await expect(client.query({ query: 'SELECT * FROM work.nowhere' })).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
    await expect(clientWith({ password: 'wrong' }).query({ query: 'SELECT 1' })).rejects.toMatchObject({
      code: '516',
      type: 'AUTHENTICATION_FAILED',
    });
    const answer = await ask('?query=SELECT throwIf(1)');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toMatch(
      /^Code: 395\. DB::Exception: .*\(FUNCTION_THROW_IF_VALUE_IS_NON_ZERO\)/,
    );
  });

  it('takes and gives gzip', async () => {
    const zipped = clientWith({ compression: { request: true, response: true }, database: 'work' });
    const values = Array.from({ length: 1000 }, (_, n) => ({ n, s: 'zipped'.repeat(20) }));
    const { summary } = await zipped.insert({ table: 't', values, format: 'JSONEachRow' });
    expect(summary?.written_rows).toBe('1000');
    const answer = await zipped.query({ query: 'SELECT n, s FROM t ORDER BY n', format: 'JSONEachRow' });
    expect(await answer.json()).toEqual(values);
    await zipped.command({ query: 'TRUNCATE TABLE t' });
    await zipped.close();
    const raw = await ask('?query=INSERT INTO work.t FORMAT JSONEachRow', {
      body: gzipSync('{"n":1,"s":"a"}\n'),
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect(raw.status).toBe(200);
    expect(await count()).toBe(1);
    const broken = await ask('?query=INSERT INTO work.t FORMAT JSONEachRow', {
      body: gzipSync('{"n":2,"s":"a"}\n').subarray(0, 20),
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect(broken.headers.get('X-ClickHouse-Exception-Code')).toBe('117');
    expect(await count()).toBe(1);
    await client.command({ query: 'TRUNCATE TABLE work.t' });
  });

  it('never takes rows for a statement, however they are laid out', async () => {
    const bodies = [
      '{"n":1,"s":"a"}\n\nDROP TABLE work.t',
      '{"n":1,"s":"a"}\n\n{"n":2,"s":"b"}\n',
      '{"n":1,"s":"a"};\nDROP TABLE work.t',
      '{"n":1,"s":"a"}\n;\nDROP TABLE work.t',
      '\n\nDROP TABLE work.t',
      'DROP TABLE work.t',
      '{"n":1,"s":"a"}\n\r\n\r\nDROP TABLE work.t',
    ];
    for (const body of bodies) {
      const answer = await ask('?query=INSERT INTO work.t FORMAT JSONEachRow', { body });
      expect(answer.status, JSON.stringify(body)).toBe(400);
      await answer.text();
    }
    const statement = encodeURIComponent(
      'INSERT INTO work.t FORMAT JSONEachRow\n{"n":9,"s":"c"}\n\nDROP TABLE work.t',
    );
    await ask(`?query=${statement}`, {
      body: '{"n":1,"s":"; DROP TABLE work.t;\\n\\nDROP TABLE work.t"}\n\n',
    });
    expect(await count()).toBe(1);
    await client.command({ query: 'TRUNCATE TABLE work.t' });
  });

  it('reads cannot change anything, reach files or open connections', async () => {
    const cases: [string, string][] = [
      ["SELECT * FROM file('/etc/hostname', 'LineAsString')", '164'],
      ["SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')", '164'],
      ["SELECT 1 INTO/**/OUTFILE '/tmp/fenghuo-outfile'", '48'],
      ['SELECT 1 SETTINGS readonly = 0', '164'],
      ['SYSTEM SHUTDOWN', '164'],
      ["INSERT INTO FUNCTION file('/tmp/fenghuo-file', 'CSV') SELECT 1", '48'],
      ["INSERT INTO work.t FROM INFILE '/etc/hostname' FORMAT CSV", '48'],
      ["INSERT INTO work.t VALUES (1, 'a'); DROP TABLE work.t", '48'],
      ['SELECT 1; DROP TABLE work.t', '62'],
    ];
    for (const [body, code] of cases) {
      const answer = await ask('', { body });
      expect(answer.headers.get('X-ClickHouse-Exception-Code'), body).toBe(code);
      await answer.text();
    }
    expect((await ask('?query=DROP TABLE work.t', { method: 'GET' })).status).toBe(403);
    expect((await ask('?query=DROP TABLE work.t&readonly=1')).status).toBe(403);
    // The engine would write the file, read-only or not; without a folder of back-ups it writes none.
    const backup = "?query=BACKUP DATABASE work TO File('/tmp/fenghuo-never')";
    expect((await ask(`${backup}&readonly=1`)).status).toBe(403);
    expect((await ask(backup, { method: 'GET' })).status).toBe(403);
    expect((await ask(backup)).headers.get('X-ClickHouse-Exception-Code')).toBe('318');
    expect((await ask('?query=SELECT 1&session_id=a')).status).toBe(501);
    expect(await (await ask("?query=SELECT 'INTO OUTFILE; --'")).text()).toBe('INTO OUTFILE; --\n');
    expect(await count()).toBe(0);
  });

  it('forgets the settings and the database of a request when it is answered', async () => {
    const setting = (search: string): Promise<string> =>
      ask(`?query=SELECT getSetting('max_threads'), currentDatabase()${search}`).then((answer) =>
        answer.text(),
      );
    const before = await setting('');
    expect(await setting('&max_threads=3&database=work')).toBe('3\twork\n');
    expect(await setting('')).toBe(before);
    const unknown = await ask('?query=SELECT 1&no_such_setting=1');
    expect(unknown.headers.get('X-ClickHouse-Exception-Code')).toBe('115');
    const hostile = await ask(
      `?query=SELECT 1&max_threads=${encodeURIComponent("1'; DROP TABLE work.t; --")}`,
    );
    expect(hostile.ok).toBe(false);
    expect(
      (await ask(`?query=SELECT 1&${encodeURIComponent('a = 1; DROP TABLE work.t; --')}=1`)).status,
    ).toBe(400);
    expect(await count()).toBe(0);
  });

  it('lets inserts through while reads run, and stops a read when its client has gone', async () => {
    const gone = new AbortController();
    const reads = Array.from({ length: FRONT_LIMITS.reads - 1 }, () =>
      client.query({ query: LONG, abort_signal: gone.signal }).catch((error: unknown) => error),
    );
    await vi.waitFor(async () => expect(await running('1000000000000')).toBe(reads.length), 20_000);
    for (let n = 0; n < 5; n += 1) {
      await client.insert({ table: 'work.t', values: [{ n, s: 'beside' }], format: 'JSONEachRow' });
    }
    expect(await count()).toBe(5);
    expect(await running('1000000000000')).toBe(reads.length);
    gone.abort();
    await Promise.all(reads);
    await vi.waitFor(async () => expect(await running('1000000000000')).toBe(0), 20_000);
    await client.command({ query: 'TRUNCATE TABLE work.t' });
  });

  it('ends a read at its time limit', async () => {
    await expect(
      client.query({ query: LONG, clickhouse_settings: { max_execution_time: 1 } }),
    ).rejects.toMatchObject({
      code: '159',
    });
  });

  it('refuses a body over the limit with an answer, not with a broken connection', async () => {
    const row = `${JSON.stringify({ n: 1, s: 'x'.repeat(1_000_000) })}\n`;
    const body = row.repeat(Math.ceil(FRONT_LIMITS.bodyBytes / row.length) + 1);
    const answer = await ask('?query=INSERT INTO work.t FORMAT JSONEachRow', { body });
    expect(answer.status).toBe(413);
    expect(await answer.text()).toContain('send smaller blocks');
    expect(await count()).toBe(0);
    const statement = await ask('', { body: `SELECT '${'x'.repeat(FRONT_LIMITS.queryBytes)}'` });
    expect(statement.status).toBe(413);
  });
});
