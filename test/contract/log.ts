// What every log does, whatever keeps it.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../src/ports/log.js';

export interface LogUnderTest {
  readonly log: Log;
  /** Closes the log and opens what it kept; absent where nothing outlives the process. */
  reopen?(): Promise<Log>;
  close(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (records: readonly { value: Uint8Array }[]) =>
  records.map((record) => new TextDecoder().decode(record.value));

/**
 * Runs the contract of `Log` on what `open` opens, empty each time.
 * @param span how far apart partitions lie; those used go up to it and 200 more
 */
export function logContract(name: string, open: () => Promise<LogUnderTest>, span = 1_000): void {
  describe(`log on ${name}`, () => {
    let under: LogUnderTest;
    let log: Log;
    let partition = 0;
    beforeAll(async () => {
      under = await open();
      log = under.log;
    }, 240_000);
    afterAll(() => under.close());

    it('gives offsets without holes and reads them back in order', async () => {
      partition += 1;
      expect(await log.end(partition)).toBe(0);
      expect(await log.append(partition, [bytes('a'), bytes('b')])).toBe(0);
      expect(await log.append(partition, [bytes('c')])).toBe(2);
      expect(await log.end(partition)).toBe(3);
      const records = await log.read(partition, 0, 10);
      expect(records.map((record) => record.offset)).toEqual([0, 1, 2]);
      expect(texts(records)).toEqual(['a', 'b', 'c']);
      expect(texts(await log.read(partition, 1, 1))).toEqual(['b']);
      expect(await log.read(partition, 3, 10)).toEqual([]);
      expect(await log.read(partition, 1_000_000, 10)).toEqual([]);
      expect(await log.read(partition, 0, 0)).toEqual([]);
    });

    it('keeps partitions apart', async () => {
      const [low, high] = [partition + 1, partition + Math.floor(span / 3)];
      partition += 1;
      await log.append(high, [bytes('high')]);
      await log.append(low, [bytes('low 0'), bytes('low 1')]);
      expect(await log.end(high)).toBe(1);
      expect(texts(await log.read(low, 0, 100))).toEqual(['low 0', 'low 1']);
      expect(texts(await log.read(high, 0, 100))).toEqual(['high']);
    });

    it('appends concurrent calls in the order of the calls', async () => {
      partition += 1;
      const firsts = await Promise.all(
        Array.from({ length: 100 }, (_, call) =>
          log.append(partition, [bytes(`${call} x`), bytes(`${call} y`)]),
        ),
      );
      expect(firsts).toEqual(Array.from({ length: 100 }, (_, call) => call * 2));
      expect(texts(await log.read(partition, 0, 1_000))).toEqual(
        Array.from({ length: 100 }, (_, call) => [`${call} x`, `${call} y`]).flat(),
      );
    });

    it('takes an empty append and an empty record', async () => {
      partition += 1;
      expect(await log.append(partition, [])).toBe(0);
      expect(await log.append(partition, [new Uint8Array(0), bytes('z')])).toBe(0);
      expect((await log.read(partition, 0, 2)).map((record) => record.value.byteLength)).toEqual([0, 1]);
    });

    it('neither sees later changes of what was appended nor shares what was read', async () => {
      partition += 1;
      const value = bytes('before');
      const appended = log.append(partition, [value]);
      value.fill(0);
      await appended;
      const read = await log.read(partition, 0, 1);
      read[0]?.value.fill(0);
      expect(texts(await log.read(partition, 0, 1))).toEqual(['before']);
    });

    it('takes a batch of 50,000 records and a record of a megabyte', async () => {
      partition += 1;
      const values = Array.from({ length: 50_000 }, (_, index) => bytes(`record ${index}`));
      await log.append(partition, values);
      const large = new Uint8Array(1_000_000).fill(7);
      expect(await log.append(partition, [large])).toBe(50_000);
      const records = await log.read(partition, 0, 60_000);
      expect(records.length).toBe(50_001);
      expect(records.every((record, index) => record.offset === index)).toBe(true);
      expect(texts(records.slice(49_999, 50_000))).toEqual(['record 49999']);
      expect(records[50_000]?.value.byteLength).toBe(1_000_000);
      expect(records[50_000]?.value.every((byte) => byte === 7)).toBe(true);
    });

    it('refuses what it cannot keep whole, and keeps nothing of it', async () => {
      partition += 1;
      const tooLarge = new Uint8Array(16 * 1024 * 1024 + 1);
      await expect(log.append(partition, [bytes('a'), tooLarge])).rejects.toMatchObject({
        code: 'STORE_TOO_LARGE',
      });
      await expect(log.append(-1, [bytes('a')])).rejects.toMatchObject({ code: 'STORE_RANGE' });
      await expect(log.read(partition, -1, 1)).rejects.toMatchObject({ code: 'STORE_RANGE' });
      await expect(log.read(partition, 0, Infinity)).rejects.toMatchObject({ code: 'STORE_RANGE' });
      expect(await log.end(partition)).toBe(0);
    });

    it('answers as a list per partition does, after any sequence of calls', async () => {
      const base = partition + span;
      let run = 0;
      const call = fc.oneof(
        fc.record({
          partition: fc.integer({ min: 0, max: 2 }),
          values: fc.array(fc.uint8Array({ maxLength: 40 })),
        }),
        fc.constant('reopen' as const),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
          const first = base + 3 * run++;
          const model = new Map<number, Uint8Array[]>();
          for (const step of calls) {
            if (step === 'reopen') {
              if (under.reopen !== undefined) log = await under.reopen();
              continue;
            }
            const expected = model.get(step.partition) ?? [];
            expect(await log.append(first + step.partition, step.values)).toBe(expected.length);
            model.set(step.partition, [...expected, ...step.values]);
          }
          for (const [index, values] of model) {
            expect(await log.end(first + index)).toBe(values.length);
            const middle = Math.floor(values.length / 2);
            const read = await log.read(first + index, middle, 1_000);
            expect(read.map((record) => [...record.value])).toEqual(
              values.slice(middle).map((value) => [...value]),
            );
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}
