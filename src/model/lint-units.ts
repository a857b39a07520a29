// Units: an amount of money is not compared with a count, nor added to one.
import type { SourceName } from '../events/event.js';
import { sourceFields } from '../events/sources.js';
import type { Syntax } from './expression/syntax.js';
import { placeOf } from './lint-values.js';
import type { Indicator, Model, WindowOperator } from './model.js';
import type { Report } from './report.js';
import { fieldOf, partsOf, type Written } from './written.js';
import { parseSyntax } from './expression/syntax.js';

/** A unit by its name; null where none is known. */
type Unit = string | null;

const COUNTED: readonly WindowOperator[] = ['count', 'distinct', 'streak', 'changes', 'sequence'];
/** Operators whose figure has the unit of what they take. */
const KEPT: readonly WindowOperator[] = [
  'sum',
  'avg',
  'min',
  'max',
  'stddev',
  'quantile',
  'last',
  'first',
  'increase',
];
/** Fields of `versus` and `baseline` that have the unit of the figure. */
const SAME_UNIT = ['now', 'before', 'change', 'expected', 'spread'];
const JOINED = ['<', '<=', '>', '>=', '==', '!=', '+', '-'];

/** Units of the figures of a model, by indicator. */
export function unitsOf(model: Model): ReadonlyMap<string, Unit> {
  const units = new Map<string, Unit>();
  // An indicator comes after all that it reads.
  for (const indicator of model.indicators) units.set(indicator.name, unitOfIndicator(indicator, units));
  return units;
}

/** Warns where two figures of different units are compared or added up. */
export function warnUnits(report: Report, written: Written, units: ReadonlyMap<string, Unit>): void {
  for (const part of partsOf(written.syntax)) {
    if (part.op !== 'binary' || !JOINED.includes(part.operator)) continue;
    const left = unitIn(part.left, written.from, units);
    const right = unitIn(part.right, written.from, units);
    if (left === null || right === null || left === right) continue;
    report.add(
      'MODEL_UNITS',
      placeOf(report, written, part.right),
      `${right} beside ${left} makes no sense`,
      {
        severity: 'warning',
        expected: `${left} on both sides, or a number`,
      },
    );
  }
}

function unitOfIndicator(indicator: Indicator, units: ReadonlyMap<string, Unit>): Unit {
  if (indicator.kind === 'value') return unitIn(parseSyntax(indicator.expression.source), null, units);
  const { operator, argument, from } = indicator;
  if (COUNTED.includes(operator)) return 'a count';
  if (operator === 'share') return 'a share';
  if (!KEPT.includes(operator) || argument === null) return null;
  return unitIn(parseSyntax(argument.source), from, units);
}

function unitIn(syntax: Syntax, from: readonly SourceName[] | null, units: ReadonlyMap<string, Unit>): Unit {
  switch (syntax.op) {
    case 'name':
      return units.get(syntax.name) ?? null;
    case 'member':
    case 'index': {
      const named = fieldOf(syntax);
      if (named === null) return null;
      if (named.owner === 'event') return from === null ? null : unitOfField(from, named.field);
      return SAME_UNIT.includes(named.field) ? (units.get(named.owner) ?? null) : null;
    }
    case 'negate':
      return unitIn(syntax.operand, from, units);
    case 'binary': {
      const [left, right] = [unitIn(syntax.left, from, units), unitIn(syntax.right, from, units)];
      if (syntax.operator === '+' || syntax.operator === '-') return left ?? right;
      if (syntax.operator === '*')
        return isNumber(syntax.left) ? right : isNumber(syntax.right) ? left : null;
      return syntax.operator === '/' && isNumber(syntax.right) ? left : null;
    }
    default:
      return null;
  }
}

function isNumber(syntax: Syntax): boolean {
  return syntax.op === 'literal' && typeof syntax.value === 'number';
}

/** What the description of a field names in brackets, where all sources that have the field agree. */
function unitOfField(from: readonly SourceName[], field: string): Unit {
  const units = new Set(
    from.flatMap((source) => {
      const declared = sourceFields(source)[field];
      if (declared === undefined) return [];
      const unit = /（(元|秒)）/.exec(declared.description ?? '')?.[1];
      return [unit === undefined ? null : (UNITS[unit] ?? null)];
    }),
  );
  const [only, second] = units;
  return second === undefined ? (only ?? null) : null;
}

const UNITS: { readonly [unit: string]: string } = { 元: 'an amount in yuan', 秒: 'a number of seconds' };
