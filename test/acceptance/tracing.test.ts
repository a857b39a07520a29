// Traces of the running program: from a request to the receiver, by OTLP, in every mode.
import { afterAll, expect, it, vi } from 'vitest';
import { openReceiver } from '../support/receiver.js';
import { spansIn, type ReceivedSpan } from '../support/spans.js';
import { GATEWAY_SECRET, gatewayFiles } from './gateway.js';
import { cleanUp } from './program.js';
import { inEveryMode } from './site.js';

const dirs: string[] = [];
afterAll(() => cleanUp(dirs));

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const EXTENSION = '0af7651916cd43dd8448eb211c80319c';
const NAME = '赵钱孙丽';
const POLLING = { timeout: 60_000, interval: 100 };

/** A registration, and a complaint that names its own trace. */
function twoEvents(): object[] {
  const event = {
    specversion: '1.0',
    source: 'urn:example:test',
    subject: 'shop:1',
    time: new Date().toISOString(),
  };
  return [
    {
      ...{ ...event, id: 'r1', type: 'fenghuo.registration' },
      data: { kind: 'enterprise', name: NAME, tags: ['食品经营'] },
    },
    {
      ...{
        ...event,
        id: 'c1',
        type: 'fenghuo.complaint',
        traceparent: `00-${EXTENSION}-b7ad6b7169203331-01`,
      },
      data: { category: '食品中毒', complainant: NAME, injured: 2 },
    },
  ];
}

/** Signs for a warning. @returns the status of the answer */
async function signed(url: string, warning: string): Promise<number> {
  const from = { 'content-type': 'application/json', 'fenghuo-department': 'market-regulation' };
  const signing = {
    method: 'POST',
    headers: { ...from, 'idempotency-key': 'sign-1' },
    body: '{"type":"sign"}',
  };
  return (await fetch(`${url}/v1/warnings/${warning}/actions`, signing)).status;
}

const nameOf = ({ traceId, spanId }: ReceivedSpan['links'][number]) => `${traceId} ${spanId}`;

/** Whether a block of the warehouse leads to an event. */
function isArchiveLinked(spans: readonly ReceivedSpan[]): boolean {
  const events = new Set(spans.filter(({ name }) => name === 'fenghuo.event').map(nameOf));
  const blocks = spans.filter(({ name }) => name === 'fenghuo.archive');
  return blocks.some(({ links }) => links.some((link) => events.has(nameOf(link))));
}

inEveryMode('traces', (open) => {
  it('lead from the request by its event and the warning to what the channel was handed', async () => {
    const [collector, receiver] = [await openReceiver(), await openReceiver()];
    const [site, { rules, channels }] = [await open({ warehouse: true }), gatewayFiles(receiver.url, dirs)];
    const options = ['--rules', rules, '--channels', channels];
    const traces = ['--traces', `${collector.url}/v1/traces`, '--traces-ratio', '1'];
    const { running, url } = await site.serve([...options, ...traces], GATEWAY_SECRET);
    const body = JSON.stringify(twoEvents());
    const headers = {
      'content-type': 'application/cloudevents-batch+json',
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
    };
    expect((await fetch(`${url}/v1/events`, { method: 'POST', headers, body })).status).toBe(202);
    await receiver.arrived(1);
    const { warning } = JSON.parse(receiver.received[0]?.body ?? '{}') as { warning: string };
    expect(await signed(url, warning)).toBe(200);
    await vi.waitFor(() => expect(isArchiveLinked(spansIn(collector))).toBe(true), POLLING);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);

    const spans = spansIn(collector);
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [ingest] = named('fenghuo.ingest');
    expect(ingest).toMatchObject({ traceId: TRACE, parentSpanId: '00f067aa0ba902b7' });
    expect(ingest?.links).toMatchObject([{ traceId: EXTENSION, spanId: 'b7ad6b7169203331' }]);
    const events = named('fenghuo.event');
    expect(events).toHaveLength(2);
    for (const { links } of events) expect(links).toMatchObject([{ traceId: TRACE, spanId: ingest?.spanId }]);

    const [deliver] = named('fenghuo.deliver').filter(
      ({ attributes }) => attributes['fenghuo.channel'] === 'gateway',
    );
    const alert = named('fenghuo.alert').find(({ spanId }) => spanId === deliver?.parentSpanId);
    const evaluate = named('fenghuo.evaluate').find(({ spanId }) => spanId === alert?.parentSpanId);
    expect([alert?.traceId, evaluate?.traceId]).toEqual([deliver?.traceId, deliver?.traceId]);
    expect(alert?.attributes).toMatchObject({
      'fenghuo.channel': 'gateway',
      'fenghuo.department': 'market-regulation',
    });
    expect(evaluate?.attributes['fenghuo.level']).toBe('red');
    const known = new Set(events.map(nameOf));
    expect(evaluate?.links.some((link) => known.has(nameOf(link)))).toBe(true);
    const [act] = named('fenghuo.act');
    expect(act).toMatchObject({ traceId: evaluate?.traceId, parentSpanId: evaluate?.spanId });
    expect(act?.attributes).toMatchObject({ 'fenghuo.warning': warning, 'fenghuo.act': 'sign' });

    const posted = collector.received.map(({ body: text }) => text).join('\n');
    for (const hidden of [NAME, 'shop:1', 'named-by-a-sender', GATEWAY_SECRET.TEST_GATEWAY_SECRET])
      expect(posted).not.toContain(hidden);
    await collector.close();
    await receiver.close();
  });
});
