// The check: from syntax to terms, with every name, type and unit looked at.
import { checkCall } from './check-call.js';
import { checkComparison, checkEquality, isClock } from './check-comparison.js';
import { checkMembership } from './check-membership.js';
import { checkIndex, checkMember, checkName } from './check-name.js';
import { CheckContext } from './context.js';
import type { Environment } from './expression.js';
import {
  BOOL,
  comparable,
  declaredType,
  describe,
  DURATION,
  DYN,
  isOpen,
  listOf,
  NULL,
  NUMBER,
  STRING,
  TIMESTAMP,
  union,
  type StaticType,
} from './static-type.js';
import type { BinarySyntax, Syntax } from './syntax.js';
import { term, type ArithmeticOperator, type Term } from './term.js';

/** What the place of an expression asks of its value. */
export type Expected = 'bool' | 'number' | 'any';

export interface Checked {
  readonly term: Term;
  readonly context: CheckContext;
}

/** Checks a whole expression. The faults are in the context; with any of them the term must not run. */
export function checkExpression(syntax: Syntax, env: Environment, expected: Expected): Checked {
  const context = new CheckContext(env, checkValue);
  const checked = checkValue(syntax, context);
  const wanted = expected === 'bool' ? BOOL : NUMBER;
  if (expected !== 'any' && !isOpen(checked.type) && checked.type.type !== wanted.type) {
    const unit =
      checked.type.type === 'duration' && expected === 'number' ? '; divide it by days(1) or hours(1)' : '';
    const message = `This must be a ${wanted.type}, not a ${describe(checked.type)}${unit}.`;
    context.refuse(unit === '' ? 'EXPR_TYPE' : 'EXPR_DURATION', message, syntax, { expected: wanted.type });
  }
  return { term: checked, context };
}

/** A part whose value is needed as such. */
function checkValue(syntax: Syntax, context: CheckContext): Term {
  const checked = checkPart(syntax, context);
  if (!isClock(checked)) return checked;
  const name = checked.op === 'now' ? 'now' : 'the time since an event';
  return context.refuse(
    'EXPR_CLOCK',
    `${name} may stand only alone on one side of < <= > >=: move the rest to the other side, for example now > event.time + days(1), or give the indicator every: to sample it.`,
    syntax,
    { expected: 'now or a since indicator alone on one side of < <= > >=' },
  );
}

/** As `checkValue`, but `now` and `since` indicators pass. */
function checkPart(syntax: Syntax, context: CheckContext): Term {
  switch (syntax.op) {
    case 'literal':
      return term({ op: 'literal', value: syntax.value }, syntax, literalType(syntax.value), {
        nullable: syntax.value === null,
      });
    case 'name':
      return checkName(syntax.name, syntax, context);
    case 'member':
      return checkMember(syntax, context);
    case 'index':
      return checkIndex(syntax, context);
    case 'call':
      return checkCall(syntax, context);
    case 'list':
      return checkList(syntax, syntax.items, context);
    case 'not': {
      const operand = condition(syntax.operand, context);
      return term({ op: 'not' }, syntax, BOOL, { children: [operand] });
    }
    case 'and':
    case 'or': {
      const children = [condition(syntax.left, context), condition(syntax.right, context)];
      return term({ op: syntax.op }, syntax, BOOL, { children });
    }
    case 'negate':
      return checkNegation(syntax, syntax.operand, context);
    case 'conditional': {
      const test = condition(syntax.condition, context);
      const yes = checkValue(syntax.yes, context);
      const no = checkValue(syntax.no, context);
      if (!comparable(yes.type, no.type)) {
        const message = `Both values of ? : must be of one type, not ${describe(yes.type)} and ${describe(no.type)}.`;
        return context.refuse('EXPR_TYPE', message, syntax.no, { expected: describe(yes.type) });
      }
      return term({ op: 'conditional' }, syntax, union(yes.type, no.type), { children: [test, yes, no] });
    }
    case 'binary':
      return checkBinary(syntax, context);
  }
}

function checkBinary(syntax: BinarySyntax, context: CheckContext): Term {
  switch (syntax.operator) {
    case 'in':
      return checkMembership(syntax, context);
    case '==':
    case '!=': {
      const left = checkPart(syntax.left, context);
      return checkEquality(syntax, left, checkPart(syntax.right, context), syntax.operator === '!=', context);
    }
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const left = checkPart(syntax.left, context);
      return checkComparison(syntax, left, checkPart(syntax.right, context), syntax.operator, context);
    }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return checkArithmetic(syntax, syntax.operator, context);
  }
}

function literalType(value: null | boolean | number | string): StaticType {
  if (value === null) return NULL;
  if (typeof value === 'boolean') return BOOL;
  return typeof value === 'number' ? NUMBER : STRING;
}

