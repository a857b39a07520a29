// The deliver stage against real receivers that fail: every message arrives, and whatever repeats says so.
import { afterEach, describe, expect, it } from 'vitest';
import { DeadDeliveries } from '../../../src/pipeline/deliver/dead.js';
import { breakOff, json, openReceiver, stalling, status, type Receiver } from '../../support/receiver.js';
import type { LogName } from '../../../src/ports/log.js';
import { openLosingStores } from '../losing-stores.js';
import { Stage, attemptsOf, unmarked, webhookTo } from './staged.js';

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

describe('a receiver that fails', () => {
  it('gets every message in the end, each repetition marked, and a message that was taken once', async () => {
    const fire = await receiver();
    let count = 0;
    // Of seven requests one is taken.
    const failures = [
      status(500),
      status(429, { 'retry-after': '7' }),
      breakOff,
      status(503, { 'retry-after': '20' }),
      status(408),
      status(502),
      status(204),
    ];
    fire.behave((response, received) => failures[count++ % failures.length]?.(response, received));
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, { attempts: 100 })]));
    const ids = await stage.plan({}, {}, {}, {}, {});
    await stage.pass(3 * HOUR, 2_000);
    expect((await stage.delivered()).sort()).toEqual(ids);
    expect([...attemptsOf(fire).keys()].sort()).toEqual(ids);
    expect(unmarked(fire)).toEqual([]);
    // The first attempt at each is marked as none.
    expect([...attemptsOf(fire).values()].map(([first]) => first)).toEqual([1, 1, 1, 1, 1]);
    expect(fire.received.length).toBeGreaterThan(20);
    const signed = new Set(fire.received.map(({ headers }) => headers['idempotency-key']));
    expect([...signed].sort()).toEqual(ids);
  });

  it('holds up nobody else through an hour, and gets what waited when it is back', async () => {
    const [fire, market] = [await receiver(status(500)), await receiver()];
    const policy = { attempts: 100 };
    const stage = watch(await Stage.open((now) => [webhookTo({ fire, market }, now, policy)]));
    const ids: Record<string, string[]> = { fire: [], market: [] };
    for (let round = 1; round <= 60; round++) {
      for (const department of ['fire', 'market']) {
        ids[department]?.push(...(await stage.plan({ department })));
      }
      await stage.settle();
      // What was planned a moment ago is there already, by its first attempt.
      expect([...attemptsOf(market).keys()]).toEqual(ids['market']);
      await stage.pass(MINUTE, 10_000);
    }
    expect([...attemptsOf(market).values()].every((attempts) => attempts.length === 1)).toBe(true);
    // Left alone after five failures in a row, and then asked once a minute.
    expect(fire.received.length).toBeLessThan(5 + 61);
    expect(await stage.delivered()).toEqual(ids['market']);
    fire.behave(status(204));
    await stage.pass(15 * MINUTE, 10_000);
    expect((await stage.delivered()).sort()).toEqual(
      [...(ids['fire'] ?? []), ...(ids['market'] ?? [])].sort(),
    );
    expect(unmarked(fire)).toEqual([]);
    const said = (await stage.alerts()).map(({ code }) => code);
    expect(said).toEqual(['CHANNEL_DOWN', 'CHANNEL_BACK']);
  });

  it('that stalls holds up nobody else either', async () => {
    const { behaviour, release } = stalling();
    const [fire, market] = [await receiver(behaviour), await receiver()];
    const stage = watch(await Stage.open((now) => [webhookTo({ fire, market }, now)]));
    const [first] = await stage.plan({}, { department: 'market' }, { department: 'market' });
    await stage.settle(1);
    expect(market.received).toHaveLength(2);
    await fire.arrived(1);
    await stage.plan({ department: 'market' });
    await stage.settle(1);
    expect(market.received).toHaveLength(3);
    expect(await stage.delivered()).not.toContain(first);
    release();
    await stage.settle();
    expect(await stage.delivered()).toContain(first);
    expect(fire.received).toHaveLength(1);
  });

  it('is given up after the last attempt: the dead list, the dead letters and the inbox have it', async () => {
    const fire = await receiver(status(500));
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, { attempts: 3 })]));
    const [id] = await stage.plan({ warning: 'w' });
    await stage.pass(HOUR, 1_000);
    expect(fire.received).toHaveLength(3);
    const dead = await new DeadDeliveries(stage.stores.state).list(0, 10);
    expect(dead).toMatchObject([
      { id, warning: 'w', attempts: 3, reason: 'CHANNEL_FAILING', detail: 'HTTP 500', offset: 0 },
    ]);
    expect(await stage.results()).toMatchObject([
      { kind: 'undeliverable', warning: 'w', deliveries: [id], reason: 'CHANNEL_FAILING' },
    ]);
    expect(await stage.logs['dead-letters'].end(0)).toBe(1);
    expect(stage.deliver).toMatchObject({ undeliverable: 1, delivered: 0, position: 1 });
    await stage.pass(HOUR, MINUTE);
    expect(fire.received).toHaveLength(3);
  });

  it('is not asked again where it refuses: redirects, keys, forms', async () => {
    const cases = [
      [status(301, { location: 'http://127.0.0.1/' }), 'CHANNEL_REDIRECT'],
      [status(307, { location: 'http://127.0.0.1/' }), 'CHANNEL_REDIRECT'],
      [status(401), 'CHANNEL_CREDENTIALS'],
      [status(400), 'CHANNEL_REFUSED'],
      [status(413), 'CHANNEL_TOO_LARGE'],
    ] as const;
    for (const [behaviour, reason] of cases) {
      const fire = await receiver(behaviour);
      const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
      await stage.plan({});
      await stage.pass(HOUR, MINUTE);
      expect(fire.received, reason).toHaveLength(1);
      expect(await stage.results()).toMatchObject([{ kind: 'undeliverable', reason }]);
    }
  });

  it('that asks to wait is left alone for as long, with all its messages', async () => {
    const fire = await receiver(status(429, { 'retry-after': '90' }));
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)], { random: () => 0 }));
    await stage.plan({}, {}, {});
    await stage.settle();
    expect(fire.received).toHaveLength(1);
    fire.behave(json({}));
    await stage.pass(89_000, 1_000);
    expect(fire.received).toHaveLength(1);
    await stage.pass(1_000, 1_000);
    expect(fire.received).toHaveLength(4);
    // To be asked for less is no failure.
    expect(await stage.alerts()).toEqual([]);
  });
});

