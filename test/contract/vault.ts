// What every vault does, whatever keeps it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/ports/vault.js';

export interface VaultUnderTest {
  readonly vault: Vault;
  /** Closes the vault and opens what it kept; absent where nothing outlives the process. */
  reopen?(): Promise<Vault>;
  close(): Promise<void>;
}

/** Runs the contract of `Vault` on what `open` opens, empty each time. */
export function vaultContract(name: string, open: () => Promise<VaultUnderTest>): void {
  describe(`vault on ${name}`, () => {
    let under: VaultUnderTest;
    let vault: Vault;
    beforeAll(async () => {
      under = await open();
      vault = under.vault;
    });
    afterAll(() => under.close());

    it('reveals what it keeps, and nothing else', async () => {
      await vault.keep([
        { pseudonym: 'p1', value: '13800000000' },
        { pseudonym: 'p2', value: '某某路 1 号 😀' },
        { pseudonym: 'p3', value: '' },
      ]);
      expect(await vault.reveal('p1')).toBe('13800000000');
      expect(await vault.reveal('p2')).toBe('某某路 1 号 😀');
      expect(await vault.reveal('p3')).toBe('');
      expect(await vault.reveal('p4')).toBeUndefined();
    });

    it('keeps the first value of a pseudonym, within a call and across calls', async () => {
      await vault.keep([
        { pseudonym: 'same', value: 'one' },
        { pseudonym: 'same', value: 'one' },
      ]);
      await Promise.all([1, 2, 3].map(() => vault.keep([{ pseudonym: 'same', value: 'one' }])));
      expect(await vault.reveal('same')).toBe('one');
    });

    it('forgets an erased person and no other, for good', async () => {
      await vault.keep([
        { pseudonym: 'gone', value: 'a' },
        { pseudonym: 'stays', value: 'b' },
      ]);
      await vault.erase('gone');
      await vault.erase('gone');
      await vault.erase('never there');
      expect(await vault.reveal('gone')).toBeUndefined();
      expect(await vault.reveal('stays')).toBe('b');
      if (under.reopen !== undefined) vault = await under.reopen();
      expect(await vault.reveal('gone')).toBeUndefined();
      expect(await vault.reveal('stays')).toBe('b');
      await vault.keep([{ pseudonym: 'gone', value: 'a' }]);
      expect(await vault.reveal('gone')).toBe('a');
    });

    it('keeps 5,000 values in one call', async () => {
      const entries = Array.from({ length: 5_000 }, (_, index) => ({
        pseudonym: `many${index}`,
        value: `v${index}`,
      }));
      await vault.keep(entries);
      for (const index of [0, 1, 2_500, 4_999]) expect(await vault.reveal(`many${index}`)).toBe(`v${index}`);
    });

    it('refuses a pseudonym or a value that is too long, and keeps nothing of the call', async () => {
      const good = { pseudonym: 'beside', value: 'x' };
      const long = { pseudonym: 'p'.repeat(501), value: 'x' };
      await expect(vault.keep([good, long])).rejects.toMatchObject({ code: 'STORE_KEY' });
      const large = { pseudonym: 'large', value: 'x'.repeat(65_537) };
      await expect(vault.keep([good, large])).rejects.toMatchObject({ code: 'STORE_TOO_LARGE' });
      expect(await vault.reveal('beside')).toBeUndefined();
    });
  });
}