/** An operand of `!`, `&&`, `||` or `? :`. */
function condition(syntax: Syntax, context: CheckContext): Term {
  const checked = checkValue(syntax, context);
  if (isOpen(checked.type) || checked.type.type === 'bool') return checked;
  const message = `A condition is needed here, not a ${describe(checked.type)}; compare it with something.`;
  return context.refuse('EXPR_TYPE', message, syntax, { expected: 'bool' });
}

function checkList(span: Syntax, items: readonly Syntax[], context: CheckContext): Term {
  const children = items.map((item) => checkValue(item, context));
  let element: StaticType = NULL;
  for (const child of children) element = union(element, child.type);
  return term({ op: 'list' }, span, listOf(declaredType(element)), { children, nullable: false });
}

function checkNegation(span: Syntax, operand: Syntax, context: CheckContext): Term {
  const checked = checkValue(operand, context);
  if (checked.op === 'literal' && typeof checked.value === 'number') {
    return term({ op: 'literal', value: -checked.value }, span, checked.type);
  }
  const { type } = checked;
  if (!isOpen(type) && type.type !== 'number' && type.type !== 'duration') {
    const message = `- needs a number or a duration, not a ${describe(type)}.`;
    return context.refuse('EXPR_TYPE', message, span, { expected: 'number or duration' });
  }
  return term({ op: 'negate' }, span, declaredType(type), { children: [checked] });
}

function checkArithmetic(syntax: BinarySyntax, operator: ArithmeticOperator, context: CheckContext): Term {
  const left = checkValue(syntax.left, context);
  const right = checkValue(syntax.right, context);
  const children = [left, right];
  const nullable = operator === '/' || operator === '%' ? true : left.nullable || right.nullable;
  const open = isOpen(left.type) || isOpen(right.type);
  const result = open
    ? openResult(operator, left.type, right.type)
    : resultOf(operator, left.type, right.type);
  if (result === undefined) return refuseArithmetic(syntax, left, right, context);
  if (!open && (result.type === 'string' || result.type === 'list')) {
    return term({ op: 'concat', lists: result.type === 'list' }, syntax, result, {
      children,
      nullable,
      cost: 20,
    });
  }
  return term({ op: 'arithmetic', operator, open }, syntax, result, { children, nullable });
}

/** One side is dyn: bools and objects have no arithmetic, the rest shows when it runs. */
function openResult(
  operator: ArithmeticOperator,
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  const known = isOpen(left) ? right : left;
  if (known.type === 'bool' || known.type === 'object') return undefined;
  if (operator !== '+' && (known.type === 'string' || known.type === 'list')) return undefined;
  return DYN;
}

/** The units: an instant less an instant is a span, a span times a number is a span, and so on. */
function resultOf(operator: ArithmeticOperator, left: StaticType, right: StaticType): StaticType | undefined {
  if (operator === '+' && left.type === 'list' && right.type === 'list') {
    return listOf(declaredType(union(left.element, right.element)));
  }
  return UNITS[`${left.type} ${operator} ${right.type}`];
}

const UNITS: { readonly [form: string]: StaticType } = {
  'number + number': NUMBER,
  'number - number': NUMBER,
  'number * number': NUMBER,
  'number / number': NUMBER,
  'number % number': NUMBER,
  'string + string': STRING,
  'timestamp - timestamp': DURATION,
  'timestamp + duration': TIMESTAMP,
  'duration + timestamp': TIMESTAMP,
  'timestamp - duration': TIMESTAMP,
  'duration + duration': DURATION,
  'duration - duration': DURATION,
  'duration * number': DURATION,
  'number * duration': DURATION,
  'duration / number': DURATION,
  'duration / duration': NUMBER,
};

function refuseArithmetic(syntax: BinarySyntax, left: Term, right: Term, context: CheckContext): Term {
  const { operator } = syntax;
  const forms = Object.keys(UNITS).filter((form) => form.includes(` ${operator} `));
  const sides = [left, right];
  const literal = sides.find((side) => side.op === 'literal' && side.type.type === 'number');
  const timed = sides.some((side) => side.type.type === 'timestamp' || side.type.type === 'duration');
  const texts = sides.some((side) => side.type.type === 'string');
  let hint = '';
  if (timed && literal?.op === 'literal') hint = ` Write days(${String(literal.value)}) for a span of time.`;
  else if (texts && operator === '+') hint = ' Write string(x) to join a value to a text.';
  return context.refuse(
    timed && sides.some((side) => side.type.type === 'number') ? 'EXPR_DURATION' : 'EXPR_TYPE',
    `${describe(left.type)} ${operator} ${describe(right.type)} has no meaning.${hint}`,
    syntax,
    { expected: forms.join(', ') },
  );
}
