// A check of rules as data: what it is called, what it says to authors, and an example, wrong and right.
import type { Code } from '../../events/codes.js';

export interface Check {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** `mends` where `check --fix` puts it right. */
  readonly fix?: 'mends';
  /** What is wrong and what to do, for authors. */
  readonly says: string;
  readonly example: Example;
}

/** What is changed in a small valid set of rules. */
export interface Example {
  /** The file in it; the model where left out. */
  readonly file?: string;
  /** Whether the texts are the whole file, none where empty, and not top-level keys that replace those of the set or are added to them. */
  readonly whole?: true;
  /** Top-level keys that the wrong one lacks. */
  readonly without?: readonly string[];
  /** `¦` stands before the place that is named; where there is none, it is the beginning of the file. */
  readonly wrong: string;
  readonly right: string;
  /** Further files of the set, whole. */
  readonly beside?: { readonly [path: string]: string };
  /** Files that only the wrong one has so. */
  readonly besideWrong?: { readonly [path: string]: string };
  /** A file of the set that the wrong one lacks. */
  readonly gone?: string;
  /** A file of events that is given, as NDJSON. */
  readonly events?: string;
  /** For how many days events are kept, where that is given. */
  readonly keptDays?: number;
}

export const MARK = '¦';

/** Takes a check down; the fields in the order in which they are read. */
export function error(code: Code, says: string, example: Example, fix?: 'mends'): Check {
  return { code, severity: 'error', says, example, ...(fix === undefined ? {} : { fix }) };
}

export function warning(code: Code, says: string, example: Example, fix?: 'mends'): Check {
  return { code, severity: 'warning', says, example, ...(fix === undefined ? {} : { fix }) };
}

/** An example in one indicator of the model. */
export function inIndicator(wrong: string, right: string): Example {
  const indicator = (text: string) => `indicators:\n  complaints: ${text}\n`;
  return { wrong: indicator(wrong), right: indicator(right) };
}

/** An example in the indicators, of which a level reads `found`. */
export function inFigure(wrong: string, right: string, level = 'found >= 3'): Example {
  const model = (text: string) => `indicators:\n  found: ${text}\nlevels:\n  yellow: '${level}'\n`;
  return { wrong: model(wrong), right: model(right) };
}

/** An example in the yellow level. */
export function inLevel(wrong: string, right: string): Example {
  const level = (text: string) => `levels:\n  yellow: ${text}\n`;
  return { wrong: level(wrong), right: level(right) };
}
