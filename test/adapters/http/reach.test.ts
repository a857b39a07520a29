import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpInput } from '../../../src/adapters/http/http.js';
import { CERTIFICATE, KEY } from './certificate.js';
import { ask, codeOf, opened, type Opened } from './opened.js';

let front: Opened | undefined;
afterEach(async () => {
  await front?.close();
  front = undefined;
});

const NAME = 'fenghuo.test';
const ANY = { host: '0.0.0.0', names: [NAME], guarded: true };
const TLS = { cert: CERTIFICATE, key: KEY };

/** Asks over TLS, as a browser that knows the certificate. */
async function askTls(port: number, path: string, headers: { [name: string]: string } = {}, body?: string) {
  const options = { host: '127.0.0.1', port, path, ca: CERTIFICATE, servername: NAME, agent: false };
  const method = body === undefined ? 'GET' : 'POST';
  const outgoing = request({ ...options, method, headers: { host: `${NAME}:${port}`, ...headers } });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

describe('beyond the loopback', () => {
  it.each<[string, Partial<HttpInput>, string]>([
    ['without tokens', { ...ANY, guarded: false, tls: TLS }, 'HTTP_NOT_LOOPBACK'],
    ['without names', { ...ANY, names: [], tls: TLS }, 'HTTP_NOT_LOOPBACK'],
    ['under a name instead of an address', { ...ANY, host: NAME, tls: TLS }, 'HTTP_NOT_LOOPBACK'],
    ['without TLS and without a proxy', ANY, 'HTTP_TLS'],
    ['with a name that is none', { ...ANY, names: ['x y'], tls: TLS }, 'HTTP_SETTINGS'],
    ['with a name in the form of a URL', { ...ANY, names: ['https://x'], tls: TLS }, 'HTTP_SETTINGS'],
    ['with a key that is none', { ...ANY, tls: { cert: CERTIFICATE, key: 'key' } }, 'HTTP_SETTINGS'],
    ['with a public URL of another kind', { ...ANY, tls: TLS, publicUrl: 'ftp://x' }, 'HTTP_SETTINGS'],
    ['with a public URL with a path', { ...ANY, tls: TLS, publicUrl: 'https://x/y' }, 'HTTP_SETTINGS'],
  ])('it does not listen %s', async (_case, config, code) => {
    await expect(opened(config)).rejects.toMatchObject({ code });
  });

  it('it takes its names as Host, with the port, and no others', async () => {
    front = await opened({ ...ANY, tls: TLS });
    const { port } = front;
    expect((await askTls(port, '/healthz')).status).toBe(200);
    expect((await askTls(port, '/healthz', { host: `FENGHUO.test:${port}` })).status).toBe(200);
    for (const host of [
      NAME,
      `${NAME}:${port + 1}`,
      `x.${NAME}:${port}`,
      `${NAME}.:${port}`,
      `192.0.2.1:${port}`,
    ]) {
      const answer = await askTls(port, '/healthz', { host });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_HOST']);
    }
  });

  it('pages of its own origin over TLS may call it, and no others', async () => {
    front = await opened({ ...ANY, tls: TLS });
    const { port } = front;
    expect((await askTls(port, '/healthz', { origin: `https://${NAME}:${port}` })).status).toBe(200);
    for (const origin of [`http://${NAME}:${port}`, `https://${NAME}`, 'null']) {
      const answer = await askTls(port, '/healthz', { origin });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_ORIGIN']);
    }
  });

  it('gives cookies that plain connections do not get', async () => {
    front = await opened({ ...ANY, tls: TLS });
    const answer = await askTls(front.port, '/warnings');
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^__Host-fenghuo=[\w-]{43}; .*; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('cuts what is no TLS, and goes on', async () => {
    front = await opened({ ...ANY, tls: TLS });
    const socket = connect(front.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    expect((await askTls(front.port, '/healthz')).status).toBe(200);
  });
});

describe('behind a proxy', () => {
  it('takes its names without a port, as pages over TLS', async () => {
    front = await opened({ ...ANY, behindProxy: true });
    const { url } = front;
    expect((await ask(url, '/healthz', { headers: { host: NAME, origin: `https://${NAME}` } })).status).toBe(
      200,
    );
    for (const headers of [
      { host: NAME, origin: `http://${NAME}` },
      { host: 'other.test' },
      { host: `${NAME}:8443` },
      { host: 'other.test', 'x-forwarded-host': NAME },
    ])
      expect((await ask(url, '/healthz', { headers })).status).toBe(403);
    const page = await ask(url, '/warnings', { headers: { host: NAME } });
    expect(page.headers['set-cookie']?.[0]).toMatch(/^__Host-fenghuo=.*; Secure;/);
  });

  it('is asked past the proxy, by its own port, for health and figures alone', async () => {
    front = await opened({ ...ANY, names: [NAME, '10.0.0.5'], behindProxy: true });
    const { url, port } = front;
    for (const name of [NAME, '10.0.0.5'])
      for (const path of ['/healthz', '/readyz', '/metrics'])
        expect((await ask(url, path, { headers: { host: `${name}:${port}` } })).status).toBe(200);
    for (const path of ['/warnings', '/v1/warnings', '/healthz/x', '/login'])
      expect((await ask(url, path, { headers: { host: `${NAME}:${port}` } })).status).toBe(403);
    expect((await ask(url, '/healthz', { headers: { host: `x.test:${port}` } })).status).toBe(403);
    const foreign = { host: `${NAME}:${port}`, origin: `https://${NAME}` };
    expect(codeOf(await ask(url, '/metrics', { headers: foreign }))).toBe('HTTP_ORIGIN');
  });

  it('takes the host of its public URL, with its port and scheme', async () => {
    front = await opened({ ...ANY, behindProxy: true, publicUrl: 'https://warn.test:8443' });
    const headers = { host: 'warn.test:8443', origin: 'https://warn.test:8443' };
    expect((await ask(front.url, '/healthz', { headers })).status).toBe(200);
    expect((await ask(front.url, '/healthz', { headers: { host: 'warn.test' } })).status).toBe(403);
  });
});

describe('on the loopback', () => {
  it('cookies are plain, since browsers take no secure ones there without TLS', async () => {
    front = await opened();
    const page = await ask(front.url, '/warnings');
    expect(page.headers['set-cookie']?.[0]).toMatch(
      /^fenghuo=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });
});
