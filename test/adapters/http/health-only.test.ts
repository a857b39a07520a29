// A front that shows health and metrics alone: as guarded as the whole one, and without any other path.
import { afterEach, describe, expect, it } from 'vitest';
import { ask, opened, type Opened } from './opened.js';

let open: Opened | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

describe('health and metrics alone', () => {
  it('are answered, and no other path is there', async () => {
    open = await opened({}, {}, true);
    const statuses = async (paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => (await ask(open?.url ?? '', path)).status));
    expect(await statuses(['/healthz', '/readyz', '/metrics'])).toEqual([200, 200, 200]);
    const others = [
      '/v1/warnings',
      '/v1/events',
      '/v1/openapi.json',
      '/v1/audit',
      '/warnings',
      '/login',
      '/',
    ];
    expect(await statuses(others)).toEqual(others.map(() => 404));
    expect((await ask(open.url, '/metrics', { method: 'POST', body: '' })).status).toBe(405);
  });

  it('ask for a token where the whole front does', async () => {
    open = await opened({}, { caller: async () => undefined }, true);
    expect((await ask(open.url, '/metrics')).status).toBe(401);
    expect((await ask(open.url, '/readyz')).status).toBe(200);
  });
});
