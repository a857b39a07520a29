// The deliver stage in its loop: what is drained is delivered, and a stop waits for what is under way.
import { mkdir, mkdtemp, readFile, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInbox } from '../../src/adapters/files/inbox.js';
import { openMemory, type MemoryStores } from '../../src/adapters/memory/memory.js';
import { Delivering, NO_CHANNELS, type Channels } from '../../src/app/delivering.js';
import { Rounds } from '../../src/app/rounds.js';
import { openLog } from '../../src/app/log.js';
import { logsOf, recordDeliveries, webhookTo } from '../pipeline/deliver/staged.js';
import { openReceiver, stalling } from '../support/receiver.js';

let dir = '';
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'fenghuo-delivering-'))));
afterEach(() => rm(dir, { recursive: true }));

async function delivering(
  stores: MemoryStores,
  channels: Channels = NO_CHANNELS,
  now = Date.now,
): Promise<Delivering> {
  const stage = new Delivering({
    logs: logsOf(stores),
    state: stores.state,
    inbox: openInbox({ dir }),
    channels,
    zone: 'Asia/Shanghai',
    now,
    log: openLog('silent'),
    probe: () => undefined,
    batch: 1_000,
    rounds: new Rounds(),
    onResults: () => undefined,
  });
  await stage.open();
  stage.start();
  return stage;
}

const linesOf = async (department: string) =>
  (await readFile(join(dir, `${department}.ndjson`), 'utf8')).trim().split('\n').length;

describe('the deliver stage in its loop', () => {
  it('has delivered what it was given once it is drained: files in order, and a receiver that is slow', async () => {
    const stores = openMemory();
    const receiver = await openReceiver((response) => void setImmediate(() => response.writeHead(204).end()));
    const channels = { list: [webhookTo({ fire: receiver }, Date.now)], link: () => null };
    const stage = await delivering(stores, channels);
    const given = Array.from({ length: 300 }, (_, index) => ({
      channel: index % 10 === 0 ? 'hook' : 'file',
      department: index % 2 === 0 ? 'fire' : 'health',
    })).map((one) => (one.channel === 'hook' ? { ...one, department: 'fire' } : one));
    const ids = await recordDeliveries(logsOf(stores), 0, given);
    stage.wake();
    await stage.drained();
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(
      ids.filter((_, index) => given[index]?.channel === 'hook'),
    );
    const fire = (await readFile(join(dir, 'fire.ndjson'), 'utf8')).trim().split('\n');
    expect(fire.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
      ids.filter((_, index) => given[index]?.channel === 'file' && given[index]?.department === 'fire'),
    );
    expect(await linesOf('health')).toBe(150);
    expect(stage.deliver).toMatchObject({ delivered: 300, position: 300 });
    await stage.interrupt();
    await stage.stop();
    await receiver.close();
  });

  it('lets an inbox that cannot be written hold up no other, and fills it once it can', async () => {
    const stores = openMemory();
    // What stands in the place of the file is none.
    await mkdir(join(dir, 'fire.ndjson'));
    const stage = await delivering(stores);
    await recordDeliveries(logsOf(stores), 0, [
      { channel: 'file' },
      { channel: 'file', department: 'health' },
      { channel: 'file' },
    ]);
    stage.wake();
    await stage.drained();
    expect(await readdir(dir)).toEqual(['fire.ndjson', 'health.ndjson']);
    expect(await linesOf('health')).toBe(1);
    expect(stage.deliver).toMatchObject({ delivered: 1, undeliverable: 0, position: 0 });
    await stage.interrupt();
    await stage.stop();
    await rmdir(join(dir, 'fire.ndjson'));
    // By then every back-off is over.
    const next = await delivering(stores, NO_CHANNELS, () => Date.now() + 60_000);
    await next.drained();
    expect(await linesOf('fire')).toBe(2);
    await next.interrupt();
    await next.stop();
  });

  it('waits at its stop for a send under way, and records what came of it', async () => {
    const stores = openMemory();
    const { behaviour, release } = stalling();
    const receiver = await openReceiver(behaviour);
    const channels = { list: [webhookTo({ fire: receiver }, Date.now)], link: () => null };
    const stage = await delivering(stores, channels);
    await recordDeliveries(logsOf(stores), 0, [{}]);
    stage.wake();
    await receiver.arrived(1);
    await stage.interrupt();
    const stopped = stage.stop();
    release();
    await stopped;
    const next = await delivering(stores, channels);
    await next.drained();
    expect(receiver.received).toHaveLength(1);
    expect(next.deliver).toMatchObject({ delivered: 1, position: 1 });
    await next.interrupt();
    await next.stop();
    await receiver.close();
  });
});
