import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, codeOf, complaint, opened, raw, type Opened } from './opened.js';

let front: Opened | undefined;
afterEach(async () => {
  await front?.close();
  front = undefined;
});

const PATHS = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/v1/warnings',
  '/v1/events',
  '/nowhere',
  '/v1/warnings/%zz',
];

describe('where it listens', () => {
  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.5',
    '10.0.0.1',
    'example.org',
    '127.0.0.1.example.org',
    '127.0.0.2',
    '*',
  ])('refuses %s at the start', async (host) => {
    await expect(opened({ host })).rejects.toMatchObject({ code: 'HTTP_NOT_LOOPBACK' });
  });

  it.each(['127.0.0.1', 'localhost'])('takes %s, on the address of the loopback', async (host) => {
    front = await opened({ host });
    expect(front.url).toBe(`http://127.0.0.1:${front.port}`);
    expect((await ask(front.url, '/healthz')).status).toBe(200);
  });

  it('takes ::1 where the machine has it', async () => {
    const has = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    );
    if (!has) {
      await expect(opened({ host: '::1' })).rejects.toMatchObject({ code: 'HTTP_LISTEN' });
      return;
    }
    front = await opened({ host: '[::1]' });
    expect(front.url).toBe(`http://[::1]:${front.port}`);
    expect((await ask(front.url, '/healthz')).status).toBe(200);
  });

  it('says so where the port is taken', async () => {
    front = await opened();
    await expect(opened({ port: front.port })).rejects.toMatchObject({ code: 'HTTP_LISTEN' });
  });

  it('refuses settings that contradict each other', async () => {
    await expect(opened({ headersTimeoutMs: 500, requestTimeoutMs: 100 })).rejects.toThrow(
      'requestTimeoutMs',
    );
    await expect(opened({ bodyLimitBytes: 100, heldBytes: 99 })).rejects.toThrow('bodyLimitBytes');
    await expect(opened({ port: 70_000 })).rejects.toThrow();
  });
});

describe('Host', () => {
  it.each(['127.0.0.1', 'localhost', 'LocalHost', '[::1]'])('may be %s with the port', async (name) => {
    front = await opened();
    const headers = { host: `${name}:${front.port}` };
    expect((await ask(front.url, '/healthz', { headers })).status).toBe(200);
  });

  it.each([
    (_port: number) => 'evil.example',
    (port: number) => `evil.example:${port}`,
    (port: number) => `localhost.evil.example:${port}`,
    (port: number) => `127.0.0.1.nip.io:${port}`,
    (port: number) => `evil.example@127.0.0.1:${port}`,
    (port: number) => `127.0.0.1:${port}@evil.example`,
    (port: number) => `127.0.0.1:${port}, evil.example`,
    (port: number) => `localhost.:${port}`,
    (port: number) => `127.1:${port}`,
    (port: number) => `0.0.0.0:${port}`,
    (port: number) => `127.0.0.1:${port + 1}`,
    (port: number) => `127.0.0.1:0${port}`,
    () => '127.0.0.1',
  ])('of a rebound or foreign name is refused on every path (%#)', async (hostOf) => {
    front = await opened();
    for (const path of PATHS) {
      const answer = await ask(front.url, path, { headers: { host: hostOf(front.port) } });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_HOST']);
    }
  });

  it('is refused before events are taken', async () => {
    front = await opened();
    const headers = { host: 'evil.example', 'content-type': 'application/json' };
    const answer = await ask(front.url, '/v1/events', { body: JSON.stringify(complaint('1')), headers });
    expect(answer.status).toBe(403);
    expect(front.bodies).toEqual([]);
  });

  it('must be there, and once', async () => {
    front = await opened();
    const own = `Host: 127.0.0.1:${front.port}`;
    for (const hosts of [[], ['Host:'], [own, 'Host: evil.example'], [own, own]]) {
      const text = await raw(front.port, ['GET /healthz HTTP/1.1', ...hosts]);
      expect(text).toMatch(/^HTTP\/1\.1 (403|400) /);
      expect(text).not.toContain('"status":"ok"');
    }
    expect(await raw(front.port, ['GET /healthz HTTP/1.0'])).toMatch(/ 403 /);
  });

  it('cannot be overridden by other headers or by the request line', async () => {
    front = await opened();
    const own = `127.0.0.1:${front.port}`;
    const headers = { host: 'evil.example', 'x-forwarded-host': own, forwarded: `host="${own}"` };
    expect((await ask(front.url, '/healthz', { headers })).status).toBe(403);
    for (const target of [`http://evil.example/healthz`, `http://${own}/healthz`, '*', 'healthz']) {
      const text = await raw(front.port, [`OPTIONS ${target} HTTP/1.1`, `Host: ${own}`]);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
    }
  });
});

describe('Origin', () => {
  it.each([
    () => 'https://evil.example',
    () => 'null',
    () => '',
    () => 'http://127.0.0.1',
    (port: number) => `http://127.0.0.1:${port + 1}`,
    (port: number) => `https://127.0.0.1:${port}`,
    (port: number) => `http://localhost:${port}`,
    (port: number) => `http://127.0.0.1:${port}.evil.example`,
    (port: number) => `http://127.0.0.1:${port} https://evil.example`,
  ])('of another page is refused on every path (%#)', async (originOf) => {
    front = await opened();
    for (const path of PATHS) {
      const answer = await ask(front.url, path, { headers: { origin: originOf(front.port) } });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_ORIGIN']);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('of the front itself may send events', async () => {
    front = await opened();
    const headers = { 'content-type': 'application/json', origin: front.url };
    const answer = await ask(front.url, '/v1/events', { body: JSON.stringify(complaint('1')), headers });
    expect(answer.status).toBe(202);
  });

  it('of another page gets no leave to ask, by preflight or otherwise', async () => {
    front = await opened();
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await ask(front.url, '/v1/events', { method: 'OPTIONS', headers });
    expect(answer.status).toBe(403);
  });

  it('hidden in a second header is seen', async () => {
    front = await opened();
    const own = `127.0.0.1:${front.port}`;
    const lines = [
      'GET /healthz HTTP/1.1',
      `Host: ${own}`,
      `Origin: http://${own}`,
      'Origin: https://evil.example',
    ];
    expect(await raw(front.port, lines)).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('Sec-Fetch-Site', () => {
  const fetched = (site: string, mode: string, dest: string) => ({
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': dest,
  });

  it.each([
    fetched('cross-site', 'no-cors', 'image'),
    fetched('cross-site', 'no-cors', 'script'),
    fetched('same-site', 'cors', 'empty'),
    fetched('cross-site', 'navigate', 'iframe'),
  ])('of what a foreign page loads is refused (%#)', async (headers) => {
    front = await opened();
    const answer = await ask(front.url, '/v1/warnings', { headers });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_ORIGIN']);
  });

  it.each([
    fetched('none', 'navigate', 'document'),
    fetched('same-origin', 'cors', 'empty'),
    fetched('cross-site', 'navigate', 'document'),
  ])('of a person or of the own page is allowed (%#)', async (headers) => {
    front = await opened();
    expect((await ask(front.url, '/v1/warnings', { headers })).status).toBe(200);
  });

  it('of a form that a foreign page submits is refused', async () => {
    front = await opened();
    const headers = { ...fetched('cross-site', 'navigate', 'document'), 'content-type': 'application/json' };
    const answer = await ask(front.url, '/v1/events', { body: '{}', headers });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_ORIGIN']);
  });
});
