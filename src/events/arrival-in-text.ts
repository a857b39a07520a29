// When an event arrives, found in its text without reading the rest of it.
import { parseDateTime } from './timestamp.js';

const BRACE = 0x7b;
const RECORDED = '"recordedtime"';
const OCCURRED = '"time"';

/**
 * The arrival of an event in structured JSON, `recordedtime` or else `time`, as epoch ms; NaN where the text there is no
 * instant, undefined where it takes a look at the whole. What is told of JSON is what the whole would tell: a text without
 * a backslash has no quote inside its strings, so a name in quotes before a colon is a name; it stands at the top where no
 * object or list begins before it; and it stands there once.
 */
export function arrivalInText(line: string): number | undefined {
  if (line.charCodeAt(0) !== BRACE || line.includes('\\')) return undefined;
  const recorded = line.indexOf(RECORDED);
  return recorded < 0
    ? instantAt(line, OCCURRED, line.indexOf(OCCURRED))
    : instantAt(line, RECORDED, recorded);
}

function instantAt(line: string, name: string, at: number): number | undefined {
  const from = at + name.length;
  if (at < 0 || !line.startsWith(':"', from)) return undefined;
  for (const opening of ['{', '[']) {
    const other = line.indexOf(opening, 1);
    if (other >= 0 && other < at) return undefined;
  }
  if (line.includes(name, from)) return undefined;
  const end = line.indexOf('"', from + 2);
  if (end < 0) return undefined;
  return parseDateTime(line.slice(from + 2, end)) ?? NaN;
}
