// Clear values at the end of their term while other processes take events: no order of steps loses a value that is named.
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../simulation/generate.js';
import { inEveryOrder, inOrders } from './interleaving.js';
import { DAY_MS, named, SharedSite, START } from './shared-site.js';

const LATER = START + 31 * DAY_MS;
const KEPT = '甲某';
const OTHER = '乙某';
const NOTHING = { erased: 0, held: 0, whole: true };

/** A site with two values whose terms are over. */
async function aged(): Promise<SharedSite> {
  const site = new SharedSite();
  await site.take('shop:1', KEPT, START);
  await site.take('shop:2', OTHER, START);
  return site;
}

const values = async (site: SharedSite) => [await site.kept(KEPT), await site.kept(OTHER)];

/** One is named again and kept, and the other is not. */
async function checkNamedAgain(site: SharedSite): Promise<void> {
  expect(await values(site)).toEqual([KEPT, undefined]);
  expect(await site.stores.vault.aside()).toEqual([]);
  // The index knows of the mention, so the value has a term of its own from then.
  const index = site.index();
  await index.catchUp();
  expect(await index.mention(named(KEPT))).toMatchObject({ at: { complaint: LATER } });
}

describe('a value whose term is over', () => {
  it('goes where nobody names it again, once, and a second sweep finds nothing', async () => {
    const site = await aged();
    expect(await site.sweep(LATER)).toEqual({ erased: 2, held: 0, whole: true });
    expect(await values(site)).toEqual([undefined, undefined]);
    expect((await site.erasures()).sort()).toEqual([named(KEPT), named(OTHER)].sort());
    expect(await site.stores.vault.aside()).toEqual([]);
    expect(await site.sweep(LATER)).toEqual(NOTHING);
  });

  it('is there after an event that names it again was taken, in whatever order the steps came', async () => {
    const orders = await inEveryOrder(async (turn) => {
      const site = await aged();
      const sweep = site.sweep(LATER, () => turn('sweep'));
      const take = site.take('shop:1', KEPT, LATER, () => turn('take'));
      return { workers: [sweep, take], check: () => checkNamedAgain(site) };
    });
    expect(orders).toBeGreaterThan(500);
  });

  it('is there as well where two processes sweep at a time', async () => {
    await inOrders(500, randomFrom(11), async (turn) => {
      const site = await aged();
      const sweeps = ['first', 'second'].map((name) => site.sweep(LATER, () => turn(name)));
      const take = site.take('shop:1', KEPT, LATER, () => turn('take'));
      return { workers: [...sweeps, take], check: () => checkNamedAgain(site) };
    });
  });

  it('is put back, or goes with the next sweep, where one ended at any of its steps', async () => {
    let last = 0;
    for (let isEnded = false; !isEnded; last++) {
      const site = await aged();
      let step = 0;
      const swept = site.sweep(LATER, async () => {
        if (step++ < last) return;
        throw new Error('ended');
      });
      isEnded = await swept.then(
        () => true,
        () => false,
      );
      await site.take('shop:1', KEPT, LATER);
      expect(await site.kept(KEPT)).toBe(KEPT);
      await site.sweep(LATER);
      await checkNamedAgain(site);
    }
    expect(last).toBeGreaterThan(6);
  });

  it('stays where the sweep falls to another before it drops anything', async () => {
    const site = await aged();
    expect(await site.sweep(LATER, undefined, async () => false)).toEqual({ ...NOTHING, whole: false });
    expect(await values(site)).toEqual([KEPT, OTHER]);
    expect(await site.erasures()).toEqual([]);
  });
});

describe('a hold', () => {
  const order = { id: '0'.repeat(16), reason: '行政复议', by: '张三', until: LATER + 60 * DAY_MS } as const;

  it('keeps what it is about out of a sweep, and lets it go to the next one once it has ended', async () => {
    const site = await aged();
    await site.holds.add({ ...order, subject: 'subject:shop:1' }, START);
    expect(await site.sweep(LATER)).toEqual({ erased: 1, held: 1, whole: true });
    expect(await values(site)).toEqual([KEPT, undefined]);
    await site.holds.end(order.id, '张三', '结案', LATER);
    expect(await site.sweep(LATER)).toEqual({ erased: 1, held: 0, whole: true });
    expect(await values(site)).toEqual([undefined, undefined]);
  });

  it('that is ordered while a sweep is under way keeps what can be read after the order', async () => {
    await inEveryOrder(async (turn) => {
      const site = await aged();
      let readable: readonly (string | undefined)[] = [];
      const ordered = turn('hold').then(async () => {
        await site.holds.add({ ...order, subject: 'subject:shop:1' }, LATER);
        readable = await values(site);
      });
      const sweep = site.sweep(LATER, () => turn('sweep'));
      return {
        workers: [sweep, ordered],
        check: async () => {
          expect(await site.stores.vault.aside()).toEqual([]);
          if (readable[0] !== undefined) expect(await site.kept(KEPT)).toBe(KEPT);
          expect(await site.kept(OTHER)).toBeUndefined();
        },
      };
    });
  });

  it('keeps the original of a dead letter that names its subject', async () => {
    const site = new SharedSite();
    // Without a category.
    await site.take('shop:1', KEPT, START, undefined, { complainant: KEPT });
    await site.take('shop:2', OTHER, START, undefined, { complainant: OTHER });
    await site.holds.add({ ...order, subject: 'subject:shop:1' }, START);
    expect(await site.sweep(LATER)).toEqual({ erased: 1, held: 1, whole: true });
    await site.holds.end(order.id, '张三', '结案', LATER);
    expect(await site.sweep(LATER)).toEqual({ erased: 1, held: 0, whole: true });
  });
});
