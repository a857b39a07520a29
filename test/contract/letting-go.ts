// What every log does that may let go of records, whatever keeps it.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LettingGo } from '../../src/ports/letting-go.js';
import type { Log } from '../../src/ports/log.js';

export interface LettingGoUnderTest {
  readonly log: Log & LettingGo;
  /** Closes the log and opens what it kept; absent where nothing outlives the process. */
  reopen?(): Promise<Log & LettingGo>;
  close(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const values = (count: number) => Array.from({ length: count }, (_, index) => bytes(`record ${index}`));
const offsets = async (log: Log, from: number, limit: number, partition: number) =>
  (await log.read(partition, from, limit)).map(({ offset }) => offset);

/** Runs the contract of `LettingGo` on what `open` opens, empty each time. */
export function lettingGoContract(name: string, open: () => Promise<LettingGoUnderTest>): void {
  describe(`letting go on ${name}`, () => {
    let under: LettingGoUnderTest;
    let log: Log & LettingGo;
    let partition = 0;
    beforeAll(async () => {
      under = await open();
      log = under.log;
    });
    afterAll(() => under.close());

    it('leaves offsets as they are, and reads on behind what is gone', async () => {
      partition += 1;
      await log.append(partition, values(10));
      expect(await log.released(partition)).toBe(0);
      await log.letGo(partition, [1, 2, 5], 7);
      expect(await log.released(partition)).toBe(7);
      expect(await log.end(partition)).toBe(10);
      expect(await offsets(log, 0, 100, partition)).toEqual([0, 3, 4, 6, 7, 8, 9]);
      // A page is full wherever there is enough behind its first offset.
      expect(await offsets(log, 0, 3, partition)).toEqual([0, 3, 4]);
      expect(await offsets(log, 5, 2, partition)).toEqual([6, 7]);
      expect(await offsets(log, 1, 1, partition)).toEqual([3]);
      const [record] = await log.read(partition, 5, 1);
      expect(new TextDecoder().decode(record?.value)).toBe('record 6');
      expect(await log.append(partition, [bytes('new')])).toBe(10);
    });

    it('lets go again of what is gone, and never goes back', async () => {
      partition += 1;
      await log.append(partition, values(6));
      await log.letGo(partition, [0, 1], 4);
      await log.letGo(partition, [1, 2], 3);
      await log.letGo(partition, [], 5);
      expect(await log.released(partition)).toBe(5);
      expect(await offsets(log, 0, 10, partition)).toEqual([3, 4, 5]);
    });

    it('keeps partitions apart', async () => {
      partition += 2;
      await log.append(partition - 1, values(3));
      await log.append(partition, values(3));
      await log.letGo(partition, [0, 1], 2);
      expect(await offsets(log, 0, 10, partition - 1)).toEqual([0, 1, 2]);
      expect(await offsets(log, 0, 10, partition)).toEqual([2]);
      expect(await log.released(partition - 1)).toBe(0);
    });

    it('refuses the newest record and what does not lie below, and lets nothing of it go', async () => {
      partition += 1;
      await log.append(partition, values(4));
      await expect(log.letGo(partition, [3], 4)).rejects.toMatchObject({ code: 'STORE_RANGE' });
      await expect(log.letGo(partition, [0, 2], 2)).rejects.toMatchObject({ code: 'STORE_RANGE' });
      await expect(log.letGo(partition + 1, [0], 1)).rejects.toMatchObject({ code: 'STORE_RANGE' });
      expect(await offsets(log, 0, 10, partition)).toEqual([0, 1, 2, 3]);
      expect(await log.released(partition)).toBe(0);
    });

    it('answers as a list with holes does, after any sequence of calls', async () => {
      const call = fc.oneof(
        fc.record({ append: fc.integer({ min: 1, max: 8 }) }),
        fc.record({ below: fc.nat(40), gone: fc.array(fc.nat(40), { maxLength: 12 }) }),
        fc.constant('reopen' as const),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 14 }), fc.nat(40), async (calls, from) => {
          partition += 1;
          const kept: boolean[] = [];
          let released = 0;
          for (const step of calls) {
            if (step === 'reopen') {
              if (under.reopen !== undefined) log = await under.reopen();
            } else if ('append' in step) {
              await log.append(partition, values(step.append));
              for (let index = 0; index < step.append; index++) kept.push(true);
            } else if (step.below < kept.length) {
              const gone = step.gone.filter((offset) => offset < step.below);
              await log.letGo(partition, gone, step.below);
              for (const offset of gone) kept[offset] = false;
              released = Math.max(released, step.below);
            }
          }
          const left = kept.flatMap((is, offset) => (is && offset >= from ? [offset] : []));
          expect(await offsets(log, from, 100, partition)).toEqual(left);
          expect(await offsets(log, from, 3, partition)).toEqual(left.slice(0, 3));
          expect([await log.end(partition), await log.released(partition)]).toEqual([kept.length, released]);
        }),
        { numRuns: 60 },
      );
    });
  });
}
