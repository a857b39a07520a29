import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactSum } from '../../src/engine/exact-sum.js';

describe('a sum of products', () => {
  const whole = fc.maxSafeInteger();

  it('is that of the products before they are rounded', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(whole, whole)), (pairs) => {
        const sum = new ExactSum();
        for (const [a, b] of pairs) sum.addProduct(a, b);
        const exact = pairs.reduce((total, [a, b]) => total + BigInt(a) * BigInt(b), 0n);
        expect(sum.value()).toBe(Number(exact));
      }),
    );
  });

  it('is so for fractions', () => {
    const sum = new ExactSum();
    sum.addProduct(0.1, 10);
    sum.add(-1);
    expect(sum.value()).toBe(2 ** -54);
  });
});
