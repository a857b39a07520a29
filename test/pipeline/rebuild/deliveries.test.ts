// What became of deliveries is told from the inbox: what has a result is done, anything else is in doubt.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { CheckpointCursor, checkpointOf, decodeJson, encodeJson } from '../../../src/pipeline/checkpoint.js';
import { DeadDeliveries } from '../../../src/pipeline/deliver/dead.js';
import { deadLetterOf } from '../../../src/pipeline/deliver/dead-letter.js';
import type { DeliverMeta } from '../../../src/pipeline/deliver/deliver.js';
import {
  DELIVER_NAMESPACE,
  itemName,
  type DeadDelivery,
  type Item,
} from '../../../src/pipeline/deliver/item.js';
import type { DeadLetter } from '../../../src/pipeline/intake.js';
import { DeliveriesRestoring } from '../../../src/pipeline/rebuild/deliveries.js';
import { storedRecords } from '../../../src/pipeline/stored-names.js';
import type { LogName, Logs } from '../../../src/ports/log.js';
import { recordDeliveries, START } from '../deliver/staged.js';

const NOW = START + 60_000;

class Lost {
  readonly stores = openMemory();
  readonly logs: Logs;
  private serial = 0;

  constructor() {
    const names: readonly LogName[] = ['events', 'inbox', 'deliveries', 'dead-letters'];
    this.logs = Object.fromEntries(names.map((name) => [name, this.stores.log(name)])) as unknown as Logs;
  }

  /** @param covers ids of the messages that each stands for, where it is not one itself */
  async planned(...deliveries: readonly (readonly string[] | null)[]): Promise<string[]> {
    const given = deliveries.map((ids) =>
      ids === null ? {} : { covers: ids.map((id) => ({ warning: `of ${id}`, id })) },
    );
    return recordDeliveries(this.logs, START, given);
  }

  async told(kind: 'delivered' | 'undeliverable', ...deliveries: string[]): Promise<void> {
    // Deliveries of these tests were planned because of the first records.
    while ((await this.logs.inbox.end(0)) < 20)
      await this.logs.inbox.append(0, [encodeJson({ kind: 'mark', at: 1 })]);
    const why = { reason: 'DELIVERY_EXPIRED', channel: 'hook', department: 'fire' };
    const record = { kind, at: START, warning: 'w', deliveries, ...(kind === 'undeliverable' && why) };
    await this.logs.inbox.append(0, [encodeJson(record)]);
  }

  restoring(): DeliveriesRestoring {
    const { logs, stores } = this;
    return new DeliveriesRestoring({
      begin: async () => 0,
      partitions: { events: 1 },
      logs,
      state: stores.state,
      nonce: () => `n${this.serial++}`,
      now: () => NOW,
    });
  }

  async restored(): Promise<Item[]> {
    const restoring = this.restoring();
    await restoring.begin();
    await restoring.restore();
    return this.items();
  }

  async items(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const [, item] of storedRecords<Item>(this.stores.state, DELIVER_NAMESPACE, 'q/', 10))
      items.push(item);
    return items;
  }

  meta(): Promise<DeliverMeta | undefined> {
    return checkpointOf<DeliverMeta>(this.stores.state, DELIVER_NAMESPACE);
  }

  async letters(): Promise<DeadLetter[]> {
    return (await this.logs['dead-letters'].read(0, 0, 100)).map(({ value }) =>
      decodeJson<DeadLetter>(value),
    );
  }
}

describe('deliveries of a state that was lost', () => {
  it('wait as attempts in doubt where no result is known, and are done where one is', async () => {
    const lost = new Lost();
    const [first = '', second = '', third = ''] = await lost.planned(null, null, null);
    await lost.told('delivered', first, third);
    await lost.told('delivered', third);
    const items = await lost.restored();
    expect(items.map(({ id, attempts, underWay, offset }) => ({ id, attempts, underWay, offset }))).toEqual([
      { id: second, attempts: 1, underWay: NOW, offset: 1 },
    ]);
    expect(await lost.meta()).toMatchObject({ offset: 3, delivered: 2, undeliverable: 0 });
  });

  it('are done with all that they stand for, and not with a part of it', async () => {
    const lost = new Lost();
    await lost.planned(['a', 'b'], ['c', 'd']);
    await lost.told('delivered', 'a');
    await lost.told('delivered', 'c');
    await lost.told('delivered', 'b');
    const items = await lost.restored();
    expect(items.map(({ offset, covers }) => [offset, covers?.map(({ id }) => id)])).toEqual([
      [1, ['c', 'd']],
    ]);
  });

  it('are in the dead list where they were given up, with a letter each', async () => {
    const lost = new Lost();
    const [first = '', second = ''] = await lost.planned(null, null);
    const given = { offset: 0, id: first, warning: 'w0', department: 'fire', channel: 'hook' };
    const dead: DeadDelivery = {
      ...given,
      attempts: 7,
      reason: 'DELIVERY_EXPIRED',
      detail: 'no room',
      at: START,
    };
    await lost.logs['dead-letters'].append(0, [encodeJson(deadLetterOf(dead))]);
    await lost.told('undeliverable', first);
    // A crash came before the letter of this one.
    await lost.told('undeliverable', second);
    expect(await lost.restored()).toEqual([]);
    const list = await new DeadDeliveries(lost.stores.state).list(0, 10);
    expect(list[0]).toEqual(dead);
    expect(list[1]).toMatchObject({ offset: 1, id: second, warning: 'w1', attempts: 1, at: NOW });
    expect((await lost.letters()).map(({ original }) => original)).toEqual([
      'deliveries/0/0',
      'deliveries/0/1',
    ]);
    expect(await lost.meta()).toMatchObject({ delivered: 0, undeliverable: 2 });
  });

  it('that were planned after the loss were tried by nobody, however often it is begun', async () => {
    const lost = new Lost();
    await lost.planned(null);
    await lost.restoring().begin();
    await lost.planned(null, null);
    const items = await lost.restored();
    expect(items.map(({ offset }) => offset)).toEqual([0]);
    expect((await lost.meta())?.offset).toBe(1);
  });

  it('and were tried all the same where others worked since, as the events show', async () => {
    const lost = new Lost();
    await lost.planned(null);
    await lost.restoring().begin();
    await lost.planned(null, null);
    await lost.logs.events.append(0, [new Uint8Array([1])]);
    expect((await lost.restored()).map(({ offset }) => offset)).toEqual([0, 1, 2]);
  });

  it('and stand in a copy are done where it has them no more, and where the inbox was told since', async () => {
    const lost = new Lost();
    const [, , third = ''] = await lost.planned(null, null, null);
    const kept = { offset: 3, origins: {}, delivered: 1, undeliverable: 0 };
    const records = new Map([1, 2].map((offset) => [itemName(offset), encodeJson({ offset, attempts: 3 })]));
    const cursor = new CheckpointCursor(lost.stores.state, DELIVER_NAMESPACE, () => 'copied');
    await cursor.commit(kept, { records });
    await lost.told('delivered', third);
    await lost.planned(null);
    expect((await lost.restored()).map(({ offset }) => offset)).toEqual([1, 3]);
    expect(await lost.meta()).toMatchObject({ offset: 4, delivered: 2 });
  });
});
