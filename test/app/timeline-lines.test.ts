// Whether the time line of a failed case is coloured, as the terminal and the environment say.
import { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { isColoured } from '../../src/app/timeline-lines.js';

/** What a terminal says of itself in an environment. */
function terminal(environment: { readonly [name: string]: string }) {
  const hasColors = () => WriteStream.prototype.hasColors(16, environment);
  return { isTTY: true, hasColors };
}

describe('colours', () => {
  it('are used on a terminal that has some, unless NO_COLOR is set', () => {
    expect(isColoured(terminal({ TERM: 'xterm-256color' }))).toBe(true);
    expect(isColoured(terminal({ TERM: 'xterm-256color', NO_COLOR: '1' }))).toBe(false);
    expect(isColoured(terminal({ TERM: 'dumb' }))).toBe(false);
  });

  it('are not used in a file or a pipe', () => {
    expect(isColoured({})).toBe(false);
    expect(isColoured({ isTTY: false, hasColors: () => true })).toBe(false);
  });
});
