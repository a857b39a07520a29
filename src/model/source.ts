// Places in the text of a file: offsets to lines and columns, and places inside scalars.
import type { TextNode } from './yaml.js';

/** The text of one file with its lines. */
export class SourceText {
  private readonly lineStarts: number[] = [0];

  constructor(readonly text: string) {
    for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) {
      this.lineStarts.push(index + 1);
    }
  }

  /** Line and column from 1; columns count UTF-16 units. */
  placeOf(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 };
  }

  /** A line without its end, by number from 1. */
  line(number: number): string {
    const start = this.lineStarts[number - 1];
    if (start === undefined) return '';
    const next = this.lineStarts[number];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }

  /** Offset in the text of an offset in a scalar's value. */
  offsetIn(node: TextNode, valueOffset: number): number {
    const body = bodyOf(this.text, node);
    let at = body;
    let last = body;
    for (let index = 0; index < node.value.length; index += 1) {
      const unit = node.value[index] ?? '';
      // Folding, indentation and line ends change white space only; what is between it comes in the same order.
      if (/\s/.test(unit)) continue;
      while (at < node.end && this.text[at] !== unit) {
        if (!/\s/.test(this.text[at] ?? '')) return node.start;
        at += 1;
      }
      if (index >= valueOffset) return at;
      at += node.style === 'single' && unit === "'" ? 2 : 1;
      last = at;
    }
    return last;
  }
}

/** Where the value of a scalar begins: after its quote, or on the line after a block scalar's header. */
function bodyOf(text: string, node: TextNode): number {
  if (node.style === 'single' || node.style === 'double') return node.start + 1;
  if (node.style === 'plain') return node.start;
  const headerEnd = text.indexOf('\n', node.start);
  return headerEnd === -1 ? node.end : headerEnd + 1;
}
