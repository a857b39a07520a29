import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOfUtf8, textOfUtf8 } from '../../../src/adapters/http/text.js';

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

  it('comes in pieces that end with a line and are the whole together', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.nat(300), fc.boolean(), (lines, times, ends) => {
        const text = (lines.join('\n') + '\n').repeat(times) + (ends ? '' : 'x');
        const pieces = piecesOfUtf8(Buffer.from(text));
        expect(pieces.join('')).toBe(text);
        expect(pieces.slice(0, -1).every((piece) => piece.endsWith('\n'))).toBe(true);
      }),
    );
    expect(piecesOfUtf8(Buffer.from('中文\n'.repeat(50_000))).length).toBeGreaterThan(10);
    expect(piecesOfUtf8(Buffer.alloc(0))).toEqual([]);
  });
});
