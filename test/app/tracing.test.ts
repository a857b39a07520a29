// Traces beside what is decided: they change nothing of it, follow what the sender says, and cost nothing where they are off.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { Embedded } from '../../src/app/embedded.js';
import { OperatorAlerts } from '../../src/app/operators.js';
import { logsOf } from '../../src/app/stores.js';
import { Tracing } from '../../src/app/tracing.js';
import { loadRules } from '../../src/model/load.js';
import type { FinishedSpan } from '../../src/ports/tracing.js';
import { NOW, RULE_FILES } from './office.js';

const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const SITE_KEY = new Uint8Array(32).fill(3);
const QUIET = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  failure: () => undefined,
};
const BODY = JSON.stringify(
  [1, 2, 3].flatMap((shop) => {
    const event = {
      specversion: '1.0',
      source: 'urn:example:test',
      subject: `shop:${shop}`,
      time: '2026-03-02T01:00:00Z',
    };
    return [
      { ...event, id: `r${shop}`, type: 'fenghuo.registration', data: { kind: 'enterprise', name: '某店' } },
      { ...event, id: `c${shop}`, type: 'fenghuo.complaint', data: { category: '食品', complainant: '甲' } },
    ];
  }),
);

const tracingInto = (spans: FinishedSpan[], ratio: number) =>
  new Tracing(
    { record: (span) => void spans.push(span), close: async () => undefined },
    SITE_KEY,
    ratio,
    () => NOW,
  );

/** Runs the same events. @returns every record of every log */
async function run(openTracing: ((siteKey: Uint8Array) => Tracing) | null): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fenghuo-traced-'));
  dirs.push(dataDir);
  const { rules } = loadRules(RULE_FILES);
  if (rules === null) throw new Error('the rules have faults');
  let now = NOW;
  const embedded = await Embedded.start({
    ...{ dataDir, siteKey: SITE_KEY, rules, files: RULE_FILES, now: () => now, log: QUIET, openTracing },
    ...{ probe: () => undefined, replay: null, warehouse: false, holders: { file: null, timestamps: null } },
  });
  const take = () => embedded.accept(BODY);
  const traced = embedded.tracing?.request(null, BODY, take) ?? take();
  expect((await traced).accepted).toBe(6);
  now += 60_000;
  await embedded.ingest.tick(now);
  await embedded.drain();
  const logs = Object.entries(embedded.folder.logs).filter(([name]) => name !== 'seals');
  const records: string[] = [];
  for (const [name, log] of logs)
    for (const { offset, value } of await log.read(0, 0, 10_000))
      records.push(`${name} ${offset} ${Buffer.from(value).toString('hex')}`);
  await embedded.stop();
  return records.join('\n');
}

describe('traces', () => {
  it('leave every log as it is without them, byte by byte', async () => {
    const spans: FinishedSpan[] = [];
    const [without, traced] = [await run(null), await run(() => tracingInto(spans, 1))];
    expect(traced).toBe(without);
    expect(without).toContain('deliveries 0 ');
    const names = new Set(spans.map(({ name }) => name));
    for (const name of ['ingest', 'event', 'evaluate', 'alert', 'deliver'])
      expect(names).toContain(`fenghuo.${name}`);
  });

  it('are the same in whatever process they are named, and differ under another site key', async () => {
    const [first, second]: [FinishedSpan[], FinishedSpan[]] = [[], []];
    await run(() => tracingInto(first, 1));
    await run(() => tracingInto(second, 1));
    const roots = (spans: FinishedSpan[]) =>
      spans
        .filter(({ name, parent }) => name === 'fenghuo.evaluate' && parent === null)
        .map(({ traceId }) => traceId);
    expect(roots(first)).toHaveLength(3);
    expect(roots(second)).toEqual(roots(first));
  });

  it('are none where the ratio is 0 and the sender asks for none, and follow a sender who does', async () => {
    const spans: FinishedSpan[] = [];
    await run(() => tracingInto(spans, 0));
    expect(spans).toEqual([]);
    const tracing = tracingInto(spans, 0);
    const take = async () => ({ accepted: 0, rejected: 0, errors: [] });
    const parent = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
    await tracing.request(`00-${parent}-00`, '[]', take);
    for (const wrong of [
      '',
      'x',
      `01-${parent}-01`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${parent}-01-x`,
    ])
      await tracing.request(wrong, '[]', take);
    expect(spans).toEqual([]);
    await tracing.request(`00-${parent}-01`, '[]', take);
    expect(spans).toMatchObject([{ name: 'fenghuo.ingest', traceId: parent.slice(0, 32) }]);
  });

  it('have a bounded number of spans and links for one request', async () => {
    const spans: FinishedSpan[] = [];
    const tracing = tracingInto(spans, 1);
    const memory = openMemory();
    const logs = tracing.over(logsOf((name) => memory.log(name), new OperatorAlerts(undefined)));
    const body = JSON.stringify(
      Array.from({ length: 1_000 }, (_, index) => ({
        traceparent: `00-${String(index + 1).padStart(32, '0')}-00f067aa0ba902b7-01`,
      })),
    );
    await tracing.request(null, body, async () => {
      await logs.events.append(
        0,
        Array.from({ length: 1_000 }, () => new Uint8Array([1])),
      );
      return { accepted: 1_000, rejected: 0, errors: [] };
    });
    expect(spans).toHaveLength(101);
    expect(spans[0]?.links).toHaveLength(32);
  });
});
