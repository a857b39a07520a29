import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOfUtf8 } from '../../../src/adapters/http/text.js';

describe('the text of UTF-8 bytes', () => {
  it('is what it was before it became bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(textOfUtf8(Buffer.from(text))).toBe(text);
      }),
    );
    for (const text of ['', 'plain', '\ufeff{}', '甲烷', '𠮷野家', 'é', '\u0000']) {
      expect(textOfUtf8(Buffer.from(text))).toBe(text);
    }
  });
});
