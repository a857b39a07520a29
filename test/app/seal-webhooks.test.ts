// A holder of seals from the file of channels to its receiver: faults of the file, an outage, a restart.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openChannels } from '../../src/app/channels.js';
import { Embedded } from '../../src/app/embedded.js';
import { InvalidFiles } from '../../src/app/invalid-files.js';
import { openMetrics } from '../../src/app/telemetry.js';
import { verifySeals } from '../../src/evidence/seal-check.js';
import type { SignedSeal } from '../../src/evidence/seal.js';
import { loadRules } from '../../src/model/load.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { filesOf, HOUR, START } from '../engine/turns.js';
import { openReceiver, status } from '../support/receiver.js';

const FILES = filesOf({
  'a/one': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 7d } }
levels: { blue: 'many >= 1' }
`,
});

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-seal-webhooks-'));
  process.env['TEST_SEAL_SECRET'] = 'a secret of thirty-two characters';
});
afterAll(async () => {
  delete process.env['TEST_SEAL_SECRET'];
  await rm(dir, { recursive: true });
});

async function opened(text: string) {
  const path = join(dir, 'channels.yaml');
  await writeFile(path, text);
  return openChannels(path, new Set(['fire']), () => START);
}

async function start(holders: string, clock: { now: number }): Promise<Embedded> {
  const { rules } = loadRules(FILES);
  if (rules === null) throw new Error('the rules have faults');
  const quiet = () => undefined;
  return Embedded.start({
    dataDir: join(dir, 'data'),
    siteKey: null,
    rules,
    files: FILES,
    now: () => clock.now,
    log: { info: quiet, warn: quiet, error: quiet, failure: quiet },
    probe: () => undefined,
    replay: null,
    warehouse: false,
    holders: { file: null, timestamps: null, others: (await opened(holders)).holders },
  });
}

async function complain(embedded: Embedded, clock: { now: number }, hours: number): Promise<void> {
  clock.now = START + hours * HOUR;
  const time = new Date(clock.now).toISOString();
  const event = {
    specversion: '1.0',
    id: `c${hours}`,
    source: 'urn:example:test',
    subject: `shop:${hours}`,
    time,
  };
  await embedded.accept(
    JSON.stringify([{ ...event, type: 'fenghuo.complaint', data: { category: '食品异物' } }]),
  );
  clock.now += HOUR;
  await embedded.ingest.tick(clock.now);
  await embedded.drain();
}

it('gets the seals of an outage after a restart, in order; until then operators and metrics say so', async () => {
  const receiver = await openReceiver(status(500));
  const file = `seals:
  archive: { url: '${receiver.url}', secret: 'env:TEST_SEAL_SECRET', allow_http: true, allow_addresses: [127.0.0.0/8] }
`;
  const clock = { now: START };
  const first = await start(file, clock);
  await complain(first, clock, 1);
  await receiver.arrived(1);
  await complain(first, clock, 3);
  const metrics = await openMetrics(first, new Map()).metrics();
  expect(metrics).toContain('fenghuo_seals_waiting{holder="webhook-archive"} 2');
  await first.stop();
  const refused = receiver.received.length;
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);

  receiver.behave(status(204));
  const second = await start(file, clock);
  const made = second.seals.sealing.seals;
  expect(made).toBeGreaterThanOrEqual(2);
  await receiver.arrived(refused + made);
  await second.stop();
  const third = await start(file, clock);
  const alerts = (await third.folder.logs.operator.read(0, 0, 100)).map(
    ({ value }) => decodeJson<{ alert: { code: string; message: string } }>(value).alert,
  );
  const told = alerts.filter(({ code }) => code === 'SEAL_NOT_HANDED_OVER');
  expect(told.map(({ message }) => message.includes('webhook-archive, seal 0: HTTP 500'))).toEqual([true]);
  expect(await openMetrics(third, new Map()).metrics()).toContain(
    'fenghuo_seal_holder_failing{holder="webhook-archive"} 0',
  );
  await third.stop();
  const seals = receiver.received.slice(refused).map(({ body }) => JSON.parse(body) as SignedSeal);
  expect(seals.map(({ seal }) => seal.number)).toEqual(seals.map((_, index) => index));
  expect(() => verifySeals(seals, [seals[0]!.key], null)).not.toThrow();
  await receiver.close();
});

it('is refused with the place of what does not fit, and without what stands there', async () => {
  const faults = async (text: string) => {
    const error: unknown = await opened(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidFiles);
    return (error as InvalidFiles).lines.join('\n');
  };
  const written = await faults("seals:\n  a: { url: 'https://a.example', secret: verysecret }\n");
  expect(written).toMatch(/channels\.yaml:2:.*CHANNELS_VALUE/);
  expect(written).not.toContain('verysecret');
  const whole = "url: 'https://a.example', secret: 'env:TEST_SEAL_SECRET'";
  expect(await faults(`seals:\n  a: { ${whole}, attempts: 3 }\n`)).toContain('unknown key "attempts"');
  expect(await faults(`seals:\n  A b: { ${whole} }\n`)).toContain('a name of a-z');
  expect(await faults(`seals:\n  a: { ${whole}, allow_addresses: [10.0.0.0/99] }\n`)).toContain(
    '10.20.0.0/16',
  );
  expect(await faults('seals: []\n')).toContain('a map of at most 10 holders');
  expect((await opened(`seals:\n  a: { ${whole} }\n`)).holders.map(({ name }) => name)).toEqual([
    'webhook-a',
  ]);
});
