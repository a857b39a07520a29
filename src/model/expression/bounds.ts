// What a condition can come to, given the bounds of what it reads: what lint asks of single levels.
import { isComparison, MIRRORED, numberIn, type ComparisonOperator, type Constants } from './implication.js';
import { parseSyntax, type Syntax } from './syntax.js';

/** The least and the largest value of an indicator, both of which it may have. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly nullable: boolean;
}

/** Whether a condition can be true, and whether it can be anything else; both, where nothing is known. */
export interface Outcomes {
  readonly holds: boolean;
  readonly fails: boolean;
}

const BOTH: Outcomes = { holds: true, fails: true };

/**
 * What a condition can come to. It looks at `&&`, `||`, `!` and comparisons with numbers, and says `BOTH` of the rest.
 * @param source a condition that has passed its check
 * @param bounds by name of indicator
 */
export function outcomesOf(
  source: string,
  bounds: ReadonlyMap<string, Bounds>,
  constants: Constants,
): Outcomes {
  const of = (syntax: Syntax): Outcomes => {
    switch (syntax.op) {
      case 'literal':
        return typeof syntax.value === 'boolean' ? { holds: syntax.value, fails: !syntax.value } : BOTH;
      case 'and': {
        const [left, right] = [of(syntax.left), of(syntax.right)];
        return { holds: left.holds && right.holds, fails: left.fails || right.fails };
      }
      case 'or': {
        const [left, right] = [of(syntax.left), of(syntax.right)];
        return { holds: left.holds || right.holds, fails: left.fails && right.fails };
      }
      case 'not':
        // What is null stays null, so nothing is said of what may be that.
        return { holds: of(syntax.operand).fails, fails: true };
      case 'binary':
        return isComparison(syntax.operator)
          ? compared(boundsIn(syntax.left), syntax.operator, boundsIn(syntax.right))
          : BOTH;
      default:
        return BOTH;
    }
  };
  const boundsIn = (syntax: Syntax): Bounds | null => {
    const number = numberIn(syntax, constants);
    if (number !== null) return { least: number, most: number, nullable: false };
    return syntax.op === 'name' ? (bounds.get(syntax.name) ?? null) : null;
  };
  return of(parseSyntax(source));
}

function compared(left: Bounds | null, operator: ComparisonOperator, right: Bounds | null): Outcomes {
  if (left === null || right === null) return BOTH;
  const nullable = left.nullable || right.nullable;
  switch (operator) {
    case '<':
      return { holds: left.least < right.most, fails: nullable || left.most >= right.least };
    case '<=':
      return { holds: left.least <= right.most, fails: nullable || left.most > right.least };
    case '>':
    case '>=':
      return compared(right, MIRRORED[operator], left);
    case '==': {
      const meet = left.least <= right.most && right.least <= left.most;
      return { holds: meet, fails: nullable || !isOne(left, right) };
    }
    case '!=': {
      const apart = left.least > right.most || right.least > left.most;
      return { holds: !isOne(left, right), fails: nullable || !apart };
    }
  }
}

function isOne(left: Bounds, right: Bounds): boolean {
  return left.least === left.most && right.least === right.most && left.least === right.least;
}
