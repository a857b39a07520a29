import { afterEach, describe, expect, it } from 'vitest';
import type { Caller, Credentials } from '../../../src/ports/front.js';
import { ask, codeOf, complaint, opened, post, type Opened } from './opened.js';

let front: Opened;
afterEach(() => front.close());

const A = 'fh_aaaaaaaaaaaaaaaa';
const B = 'fh_bbbbbbbbbbbbbbbb';
const ACCOUNTS: { readonly [token: string]: Caller } = {
  [A]: { id: 'a', role: 'operator', department: null, region: null },
  [B]: { id: 'b', role: 'department', department: 'market', region: null },
};
const guarded = { caller: async ({ token }: Credentials) => ACCOUNTS[token ?? ''] };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** Asks so many times. @returns how often each status was answered */
async function statuses(
  times: number,
  once: () => Promise<{ status: number }>,
): Promise<{ [status: number]: number }> {
  const counts: { [status: number]: number } = {};
  for (let number = 0; number < times; number++) {
    const { status } = await once();
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

describe('requests', () => {
  it('of one token are limited, those of others and of nobody go on', async () => {
    front = await opened({ rate: { requestsPerMinute: 5 } }, guarded);
    expect(await statuses(8, () => ask(front.url, '/v1/warnings', bearer(A)))).toEqual({ 200: 5, 429: 3 });
    // Whatever the path.
    const answer = await ask(front.url, '/metrics', bearer(A));
    expect([answer.status, codeOf(answer)]).toEqual([429, 'HTTP_RATE']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await ask(front.url, '/v1/warnings', bearer(B))).status).toBe(200);
    expect((await ask(front.url, '/healthz')).status).toBe(200);
  });

  it('without a token are limited by their address', async () => {
    front = await opened({ rate: { requestsPerMinute: 5 } });
    expect(await statuses(4, () => ask(front.url, '/healthz'))).toEqual({ 200: 4 });
    expect(await statuses(2, () => ask(front.url, '/v1/warnings'))).toEqual({ 200: 1, 429: 1 });
    // A header does not change an address where no proxy is known.
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    expect((await ask(front.url, '/healthz', { headers })).status).toBe(429);
  });

  it('behind a proxy are limited by the address that the proxy saw, whatever the sender wrote before it', async () => {
    front = await opened({ rate: { requestsPerMinute: 3 }, behindProxy: true });
    let number = 0;
    const of = (address: string) => () =>
      ask(front.url, '/healthz', { headers: { 'x-forwarded-for': `198.51.100.${number++}, ${address}` } });
    expect(await statuses(5, of('203.0.113.7'))).toEqual({ 200: 3, 429: 2 });
    expect(await statuses(3, of('203.0.113.8'))).toEqual({ 200: 3 });
  });

  it('with events are counted apart', async () => {
    front = await opened({ rate: { requestsPerMinute: 2, eventBodiesPerMinute: 4 } });
    const send = () => post(front.url, JSON.stringify(complaint('x')));
    expect(await statuses(6, send)).toEqual({ 202: 4, 429: 2 });
    expect(front.bodies).toHaveLength(4);
    expect((await ask(front.url, '/v1/warnings')).status).toBe(200);
  });
});

describe('requests that are refused for who sends them', () => {
  it('are noted up to their limit, and then only refused', async () => {
    const noted: (string | null)[] = [];
    const refused = async (caller: Caller | null) => void noted.push(caller?.id ?? null);
    front = await opened({ rate: { refusedPerMinute: 3 } }, { ...guarded, refused });
    let number = 0;
    const guess = () =>
      ask(front.url, '/v1/warnings', bearer(`fh_guess${String(number++).padStart(16, '0')}`));
    expect(await statuses(6, guess)).toEqual({ 401: 3, 429: 3 });
    expect(await statuses(5, () => ask(front.url, '/metrics', bearer(B)))).toEqual({ 403: 3, 429: 2 });
    expect(noted).toEqual([null, null, null, 'b', 'b', 'b']);
    // Who has a token goes on from the same address, and so does the account elsewhere.
    expect((await ask(front.url, '/v1/warnings', bearer(A))).status).toBe(200);
    expect((await ask(front.url, '/v1/warnings', bearer(B))).status).toBe(200);
  });

  it('are limited at the login too', async () => {
    front = await opened({ rate: { refusedPerMinute: 3 } }, guarded);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: front.url };
    const guess = () => ask(front.url, '/login', { body: 'token=fh_guess0123456789', headers });
    expect(await statuses(5, guess)).toEqual({ 401: 3, 429: 2 });
    const late = await guess();
    expect(late.headers['retry-after']).toMatch(/^\d+$/);
    expect(late.text).toContain('请求过于频繁');
  });
});

describe('limits on rates', () => {
  it.each([
    { requestsPerMinute: 0 },
    { refusedPerMinute: -1 },
    { eventBodiesPerMinute: 1.5 },
    { perHour: 5 },
  ])('are refused out of range: %j', async (rate) => {
    front = await opened();
    await expect(opened({ rate })).rejects.toMatchObject({ code: 'HTTP_SETTINGS' });
  });
});
