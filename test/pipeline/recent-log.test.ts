// The end of a log at hand is that of the log, and a record that is handed on is what its bytes say.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { handedOn, handOn, RecentLog } from '../../src/pipeline/recent-log.js';
import { runPipeline } from '../bench/pipeline.js';

afterEach(() => vi.restoreAllMocks());

describe('a log with its end at hand', () => {
  it('is the log, whatever is kept of it and whoever else appends to it', async () => {
    const reads = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 20 }));
    const appends = fc.array(fc.tuple(fc.nat(6), fc.boolean(), reads), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(appends, fc.integer({ min: 1, max: 60 }), async (steps, bytesMax) => {
        const log = openMemory().log('inbox');
        const recent = new RecentLog(log, bytesMax);
        for (const [count, isBeside, [offset, limit]] of steps) {
          const values = Array.from({ length: count }, (_, index) => new Uint8Array(index + 1).fill(offset));
          const end = await log.end(0);
          if (count > 0) expect(await (isBeside ? log : recent).append(0, values)).toBe(end);
          expect(await recent.read(0, offset, limit)).toEqual(await log.read(0, offset, limit));
          expect(await recent.end(0)).toBe(await log.end(0));
        }
      }),
    );
  });

  it('hands on what was written while its bytes are kept, and reads the rest', async () => {
    const log = openMemory().log('inbox');
    const recent = new RecentLog(log, 20);
    const [first, second] = [{ a: 'first' }, { a: 'second' }];
    await recent.append(0, [handOn(first)]);
    await recent.append(0, [handOn(second)]);
    const [one, two] = await recent.read(0, 0, 2);
    expect(handedOn(one?.value as Uint8Array)).toEqual(first);
    expect(handedOn(one?.value as Uint8Array)).not.toBe(first);
    expect(handedOn(two?.value as Uint8Array)).toEqual(second);
    const [last] = await recent.read(0, 1, 1);
    expect(handedOn(last?.value as Uint8Array)).toBe(second);
  });
});

describe('a record that is handed on', () => {
  it('is what decoding its bytes gives, in their order', async () => {
    const append = vi.spyOn(RecentLog.prototype, 'append');
    await runPipeline(
      {
        part: 'pipeline',
        workload: { events: 1_500, subjects: 20, days: 3, together: 20, creditChanges: true },
        rules: { windowDays: null, models: 6 },
      },
      () => undefined,
    );
    const kinds = new Map<string, number>();
    for (const [, values] of append.mock.calls) {
      for (const bytes of values) {
        const record = handedOn<{ kind?: string; delivery?: { kind: string } }>(bytes);
        expect(record).toStrictEqual(decodeJson(bytes));
        expect(JSON.stringify(record)).toBe(new TextDecoder().decode(bytes));
        if (record !== handedOn(bytes)) continue;
        const kind = record.kind ?? `delivery ${record.delivery?.kind}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    expect([...kinds.keys()].sort()).toEqual([
      'delivered',
      'delivery remind',
      'delivery transition',
      'warning',
    ]);
    expect(kinds.get('warning')).toBeGreaterThan(50);
  });
});
