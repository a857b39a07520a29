import { afterEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../src/events/coded-error.js';
import { ask, codeOf, complaint, dial, opened, post, type Opened } from './opened.js';

let front: Opened;
afterEach(() => front.close());

const counts = (text: string) => {
  const { accepted, rejected } = JSON.parse(text) as { accepted: number; rejected: number };
  return { accepted, rejected };
};

describe('POST /v1/events', () => {
  it.each([
    ['application/cloudevents+json', JSON.stringify(complaint('1')), 1],
    ['application/cloudevents-batch+json', JSON.stringify([complaint('1'), complaint('2')]), 2],
    ['application/json', JSON.stringify(complaint('1')), 1],
    ['application/x-ndjson', `${JSON.stringify(complaint('1'))}\n${JSON.stringify(complaint('2'))}\n`, 2],
    ['Application/JSON; charset=UTF-8', JSON.stringify(complaint('1')), 1],
    ['application/json;charset="utf-8"', JSON.stringify(complaint('1')), 1],
  ])('takes %s', async (type, body, accepted) => {
    front = await opened();
    const answer = await post(front.url, body, type);
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.text)).toEqual({ accepted, rejected: 0, errors: [] });
    expect(front.bodies).toEqual([body]);
    expect(await front.stored()).toBe(accepted);
  });

  it('takes the good events of a body and lists why the others are refused', async () => {
    front = await opened();
    const answer = await post(
      front.url,
      `${JSON.stringify(complaint('1'))}\n{"broken\n`,
      'application/x-ndjson',
    );
    expect(answer.status).toBe(202);
    const { errors } = JSON.parse(answer.text) as { errors: unknown[] };
    expect(counts(answer.text)).toEqual({ accepted: 1, rejected: 1 });
    expect(errors).toMatchObject([{ index: 1, place: 'line 2', code: 'BODY_NOT_JSON' }]);
  });

  it.each([
    ['{"not a cloud event": true}', 'EVENT_ENVELOPE'],
    ['[1, "two"]', 'EVENT_ENVELOPE'],
    ['{"broken"\n{}\n', 'BODY_NOT_JSON'],
  ])('answers 202 where the body could be split although none is taken: %s', async (body, code) => {
    front = await opened();
    const answer = await post(front.url, body);
    expect(answer.status).toBe(202);
    const { accepted, rejected, errors } = JSON.parse(answer.text) as {
      accepted: number;
      rejected: number;
      errors: { index: number; code: string }[];
    };
    expect([accepted, rejected]).toEqual([0, errors.length]);
    expect(errors[0]).toMatchObject({ index: 0, code });
    expect(JSON.parse(answer.text)).not.toHaveProperty('error');
    expect(await front.stored()).toBe(0);
  });

  it.each(['no JSON at all', '<html>\n<p>some page\n</html>', '{"cut": [1,\n 2,\n', '[{"cut": '])(
    'answers 400 where nothing of the body can be read: %j',
    async (body) => {
      front = await opened();
      const answer = await post(front.url, body);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BODY_NOT_JSON']);
      expect(counts(answer.text).accepted).toBe(0);
      expect(await front.stored()).toBe(0);
    },
  );

  it('takes an empty batch, of which nothing is refused', async () => {
    front = await opened();
    const answer = await post(front.url, '[]', 'application/cloudevents-batch+json');
    expect(answer.status).toBe(202);
    expect(counts(answer.text)).toEqual({ accepted: 0, rejected: 0 });
  });

  it.each(['', ' \n\t', '\ufeff'])('refuses an empty body: %j', async (body) => {
    front = await opened();
    const answer = await post(front.url, body);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'HTTP_BODY_EMPTY']);
    expect(front.bodies).toEqual([]);
  });

  it('refuses bytes that are not UTF-8 instead of replacing them', async () => {
    front = await opened();
    const bytes = Buffer.from(JSON.stringify(complaint('1', { content: '~' })));
    bytes[bytes.indexOf('~')] = 0xff;
    const answer = await post(front.url, bytes);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'HTTP_BODY_NOT_UTF8']);
    expect(front.bodies).toEqual([]);
  });

  it('keeps characters whole whose bytes arrive apart', async () => {
    front = await opened();
    const bytes = Buffer.from(JSON.stringify(complaint('1', { content: '烽火' })));
    const middle = bytes.indexOf('烽') + 1;
    const { socket, ended } = await dial(front.port);
    socket.setNoDelay(true);
    const head = `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const chunk = (part: Buffer) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    socket.write(chunk(bytes.subarray(0, middle)));
    socket.write(chunk(bytes.subarray(middle)));
    socket.write('0\r\n\r\n');
    expect(await ended).toMatch(/^HTTP\/1\.1 202 /);
    expect(front.bodies).toEqual([bytes.toString('utf8')]);
  });

  it.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/jsonx',
    'application/json; charset=gb18030',
    'application/json; charset=utf-8; charset=gbk',
    'application/json, text/plain',
    '',
  ])('refuses the content type %j', async (type) => {
    front = await opened();
    const answer = await post(front.url, JSON.stringify(complaint('1')), type);
    expect([answer.status, codeOf(answer)]).toEqual([415, 'HTTP_CONTENT_TYPE']);
    expect(answer.headers['accept-post']).toContain('application/x-ndjson');
    expect(front.bodies).toEqual([]);
  });

  it('refuses a body without a content type', async () => {
    front = await opened();
    const answer = await ask(front.url, '/v1/events', { body: '{}' });
    expect([answer.status, codeOf(answer)]).toEqual([415, 'HTTP_CONTENT_TYPE']);
  });

  it('says that attributes in headers are not read', async () => {
    front = await opened();
    const headers = { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': '1' };
    const answer = await ask(front.url, '/v1/events', { body: '{}', headers });
    expect(answer.status).toBe(415);
    expect(answer.text).toContain('binary mode');
  });

  it('refuses parameters of the query', async () => {
    front = await opened();
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(front.url, '/v1/events?source=x', { body: '{}', headers });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'HTTP_PARAMETER']);
  });

  it('hands names such as __proto__ on as the text they are', async () => {
    front = await opened();
    const body = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const answer = await post(front.url, body, 'application/json');
    expect([answer.status, counts(answer.text)]).toEqual([202, { accepted: 0, rejected: 1 }]);
    expect(front.bodies).toEqual([body]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('bodies over the limit', () => {
  const config = { bodyLimitBytes: 1_000 };

  it('takes a body of exactly the limit and refuses one byte more', async () => {
    front = await opened(config);
    const event = JSON.stringify(complaint('1'));
    const body = event + ' '.repeat(1_000 - Buffer.byteLength(event));
    expect((await post(front.url, body)).status).toBe(202);
    const answer = await post(front.url, `${body} `);
    expect([answer.status, codeOf(answer)]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(front.bodies).toEqual([body]);
  });

  it('refuses a chunked body as soon as it is over the limit, and the connection still serves', async () => {
    front = await opened(config);
    const { socket, ended } = await dial(front.port);
    const host = `Host: 127.0.0.1:${front.port}\r\n`;
    socket.write(
      `POST /v1/events HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `5dc\r\n${'x'.repeat(1_500)}\r\n0\r\n\r\n` +
        `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    );
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('HTTP/1.1 200 OK');
  });

  it('cuts a sender that goes on far beyond the limit', async () => {
    front = await opened({ ...config, requestTimeoutMs: 600_000 });
    const { socket, ended } = await dial(front.port);
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\nContent-Type: application/json\r\n` +
        `Transfer-Encoding: chunked\r\n\r\n4e20\r\n${'x'.repeat(20_000)}\r\n`,
    );
    expect(await ended).not.toContain(' 202 ');
    expect(front.bodies).toEqual([]);
  });

  it('answers 413 for more events than a body may have', async () => {
    front = await opened();
    const answer = await post(front.url, '{}\n'.repeat(10_001), 'application/x-ndjson');
    expect([answer.status, codeOf(answer)]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('answers 202 where each event of a batch is refused for its size', async () => {
    front = await opened();
    const large = complaint('1', { content: 'x'.repeat(600_000) });
    const answer = await post(front.url, JSON.stringify([large, large]));
    expect([answer.status, counts(answer.text)]).toEqual([202, { accepted: 0, rejected: 2 }]);
  });

  it('answers 413 for a single event over its limit', async () => {
    front = await opened();
    const body = JSON.stringify(complaint('1', { content: 'x'.repeat(600_000) }));
    const answer = await post(front.url, body);
    expect([answer.status, codeOf(answer)]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(counts(answer.text)).toEqual({ accepted: 0, rejected: 1 });
  });

  it('takes a body of eight mebibytes and refuses a larger one by default', async () => {
    front = await opened();
    const one = JSON.stringify(complaint('1', { content: 'x'.repeat(1_900) }));
    const lines = `${one}\n`.repeat(Math.floor((8 * 1024 * 1024) / (Buffer.byteLength(one) + 1)));
    expect((await post(front.url, lines, 'application/x-ndjson')).status).toBe(202);
    const answer = await post(front.url, lines + one + one, 'application/x-ndjson');
    expect([answer.status, codeOf(answer)]).toEqual([413, 'BODY_TOO_LARGE']);
  });
});

describe('a system that cannot take events now', () => {
  it('answers 429 before the body is there', async () => {
    front = await opened({}, { busyForSeconds: () => 1.2 });
    const { socket, ended } = await dial(front.port);
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\nConnection: close\r\n` +
        'Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n',
    );
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 429 /);
    expect(text).toMatch(/retry-after: 2\r\n/i);
    expect(text).toContain('"HTTP_BUSY"');
    expect(front.bodies).toEqual([]);
  });

  it('answers 503 with a code while the start catches up, before the body is there', async () => {
    front = await opened(
      {},
      { catchingUp: () => true, readiness: async () => [{ name: 'replay', ok: false }] },
    );
    const { socket, ended } = await dial(front.port);
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\nConnection: close\r\n` +
        'Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n',
    );
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toMatch(/retry-after: 5\r\n/i);
    expect(text).toContain('"HTTP_CATCHING_UP"');
    expect(front.bodies).toEqual([]);
    for (const path of ['/v1/warnings', `/v1/warnings/${'0'.repeat(32)}`]) {
      const answer = await ask(front.url, path);
      expect([answer.status, codeOf(answer)]).toEqual([503, 'HTTP_CATCHING_UP']);
      expect(answer.headers['retry-after']).toBe('5');
    }
    expect((await ask(front.url, '/healthz')).status).toBe(200);
    const ready = await ask(front.url, '/readyz');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({ status: 'waiting', waiting: ['replay'] });
  });

  it('still shows warnings while busy', async () => {
    front = await opened({}, { busyForSeconds: () => 5 });
    expect((await ask(front.url, '/v1/warnings')).status).toBe(200);
  });

  it('answers 429 while the bodies of others fill the memory set aside, and recovers', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let entered = (): void => undefined;
    const taking = new Promise<void>((resolve) => (entered = resolve));
    const accept = async () => {
      entered();
      await gate;
      return { accepted: 1, rejected: 0, errors: [] };
    };
    front = await opened({ bodyLimitBytes: 1_000, heldBytes: 1_500 }, { accept });
    const first = post(front.url, 'x'.repeat(1_000));
    await taking;
    const second = await post(front.url, 'x'.repeat(1_000));
    expect([second.status, second.headers['retry-after'], codeOf(second)]).toEqual([429, '1', 'HTTP_BUSY']);
    release();
    expect((await first).status).toBe(202);
    expect((await post(front.url, 'x'.repeat(1_000))).status).toBe(202);
  });

  it('counts a body that is announced before any of it is there, until its sender goes away', async () => {
    front = await opened({ bodyLimitBytes: 1_000, heldBytes: 1_500 });
    const announce = async () => {
      const sender = await dial(front.port);
      sender.socket.write(
        `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
      );
      return sender;
    };
    const first = await announce();
    const body = JSON.stringify(complaint('1', { content: 'x'.repeat(400) }));
    await vi.waitFor(async () => expect((await post(front.url, body)).status).toBe(429));
    const second = await announce();
    second.socket.end();
    expect(await second.ended).toMatch(/^HTTP\/1\.1 429 /);
    first.socket.destroy();
    await vi.waitFor(async () => expect((await post(front.url, body)).status).toBe(202));
  });

  it('counts the chunks of a body that does not tell its length', async () => {
    front = await opened({ bodyLimitBytes: 1_000, heldBytes: 1_500 });
    const chunked = async (bytes: number) => {
      const sender = await dial(front.port);
      sender.socket.write(
        `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\nContent-Type: application/json\r\n` +
          `Transfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`,
      );
      return sender;
    };
    const first = await chunked(900);
    await vi.waitFor(async () => expect((await post(front.url, 'x'.repeat(700))).status).toBe(429));
    const second = await chunked(700);
    second.socket.write('0\r\n\r\n');
    second.socket.end();
    expect(await second.ended).toMatch(/^HTTP\/1\.1 429 /);
    first.socket.destroy();
    await first.ended;
  });

  it('takes large bodies one after the other', async () => {
    let underWay = 0;
    let most = 0;
    const lengths: number[] = [];
    const accept = async (body: string) => {
      lengths.push(body.length);
      most = Math.max(most, ++underWay);
      await new Promise((done) => setImmediate(done));
      underWay -= 1;
      return { accepted: 1, rejected: 0, errors: [] };
    };
    front = await opened({ takenBytes: 1_000 }, { accept });
    const large = await Promise.all([900, 901, 902, 903].map((bytes) => post(front.url, 'x'.repeat(bytes))));
    expect(large.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect([most, lengths.length]).toEqual([1, 4]);
    // One that is over the bound alone is taken alone.
    expect((await post(front.url, 'x'.repeat(5_000))).status).toBe(202);
  });

  it('takes no body that came while others filled the queue', async () => {
    let calls = 0;
    front = await opened({}, { busyForSeconds: () => (++calls > 1 ? 2 : null) });
    const answer = await post(front.url, JSON.stringify(complaint('1')));
    expect([answer.status, answer.headers['retry-after'], codeOf(answer)]).toEqual([429, '2', 'HTTP_BUSY']);
    expect(front.bodies).toEqual([]);
  });

  it('answers 503 with Retry-After where the disk cannot keep up', async () => {
    const accept = () => Promise.reject(new CodedError('STORE_BUSY'));
    front = await opened({}, { accept });
    const answer = await post(front.url, '{}');
    expect([answer.status, answer.headers['retry-after'], codeOf(answer)]).toEqual([503, '1', 'HTTP_BUSY']);
    expect(front.failures).toEqual([]);
  });
});
