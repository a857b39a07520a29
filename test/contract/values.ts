// What every keeper of small named values does, whatever it keeps them in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedValues } from '../../src/ports/values.js';

export interface ValuesUnderTest {
  readonly values: NamedValues;
  /** Closes the store and opens what it kept; absent where nothing outlives the process. */
  reopen?(): Promise<NamedValues>;
  close(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : new TextDecoder().decode(value);

/** Runs the contract of `NamedValues` on what `open` opens, empty each time. */
export function valuesContract(name: string, open: () => Promise<ValuesUnderTest>): void {
  describe(`named values on ${name}`, () => {
    let under: ValuesUnderTest;
    let values: NamedValues;
    beforeAll(async () => {
      under = await open();
      values = under.values;
    });
    afterAll(() => under.close());

    it('are there once put, the last in place of the one before', async () => {
      expect(await values.get('a')).toBeUndefined();
      await values.put('a', bytes('1'));
      await values.put('rules/b', bytes('other'));
      await values.put('a', bytes('2'));
      await values.put('empty', bytes(''));
      expect(text(await values.get('a'))).toBe('2');
      expect(text(await values.get('rules/b'))).toBe('other');
      expect(text(await values.get('empty'))).toBe('');
      if (under.reopen !== undefined) values = await under.reopen();
      expect(text(await values.get('a'))).toBe('2');
    });

    it('stay as first put where they are put once, however many do so at a time', async () => {
      const kept = await Promise.all(
        ['x', 'y', 'z'].map(async (value) => text(await values.putOnce('once', bytes(value)))),
      );
      expect(new Set(kept).size).toBe(1);
      expect(text(await values.get('once'))).toBe(kept[0]);
      expect(text(await values.putOnce('once', bytes('late')))).toBe(kept[0]);
      expect(text(await values.get('once'))).toBe(kept[0]);
    });

    it('may be several megabytes of any bytes, and do not change with the array handed over', async () => {
      const large = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, index) => index % 251);
      const putting = values.put('large', large);
      const copy = large.slice();
      large.fill(0);
      await putting;
      expect(Buffer.compare((await values.get('large')) ?? Buffer.alloc(0), copy)).toBe(0);
    });

    it('are refused with a name that no store keeps, or where they are too large', async () => {
      const put = (name: string, size: number) => values.putOnce(name, new Uint8Array(size));
      await expect(put('', 1)).rejects.toMatchObject({ code: 'STORE_KEY' });
      await expect(put('n'.repeat(201), 1)).rejects.toMatchObject({ code: 'STORE_KEY' });
      await expect(put('n', 16 * 1024 * 1024 + 1)).rejects.toMatchObject({ code: 'STORE_TOO_LARGE' });
    });
  });
}
