// A running process with channels: from an event to the receiver, through a kill -9 while it sends.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openReceiver, stalling, status } from '../support/receiver.js';
import { newDataDir, start } from './embedded.js';
import { cleanUp, ROOT } from './program.js';
import { inEveryMode } from './site.js';

const dirs: string[] = [];
const freshDir = () => {
  const dir = newDataDir();
  dirs.push(dir);
  return dir;
};
afterAll(() => cleanUp(dirs));

/** The rules of the project, with two more channels for one department, of which one is not configured. */
function rulesDir(): string {
  const dir = join(freshDir(), 'rules');
  cpSync(join(ROOT, 'rules'), dir, { recursive: true });
  const path = join(dir, 'catalogue/departments.yaml');
  const before = 'market-regulation: { name: 市场监督管理局,';
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(before);
  writeFileSync(path, text.replace(before, `${before} channels: [file, gateway, pigeon],`));
  return dir;
}

function event(id: string, stream: string, data: object): object {
  const time = new Date().toISOString();
  const type = `fenghuo.${stream}`;
  return { specversion: '1.0', id, source: 'urn:example:test', type, subject: 'shop:1', time, data };
}

inEveryMode('channels', (open) => {
  it('sends a warning to the channels of the department, and again, marked, where a kill leaves it in doubt', async () => {
    const { behaviour } = stalling();
    const receiver = await openReceiver(behaviour);
    const [rules, site] = [rulesDir(), await open()];
    const file = join(freshDir(), 'channels.yaml');
    writeFileSync(
      file,
      `channels:
  gateway:
    kind: webhook
    receivers: { default: { url: '${receiver.url}/alerts', secret: 'env:TEST_GATEWAY_SECRET' } }
    allow_http: true
    allow_addresses: [127.0.0.0/8]
`,
    );
    const args = ['--rules', rules, '--channels', file];
    const environment = { TEST_GATEWAY_SECRET: 'a secret of thirty-two characters' };
    const { running: first, url } = await site.serve(args, environment);
    await first.printed(/channel pigeon: .* not configured/);
    const shop = { kind: 'enterprise', name: '某餐饮店', tags: ['食品经营'] };
    const complaint = { category: '食品中毒', complainant: '丙', injured: 2 };
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify([event('r1', 'registration', shop), event('c1', 'complaint', complaint)]),
    });
    expect(answer.status).toBe(202);
    await receiver.arrived(1);
    first.child.kill('SIGKILL');
    await first.ended;

    receiver.behave(status(204));
    const { running: second, url: next } = await site.serve(args, environment);
    await receiver.arrived(2);
    const [one, again] = receiver.received;
    expect(JSON.parse(one?.body ?? '')).toMatchObject({ department: 'market-regulation', level: 'red' });
    expect(again?.body).toBe(one?.body);
    expect([one, again].map((got) => got?.headers['fenghuo-attempt'])).toEqual(['1', '2']);
    expect(again?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
    const metrics = await (await fetch(`${next}/metrics`)).text();
    expect(metrics).toContain('fenghuo_delivery_attempts_total{channel="gateway",outcome="in-doubt"} 1');
    expect(metrics).toMatch(/fenghuo_deliveries_undeliverable_total [1-9]/);
    second.child.kill('SIGINT');
    const { code, output } = await second.ended;
    expect(code).toBe(0);
    expect(receiver.received).toHaveLength(2);
    expect(output + (await first.ended).output).not.toMatch(/thirty-two|\/alerts/);
    await receiver.close();
  });
});

it('sends nothing of a replay: a new data folder begins with one, or with channels', async () => {
  const dir = freshDir();
  const file = join(dir, 'channels.yaml');
  writeFileSync(
    file,
    `channels: { group: { kind: wecom, robots: { default: { key: 'env:TEST_ROBOT_KEY' } } } }\n`,
  );
  const args = ['--no-warehouse', '--once', '--channels', file];
  const { code, output } = await start(join(dir, 'data'), args, { TEST_ROBOT_KEY: 'key' }).ended;
  expect(code).toBe(2);
  expect(output).toContain('without --channels, with --once, or start empty with --no-demo');
});
