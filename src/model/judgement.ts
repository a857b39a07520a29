// What the parts of a condition say at one instant, and the least of them that would have to say otherwise.
import type { Comparison, Part, Side } from './dissection.js';
import type { EvaluationScope, Value } from './expression/expression.js';

/** A part of a condition as it stands: true, false, null, or an error. */
interface JudgedBase {
  readonly text: string;
  readonly value: Value;
}

export interface JudgedSide {
  readonly text: string;
  readonly value: Value;
  readonly type: Side['type'];
  readonly reads: Side['reads'];
}

export interface JudgedComparison extends JudgedBase {
  readonly kind: 'comparison';
  readonly operator: Comparison;
  readonly left: JudgedSide;
  readonly right: JudgedSide;
  /** The left side less the right one; null where they are no numbers. */
  readonly difference: number | null;
}

export interface JudgedTest extends JudgedBase {
  readonly kind: 'test';
  readonly constant: boolean;
  readonly reads: Side['reads'];
}

export type Judged =
  | (JudgedBase & { readonly kind: 'and' | 'or'; readonly parts: readonly Judged[] })
  | (JudgedBase & { readonly kind: 'not' | 'named'; readonly part: Judged })
  | (JudgedBase & {
      readonly kind: 'choice';
      readonly condition: Judged;
      readonly yes: Judged;
      readonly no: Judged;
    })
  | JudgedComparison
  | JudgedTest;

/** A comparison, or another test, that would have to come out otherwise. */
export interface Need {
  readonly part: JudgedComparison | JudgedTest;
  readonly wanted: boolean;
}

/** Evaluates a condition and each of its parts over the same figures. */
export function judge(part: Part, scope: EvaluationScope): Judged {
  const base = { text: part.text, value: part.run(scope) };
  switch (part.kind) {
    case 'and':
    case 'or':
      return { ...base, kind: part.kind, parts: part.parts.map((one) => judge(one, scope)) };
    case 'not':
    case 'named':
      return { ...base, kind: part.kind, part: judge(part.part, scope) };
    case 'choice':
      return {
        ...base,
        kind: 'choice',
        condition: judge(part.condition, scope),
        yes: judge(part.yes, scope),
        no: judge(part.no, scope),
      };
    case 'comparison': {
      const left = judgeSide(part.left, scope);
      const right = judgeSide(part.right, scope);
      const isNumeric = typeof left.value === 'number' && typeof right.value === 'number';
      const difference = isNumeric ? left.value - right.value : null;
      return { ...base, kind: 'comparison', operator: part.operator, left, right, difference };
    }
    case 'test':
      return { ...base, kind: 'test', constant: part.constant, reads: part.reads };
  }
}

function judgeSide({ text, run, type, reads }: Side, scope: EvaluationScope): JudgedSide {
  return { text, value: run(scope), type, reads };
}

/**
 * The least set of comparisons that would have to come out otherwise for a condition to be true, or false; of sets of
 * one size that which is nearest. Null where no such set is: a constant stands in its way.
 */
export function needsFor(judged: Judged, wanted: boolean): readonly Need[] | null {
  switch (judged.kind) {
    case 'comparison':
      return judged.value === wanted ? [] : [{ part: judged, wanted }];
    case 'test':
      if (judged.value === wanted) return [];
      return judged.constant ? null : [{ part: judged, wanted }];
    case 'not':
      return needsFor(judged.part, !wanted);
    case 'named':
      return needsFor(judged.part, wanted);
    case 'and':
    case 'or': {
      const needs = judged.parts.map((part) => needsFor(part, wanted));
      return (judged.kind === 'and') === wanted ? together(needs) : least(needs);
    }
    case 'choice': {
      const { condition, yes, no } = judged;
      return least([
        together([needsFor(condition, true), needsFor(yes, wanted)]),
        together([needsFor(condition, false), needsFor(no, wanted)]),
      ]);
    }
  }
}

function together(needs: readonly (readonly Need[] | null)[]): readonly Need[] | null {
  const all: Need[] = [];
  for (const some of needs) {
    if (some === null) return null;
    for (const need of some) {
      const isKnown = all.some(({ part, wanted }) => part.text === need.part.text && wanted === need.wanted);
      if (!isKnown) all.push(need);
    }
  }
  return all;
}

function least(needs: readonly (readonly Need[] | null)[]): readonly Need[] | null {
  let best: readonly Need[] | null = null;
  for (const some of needs) {
    if (some !== null && (best === null || effortOf(some) < effortOf(best))) best = some;
  }
  return best;
}

/** Each comparison counts 1 and, below 1, how far it is; one over nothing that events bring counts double. */
function effortOf(needs: readonly Need[]): number {
  let effort = 0;
  for (const { part } of needs) effort += (isMoved(part) ? 1 : 2) + farness(part);
  return effort;
}

function isMoved(part: Need['part']): boolean {
  const sides = part.kind === 'test' ? [part] : [part.left, part.right];
  return sides.some(({ reads }) => reads.indicators.length > 0 || reads.now);
}

/** So little that as many comparisons as a condition can have do not count as one more. */
const FAR = 0.001;

function farness(part: Need['part']): number {
  if (part.kind === 'test' || part.difference === null) return FAR;
  const gap = Math.abs(part.difference);
  return (gap / (gap + 1 + Math.abs(part.right.value as number))) * FAR;
}
