// The canonical form is that of the library, whatever the value, and so are its refusals.
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, canonicalForm } from '../../src/evidence/canonical-form.js';

const names = fc.oneof(
  fc.constantFrom('b', 'a', 'aa', '中', '\ud83d\ude00', '\ufb33', '10', '9', '1a', '', '__proto__', 'toJSON'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const leaves = fc.oneof(
  fc.constantFrom<unknown>(null, true, -0, 1e21, 1e-7, 0.1, '\u2028', '\u0007"\\', 'é中', undefined),
  fc.double(),
  fc.integer(),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

function outcome(action: () => unknown): unknown {
  try {
    const text = action();
    return text ?? 'refused';
  } catch {
    return 'refused';
  }
}

describe('canonical form', () => {
  it('is that of the library, whatever the value, and so are its refusals; its value is what its text says', () => {
    let texts = 0;
    fc.assert(
      fc.property(values, (value) => {
        const expected = outcome(() => canonicalize(value));
        expect(outcome(() => canonicalForm(value))).toBe(expected);
        if (typeof expected !== 'string' || expected === 'refused') return;
        const { value: same } = canonical(value);
        expect(same).toStrictEqual(JSON.parse(expected));
        expect(JSON.stringify(same)).toBe(JSON.stringify(JSON.parse(expected)));
        texts++;
      }),
      { numRuns: 5_000 },
    );
    expect(texts).toBeGreaterThan(1_000);
  });

  it('leaves the value as it is', () => {
    const value = { b: [{ d: 1, c: 2 }], a: 3 };
    expect(canonicalForm(value)).toBe('{"a":3,"b":[{"c":2,"d":1}]}');
    expect(Object.keys(value)).toEqual(['b', 'a']);
    expect(Object.keys(value.b[0] ?? {})).toEqual(['d', 'c']);
  });

  it('refuses circles and functions', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => canonicalForm(circle)).toThrow();
    expect(() => canonicalForm(() => 1)).toThrow();
    expect(canonicalForm({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  });
});
