// Conditions as they came out, and what would have to come for them to hold, as plain data.
import { asJson } from '../../engine/transition.js';
import type { Judged, JudgedSide, Need } from '../../model/judgement.js';
import type { Comparison } from '../../model/dissection.js';
import type { ExplainedCondition, ExplainedNeed, ExplainedSide } from './explanation.js';

/** What figures count in, and which of them change by whole numbers. */
export interface Measures {
  /** Of all indicators. */
  readonly names: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, string>;
  readonly whole: ReadonlySet<string>;
}

export function explainedCondition(judged: Judged, measures: Measures): ExplainedCondition {
  const { kind, text } = judged;
  const base = { kind, text, value: asJson(judged.value) };
  switch (judged.kind) {
    case 'and':
    case 'or':
      return { ...base, parts: judged.parts.map((part) => explainedCondition(part, measures)) };
    case 'not':
    case 'named':
      return { ...base, parts: [explainedCondition(judged.part, measures)] };
    case 'choice': {
      const parts = [judged.condition, judged.yes, judged.no];
      return { ...base, parts: parts.map((part) => explainedCondition(part, measures)) };
    }
    case 'comparison': {
      const { operator, left, right, difference } = judged;
      const unit = unitOf(left, measures) ?? unitOf(right, measures);
      return {
        ...base,
        operator,
        left: explainedSide(left, unit),
        right: explainedSide(right, unit),
        difference,
      };
    }
    case 'test':
      return base;
  }
}

function explainedSide({ text, value, type }: JudgedSide, unit: string | null): ExplainedSide {
  return { text, value: asJson(value), type, unit };
}

/** The unit of what reads indicators of one unit alone. */
function unitOf({ text, reads }: JudgedSide, { units }: Measures): string | null {
  const own = units.get(text);
  if (own !== undefined) return own;
  // A quotient has the unit of none of its parts.
  if (reads.indicators.length === 0 || text.includes('/')) return null;
  const found = new Set(reads.indicators.map((name) => units.get(name) ?? null));
  const [only = null] = found;
  return found.size === 1 ? only : null;
}

/** Seen from the other side. */
const TURNED: { readonly [operator in Comparison]: Comparison } = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
  in: 'in',
};
/** What holds where the comparison does not. */
const DENIED: { readonly [operator in Comparison]: Comparison | null } = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
  in: null,
};

/** What is asked of a comparison, with the side that events move on the left. */
export function explainedNeed({ part, wanted }: Need, measures: Measures): ExplainedNeed {
  const plain = { text: part.text, wanted, by: null, indicator: null };
  if (part.kind === 'test') return { ...plain, indicator: measures.names.has(part.text) ? part.text : null };
  // Of facts alone it is said as it is written.
  if (!moves(part.left) && !moves(part.right)) return plain;
  const isTurned = !moves(part.left) && moves(part.right) && part.operator !== 'in';
  const [left, right] = isTurned ? [part.right, part.left] : [part.left, part.right];
  const turned = isTurned ? TURNED[part.operator] : part.operator;
  const operator = wanted ? turned : DENIED[turned];
  if (operator === null) return plain;
  const unit = unitOf(left, measures) ?? unitOf(right, measures);
  const sides = { left: explainedSide(left, unit), right: explainedSide(right, unit) };
  const isOne = left.reads.indicators.length === 1 && left.reads.indicators[0] === left.text;
  const by = distance(operator, left, right, isOne && measures.whole.has(left.text));
  return { text: part.text, wanted, operator, ...sides, by, indicator: isOne ? left.text : null };
}

function moves({ reads }: JudgedSide): boolean {
  return reads.indicators.length > 0 || reads.now;
}

/** How far the left side is from where the comparison holds; of what is strictly more, how far it is from being as much. */
function distance(operator: Comparison, left: JudgedSide, right: JudgedSide, whole: boolean): number | null {
  if (typeof left.value !== 'number' || typeof right.value !== 'number') return null;
  const [from, to] = [left.value, right.value];
  switch (operator) {
    case '>=':
      return (whole ? Math.ceil(to) : to) - from;
    case '>':
      return (whole ? Math.floor(to) + 1 : to) - from;
    case '<=':
      return (whole ? Math.floor(to) : to) - from;
    case '<':
      return (whole ? Math.ceil(to) - 1 : to) - from;
    case '==':
      return to - from;
    default:
      return null;
  }
}
