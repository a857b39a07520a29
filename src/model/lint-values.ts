// Parts of expressions that can come to one thing only: values that a field never has, and conditions against each other.
import { SCOPES } from '../events/event.js';
import { sourceFields } from '../events/sources.js';
import { valuesOf } from '../events/streams.js';
import { isComparison, numberIn, syntaxImplies, type ComparisonOperator } from './expression/implication.js';
import type { BinarySyntax, Syntax } from './expression/syntax.js';
import { LEVELS } from './model.js';
import type { Report } from './report.js';
import { childrenOf, fieldOf, partsOf, shapeOf, type Written } from './written.js';

const PROFILES = ['subject', 'device', 'place'];
const NO_CONSTANTS = new Map<string, number>();
/** Conditions joined by && that are looked at by pairs. */
const JOINED_MAX = 40;

/** Warns of what an expression compares in vain. */
export function warnValues(report: Report, written: Written): void {
  for (const part of partsOf(written.syntax)) {
    if (part.op === 'binary') {
      warnNever(report, written, part);
      warnSelf(report, written, part);
    } else if (part.op === 'or') warnRepeated(report, written, part);
  }
  for (const conditions of conjunctions(written.syntax)) warnContradictions(report, written, conditions);
}

/** A text that the schema of the field does not have. */
function warnNever(report: Report, written: Written, { operator, left, right }: BinarySyntax): void {
  const sides: readonly (readonly [Syntax, Syntax])[] =
    operator === 'in'
      ? [[left, right]]
      : operator === '==' || operator === '!='
        ? [
            [left, right],
            [right, left],
          ]
        : [];
  for (const [side, other] of sides) {
    const field = fieldOf(side);
    const among = field === null ? undefined : valuesIn(field.owner, field.field, written);
    if (field === null || among === undefined) continue;
    for (const value of other.op === 'list' ? other.items : [other]) {
      if (value.op !== 'literal' || typeof value.value !== 'string' || among.includes(value.value)) continue;
      const message = `${field.owner}.${field.field} is never "${value.value}"`;
      report.add('MODEL_VALUE_NEVER', placeOf(report, written, value), message, {
        severity: 'warning',
        expected: `one of ${among.join(', ')}`,
        sought: { name: value.value, among },
      });
    }
  }
}

/** The values that a field may have; undefined where any text goes. */
function valuesIn(owner: string, field: string, { from }: Written): readonly string[] | undefined {
  if (PROFILES.includes(owner)) return valuesOf('registration', field);
  if (owner !== 'event' || from === null) return undefined;
  if (field === 'stream') return from;
  const all = new Set<string>();
  for (const source of from) {
    if (!Object.hasOwn(sourceFields(source), field)) continue;
    const values = source === 'warning' ? WARNING_VALUES[field] : valuesOf(source, field);
    if (values === undefined) return undefined;
    for (const value of values) all.add(value);
  }
  return all.size === 0 ? undefined : [...all];
}

const WARNING_VALUES: { readonly [field: string]: readonly string[] } = {
  level: LEVELS,
  previous: LEVELS,
  scope: SCOPES,
};

/** A thing compared with itself. */
function warnSelf(report: Report, written: Written, { operator, left, right }: BinarySyntax): void {
  if (!isComparison(operator) || left.op === 'literal' || shapeOf(left) !== shapeOf(right)) return;
  report.add('MODEL_SELF', placeOf(report, written, right), 'this is compared with itself', {
    severity: 'warning',
    expected: 'two different things to compare',
  });
}

/** The same condition on both sides of ||. */
function warnRepeated(
  report: Report,
  written: Written,
  { left, right }: Syntax & { op: 'and' | 'or' },
): void {
  if (flattened(left, 'or').every((one) => shapeOf(one) !== shapeOf(right))) return;
  warnTwice(report, written, right, '||');
}

function warnTwice(report: Report, written: Written, part: Syntax, joint: string): void {
  const message = `the same condition stands twice, joined by ${joint}`;
  report.add('MODEL_TWICE', placeOf(report, written, part), message, {
    severity: 'warning',
    expected: 'it once, or the condition that was meant',
  });
}

/** What is joined by &&, wherever in the expression; each longest chain once. */
function* conjunctions(syntax: Syntax, inChain = false): Generator<readonly Syntax[]> {
  if (syntax.op === 'and' && !inChain) yield flattened(syntax, 'and').slice(0, JOINED_MAX);
  const isChain = syntax.op === 'and';
  for (const child of childrenOf(syntax)) yield* conjunctions(child, isChain && child.op === 'and');
}

function flattened(syntax: Syntax, op: 'and' | 'or'): Syntax[] {
  return syntax.op === op ? [...flattened(syntax.left, op), ...flattened(syntax.right, op)] : [syntax];
}

function warnContradictions(report: Report, written: Written, conditions: readonly Syntax[]): void {
  for (const [position, condition] of conditions.entries()) {
    const before = conditions.slice(0, position);
    if (before.some((one) => shapeOf(one) === shapeOf(condition))) {
      warnTwice(report, written, condition, '&&');
      continue;
    }
    const against = before.find((one) => exclude(one, condition));
    if (against === undefined) continue;
    const message = 'this never holds where a condition before it does, joined to it by &&';
    report.add('MODEL_CONTRADICTION', placeOf(report, written, condition), message, {
      severity: 'warning',
      expected: 'conditions that can hold at once, or || between them',
    });
  }
}

const OPPOSITE: { readonly [operator in ComparisonOperator]: ComparisonOperator } = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

/** Whether two conditions about the same thing never hold together. */
function exclude(one: Syntax, other: Syntax): boolean {
  if (one.op !== 'binary' || other.op !== 'binary') return false;
  if (!isComparison(one.operator) || !isComparison(other.operator)) return false;
  const [a, b] = [textAsked(one), textAsked(other)];
  if (a !== null && b !== null) return a.what === b.what && a.text !== b.text;
  // Only a comparison with a number says enough about the other.
  if (![other.left, other.right].some((side) => numberIn(side, NO_CONSTANTS) !== null)) return false;
  return syntaxImplies(one, { ...other, operator: OPPOSITE[other.operator] });
}

/** The text that something is to be equal to. */
function textAsked({ operator, left, right }: BinarySyntax): { what: string; text: string } | null {
  if (operator !== '==') return null;
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (other.op === 'literal' && typeof other.value === 'string') {
      return { what: shapeOf(side), text: other.value };
    }
  }
  return null;
}

/** Where a part of an expression stands in the file. */
export function placeOf(report: Report, { node }: Written, { start }: { readonly start: number }): number {
  return report.source.offsetIn(node, start);
}
