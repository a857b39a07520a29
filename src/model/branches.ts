// The branches of a model's levels: the ways on which a condition comes about, for tests to say which they never took.
import type { Catalogue } from '../catalogue/catalogue.js';
import { CodedError } from '../events/coded-error.js';
import { figureEnvironment } from './environment.js';
import { compileSyntax } from './expression/compile.js';
import type { Environment, EvaluationScope } from './expression/expression.js';
import { parseSyntax, type Syntax } from './expression/syntax.js';
import type { Model, WarningLevel } from './model.js';
import { scoreSymbol } from './score.js';
import { symbolOf } from './values.js';

/** One way on which a condition comes to be true: an operand of `||`, or an arm of `? :`. */
export interface Branch {
  readonly level: WarningLevel;
  /** Its source on one line. */
  readonly text: string;
  /** Whether the condition is true on this way. */
  readonly isTaken: (scope: EvaluationScope) => boolean;
}

/** Beyond so many branches of one condition, the rest is not looked at. */
const BRANCHES_MAX = 100;

/** The branches of all levels of a model, gravest level first, in the order of the file. */
export function branchesOf(model: Model, catalogue: Catalogue): Branch[] {
  const score = model.score === null ? [] : [scoreSymbol(model.score)];
  const symbols = [...model.indicators.map(symbolOf), ...score];
  const environment = figureEnvironment({ ...model, catalogue }, symbols);
  return model.levels.flatMap(({ level, condition, clear }) => {
    return [condition, clear].flatMap((one) =>
      one === null ? [] : new Branches(level, one.source, environment).found.slice(0, BRANCHES_MAX),
    );
  });
}

type Test = Branch['isTaken'];

/** One walk over a condition. What lies inside calls, comparisons and `!` is no way of its own. */
class Branches {
  readonly found: Branch[] = [];

  constructor(
    private readonly level: WarningLevel,
    private readonly source: string,
    private readonly environment: Environment,
  ) {
    this.walk(parseSyntax(source), []);
  }

  /** @param way what must hold to come here, from the whole condition down */
  private walk(syntax: Syntax, way: readonly Test[]): void {
    if (syntax.op === 'conditional') {
      const { condition, yes, no } = syntax;
      const here = [...way, this.testOf(syntax, true)];
      this.branch(yes, [...here, this.testOf(condition, true)]);
      this.branch(no, [...here, this.testOf(condition, false)]);
    } else if (syntax.op === 'or' || syntax.op === 'and') {
      const here = [...way, this.testOf(syntax, true)];
      for (const operand of operandsOf(syntax)) {
        if (syntax.op === 'or') this.branch(operand, here);
        else this.walk(operand, here);
      }
    }
  }

  private branch(syntax: Syntax, way: readonly Test[]): void {
    const tests = [...way, this.testOf(syntax, true)];
    // A constant is there for the sake of the other arm.
    if (syntax.op !== 'literal') {
      const text = textOf(this.source, syntax);
      const isTaken = (scope: EvaluationScope) => tests.every((holds) => holds(scope));
      this.found.push({ level: this.level, text, isTaken });
    }
    this.walk(syntax, way);
  }

  /** Whether a part of the condition comes to a value. */
  private testOf(syntax: Syntax, value: boolean): Test {
    const result = compileSyntax(syntax, this.source, this.environment);
    // The whole has passed its check, and so have its parts.
    if (!result.ok) throw new CodedError('INTERNAL', `A part of ${this.source} does not compile.`);
    const { expression } = result;
    return (scope) => expression.run(scope) === value;
  }
}

/** A part of a source on one line; places leave out the brackets at its ends. */
export function textOf(source: string, { start, end }: Syntax): string {
  const count = (bracket: string) => source.slice(start, end).split(bracket).length;
  while (end < source.length && count('(') > count(')')) end += 1;
  while (start > 0 && count('(') < count(')')) start -= 1;
  return source.slice(start, end).replace(/\s+/g, ' ').trim();
}

/** What is joined by the same operator, however it is bracketed. */
export function operandsOf(syntax: Syntax & { readonly op: 'and' | 'or' }): Syntax[] {
  return [syntax.left, syntax.right].flatMap((side) => (side.op === syntax.op ? operandsOf(side) : [side]));
}
