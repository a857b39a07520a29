// The program asked to end while a receiver hangs: it ends in time, and the message is sent again by the next start.
import { afterAll, expect, it } from 'vitest';
import { openReceiver, stalling, status } from '../support/receiver.js';
import { GATEWAY_SECRET, gatewayFiles } from './gateway.js';
import { cleanUp } from './program.js';
import { inEveryMode } from './site.js';

/** Whoever asks for the end kills after so long. */
const GRACE_MS = 10_000;
const dirs: string[] = [];
afterAll(() => cleanUp(dirs));

const event = (id: string, stream: string, data: object) => ({
  ...{ specversion: '1.0', id, source: 'urn:example:test', type: `fenghuo.${stream}`, subject: 'shop:1' },
  ...{ time: new Date().toISOString(), data },
});

inEveryMode('the end while a receiver hangs', (open) => {
  it('comes within ten seconds, and what hung is sent again after the next start', async () => {
    const { behaviour } = stalling();
    const receiver = await openReceiver(behaviour);
    const [site, { rules, channels }] = [await open(), gatewayFiles(receiver.url, dirs)];
    const args = ['--rules', rules, '--channels', channels];
    const { running, url } = await site.serve(args, GATEWAY_SECRET);
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
    const { running: next } = await site.serve(args, GATEWAY_SECRET);
    await receiver.arrived(2);
    const [one, again] = receiver.received;
    expect(again?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
    next.child.kill('SIGTERM');
    expect((await next.ended).code).toBe(0);
    await receiver.close();
  });
});
