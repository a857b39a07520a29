import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../src/events/coded-error.js';
import type { ReadyCheck } from '../../../src/ports/front.js';
import { ask, codeOf, dial, opened, post, raw, type Opened } from './opened.js';

let front: Opened;
afterEach(() => front.close());

const ID = '0123456789abcdef0123456789abcdef';

describe('GET /v1/warnings', () => {
  const paged = async () => {
    const asked: [number, number][] = [];
    front = await opened(
      {},
      {
        warnings: async ({ offset, limit }) => {
          asked.push([offset, limit]);
          return { items: [{ id: ID, level: 'red' }], total: 7 };
        },
      },
    );
    return asked;
  };

  it.each([
    ['', 0, 50],
    ['?offset=20&limit=10', 20, 10],
    ['?limit=500&offset=1000000', 1_000_000, 500],
    ['?limit=1', 0, 1],
  ])('gives the page %j', async (query, offset, limit) => {
    const asked = await paged();
    const answer = await ask(front.url, `/v1/warnings${query}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ items: [{ id: ID, level: 'red' }], total: 7 });
    expect(asked).toEqual([[offset, limit]]);
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=',
    'limit=-1',
    'limit=1.5',
    'limit=1e2',
    'limit=0x10',
    'limit=007',
    'limit=%EF%BC%95',
    'offset=1000001',
    'offset=99999999999999999999',
    'offset=1&offset=2',
    'offset[]=1',
    'level=red',
    'Limit=5',
    '__proto__=1',
    'constructor=1',
  ])('refuses ?%s', async (query) => {
    const asked = await paged();
    const answer = await ask(front.url, `/v1/warnings?${query}`);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'HTTP_PARAMETER']);
    expect(answer.text).toContain('limit from 1 to 500');
    expect(asked).toEqual([]);
  });
});

describe('GET /v1/warnings/:id/evidence', () => {
  it('shows the bundle, and 404 for a warning that is not known', async () => {
    front = await opened({}, { evidence: async (id) => (id === ID ? { format: 'f' } : undefined) });
    const answer = await ask(front.url, `/v1/warnings/${ID}/evidence`);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { format: 'f' }]);
    const other = await ask(front.url, `/v1/warnings/${'f'.repeat(32)}/evidence`);
    expect([other.status, codeOf(other)]).toEqual([404, 'HTTP_NOT_FOUND']);
    const posted = await ask(front.url, `/v1/warnings/${ID}/evidence`, { method: 'POST' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await ask(front.url, `/v1/warnings/${ID}/evidence?a=1`)).status).toBe(400);
  });

  it.each([
    ['EVIDENCE_UNSEALED', 503, '600'],
    ['EVIDENCE_LIMIT', 409, undefined],
    ['EVIDENCE_FORMER', 409, undefined],
  ] as const)('says why there is none: %s', async (code, status, retryAfter) => {
    const refused = () => Promise.reject(new CodedError(code));
    front = await opened({}, { evidence: refused });
    const answer = await ask(front.url, `/v1/warnings/${ID}/evidence`);
    expect([answer.status, codeOf(answer), answer.headers['retry-after']]).toEqual([
      status,
      code,
      retryAfter,
    ]);
    expect(front.failures).toEqual([]);
  });
});

describe('GET /v1/warnings/:id', () => {
  it('shows a warning, and 404 for an id that is not known', async () => {
    front = await opened({}, { warning: async (id) => (id === ID ? { id, level: 'orange' } : undefined) });
    const answer = await ask(front.url, `/v1/warnings/${ID}`);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { id: ID, level: 'orange' }]);
    const other = await ask(front.url, `/v1/warnings/${'f'.repeat(32)}`);
    expect([other.status, codeOf(other)]).toEqual([404, 'HTTP_NOT_FOUND']);
  });

  it.each([
    '..%2f..%2fetc%2fpasswd',
    '../events',
    '../../etc/passwd',
    '%2e%2e',
    `${ID}%00`,
    `${ID}/..`,
    ID.toUpperCase(),
    ID.slice(1),
    'f'.repeat(65),
    'f'.repeat(8_000),
    `${'f'.repeat(31)}%0a`,
    '',
  ])('never asks for the id %j', async (id) => {
    const asked: string[] = [];
    front = await opened({}, { warning: async (name) => void asked.push(name) });
    const answer = await ask(front.url, `/v1/warnings/${id}`);
    expect([answer.status, codeOf(answer)]).toEqual([404, 'HTTP_NOT_FOUND']);
    expect(asked).toEqual([]);
  });

  it('answers 400 for a path that cannot be decoded', async () => {
    front = await opened();
    const answer = await ask(front.url, '/v1/warnings/%zz');
    expect([answer.status, codeOf(answer)]).toEqual([400, 'HTTP_REQUEST']);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('health, readiness and metrics', () => {
  it('is alive', async () => {
    front = await opened();
    const answer = await ask(front.url, '/healthz');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { status: 'ok' }]);
  });

  it('names what it waits for until it is ready', async () => {
    const passing = { name: 'clock', ok: true, clock: '2026-03-02T02:00:00.000Z', behind_seconds: 1 };
    const failing = { name: 'warehouse', ok: false, next: 'See the log.' };
    const checks: ReadyCheck[] = [passing, failing];
    front = await opened({}, { readiness: async () => checks });
    const before = await ask(front.url, '/readyz');
    const waiting = ['warehouse'];
    expect([before.status, JSON.parse(before.text)]).toEqual([503, { status: 'waiting', waiting, checks }]);
    checks.pop();
    const after = await ask(front.url, '/readyz');
    const ready = { status: 'ready', waiting: [], checks: [passing] };
    expect([after.status, JSON.parse(after.text)]).toEqual([200, ready]);
  });

  it('hands metrics on as they are', async () => {
    front = await opened();
    const answer = await ask(front.url, '/metrics');
    expect([answer.status, answer.text]).toEqual([200, 'up 1\n']);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4');
  });

  it('answers HEAD as GET without a body', async () => {
    front = await opened();
    const answer = await ask(front.url, '/healthz', { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('paths and methods that are not there', () => {
  it.each(['/v1', '/v1/event', '/V1/events', '/v1/events/', '//v1/events', '/.env', '/healthz;x=1'])(
    'answers 404 for %s',
    async (path) => {
      front = await opened();
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await ask(front.url, path, { method });
        expect([answer.status, codeOf(answer)]).toEqual([404, 'HTTP_NOT_FOUND']);
      }
    },
  );

  it.each([
    ['GET', '/v1/events', 'POST'],
    ['HEAD', '/v1/events?x=1', 'POST'],
    ['OPTIONS', '/v1/events', 'POST'],
    ['DELETE', '/v1/events', 'POST'],
    ['PROPFIND', '/v1/events', 'POST'],
    ['TRACE', '/v1/events', 'POST'],
    ['POST', '/v1/warnings', 'GET, HEAD'],
    ['PUT', `/v1/warnings/${ID}`, 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/readyz', 'GET, HEAD'],
    ['PATCH', '/metrics', 'GET, HEAD'],
    ['PUT', `/v1/warnings/${ID}/actions`, 'POST'],
    ['DELETE', `/warnings/${ID}`, 'GET, HEAD, POST'],
    ['PUT', '/login', 'GET, HEAD, POST'],
    ['POST', '/v1/openapi.json', 'GET, HEAD'],
  ])('answers 405 for %s %s and names what is allowed', async (method, path, allow) => {
    front = await opened();
    const answer = await ask(front.url, path, { method });
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(codeOf(answer)).toBe('HTTP_METHOD');
  });

  it('does not read the body of what it does not serve', async () => {
    front = await opened();
    const text = await raw(front.port, [
      'PUT /v1/events HTTP/1.1',
      `Host: 127.0.0.1:${front.port}`,
      'Content-Type: application/json',
      'Content-Length: 1000',
    ]);
    expect(text).toMatch(/^HTTP\/1\.1 405 /);
  });
});

describe('failures inside', () => {
  const SECRET = '张三 13800138000';

  it('tells the sender nothing, and the log where but not what', async () => {
    front = await opened(
      {},
      {
        accept: async (body) => {
          const text = String(body);
          throw new SyntaxError(`unexpected token in ${text}\n    at ${text}`);
        },
      },
    );
    const answer = await post(front.url, `{"name":"${SECRET}"}`);
    expect([answer.status, codeOf(answer)]).toEqual([500, 'HTTP_INTERNAL']);
    expect(front.failures).toMatchObject([
      { code: 'HTTP_INTERNAL', method: 'POST', route: '/v1/events', error: 'SyntaxError', detail: '' },
    ]);
    expect(front.failures[0]?.frames[0]).toContain('reading.test.ts');
    for (const text of [answer.text, JSON.stringify(front.failures)]) expect(text).not.toContain('张三');
    expect(answer.text).not.toContain('reading.test');
  });

  it('logs the code and words of a coded error, and keeps them from the sender', async () => {
    const warnings = () => Promise.reject(new CodedError('STORE_DAMAGED', 'page 7'));
    front = await opened({}, { warnings });
    const answer = await ask(front.url, '/v1/warnings');
    expect([answer.status, codeOf(answer)]).toEqual([500, 'HTTP_INTERNAL']);
    expect(answer.text).not.toContain('page 7');
    expect(front.failures).toMatchObject([{ code: 'STORE_DAMAGED', route: '/v1/warnings' }]);
    expect(front.failures[0]?.detail).toContain('page 7');
  });

  it.each<[string, Error]>([
    ['something thrown that is no error', 'words' as unknown as Error],
    ['nothing thrown', undefined as unknown as Error],
    [
      'an error that names a status of its own',
      Object.assign(new Error('x'), { statusCode: 404, code: 'ENOENT' }),
    ],
  ])('answers 500 for %s', async (_name, thrown) => {
    front = await opened({}, { metrics: () => Promise.reject(thrown) });
    const answer = await ask(front.url, '/metrics');
    expect([answer.status, codeOf(answer)]).toEqual([500, 'HTTP_INTERNAL']);
    expect(front.failures).toHaveLength(1);
  });

  it('answers 500 for what cannot be written as JSON', async () => {
    front = await opened({}, { warning: async () => ({ count: 1n }) });
    const answer = await ask(front.url, `/v1/warnings/${ID}`);
    expect([answer.status, codeOf(answer)]).toEqual([500, 'HTTP_INTERNAL']);
    expect(front.failures).toMatchObject([{ error: 'TypeError' }]);
  });

  it('gives up an answer that takes too long', async () => {
    front = await opened({ answerTimeoutMs: 60 }, { readiness: () => new Promise(() => undefined) });
    const answer = await ask(front.url, '/readyz');
    expect([answer.status, codeOf(answer)]).toEqual([503, 'HTTP_OVERDUE']);
    expect(front.failures).toMatchObject([{ code: 'HTTP_OVERDUE', route: '/readyz' }]);
  });

  it('logs nothing for a sender that goes away', async () => {
    let enter = (): void => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const busyForSeconds = () => {
      enter();
      return null;
    };
    front = await opened({}, { busyForSeconds });
    const { socket, ended } = await dial(front.port);
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    await entered;
    socket.destroy();
    await ended;
    await front.close();
    expect([front.failures, front.bodies]).toEqual([[], []]);
  });
});

describe('headers of every answer', () => {
  it.each(['/healthz', '/v1/warnings', '/nowhere', '/v1/warnings/%zz', '/v1/events', '/metrics'])(
    'protect %s',
    async (path) => {
      front = await opened();
      const { headers } = await ask(front.url, path);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    },
  );

  it('name no server software', async () => {
    front = await opened();
    const response = await new Promise<IncomingMessage>((resolve) =>
      request(`${front.url}/healthz`, { agent: false }, resolve).end(),
    );
    response.resume();
    expect(response.headers).not.toHaveProperty('server');
    expect(response.headers).not.toHaveProperty('x-powered-by');
  });
});
