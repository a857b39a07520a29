// The program asked to end while a receiver hangs: it ends in time, and the message is sent again by the next start.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openReceiver, stalling, status } from '../support/receiver.js';
import { cleanUp, ROOT } from './program.js';
import { inEveryMode } from './site.js';

/** Whoever asks for the end kills after so long. */
const GRACE_MS = 10_000;
const dirs: string[] = [];
afterAll(() => cleanUp(dirs));

/** A folder with the rules of the project and a channel `gateway` for one department. */
function folderFor(url: string): { rules: string; channels: string } {
  const dir = mkdtempSync(join(tmpdir(), 'fenghuo-stopping-'));
  dirs.push(dir);
  const rules = join(dir, 'rules');
  cpSync(join(ROOT, 'rules'), rules, { recursive: true });
  const path = join(rules, 'catalogue/departments.yaml');
  const before = 'market-regulation: { name: 市场监督管理局,';
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(before);
  writeFileSync(path, text.replace(before, `${before} channels: [gateway],`));
  const channels = join(dir, 'channels.yaml');
  writeFileSync(
    channels,
    `channels:
  gateway:
    kind: webhook
    receivers: { default: { url: '${url}/alerts', secret: 'env:TEST_GATEWAY_SECRET' } }
    allow_http: true
    allow_addresses: [127.0.0.0/8]
`,
  );
  return { rules, channels };
}

const event = (id: string, stream: string, data: object) => ({
  ...{ specversion: '1.0', id, source: 'urn:example:test', type: `fenghuo.${stream}`, subject: 'shop:1' },
  ...{ time: new Date().toISOString(), data },
});

inEveryMode('the end while a receiver hangs', (open) => {
  it('comes within ten seconds, and what hung is sent again after the next start', async () => {
    const { behaviour } = stalling();
    const receiver = await openReceiver(behaviour);
    const [site, { rules, channels }] = [await open(), folderFor(receiver.url)];
    const args = ['--rules', rules, '--channels', channels];
    const environment = { TEST_GATEWAY_SECRET: 'a secret of thirty-two characters' };
    const { running, url } = await site.serve(args, environment);
    const body = JSON.stringify([
      event('r1', 'registration', { kind: 'enterprise', name: '某餐饮店', tags: ['食品经营'] }),
      event('c1', 'complaint', { category: '食品中毒', complainant: '丙', injured: 2 }),
    ]);
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    expect((await fetch(`${url}/v1/events`, { method: 'POST', headers, body })).status).toBe(202);
    await receiver.arrived(1);
    const begun = performance.now();
    running.child.kill('SIGTERM');
    const { code, output } = await running.ended;
    expect([code, performance.now() - begun < GRACE_MS], output.slice(-3000)).toEqual([0, true]);
    expect(output).not.toContain('STOP_OVERDUE');

    receiver.behave(status(204));
    const { running: next } = await site.serve(args, environment);
    await receiver.arrived(2);
    const [one, again] = receiver.received;
    expect(again?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
    next.child.kill('SIGTERM');
    expect((await next.ended).code).toBe(0);
    await receiver.close();
  });
});
