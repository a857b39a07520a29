// What programs of others may ask the warehouse, and what they are told.
import { request, type IncomingMessage } from 'node:http';
import { request as secureRequest, type RequestOptions } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { READER_LIMITS } from '../../../../src/adapters/chdb/readers/limits.js';
import { chdbRuns, openTestWarehouse, type TestWarehouse } from '../../../support/warehouse.js';
import { CERTIFICATE, KEY } from '../../http/certificate.js';
import { openReading, readersUrl } from './reading.js';

/** Longer than any test waits, and short of the limit on rows that are read. */
const LONG = 'SELECT max(sipHash64(number, number, number)) FROM numbers(999000000)';

/** A request whose answer is not unpacked. */
async function raw(
  send: typeof request | typeof secureRequest,
  url: string,
  options: RequestOptions,
  query: string,
): Promise<{ readonly answer: IncomingMessage; readonly body: Buffer }> {
  return new Promise((done, fail) => {
    const asked = send(url, { method: 'POST', ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => done({ answer, body: Buffer.concat(chunks) }));
    });
    asked.on('error', fail);
    asked.end(query);
  });
}

describe.skipIf(!(await chdbRuns()))('the front for readers', () => {
  let under: TestWarehouse;
  beforeAll(async () => {
    under = await openReading();
  });
  afterAll(async () => {
    await under?.close();
  });

  /** A query with the token, unless `headers` say otherwise. */
  async function ask(query: string, search = '', init: RequestInit = {}): Promise<Response> {
    const headers = { 'X-ClickHouse-Key': 'fh_reader', ...(init.headers as Record<string, string>) };
    return fetch(`${readersUrl(under)}/${search}`, { method: 'POST', body: query, ...init, headers });
  }

  async function text(query: string, search = ''): Promise<string> {
    const answer = await ask(query, search);
    const said = await answer.text();
    if (!answer.ok) throw new Error(said);
    return said;
  }

  async function refusalOf(query: string, search = '', init: RequestInit = {}): Promise<string> {
    const answer = await ask(query, search, init);
    const said = await answer.text();
    const code = answer.headers.get('X-ClickHouse-Exception-Code') ?? '';
    expect(said, query).toMatch(answer.ok ? '' : new RegExp(`^Code: ${code}\\. DB::Exception: `));
    return `${answer.status} ${code}`;
  }

  it('lets in a token that may read, wherever a client puts it', async () => {
    const basic = (token: string) => `Basic ${Buffer.from(`grafana:${token}`).toString('base64')}`;
    const cases: [Record<string, string>, string][] = [
      [{ 'X-ClickHouse-Key': '', Authorization: basic('fh_reader') }, '401 194'],
      [{ 'X-ClickHouse-Key': 'fh_reader', 'X-ClickHouse-User': 'grafana' }, '200 '],
      [{ 'X-ClickHouse-Key': 'wrong' }, '403 516'],
      [{ 'X-ClickHouse-Key': 'fh_department' }, '403 497'],
      [{ 'X-ClickHouse-Key': 'fh_early' }, '503 236'],
      [{ 'X-ClickHouse-Key': under.embedded.token }, '403 516'],
    ];
    for (const [headers, expected] of cases)
      expect(await refusalOf('SELECT 1', '', { headers })).toBe(expected);
    for (const [authorization, status] of [
      [basic('fh_reader'), 200],
      ['Bearer fh_reader', 200],
      [basic('wrong'), 403],
    ] as const) {
      const answer = await fetch(readersUrl(under), {
        method: 'POST',
        body: 'SELECT 1',
        headers: { authorization },
      });
      expect(answer.status).toBe(status);
      await answer.text();
    }
    const none = await fetch(readersUrl(under), { method: 'POST', body: 'SELECT 1' });
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="warehouse"']);
    const ping = await fetch(`${readersUrl(under)}/ping`);
    expect([ping.status, await ping.text()]).toEqual([200, 'Ok.\n']);
  });

  it('answers the first question of the driver in its own version, and all else in plain Native', async () => {
    const hello = 'SELECT displayName(), version(), revision(), timezone()';
    const answer = await ask(hello, '?default_format=Native&client_protocol_version=54483');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 10)).toEqual(Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 4, 1]));
    expect(bytes.toString('latin1')).toContain('displayName()\x06String\0\x07Fenghuo');
    expect(bytes.toString('latin1')).toContain('revision()\x06UInt32\0\0\0\0\0');
    const old = await ask(hello, '?default_format=Native&client_protocol_version=54058');
    expect(Buffer.from(await old.arrayBuffer()).toString('latin1')).toContain(
      'displayName()\x06String\x07Fenghuo',
    );
    const plain = await ask('SELECT toUInt8(1) AS a', '?default_format=Native&client_protocol_version=54483');
    expect(Buffer.from(await plain.arrayBuffer())).toEqual(
      Buffer.from('\x01\x01\x01a\x05UInt8\x01', 'latin1'),
    );
    expect(plain.headers.get('x-clickhouse-format')).toBe('Native');
    const empty = await ask('SELECT id FROM kinds WHERE id = 0', '?default_format=Native');
    expect(Buffer.from(await empty.arrayBuffer())).toEqual(Buffer.from('\x01\0\x02id\x06UInt64', 'latin1'));
  });

  it('changes nothing', async () => {
    for (const query of [
      'INSERT INTO kinds (id) VALUES (9)',
      'INSERT INTO kinds (id) SELECT 9',
      'CREATE TABLE fenghuo.mine (a Int8) ENGINE = Memory',
      'DROP TABLE events',
      'ALTER TABLE kinds DELETE WHERE 1',
      'TRUNCATE TABLE kinds',
      'OPTIMIZE TABLE kinds',
      'SET max_threads = 1',
      "BACKUP TABLE events TO File('/tmp/x')",
    ]) {
      expect(await refusalOf(query), query).toBe('403 164');
    }
    for (const query of [
      'KILL QUERY WHERE 1',
      'SYSTEM SHUTDOWN',
      'DETACH TABLE events',
      'USE system',
      'CHECK TABLE events',
      'GRANT ALL ON *.* TO default',
    ]) {
      expect(await refusalOf(query), query).toBe('403 497');
    }
    expect(await refusalOf('{"id":9}', '?query=INSERT INTO kinds FORMAT JSONEachRow')).toBe('403 164');
    expect(await refusalOf('SELECT 1; DROP TABLE events')).toBe('400 62');
    expect(await text('SELECT count() FROM kinds')).toBe('3\n');
  });

  it('reaches no file, no other machine and no program, whatever the way', async () => {
    for (const query of [
      "SELECT * FROM file('/etc/hostname', 'LineAsString')",
      "DESCRIBE TABLE file('/etc/hostname', 'LineAsString')",
      "SELECT file('/etc/hostname')",
      "SELECT FILE('/etc/hostname')",
      "SELECT `file`('/etc/hostname')",
      "SELECT arrayMap(file, ['/etc/hostname'])",
      "SELECT arraySort(`file`, ['/etc/hostname'])",
      "SELECT arrayMap(file, ['/etc/hostname']) AS `a\\n    Function length (children 1)`",
      "SELECT arrayMap(FILE, ['/etc/hostname'])",
      "SELECT arrayMap(x -> file(x), ['/etc/hostname'])",
      "SELECT * APPLY(file) FROM (SELECT '/etc/hostname')",
      "SELECT COLUMNS('p') APPLY(x -> file(x)) FROM (SELECT '/etc/hostname' AS p)",
      "SELECT 1 FROM kinds WHERE tag IN (SELECT file('/etc/hostname'))",
      "SELECT count() FROM kinds ORDER BY file('/etc/hostname')",
      "SELECT 1 UNION ALL SELECT length(file('/etc/hostname'))",
      'SELECT * FROM default.`/etc/hostname`',
      "SELECT * FROM '/etc/hostname'",
      'SELECT * FROM `/etc/hostname`',
      "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
      "SELECT * FROM s3('http://127.0.0.1:9/bucket/a', 'CSV')",
      "SELECT * FROM remote('127.0.0.1', system.one)",
      "SELECT * FROM cluster('default', system.one)",
      "SELECT * FROM executable('id', 'TSV', 'x String')",
      "SELECT * FROM merge('system', '.*')",
      'SELECT * FROM view(SELECT 1)',
      "SELECT * FROM sqlite('/tmp/x.db', 't')",
      "SELECT dictGet('d', 'a', 1)",
      "SELECT aiGenerate('c', 'p')",
      'SELECT sleep(3)',
      "SELECT getSetting('max_threads')",
      'SELECT hostName()',
      'EXECUTE AS x SELECT 1',
      'EXPLAIN SELECT 1',
    ]) {
      expect(await refusalOf(query), query).toBe('403 497');
    }
    expect(await refusalOf("SELECT 1 INTO OUTFILE '/tmp/x'")).toBe('501 48');
    expect(await refusalOf("WITH file AS f SELECT arrayMap(f, ['/etc/hostname'])")).toBe('404 47');
    expect(await refusalOf('SELECT 1 SETTINGS max_threads = 1')).toBe('403 164');
  });

  it('shows of system what a query builder lists, of its own database', async () => {
    expect(await text('SHOW DATABASES')).toBe('fenghuo\n');
    expect(await text("SELECT name FROM system.databases AS d WHERE d.name != 'system' ORDER BY name")).toBe(
      'fenghuo\n',
    );
    expect(await text('SELECT DISTINCT database FROM system.columns')).toBe('fenghuo\n');
    expect(
      await text(
        "SELECT c.name FROM system.tables AS t JOIN system.columns AS c ON c.table = t.name WHERE t.name = 'kinds' ORDER BY c.position LIMIT 1",
      ),
    ).toBe('id\n');
    expect(await text("SELECT 'system.tables', `x` FROM (SELECT 'FROM system.columns' AS x)")).toBe(
      'system.tables\tFROM system.columns\n',
    );
    const columns = (await text('DESCRIBE TABLE system.tables'))
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(columns).not.toContain('data_paths');
    expect(columns).not.toContain('create_table_query');
    expect(await text('SHOW TABLES')).toContain('warnings\n');
    expect(await text("SHOW TABLES FROM fenghuo LIKE 'kin%'")).toBe('kinds\n');
    for (const query of [
      'SELECT * FROM system.settings',
      'SELECT * FROM system.processes',
      'SELECT * FROM system.disks',
      "SELECT 1 WHERE 'x' IN (system.disks)",
      "SELECT 1 WHERE 'x' IN system.disks",
      'SELECT * FROM information_schema.tables',
      'SHOW TABLES FROM system',
      "SHOW SETTINGS LIKE 'max%'",
      'SHOW PROCESSLIST',
      'SHOW CREATE TABLE events',
      'SELECT * FROM {t:Identifier}',
    ]) {
      expect(await refusalOf(query, '?param_t=system.settings'), query).toBe('403 497');
    }
    expect(await refusalOf('SELECT metadata_path FROM system.tables')).toBe('404 47');
    expect(await refusalOf('SELECT 1', '?database=system')).toBe('404 81');
  });

  it('runs what panels are made of', async () => {
    const cases: [string, string][] = [
      [
        'SELECT count(DISTINCT tag), sumIf(large, flag = 0), uniqExact(id), quantile(0.5)(id) FROM kinds',
        '1\t0\t3\t2\n',
      ],
      [
        "SELECT tag, count() AS n FROM kinds WHERE level IN ('red', 'none') GROUP BY tag HAVING n > 1 LIMIT 5",
        '食品\t3\n',
      ],
      ['WITH a AS (SELECT id FROM kinds) SELECT sum(id) FROM a WHERE id IN (SELECT id FROM a)', '6\n'],
      ['SELECT id, sum(id) OVER (ORDER BY id) FROM kinds ORDER BY id DESC LIMIT 1', '3\t6\n'],
      ["SELECT CASE level WHEN 'red' THEN '红' ELSE '无' END AS c FROM kinds ORDER BY id LIMIT 1", '红\n'],
      [
        'SELECT toStartOfInterval(at, INTERVAL 1 day) AS d, count() FROM kinds GROUP BY d',
        '2026-03-01 00:00:00\t3\n',
      ],
      ["SELECT formatDateTime(second, '%F') FROM kinds LIMIT 1", '2026-03-01\n'],
      ['SELECT arrayJoin(list) AS one FROM kinds WHERE id = 1', 'a\n投诉\n'],
      [
        "SELECT pairs['k'], both.a, CAST(maybe AS Nullable(String)) FROM kinds ORDER BY id LIMIT 1",
        '1\t1\t1.5\n',
      ],
      ['SELECT 1 FORMAT JSONCompactEachRow', '[1]\n'],
      ['SELECT {n:UInt8} + 1', '42\n'],
    ];
    for (const [query, expected] of cases) expect(await text(query, '?param_n=41'), query).toBe(expected);
    const ordered = await text('SELECT sipHash64(number) AS h FROM numbers(300000) ORDER BY h');
    const values = ordered.trimEnd().split('\n').map(BigInt);
    expect(values.length).toBe(300_000);
    expect(values.every((value, index) => index === 0 || (values[index - 1] ?? 0n) <= value)).toBe(true);
  });

  it('takes no column of the warehouse for a function', async () => {
    const names = "arrayStringConcat(groupArray(name), ', ')";
    const lines = await text(`SELECT table, ${names} FROM system.columns GROUP BY table FORMAT TSVRaw`);
    const tables = lines.trimEnd().split('\n');
    expect(tables.length).toBeGreaterThan(10);
    for (const line of tables) {
      const [table = '', columns = ''] = line.split('\t');
      expect(await refusalOf(`SELECT ${columns} FROM ${table} LIMIT 1`), table).toBe('200 ');
    }
  });

  it('refuses a result, a read, a memory or a query over its limit, with what ClickHouse says', async () => {
    expect(await refusalOf('SELECT number FROM numbers(1100000)')).toBe('500 396');
    expect(await refusalOf("SELECT repeat('x', 1000) FROM numbers(900000)")).toBe('500 396');
    expect(await refusalOf("SELECT repeat('x', 1000000) AS c, number FROM numbers(900000)")).toBe('500 241');
    const cheap = "SELECT toLowCardinality(repeat('x', 1000)) AS c FROM numbers(900000)";
    expect(await refusalOf(cheap)).toBe('500 396');
    expect(await text('SELECT DISTINCT [toLowCardinality(toNullable(tag))] AS c FROM kinds')).toBe(
      "['食品']\n",
    );
    expect(await refusalOf('SELECT sum(number) FROM numbers(2000000000)')).toBe('500 158');
    expect(await refusalOf('SELECT length(groupArray(number)) FROM numbers(200000000)')).toBe('500 241');
    expect(await refusalOf(`SELECT '${'x'.repeat(READER_LIMITS.queryBytes)}'`)).toBe('413 131');
    expect(await refusalOf(LONG, '?max_execution_time=1')).toBe('500 159');
  });

  it('takes settings that ask for less, and says of others that readers do not have them', async () => {
    expect(await text('SELECT number, 1 AS b FROM numbers(10)', '?limit=2&offset=3')).toBe('3\t1\n4\t1\n');
    expect(await refusalOf('SELECT number FROM numbers(10)', '?max_result_rows=5')).toBe('500 396');
    expect(await refusalOf('SELECT number FROM numbers(1100000)', '?max_result_rows=0')).toBe('500 396');
    expect(await refusalOf('SELECT number FROM numbers(1100000)', '?max_result_rows=99999999')).toBe(
      '500 396',
    );
    expect(await refusalOf('SELECT 1', '?allow_introspection_functions=1')).toBe('403 164');
    expect(await refusalOf('SELECT 1', '?max_threads=many')).toBe('400 36');
    expect(await refusalOf('DROP TABLE events', '?readonly=0')).toBe('403 164');
    expect(await refusalOf('SELECT 1', '?session_id=a')).toBe('501 48');
    expect(await refusalOf('SELECT 1', '?compress=1&network_compression_method=LZ4')).toBe('501 48');
    expect(
      await refusalOf('SELECT 1', '', { headers: { 'Content-Type': 'multipart/form-data; boundary=x' } }),
    ).toBe('501 48');
  });

  it('sends gzip to who asks for it', async () => {
    const headers = { 'X-ClickHouse-Key': 'fh_reader', 'Accept-Encoding': 'gzip' };
    const { answer, body } = await raw(
      request,
      readersUrl(under),
      { headers },
      "SELECT 'zipped' FROM numbers(1000)",
    );
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body).toString()).toBe('zipped\n'.repeat(1000));
  });

  it('speaks TLS where it has a certificate', async () => {
    const secure = await openTestWarehouse({
      ...{ host: '127.0.0.1', port: 0, tls: { cert: CERTIFICATE, key: KEY }, database: 'default' },
      verdictOn: () => Promise.resolve('granted'),
    });
    const url = readersUrl(secure);
    expect(url).toMatch(/^https:/);
    const options = { ca: CERTIFICATE, headers: { 'X-ClickHouse-Key': 'any' } };
    const { body } = await raw(secureRequest, url, options, 'SELECT 1');
    expect(body.toString()).toBe('1\n');
    await secure.close();
  });

  it('stops a query whose client has gone, and keeps the others waiting for no more than its place', async () => {
    const running = async (): Promise<number> => {
      const { url, token } = under.embedded;
      const query =
        "SELECT count() FROM system.processes WHERE position(query, '999000000') > 0 AND position(query, 'processes') = 0";
      const answer = await fetch(`${url}/?query=${encodeURIComponent(query)}`, {
        headers: { 'X-ClickHouse-Key': token },
      });
      return Number(await answer.text());
    };
    const gone = new AbortController();
    const asked = Array.from({ length: READER_LIMITS.queries + 2 }, () =>
      ask(LONG, '', { signal: gone.signal }).catch((error: unknown) => error),
    );
    await vi.waitFor(async () => expect(await running()).toBe(READER_LIMITS.queries), 20_000);
    gone.abort();
    await Promise.all(asked);
    await vi.waitFor(async () => expect(await running()).toBe(0), 20_000);
    expect(await text('SELECT 1')).toBe('1\n');
  });

  it('serves at the same address when the child was killed', async () => {
    const url = readersUrl(under);
    const died = new Promise((resolve) => under.embedded.onExit(resolve));
    process.kill(under.embedded.pid ?? 0, 'SIGKILL');
    await died;
    await vi.waitFor(async () => expect(await text('SELECT count() FROM kinds')).toBe('3\n'), 30_000);
    expect(readersUrl(under)).toBe(url);
  });
});
