// What every vault does, whatever keeps it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SharedVault, Vault } from '../../src/ports/vault.js';

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

/** Runs the contract of `SharedVault` on one that `open` opens, empty. */
export function sharedVaultContract(
  name: string,
  open: () => Promise<{ readonly vault: SharedVault; close(): Promise<void> }>,
): void {
  describe(`shared vault on ${name}`, () => {
    let under: { readonly vault: SharedVault; close(): Promise<void> };
    let vault: SharedVault;
    beforeAll(async () => {
      under = await open();
      vault = under.vault;
    });
    afterAll(() => under.close());

    const keep = (...names: string[]) =>
      vault.keep(names.map((pseudonym) => ({ pseudonym, value: `of ${pseudonym}` })));
    const reveal = (...names: string[]) => Promise.all(names.map((pseudonym) => vault.reveal(pseudonym)));

    it('takes values out, says which, and puts them back or drops them', async () => {
      await keep('back', 'gone', 'stays');
      const before = await vault.erasures();
      const { moved, absent } = await vault.setAside(['gone', 'never', 'back'], 'me');
      expect([[...moved].sort(), absent]).toEqual([['back', 'gone'], ['never']]);
      expect(await vault.erasures()).toBeGreaterThan(before);
      expect(await reveal('back', 'gone', 'stays')).toEqual([undefined, undefined, 'of stays']);
      expect((await vault.aside()).sort()).toEqual(['back', 'gone']);
      await vault.putBack(['back', 'never'], 'me');
      expect(await vault.drop(['gone', 'back', 'never'], 'me')).toEqual(['gone']);
      expect(await reveal('back', 'gone', 'stays')).toEqual(['of back', undefined, 'of stays']);
      expect(await vault.aside()).toEqual([]);
    });

    it('keeps anew what lies aside, and neither dropping nor putting back touches that', async () => {
      await keep('dropped', 'returned');
      await vault.setAside(['dropped', 'returned'], 'me');
      await vault.keep([
        { pseudonym: 'dropped', value: 'anew' },
        { pseudonym: 'returned', value: 'anew' },
      ]);
      await vault.drop(['dropped'], 'me');
      await vault.putBack(['returned'], 'me');
      expect(await reveal('dropped', 'returned')).toEqual(['anew', 'anew']);
      expect(await vault.aside()).toEqual([]);
    });

    it('leaves what another has set aside to that one, until it is put back for whoever it was', async () => {
      await keep('theirs');
      await vault.setAside(['theirs'], 'they');
      expect(await vault.setAside(['theirs'], 'me')).toEqual({ moved: [], absent: [] });
      expect(await vault.drop(['theirs'], 'me')).toEqual([]);
      await vault.putBack(['theirs'], 'me');
      expect(await reveal('theirs')).toEqual([undefined]);
      await vault.putBack(await vault.aside(), null);
      expect(await vault.drop(['theirs'], 'they')).toEqual([]);
      expect(await reveal('theirs')).toEqual(['of theirs']);
    });

    it('erases what lies aside as well, and counts it', async () => {
      await keep('asked');
      await vault.setAside(['asked'], 'me');
      const before = await vault.erasures();
      await vault.erase('asked');
      expect(await vault.erasures()).toBeGreaterThan(before);
      await vault.putBack(['asked'], 'me');
      expect(await reveal('asked')).toEqual([undefined]);
    });

    it('moves 5,000 values in one call', async () => {
      const names = Array.from({ length: 5_000 }, (_, index) => `many${index}`);
      await keep(...names);
      expect((await vault.setAside(names, 'me')).moved).toHaveLength(5_000);
      await vault.putBack(names.slice(0, 2_500), 'me');
      expect(await vault.drop(names, 'me')).toEqual(names.slice(2_500));
      expect(await reveal('many2499', 'many2500')).toEqual(['of many2499', undefined]);
    });
  });
}
