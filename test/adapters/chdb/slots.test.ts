import { describe, expect, it } from 'vitest';
import { Slots } from '../../../src/adapters/chdb/slots.js';

const never = new AbortController().signal;

describe('slots', () => {
  it('let so many run, the others in their order, and refuse the one too many', async () => {
    const slots = new Slots(2, 2);
    const order: string[] = [];
    const first = await slots.acquire(never);
    const second = await slots.acquire(never);
    const third = slots.acquire(never).then((release) => (order.push('third'), release));
    const fourth = slots.acquire(never).then((release) => (order.push('fourth'), release));
    await expect(slots.acquire(never)).rejects.toMatchObject({ clickhouseCode: 202 });
    expect(order).toEqual([]);
    second();
    second();
    const releaseThird = await third;
    expect(order).toEqual(['third']);
    first();
    const releaseFourth = await fourth;
    releaseThird();
    releaseFourth();
    const both = await Promise.all([slots.acquire(never), slots.acquire(never)]);
    expect(both).toHaveLength(2);
  });

  it('pass over one that gave up waiting', async () => {
    const slots = new Slots(1, 5);
    const release = await slots.acquire(never);
    const gone = new AbortController();
    const waiting = slots.acquire(gone.signal);
    const next = slots.acquire(never);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ clickhouseCode: 236 });
    release();
    (await next)();
    await expect(slots.acquire(gone.signal)).rejects.toMatchObject({ clickhouseCode: 236 });
    (await slots.acquire(never))();
  });
});
