import { expect, it } from 'vitest';
import { keysAtHand } from '../../src/app/keys-at-hand.js';

const GIB = 1024 ** 3;

it('keeps as many keys at hand as fit into a quarter of the heap, within bounds', () => {
  expect(keysAtHand(GIB)).toBe(65_536);
  expect(keysAtHand(64 * GIB)).toBe(125_000);
  expect(keysAtHand(GIB / 64)).toBe(10_000);
});
