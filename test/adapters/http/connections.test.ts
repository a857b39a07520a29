import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, complaint, dial, opened, post, type Opened } from './opened.js';

let front: Opened;
afterEach(() => front.close());

const head = (port: number, length: number) =>
  `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

/** Two promises that a test resolves by hand: the front is inside `accept`, and it may go on. */
function gated() {
  let enter = (): void => undefined;
  let release = (): void => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const gate = new Promise<void>((resolve) => (release = resolve));
  let calls = 0;
  const accept = async () => {
    calls += 1;
    enter();
    await gate;
    return { accepted: 1, rejected: 0, errors: [] };
  };
  return { entered, release, accept, calls: () => calls };
}

describe('senders that are slow or broken', () => {
  const timeouts = { headersTimeoutMs: 100, requestTimeoutMs: 100 };

  it('cuts a body that does not arrive in time', async () => {
    front = await opened(timeouts);
    const { socket, ended } = await dial(front.port);
    socket.write(`${head(front.port, 100)}{`);
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"HTTP_TIMEOUT"');
    expect([front.bodies, front.failures]).toEqual([[], []]);
  });

  it('cuts headers that do not arrive in time, and connections that say nothing', async () => {
    front = await opened(timeouts);
    const slow = await dial(front.port);
    const silent = await dial(front.port);
    slow.socket.write('GET /healthz HTTP/1.1\r\nX-Slow: ');
    expect(await slow.ended).toMatch(/^HTTP\/1\.1 408 /);
    await silent.ended;
  });

  it('cuts a sender that goes on slowly after it was refused', async () => {
    front = await opened({ ...timeouts, keepAliveTimeoutMs: 600_000 }, { busyForSeconds: () => 1 });
    const { socket, ended } = await dial(front.port);
    socket.write(`${head(front.port, 100)}{`);
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 429 /);
    expect(text).not.toContain(' 408 ');
  });

  it('closes a connection that is not used again', async () => {
    front = await opened({ keepAliveTimeoutMs: 50 });
    const { socket, ended } = await dial(front.port);
    socket.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\n\r\n`);
    expect(await ended).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ['no HTTP at all', 'nonsense\r\n\r\n'],
    ['two lengths', 'POST /v1/events HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nX: a\0b\r\n\r\n'],
  ])('answers 400 for %s', async (_name, text) => {
    front = await opened();
    const { socket, ended } = await dial(front.port);
    socket.write(text);
    const answer = await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"HTTP_REQUEST"');
    expect(answer).toContain('x-content-type-options: nosniff');
  });

  it('answers 431 for headers over the limit', async () => {
    front = await opened();
    const { socket, ended } = await dial(front.port);
    socket.write(`GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await ended).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('takes nothing of a body that is cut short', async () => {
    front = await opened();
    const body = JSON.stringify(complaint('1'));
    const { socket, ended } = await dial(front.port);
    socket.end(head(front.port, Buffer.byteLength(body) + 1) + body);
    await ended;
    expect(front.bodies).toEqual([]);
    expect(await front.stored()).toBe(0);
  });

  it('drops connections beyond the limit and serves those within', async () => {
    front = await opened({ connections: 2 });
    const first = await dial(front.port);
    const second = await dial(front.port);
    const third = await dial(front.port);
    expect(await third.ended).toBe('');
    for (const { socket, ended } of [first, second]) {
      socket.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${front.port}\r\nConnection: close\r\n\r\n`);
      expect(await ended).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

describe('close', () => {
  it('finishes a request under way, and takes no new connection', async () => {
    const { entered, release, accept } = gated();
    front = await opened({}, { accept });
    const asked = post(front.url, '{}');
    await entered;
    let closed = false;
    const closing = front.close().then(() => (closed = true));
    await expect(ask(front.url, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(closed).toBe(false);
    release();
    const answer = await asked;
    expect([answer.status, answer.headers.connection]).toEqual([202, 'close']);
    await closing;
  });

  it('refuses requests of connections that are still open', async () => {
    const { entered, release, accept, calls } = gated();
    front = await opened({}, { accept });
    const other = await dial(front.port);
    const asked = post(front.url, '{}');
    await entered;
    const closing = front.close();
    other.socket.write(`${head(front.port, 2)}{}`);
    const text = await other.ended;
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain('"HTTP_STOPPING"');
    release();
    expect((await asked).status).toBe(202);
    await closing;
    expect(calls()).toBe(1);
  });

  it('does not wait for idle or silent connections', async () => {
    front = await opened({ closeTimeoutMs: 60_000, keepAliveTimeoutMs: 60_000 });
    const agent = new Agent({ keepAlive: true });
    const outgoing = request(`${front.url}/healthz`, { agent }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    const silent = await dial(front.port);
    const begun = performance.now();
    await front.close();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await silent.ended).toBe('');
    agent.destroy();
  });

  it('cuts what does not finish in the time set', async () => {
    const { entered, accept } = gated();
    front = await opened({ closeTimeoutMs: 50 }, { accept });
    const { socket, ended } = await dial(front.port);
    socket.write(`${head(front.port, 2)}{}`);
    await entered;
    await front.close();
    expect(await ended).toBe('');
    expect(front.failures).toEqual([]);
  });

  it('may be asked twice', async () => {
    front = await opened();
    await Promise.all([front.close(), front.close()]);
    await expect(ask(front.url, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
