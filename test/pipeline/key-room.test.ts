// Which keys stay at hand where there are more than there is room for.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyState } from '../../src/engine/key-state.js';
import { KeyRoom, ResidentKeys } from '../../src/pipeline/key-room.js';

/** Keys at hand as a cache has them: read where they are not there, and judged after each batch. */
class Hand {
  readonly states = new Map<string, KeyState>();
  readonly residents: ResidentKeys;
  reads = 0;

  constructor(readonly room: KeyRoom) {
    this.residents = new ResidentKeys(room);
  }

  /** A batch that touches these keys, each of so many stored bytes. */
  batch(keys: Iterable<string>, storedBytes = 0, kept: ReadonlySet<string> = new Set()): void {
    for (const key of new Set(keys)) {
      let state = this.states.get(key);
      if (state === undefined) {
        state = new KeyState(key);
        this.states.set(key, state);
        this.residents.add(state);
        this.reads++;
      } else state.isUsedAgain = true;
      state.storedBytes = storedBytes;
      this.residents.weigh(state);
    }
    this.residents.shrink(
      ({ key }) => kept.has(key),
      ({ key }) => this.states.delete(key),
    );
  }
}

const devices = (count: number, from = 0) =>
  Array.from({ length: count }, (_, number) => `device:${from + number}`);

/** The same keys in the same order, again and again, in batches of ten. */
function turns(hand: Hand, keys: readonly string[], rounds: number, storedBytes = 0): void {
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < keys.length; at += 10) hand.batch(keys.slice(at, at + 10), storedBytes);
  }
}

describe('keys at hand', () => {
  it('are all kept while there is room', () => {
    const hand = new Hand(new KeyRoom(1_000));
    turns(hand, devices(900), 5);
    expect(hand.reads).toBe(900);
    expect(hand.room.size).toBe(900);
  });

  it('that report in turns are there again as far as there is room, though each is used longest ago when its turn comes', () => {
    const hand = new Hand(new KeyRoom(1_000));
    turns(hand, devices(1_250), 4);
    const before = hand.reads;
    turns(hand, devices(1_250), 4);
    const share = 1 - (hand.reads - before) / 5_000;
    expect(share).toBeGreaterThan(0.65);
    expect(hand.room.size).toBeLessThanOrEqual(1_000);
  });

  it('give way to others once they are not used any more', () => {
    const hand = new Hand(new KeyRoom(1_000));
    turns(hand, devices(1_000), 3);
    turns(hand, devices(100, 5_000), 1);
    // What passes by once goes again.
    expect([...hand.states.keys()].filter((key) => devices(1_000).includes(key)).length).toBeGreaterThan(850);
    for (let round = 0; round < 40; round++) {
      turns(hand, devices(100, 5_000 + 100 * round), 3);
      turns(hand, devices(100, 5_000), 1);
    }
    const before = hand.reads;
    turns(hand, devices(100, 5_000), 3);
    expect(hand.reads - before).toBe(0);
  });

  it('are fewer where each takes more, and more go as they grow', () => {
    const hand = new Hand(new KeyRoom(1_000));
    turns(hand, devices(500), 2, 1_000);
    expect(hand.room.size).toBe(500);
    turns(hand, devices(500), 3, 10_000);
    expect(hand.room.usedBytes).toBeLessThanOrEqual(hand.room.limitBytes);
    expect(hand.room.size).toBeGreaterThan(150);
    expect(hand.room.size).toBeLessThan(250);
  });

  it('of a stratum that has less than its share stay, where another one has more', () => {
    const room = new KeyRoom(1_000);
    const small = new Hand(room);
    const large = new Hand(room);
    turns(small, devices(200), 2, 1_000);
    turns(large, devices(2_000, 10_000), 3, 2_000);
    const before = small.reads;
    turns(small, devices(200), 2, 1_000);
    expect(small.reads - before).toBe(0);
    expect(room.usedBytes).toBeLessThanOrEqual(room.limitBytes);
    expect(room.size).toBe(small.states.size + large.states.size);
  });

  it('are within the room after every batch, with those that must stay, whatever is used', () => {
    const batches = fc.array(
      fc.record({
        keys: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 }),
        storedBytes: fc.integer({ min: 0, max: 20_000 }),
        kept: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 5 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 40 }), (all, limit) => {
        const room = new KeyRoom(limit);
        const hand = new Hand(room);
        for (const { keys, storedBytes, kept } of all) {
          const must = new Set(kept.map(String).filter((key) => hand.states.has(key)));
          hand.batch(keys.map(String), storedBytes, must);
          for (const key of must) expect(hand.states.has(key)).toBe(true);
          expect(room.size).toBe(hand.states.size);
          const used = [...hand.states.values()].reduce((sum, { residentBytes }) => sum + residentBytes, 0);
          expect(room.usedBytes).toBe(used);
          const isAllKept = [...hand.states.keys()].every((key) => must.has(key));
          if (!isAllKept) {
            expect(room.size).toBeLessThanOrEqual(Math.max(limit, must.size));
            expect(room.usedBytes).toBeLessThanOrEqual(room.limitBytes + must.size * 50_000);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
