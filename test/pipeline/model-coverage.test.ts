// Which branches of a model its tests took.
import { describe, expect, it } from 'vitest';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { setOf } from '../engine/turns.js';

const MODEL = (levels: string) => `scope: subject
indicators:
  a: { from: complaint, count: '*', over: 10d }
  b: { from: inspection, count: '*', over: 10d }
  c: { from: penalty, count: '*', over: 10d }
${levels}
`;

const EVENTS: { readonly [name: string]: string } = {
  a: 'complaint: { category: x }',
  b: 'inspection: { inspection: J-1, result: fail }',
  c: 'penalty: { kind: fine, amount: 1 }',
};

/** What cases leave untaken, each of which is the names of the figures that rise one after the other. */
function untaken(levels: string, ...cases: readonly string[]): readonly string[] {
  return resultOf(levels, cases).untaken;
}

function resultOf(levels: string, cases: readonly string[]) {
  const listed = cases.map((names, index) => {
    const events = [...names].map((name, hour) => `{ at: ${hour}h, ${EVENTS[name] ?? ''} }`);
    return `  - { name: n${index}, subject: { credit: A }, events: [${events.join(', ')}], expect: [] }\n`;
  });
  const { tests, diagnostics } = parseModelTests(
    'sim/one.test.yaml',
    `model: sim/one\ncases:\n${listed.join('')}`,
  );
  if (tests === null) throw new Error(JSON.stringify(diagnostics));
  const result = runModelTests(tests, setOf({ 'sim/one': MODEL(levels) }));
  const refused = result.cases.flatMap(({ failures }) =>
    failures.filter(({ message }) => /^[A-Z]/.test(message)),
  );
  expect(refused).toEqual([]);
  return result;
}

describe('branches that no case takes', () => {
  const either = "levels: { red: 'a > 0 || b > 1' }";

  it('are operands of || that never hold', () => {
    expect(untaken(either, 'a')).toEqual(['red: b > 1']);
    expect(untaken(either, 'bb')).toEqual(['red: a > 0']);
    expect(untaken(either, 'a', 'bb')).toEqual([]);
  });

  it('are taken, too, while the level is on already', () => {
    expect(untaken(either, 'abb')).toEqual([]);
  });

  it('are not taken by what holds beside them on another way', () => {
    const levels = "levels: { red: 'a > 0 && (b > 0 || c > 0) || a > 1' }";
    expect(untaken(levels, 'caa')).toEqual(['red: b > 0']);
    expect(untaken(levels, 'baa')).toEqual(['red: c > 0']);
    expect(untaken("levels: { red: 'a > 0 && (b > 0 || c > 0) || c > 0' }", 'bc')).toEqual([
      'red: a > 0 && (b > 0 || c > 0)',
      'red: b > 0',
      'red: c > 0',
    ]);
  });

  it('are arms of a choice, but for constant ones', () => {
    const levels = `levels: { red: 'subject.credit == "A" ? a > 1 : a > 0', blue: 'b > 0 ? c > 0 : false' }`;
    expect(untaken(levels, 'aa', 'b')).toEqual(['red: a > 0']);
    expect(untaken(levels, 'aa', 'bc')).toEqual(['red: a > 0']);
  });

  it('are those of a clear as well', () => {
    const levels = "levels: { red: 'a > 0' }\nclear: { red: 'b > 0 || c > 0' }";
    expect(untaken(levels, 'ab')).toEqual(['red: c > 0']);
  });

  it('are not named where their level is not reached at all', () => {
    expect(untaken("levels: { red: 'a > 5 || b > 5', blue: 'a > 0' }", 'a')).toEqual([]);
  });

  it('are lines of the score that never count', () => {
    const score = `score:
  - { name: many, weight: 60, of: a, low: 0, high: 4 }
  - { name: checked, weight: 40, if: 'b > 0' }
levels: { blue: 'score >= 15' }`;
    expect(untaken(score, 'a')).toEqual(['score: checked']);
    expect(untaken(score, 'ab')).toEqual([]);
  });

  it('are none in calls and comparisons', () => {
    expect(untaken(`levels: { red: 'a > 0 && !(b > 5 || c > 5)' }`, 'a')).toEqual([]);
  });
});

describe('how much the cases reach', () => {
  const levels = `score:
  - { name: many, weight: 60, of: a, low: 0, high: 4 }
  - { name: checked, weight: 40, if: 'b > 0' }
levels: { red: 'c > 0 || score >= 90', blue: 'score >= 15' }`;

  it('is counted by levels, branches and lines of the score, and in all', () => {
    expect(resultOf(levels, ['a']).coverage).toEqual({
      levels: { reached: 1, all: 2 },
      branches: { reached: 0, all: 2 },
      score: { reached: 1, all: 2 },
      percent: 33.3,
      unreached: ['level red', 'branch red: c > 0', 'branch red: score >= 90', 'score line checked'],
    });
    expect(resultOf(levels, ['aaaab', 'c']).coverage).toMatchObject({ percent: 100, unreached: [] });
  });

  it('is all of a model that has nothing to reach but its level, once that is', () => {
    expect(resultOf("levels: { red: 'a > 0' }", ['a']).coverage?.percent).toBe(100);
    expect(resultOf("levels: { red: 'a > 0' }", ['b']).coverage?.percent).toBe(0);
  });
});
