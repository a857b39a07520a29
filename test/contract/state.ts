// What every state store does, whatever keeps it.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint, StateStore, TimerEntry } from '../../src/ports/state.js';

export interface StateUnderTest {
  readonly state: StateStore;
  /** Closes the store and opens what it kept; absent where nothing outlives the process. */
  reopen?(): Promise<StateStore>;
  close(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : new TextDecoder().decode(value);

/** A checkpoint that changes nothing but what is named. */
function step(base: number, changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    base,
    baseNonce: base === 0 ? '' : `nonce ${base}`,
    nonce: `nonce ${base + 1}`,
    meta: bytes(`meta ${base + 1}`),
    records: new Map(),
    timersSet: [],
    timersCleared: [],
    ...changes,
  };
}

/** Runs the contract of `StateStore` on what `open` opens, empty each time. */
export function stateContract(name: string, open: () => Promise<StateUnderTest>): void {
  describe(`state on ${name}`, () => {
    let under: StateUnderTest;
    let state: StateStore;
    let spaces = 0;
    const fresh = () => `test/${++spaces}`;
    beforeAll(async () => {
      under = await open();
      state = under.state;
    });
    afterAll(() => under.close());

    it('has nothing before the first checkpoint', async () => {
      const space = fresh();
      expect(await state.checkpoint(space)).toBeUndefined();
      expect(await state.load(space, ['a', 'b'])).toEqual([undefined, undefined]);
      expect(await state.due(space, Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
      expect(await state.keys(space, '', '', 10)).toEqual([]);
    });

    it('keeps a checkpoint with its records and timers, each namespace for itself', async () => {
      const [space, other] = [fresh(), fresh()];
      const timer = { due: 5, key: 'k', name: 'm' };
      const records = new Map([
        ['a', bytes('1')],
        ['b', new Uint8Array(0)],
      ]);
      expect(await state.commit(space, step(0, { records, timersSet: [timer] }))).toEqual({ ok: true });
      const stored = await state.checkpoint(space);
      expect(stored?.sequence).toBe(1);
      expect(stored?.nonce).toBe('nonce 1');
      expect(text(stored?.meta)).toBe('meta 1');
      expect((await state.load(space, ['b', 'none', 'a', 'a'])).map(text)).toEqual(['', undefined, '1', '1']);
      expect(await state.due(space, 5, 10)).toEqual([timer]);
      expect(await state.checkpoint(other)).toBeUndefined();
      expect(await state.load(other, ['a'])).toEqual([undefined]);
      expect(await state.due(other, 5, 10)).toEqual([]);
      expect(await state.commit(space, step(1, { records: new Map([['a', null]]) }))).toEqual({ ok: true });
      expect(await state.load(space, ['a'])).toEqual([undefined]);
      expect((await state.checkpoint(space))?.sequence).toBe(2);
    });

    it('refuses a checkpoint that builds on another one, and applies nothing of it', async () => {
      const space = fresh();
      await state.commit(space, step(0, { records: new Map([['a', bytes('kept')]]) }));
      const late = {
        records: new Map<string, Uint8Array | null>([
          ['a', null],
          ['b', bytes('new')],
        ]),
        timersSet: [{ due: 1, key: 'k', name: 'm' }],
      };
      const fenced = { ok: false, reason: 'fenced' };
      expect(await state.commit(space, step(0, late))).toEqual(fenced);
      expect(await state.commit(space, step(2, late))).toEqual(fenced);
      expect(await state.commit(space, step(1, { ...late, baseNonce: 'nonce of another' }))).toEqual(fenced);
      expect((await state.load(space, ['a', 'b'])).map(text)).toEqual(['kept', undefined]);
      expect(await state.due(space, 10, 10)).toEqual([]);
      expect((await state.checkpoint(space))?.nonce).toBe('nonce 1');
      expect(await state.commit(space, step(1, late))).toEqual({ ok: true });
    });

    it('says whether a checkpoint is still the newest', async () => {
      const space = fresh();
      expect(await state.isCurrent(space, 0, '')).toBe(true);
      expect(await state.isCurrent(space, 1, 'nonce 1')).toBe(false);
      await state.commit(space, step(0));
      expect(await state.isCurrent(space, 0, '')).toBe(false);
      expect(await state.isCurrent(space, 1, 'nonce 1')).toBe(true);
      expect(await state.isCurrent(space, 1, 'nonce of another')).toBe(false);
      await state.commit(space, step(1));
      expect(await state.isCurrent(space, 1, 'nonce 1')).toBe(false);
      expect(await state.isCurrent(space, 2, 'nonce 2')).toBe(true);
    });

    it('lets one of two owners commit when both build on the same checkpoint at once', async () => {
      const space = fresh();
      const results = await Promise.all(
        ['first', 'second', 'third'].map((owner) =>
          state.commit(space, step(0, { nonce: owner, records: new Map([[owner, bytes(owner)]]) })),
        ),
      );
      expect(results.filter((result) => result.ok).length).toBe(1);
      const stored = await state.checkpoint(space);
      expect(await state.keys(space, '', '', 10)).toEqual([stored?.nonce]);
    });

    it('tells timers by due, name and key, up to an instant and a limit', async () => {
      const space = fresh();
      const timersSet = [
        { due: 2 ** 40, key: 'a', name: 'a' },
        { due: 300, key: 'a', name: 'a' },
        { due: 255, key: 'b', name: 'model' },
        { due: 256, key: 'z', name: 'alpha' },
        { due: 256, key: 'a', name: 'beta' },
        { due: 256, key: 'b', name: 'alpha' },
        { due: 256, key: 'c', name: 'alph' },
        { due: 0, key: '企业', name: '预警' },
      ];
      await state.commit(space, step(0, { timersSet }));
      const order = (timers: TimerEntry[]) =>
        timers.map((timer) => `${timer.due} ${timer.name} ${timer.key}`);
      const expected = [
        '0 预警 企业',
        '255 model b',
        '256 alph c',
        '256 alpha b',
        '256 alpha z',
        '256 beta a',
      ];
      expect(order(await state.due(space, 256, 100))).toEqual(expected);
      expect(order(await state.due(space, 299, 100))).toEqual(expected);
      expect(order(await state.due(space, 256, 3))).toEqual(expected.slice(0, 3));
      expect((await state.due(space, Number.MAX_SAFE_INTEGER, 100)).length).toBe(8);
      expect(await state.due(space, -1, 100)).toEqual([]);
      const cleared = timersSet.slice(0, 7);
      await state.commit(
        space,
        step(1, { timersCleared: cleared, timersSet: [{ due: 300, key: 'a', name: 'a' }] }),
      );
      expect(order(await state.due(space, 2 ** 41, 100))).toEqual(['0 预警 企业', '300 a a']);
    });

    it('lists keys by prefix in byte order, page after page', async () => {
      const space = fresh();
      const keys = ['a', 'a:1', 'a:10', 'a:2', 'ab', 'b', 'a:\u{FFFD}', 'a:\u{1F600}', 'a:企业'];
      await state.commit(space, step(0, { records: new Map(keys.map((key) => [key, bytes(key)])) }));
      const all = ['a:1', 'a:10', 'a:2', 'a:企业', 'a:\u{FFFD}', 'a:\u{1F600}'];
      expect(await state.keys(space, 'a:', '', 100)).toEqual(all);
      const pages: string[] = [];
      for (let after = ''; ;) {
        const page = await state.keys(space, 'a:', after, 2);
        if (page.length === 0) break;
        pages.push(...page);
        after = page.at(-1) as string;
      }
      expect(pages).toEqual(all);
      expect(await state.keys(space, '', 'ab', 100)).toEqual(['b']);
      expect(await state.keys(space, 'a:1', 'a:1', 100)).toEqual(['a:10']);
      expect(await state.keys(space, 'a', 'b', 100)).toEqual([]);
    });

    it('neither sees later changes of what was committed nor shares what was read', async () => {
      const space = fresh();
      const [value, meta] = [bytes('value'), bytes('meta')];
      const committed = state.commit(space, step(0, { meta, records: new Map([['a', value]]) }));
      value.fill(0);
      meta.fill(0);
      await committed;
      (await state.load(space, ['a']))[0]?.fill(0);
      (await state.checkpoint(space))?.meta.fill(0);
      expect(text((await state.load(space, ['a']))[0])).toBe('value');
      expect(text((await state.checkpoint(space))?.meta)).toBe('meta');
    });

    it('takes 20,000 records, 20,000 timers and a record of a megabyte in one checkpoint', async () => {
      const space = fresh();
      const names = Array.from({ length: 20_000 }, (_, index) => `key:${index}`);
      const records = new Map(names.map((key) => [key, bytes(key)]));
      records.set('large', new Uint8Array(1_000_000).fill(9));
      const timersSet = names.map((key, due) => ({ due, key, name: 'm' }));
      expect(await state.commit(space, step(0, { records, timersSet }))).toEqual({ ok: true });
      const loaded = await state.load(space, [...names, 'large']);
      expect(loaded.slice(0, 20_000).map(text)).toEqual(names);
      expect(loaded[20_000]?.every((byte) => byte === 9)).toBe(true);
      expect(await state.due(space, 1e9, 30_000)).toEqual(timersSet);
    });

    it('refuses keys that it cannot keep, and applies nothing', async () => {
      const space = fresh();
      for (const key of ['', 'k'.repeat(1_501), '企'.repeat(501), 'a\0b', 'half \ud800']) {
        const records = new Map([
          ['good', bytes('x')],
          [key, bytes('x')],
        ]);
        await expect(state.commit(space, step(0, { records }))).rejects.toMatchObject({ code: 'STORE_KEY' });
        const timersSet = [{ due: 1, key, name: 'm' }];
        await expect(state.commit(space, step(0, { timersSet }))).rejects.toMatchObject({
          code: 'STORE_KEY',
        });
      }
      const timersSet = [{ due: 1.5, key: 'k', name: 'm' }];
      await expect(state.commit(space, step(0, { timersSet }))).rejects.toMatchObject({
        code: 'STORE_RANGE',
      });
      await expect(state.commit('n'.repeat(201), step(0))).rejects.toMatchObject({ code: 'STORE_KEY' });
      expect(await state.checkpoint(space)).toBeUndefined();
      expect(await state.keys(space, '', '', 10)).toEqual([]);
      const longest = { records: new Map([['k'.repeat(1_500), bytes('x')]]), timersSet: [] as TimerEntry[] };
      longest.timersSet = [{ due: 1, key: '企'.repeat(500), name: 'm'.repeat(200) }];
      const namespace = `${space}/`.padEnd(200, 'n');
      expect(await state.commit(namespace, step(0, longest))).toEqual({ ok: true });
      expect(await state.keys(namespace, '', '', 10)).toEqual(['k'.repeat(1_500)]);
      expect(await state.due(namespace, 1, 10)).toEqual(longest.timersSet);
    });

    it('answers as plain maps do, after any sequence of checkpoints', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(checkpointStep, { maxLength: 15 }), async (steps) => {
          const space = fresh();
          const model = new Model();
          for (const next of steps) {
            if (next.reopen && under.reopen !== undefined) state = await under.reopen();
            const expected = model.commit(next);
            expect(await state.commit(space, model.checkpointOf(next))).toEqual(expected);
            model.advance(expected.ok);
            expect((await state.checkpoint(space))?.sequence ?? 0).toBe(model.sequence);
            const keys = await state.keys(space, '', '', 1_000);
            expect(keys).toEqual([...model.records.keys()].sort());
            expect((await state.load(space, keys)).map((value) => [...(value ?? [])])).toEqual(
              keys.map((key) => [...(model.records.get(key) ?? [])]),
            );
            expect(await state.due(space, next.until, 1_000)).toEqual(model.due(next.until));
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

interface Step {
  readonly records: readonly (readonly [string, Uint8Array | null])[];
  readonly timersSet: readonly TimerEntry[];
  readonly timersCleared: readonly TimerEntry[];
  readonly stale: boolean;
  readonly reopen: boolean;
  readonly until: number;
}

const bytesOrNull: fc.Arbitrary<Uint8Array | null> = fc.option(fc.uint8Array({ maxLength: 8 }), {
  nil: null,
});
const letter = fc.constantFrom<string[]>('a', 'ab', 'b', 'c', 'ca');
const timer = fc.record({ due: fc.integer({ min: 0, max: 5 }), key: letter, name: letter });
const checkpointStep: fc.Arbitrary<Step> = fc.record({
  records: fc.array(fc.tuple<[string, Uint8Array | null]>(letter, bytesOrNull), { maxLength: 4 }),
  timersSet: fc.array(timer, { maxLength: 4 }),
  timersCleared: fc.array(timer, { maxLength: 4 }),
  stale: fc.integer({ min: 0, max: 4 }).map((die) => die === 0),
  reopen: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
  until: fc.integer({ min: 0, max: 5 }),
});

/** The same in plain maps of ASCII keys. */
class Model {
  sequence = 0;
  readonly records = new Map<string, Uint8Array>();
  readonly #timers = new Map<string, TimerEntry>();
  #nonce = '';
  #attempts = 0;

  checkpointOf(next: Step): Checkpoint {
    return {
      base: this.sequence,
      baseNonce: next.stale ? 'stale' : this.#nonce,
      nonce: `n${this.#attempts}`,
      meta: bytes('m'),
      records: new Map(next.records),
      timersSet: next.timersSet,
      timersCleared: next.timersCleared,
    };
  }

  commit(next: Step): { ok: true } | { ok: false; reason: 'fenced' } {
    if (next.stale) return { ok: false, reason: 'fenced' };
    for (const [key, value] of new Map(next.records)) {
      if (value === null) this.records.delete(key);
      else this.records.set(key, value);
    }
    for (const entry of next.timersCleared) this.#timers.delete(JSON.stringify(entry));
    for (const entry of next.timersSet) this.#timers.set(JSON.stringify(entry), entry);
    return { ok: true };
  }

  advance(ok: boolean): void {
    if (ok) {
      this.sequence += 1;
      this.#nonce = `n${this.#attempts}`;
    }
    this.#attempts += 1;
  }

  due(until: number): TimerEntry[] {
    const order = (entry: TimerEntry) => `${entry.due} ${entry.name} ${entry.key}`;
    return [...this.#timers.values()]
      .filter((entry) => entry.due <= until)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}
