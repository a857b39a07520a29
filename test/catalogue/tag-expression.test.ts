// Expressions of tags: what they mean, whatever their shape, and where a fault lies.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTags } from '../../src/catalogue/tag-expression.js';

const TAGS = ['食品经营', '燃气用户', 'A', 'b-2'];

/** An expression as text, and what it means. */
interface Meant {
  readonly text: string;
  readonly holds: (tags: ReadonlySet<string>) => boolean;
}

const { any } = fc.letrec<{ any: Meant; one: Meant }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...TAGS).map((tag): Meant => ({ text: tag, holds: (tags) => tags.has(tag) })),
    fc.constantFrom(...TAGS).map((tag): Meant => ({ text: `"${tag}"`, holds: (tags) => tags.has(tag) })),
    tie('one').map(({ text, holds }): Meant => ({ text: `!${text}`, holds: (tags) => !holds(tags) })),
    tie('any').map(({ text, holds }): Meant => ({ text: `( ${text} )`, holds })),
  ),
  any: fc
    .array(fc.array(tie('one'), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((terms): Meant => ({
      text: terms.map((term) => term.map(({ text }) => text).join('&&')).join(' || '),
      holds: (tags) => terms.some((term) => term.every(({ holds }) => holds(tags))),
    })),
}));

describe('an expression of tags', () => {
  it('means what its parts mean: ! before &&, && before ||', () => {
    fc.assert(
      fc.property(any, fc.subarray(TAGS), ({ text, holds }, tags) => {
        const read = parseTags(text);
        // Only what is too long or too deep is refused.
        if (!read.ok) expect(read.message).toMatch(/more than/);
        else expect(read.test(new Set(tags))).toBe(holds(new Set(tags)));
      }),
    );
  });

  it('names its tags, and takes quoted ones with blanks', () => {
    const read = parseTags(' 食品经营 && !("a || b" || 食品经营)');
    expect(read.ok && read.tags).toEqual(['食品经营', 'a || b']);
  });

  it.each([
    ['', 1, 'it ends where a tag is expected'],
    ['A &&', 5, 'it ends where a tag is expected'],
    ['A B', 3, 'there is "B" where an operator or the end is expected'],
    ['A & B', 3, '"&" is no tag and no operator'],
    ['(A || B', 8, 'it ends where an operator or ) is expected'],
    ['A)', 2, 'there is ")" where an operator or the end is expected'],
    ['A && || B', 6, 'there is "||" where a tag is expected'],
    ['"A', 1, '"\\"" is no tag and no operator'],
    [`${'('.repeat(30)}A`, 22, 'more than 20 levels deep'],
    ['x'.repeat(1_001), 1_000, 'more than 1000 characters'],
  ])('says of %s that at character %i %s', (text, column, message) => {
    expect(parseTags(text)).toEqual({ ok: false, column, message });
  });
});
