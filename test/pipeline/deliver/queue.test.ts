// The queue of the deliver stage: what waits for whom, how long, and in which order.
import { afterEach, describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { encodeJson } from '../../../src/pipeline/checkpoint.js';
import { QUEUE_LIMITS } from '../../../src/pipeline/deliver/queue.js';
import { openReceiver, stalling, status, type Receiver } from '../../support/receiver.js';
import { POLICY, Stage, unmarked, webhookTo } from './staged.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function receiver(...given: Parameters<typeof openReceiver>): Promise<Receiver> {
  const opened = await openReceiver(...given);
  undo.push(() => opened.close());
  return opened;
}

/** Ends the sends under way with the test. */
function watch(stage: Stage): Stage {
  undo.push(() => stage.deliver.close());
  return stage;
}

describe('the queue', () => {
  it('takes up the place of a checkpoint that a former build wrote', async () => {
    const market = await receiver();
    const stores = openMemory();
    const stage = watch(await Stage.open((now) => [webhookTo({ market }, now)], { stores }));
    await stage.plan({ department: 'market' }, { department: 'market' });
    const meta = { offset: 1, origins: { 'inbox/0': { source: 'inbox/0', offset: 0, ordinal: 0 } } };
    await stores.state.commit('deliver/0', {
      base: 0,
      baseNonce: '',
      nonce: 'former',
      meta: encodeJson(meta),
      records: new Map(),
      timersSet: [],
      timersCleared: [],
    });
    await stage.restart();
    expect(stage.deliver).toMatchObject({ position: 1, delivered: 1 });
    await stage.settle();
    expect(market.received.map(({ headers }) => headers['webhook-id'])).toEqual(['1'.padStart(32, '0')]);
    expect(stage.deliver).toMatchObject({ position: 2, delivered: 2 });
  });

  it('survives a start: what waits, and since when, and what the circuit says', async () => {
    const fire = await receiver(status(500));
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)], { random: () => 0.99 }));
    await stage.plan({}, {}, {}, {}, {}, {});
    await stage.settle();
    expect(fire.received).toHaveLength(5);
    await stage.restart();
    await stage.settle();
    expect(fire.received).toHaveLength(5);
    expect(stage.deliver.counts.get('hook')).toEqual({ waiting: 6, open: 1 });
    fire.behave(status(204));
    await stage.pass(MINUTE, 1_000);
    expect(await stage.delivered()).toHaveLength(6);
    expect(unmarked(fire)).toEqual([]);
  });

  it('says of a channel or an address that is not there that it is undeliverable', async () => {
    const fire = await receiver();
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
    await stage.plan({ channel: 'pigeon', warning: 'a' }, { department: 'health', warning: 'b' });
    await stage.settle();
    expect(await stage.results()).toMatchObject([
      { kind: 'undeliverable', warning: 'a', reason: 'CHANNEL_UNKNOWN' },
      { kind: 'undeliverable', warning: 'b', reason: 'CHANNEL_NO_ADDRESS' },
    ]);
    expect(fire.received).toHaveLength(0);
  });

  it('tells every warning that a message stands for what became of it', async () => {
    const [fire, market] = [await receiver(), await receiver(status(400))];
    const stage = watch(await Stage.open((now) => [webhookTo({ fire, market }, now)]));
    const covers = [
      { warning: 'a', id: 'a1' },
      { warning: 'b', id: 'b1' },
      { warning: 'a', id: 'a2' },
    ];
    await stage.plan({ covers });
    await stage.settle();
    await stage.plan({ department: 'market', covers });
    const way = { reason: 'CHANNEL_REFUSED', channel: 'hook', department: 'market' };
    await stage.settle();
    expect((await stage.results()).map(({ at: _, ...result }) => result)).toEqual([
      { kind: 'delivered', warning: 'a', deliveries: ['a1', 'a2'] },
      { kind: 'delivered', warning: 'b', deliveries: ['b1'] },
      { kind: 'undeliverable', warning: 'a', deliveries: ['a1', 'a2'], ...way },
      { kind: 'undeliverable', warning: 'b', deliveries: ['b1'], ...way },
    ]);
  });

  it('gives up what waited too long, also where nothing could be attempted', async () => {
    const fire = await receiver(status(500));
    const policy = { attempts: 100, giveUpAfterMs: HOUR };
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, policy)]));
    await stage.plan({}, {}, {}, {}, {}, {}, {}, {});
    await stage.pass(HOUR - 10_000, 10_000);
    expect(await stage.results()).toEqual([]);
    await stage.pass(20_000, 10_000);
    const results = await stage.results();
    expect(results.map(({ kind }) => kind)).toEqual(Array(8).fill('undeliverable'));
    expect(new Set(results.map((one) => 'reason' in one && one.reason))).toEqual(
      new Set(['DELIVERY_EXPIRED']),
    );
  });

  it('counts attempts by channel and outcome', async () => {
    const fire = await receiver(status(500));
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
    await stage.plan({});
    await stage.settle();
    fire.behave(status(204));
    await stage.pass(MINUTE, 1_000);
    expect(stage.deliver.attempts).toEqual(
      new Map([
        ['hook failed', 1],
        ['hook delivered', 1],
      ]),
    );
    expect(stage.deliver.counts.get('hook')).toEqual({ waiting: 0, open: 0 });
  });

  it('keeps the messages of one warning in order, and lets those of others pass', async () => {
    const fire = await receiver();
    fire.behave((response, { headers }) => {
      // The very first message fails three times.
      const isFirst = String(headers['webhook-id']) === '0'.repeat(32);
      response.writeHead(isFirst && Number(headers['fenghuo-attempt']) <= 3 ? 500 : 204).end();
    });
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
    const [a1, a2, b] = await stage.plan({ warning: 'a' }, { warning: 'a' }, { warning: 'b' });
    await stage.settle();
    expect(await stage.delivered()).toEqual([b]);
    await stage.pass(5 * MINUTE, 1_000);
    expect(await stage.delivered()).toEqual([b, a1, a2]);
  });

  it('sends no more than the rate allows, in any minute', async () => {
    const fire = await receiver();
    const policy = {
      rates: [
        { count: 20, perMs: MINUTE },
        { count: 5, perMs: 1_000 },
      ],
    };
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, policy)]));
    await stage.plan(...Array.from({ length: 50 }, () => ({})));
    await stage.settle();
    expect(fire.received).toHaveLength(5);
    const counts: number[] = [];
    for (let second = 0; second < 150; second++) {
      counts.push(fire.received.length);
      await stage.pass(1_000, 1_000);
      if (second === 30) await stage.restart();
    }
    counts.push(fire.received.length);
    expect(fire.received).toHaveLength(50);
    const perMinute = counts.map((count, second) => count - (counts[second - 60] ?? 0));
    expect(Math.max(...perMinute)).toBe(20);
    expect(await stage.delivered()).toHaveLength(50);
  });

  it('has a bound: what comes for an endpoint whose queue is full is undeliverable, and others go on', async () => {
    const { behaviour, release } = stalling();
    const [fire, market] = [await receiver(behaviour), await receiver()];
    const stage = watch(await Stage.open((now) => [webhookTo({ fire, market }, now)]));
    await stage.plan(...Array.from({ length: QUEUE_LIMITS.endpoint + 3 }, () => ({})));
    const [other] = await stage.plan({ department: 'market' });
    await stage.settle(1);
    expect(stage.deliver.counts.get('hook')?.waiting).toBe(QUEUE_LIMITS.endpoint);
    const results = await stage.results();
    const full = results.filter((one) => 'reason' in one && one.reason === 'DELIVERY_QUEUE_FULL');
    expect(full).toHaveLength(3);
    expect(await stage.delivered()).toEqual([other]);
    release();
  });

  it('holds low levels through the quiet hours, never red, and frees what a red one of the same warning follows', async () => {
    const fire = await receiver();
    // 22:00 to 07:00 in Shanghai; the stage begins at 10:00 there.
    const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60, levels: ['blue', 'yellow'] };
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, { ...POLICY, quiet })]));
    await stage.plan({ level: 'blue' });
    await stage.settle();
    expect(fire.received).toHaveLength(1);
    stage.at += 13 * HOUR;
    const ids = await stage.plan(
      { level: 'blue', warning: 'a' },
      { level: 'none', warning: 'b' },
      { level: 'orange', warning: 'c' },
      { level: 'red', warning: 'd' },
    );
    await stage.settle();
    expect((await stage.delivered()).slice(1)).toEqual([ids[2], ids[3]]);
    const [red] = await stage.plan({ level: 'red', warning: 'a' });
    await stage.settle();
    expect((await stage.delivered()).slice(3)).toEqual([ids[0], red]);
    await stage.pass(8 * HOUR - MINUTE, 10 * MINUTE);
    expect(await stage.delivered()).not.toContain(ids[1]);
    await stage.pass(MINUTE, MINUTE);
    expect(await stage.delivered()).toContain(ids[1]);
  });
});
