// What a case expects against what came: the first difference in the transitions, and every one in figures.
import { offsetText } from '../catalogue/duration.js';
import type { Transition } from '../engine/output.js';
import { KEY_SCOPES, type Json, type JsonObject } from '../events/event.js';
import { TEST_ORIGIN_MS, testKeyId, type Expectation } from '../model/tests.js';

/** A difference between what was expected and what came. */
export interface CaseFailure {
  /** Line of the expectation in the file, or of the case where something came that nobody expected. */
  readonly line: number;
  readonly message: string;
}

/** A transition, and whether a cadence is said to be broken by it. */
export interface Came {
  readonly transition: Transition;
  readonly feed: Expectation['feed'];
}

function feedShown(feed: Expectation['feed']): string {
  return feed === null ? '' : `feed: ${feed} `;
}

/** The differences, in the order of the expectations; of transitions the first alone. */
export function compare(line: number, expect: readonly Expectation[], came: readonly Came[]): CaseFailure[] {
  const failures: CaseFailure[] = [];
  const count = Math.max(expect.length, came.length);
  for (let index = 0; index < count; index++) {
    const expected = expect[index];
    const actual = came[index];
    const wanted =
      expected === undefined ? 'nothing more' : `${offsetText(expected.atMs)} ${expectedWords(expected)}`;
    const shown =
      actual === undefined
        ? 'nothing more'
        : `${offsetText(offsetOf(actual))} ${cameWords(actual, expected)}`;
    if (wanted !== shown) {
      failures.push({ line: expected?.line ?? line, message: `expected ${wanted}, came ${shown}` });
      break;
    }
    if (expected === undefined || actual === undefined) continue;
    for (const { name, expected: figure, came: value } of figureDifferences(expected, actual)) {
      if (value === undefined) {
        const names = Object.keys(actual.transition.indicators).join(', ');
        failures.push({ line: expected.line, message: `the model has no figure ${name}, only ${names}` });
        continue;
      }
      const message = `at ${wanted}: expected ${name} ${JSON.stringify(figure)}, came ${JSON.stringify(value)}`;
      failures.push({ line: expected.line, message });
    }
  }
  return failures;
}

/** A figure that is not as expected. */
export interface FigureDifference {
  readonly name: string;
  readonly expected: Json;
  /** Absent where the model has no such figure. */
  readonly came?: Json;
}

/** The figures that an expectation names and a transition has otherwise. */
export function figureDifferences({ figures }: Expectation, { transition }: Came): FigureDifference[] {
  return Object.entries(figures).flatMap(([name, expected]): FigureDifference[] => {
    if (name !== 'score' && !(name in transition.indicators)) return [{ name, expected }];
    const came = name === 'score' ? scoreFor(expected, transition) : (transition.indicators[name] ?? null);
    return isSame(came, expected) ? [] : [{ name, expected, came }];
  });
}

/**
 * When a transition came, counted as a case counts: in whole seconds, the fractions of which nobody can write. They
 * come about where panes are looked at a little after their edge, spread over the keys.
 */
export function offsetOf({ transition }: Came): number {
  return Math.floor((transition.clock - TEST_ORIGIN_MS) / 1_000) * 1_000;
}

/** What is expected, but for the instant. */
export function expectedWords({ feed, level, key }: Expectation): string {
  return `${feedShown(feed)}${level}${key === null ? '' : ` of ${key}`}`;
}

/** The same of what came; the key stands there where the expectation needs it, or where it is another than the case's own. */
export function cameWords({ transition, feed }: Came, expected: Expectation | undefined): string {
  const key = keyName(transition, expected);
  return `${feedShown(feed)}${transition.level}${key === null ? '' : ` of ${key}`}`;
}

/** The key of a transition as the case names it; null where it is the case's own and none is named. */
export function keyName({ scope, key }: Transition, expected: Expectation | undefined): string | null {
  const isWide = !KEY_SCOPES.some((one) => one === scope);
  if ((expected === undefined || expected.key === null) && (isWide || key === testKeyId())) return null;
  if (isWide) return key;
  return key === testKeyId() ? 'its own key' : key.slice(testKeyId('').length);
}

/** The score, or, where the author names lines of it, what they contributed. */
function scoreFor(figure: Json, { score }: Transition): Json {
  if (score === undefined) return null;
  if (!isObject(figure)) return score.value;
  return Object.fromEntries(score.lines.map((line) => [line.name, line.contribution]));
}

/** Numbers agree to nine digits, so that an author may write 0.333333333; of an object, what the author names. */
function isSame(value: Json, figure: Json): boolean {
  if (typeof value === 'number' && typeof figure === 'number') {
    return Math.abs(value - figure) <= 1e-9 * Math.max(1, Math.abs(figure));
  }
  if (isObject(value) && isObject(figure)) {
    return Object.entries(figure).every(([name, wanted]) => isSame(value[name] ?? null, wanted));
  }
  return JSON.stringify(value) === JSON.stringify(figure);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
