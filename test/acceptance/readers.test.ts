// Programs of others that read the warehouse of a running process: with which tokens, and what is noted of them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { grantToken, revokeToken } from '../../src/app/token-keeping.js';
import type { Role } from '../../src/events/act.js';
import { chdbRuns } from '../support/warehouse.js';
import { embeddedSites } from './embedded-site.js';
import { ROOT } from './program.js';

const READERS = /"readers":"(http:\/\/127\.0\.0\.1:\d+)"/;

describe.runIf(await chdbRuns())('the warehouse of a running process, for programs of others', () => {
  const sites = embeddedSites();
  afterAll(() => sites.close());

  const grant = (folder: string, id: string, role: Role, region: string | null = null) => {
    const department = role === 'department' ? 'market-regulation' : null;
    return grantToken(folder, `${ROOT}rules`, { id, role, department, region, days: 1 });
  };

  it('is read with a token of who may see all of it, until that is taken back', async () => {
    const site = await sites.open({ warehouse: true });
    const { running, url } = await site.serve(['--warehouse-port', '0']);
    const [, readers = ''] = await running.printed(READERS);
    const read = async (token: string | null): Promise<string> => {
      const headers: Record<string, string> = token === null ? {} : { 'X-ClickHouse-Key': token };
      const query = 'SELECT count() FROM warnings_current WHERE level > 100';
      const answer = await fetch(readers, { method: 'POST', body: query, headers });
      return `${answer.status} ${(await answer.text()).slice(0, 9).trim()}`;
    };
    // Without any token on file the pages are open to this machine, and the warehouse is not.
    expect(await read(null)).toBe('401 Code: 194');
    expect(await read('fh_made-up')).toBe('403 Code: 516');
    const auditor = await grant(site.folder, 'grafana', 'auditor');
    const others = [
      await grant(site.folder, 'market', 'department'),
      await grant(site.folder, 'author', 'author'),
      await grant(site.folder, 'regional', 'auditor', '330199'),
    ];
    expect(await read(auditor)).toBe('200 0');
    for (const token of others) expect(await read(token)).toBe('403 Code: 497');
    const headers = { authorization: `Bearer ${auditor}` };
    const audit = (await (await fetch(`${url}/v1/audit`, { headers })).json()) as {
      items: { account: string | null; what: string; outcome: string }[];
    };
    const noted = audit.items.map(({ account, what, outcome }) => `${account ?? ''} ${what} ${outcome}`);
    expect(noted).toContain('grafana token done');
    expect(noted).toContain('market warehouse HTTP_FORBIDDEN');
    expect(noted).toContain(' warehouse HTTP_TOKEN');
    await revokeToken(site.folder, 'grafana');
    expect(await read(auditor)).toBe('403 Code: 516');
    running.child.kill('SIGINT');
    const { code, output } = await running.ended;
    expect(code).toBe(0);
    for (const token of [auditor, ...others]) expect(output).not.toContain(token);
  });

  it('is not started at a port that another program has', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const site = await sites.open({ warehouse: true });
    const { code, output } = await site.start(['--warehouse-port', String(port)]).ended;
    other.close();
    expect(code).toBe(1);
    expect(output).toContain('HTTP_LISTEN');
    expect(output).toContain(String(port));
  });

  it('is not opened beyond this machine in clear text, nor where there is no warehouse', async () => {
    const cases: [string[], string][] = [
      [['--warehouse-port', '0', '--warehouse-host', '0.0.0.0'], 'HTTP_TLS'],
      [['--warehouse-port', '0', '--warehouse-host', 'somewhere'], 'HTTP_SETTINGS'],
      [['--warehouse-port', '0', '--no-warehouse'], 'USAGE'],
      [['--warehouse-host', '127.0.0.1'], 'USAGE'],
    ];
    const site = await sites.open({ warehouse: true });
    for (const [options, expected] of cases) {
      const { code, output } = await site.start(options).ended;
      expect(code, options.join(' ')).not.toBe(0);
      expect(output).toContain(expected);
    }
  });
});