describe('a crash', () => {
  const crash = (at: string) => (point: string) => {
    if (point === at) throw new Error(`crash ${at}`);
  };

  it('between the record of an attempt and the send: it is sent by the next start, marked', async () => {
    const fire = await receiver();
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
    await stage.restart(crash('before-send'));
    const [id = ''] = await stage.plan({});
    await expect(stage.deliver.run()).rejects.toThrow('crash before-send');
    expect(fire.received).toHaveLength(0);
    await stage.restart();
    await stage.settle();
    expect(attemptsOf(fire)).toEqual(new Map([[id, [2]]]));
    expect(await stage.delivered()).toEqual([id]);
  });

  it('between the send and its result: the same key comes again, marked as a retry', async () => {
    const fire = await receiver();
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
    await stage.restart(crash('after-send'));
    const [id = ''] = await stage.plan({});
    await expect(stage.settle()).rejects.toThrow('crash after-send');
    await stage.restart();
    await stage.settle();
    expect(attemptsOf(fire)).toEqual(new Map([[id, [1, 2]]]));
    expect(await stage.delivered()).toEqual([id]);
  });

  it('while the receiver has not answered yet, and answers afterwards', async () => {
    const { behaviour, release } = stalling();
    const fire = await receiver(behaviour);
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)]));
    const [id = ''] = await stage.plan({});
    await stage.settle(1);
    const former = stage.deliver;
    undo.push(() => former.close().catch(() => undefined));
    await fire.arrived(1);
    await stage.restart();
    await stage.settle(1);
    await fire.arrived(2);
    release();
    await stage.settle();
    expect(attemptsOf(fire)).toEqual(new Map([[id, [1, 2]]]));
    expect(await stage.delivered()).toEqual([id]);
  });

  it('that takes a checkpoint along loses nothing, at any of them', async () => {
    for (let lost = 0; lost < 6; lost++) {
      const fire = await receiver();
      const stores = openLosingStores();
      const options = { stores: { log: (name: LogName) => stores.logs[name], state: stores.state } };
      const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now)], options));
      const ids = await stage.plan({}, {}, {});
      for (let round = 0; round < lost; round++) await stage.deliver.run();
      await stores.losing(() => stage.deliver.run());
      await stage.restart();
      await stage.settle();
      expect([...new Set(await stage.delivered())].sort(), `lost ${lost}`).toEqual(ids);
      expect([...attemptsOf(fire).keys()].sort()).toEqual(ids);
      expect(unmarked(fire)).toEqual([]);
    }
  });

  it('in doubt on a channel that knows no key: repeated, or avoided and said, as it is set', async () => {
    for (const inDoubt of ['repeat', 'avoid'] as const) {
      const fire = await receiver();
      const policy = { knowsKey: false, inDoubt };
      const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, policy)]));
      await stage.restart(crash('after-send'));
      const [id = ''] = await stage.plan({});
      await expect(stage.settle()).rejects.toThrow('crash');
      await stage.restart();
      await stage.settle();
      expect(fire.received).toHaveLength(inDoubt === 'repeat' ? 2 : 1);
      const [result] = await stage.results();
      if (inDoubt === 'repeat') expect(result).toMatchObject({ kind: 'delivered', deliveries: [id] });
      else expect(result).toMatchObject({ kind: 'undeliverable', reason: 'DELIVERY_IN_DOUBT' });
    }
  });

  it('an answer that is lost is in doubt as well: a connection that breaks off after the request', async () => {
    const fire = await receiver(breakOff);
    const policy = { knowsKey: false, inDoubt: 'avoid' } as const;
    const stage = watch(await Stage.open((now) => [webhookTo({ fire }, now, policy)]));
    await stage.plan({});
    await stage.pass(HOUR, MINUTE);
    expect(fire.received).toHaveLength(1);
    expect(await stage.results()).toMatchObject([{ kind: 'undeliverable', reason: 'DELIVERY_IN_DOUBT' }]);
  });
});
