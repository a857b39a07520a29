// Whether one condition can be true only where another is: what lint asks of the levels of a model.
import { parseSyntax, type BinarySyntax, type Syntax } from './syntax.js';

/** Values of names such as `params.many` that are the same for every key. */
export type Constants = ReadonlyMap<string, number>;

const NO_CONSTANTS: Constants = new Map();

/**
 * Whether `given` is true only where one of `wanted` is. It looks at `&&`, `||`, equal terms and comparisons of equal
 * terms with numbers, and never claims more than these show.
 * @param given a condition that has passed its check; so have those in `wanted`
 * @param constants by their source, for example `params.few`
 */
export function conditionImplies(
  given: string,
  wanted: readonly string[],
  constants: Constants = NO_CONSTANTS,
): boolean {
  const anyOf = wanted
    .map(parseSyntax)
    .reduce<Syntax | null>((left, right) => (left === null ? right : either(left, right)), null);
  return anyOf !== null && new Implication(constants).holds(parseSyntax(given), anyOf);
}

/** As `conditionImplies`, of conditions that are read already. */
export function syntaxImplies(given: Syntax, wanted: Syntax, constants: Constants = NO_CONSTANTS): boolean {
  return new Implication(constants).holds(given, wanted);
}

function either(left: Syntax, right: Syntax): Syntax {
  return { op: 'or', left, right, start: left.start, end: right.end };
}

export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';

export const MIRRORED: { readonly [operator in ComparisonOperator]: ComparisonOperator } = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

const SECONDS: { readonly [unit: string]: number } = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 };

/** `term operator limit`, where equal terms have equal text. */
interface Comparison {
  readonly term: string;
  readonly operator: ComparisonOperator;
  readonly limit: number;
}

class Implication {
  private readonly ids = new Map<string, number>();
  private readonly idOfSyntax = new Map<Syntax, number>();
  private readonly known = new Map<string, boolean>();

  constructor(private readonly constants: Constants) {}

  /** Pairs are looked at once, so the effort is the product of both sizes. */
  holds(given: Syntax, wanted: Syntax): boolean {
    const pair = `${this.idOf(given)} ${this.idOf(wanted)}`;
    const known = this.known.get(pair);
    if (known !== undefined) return known;
    const holds = this.idOf(given) === this.idOf(wanted) || this.decide(given, wanted);
    this.known.set(pair, holds);
    return holds;
  }

  private decide(given: Syntax, wanted: Syntax): boolean {
    if (given.op === 'or') return this.holds(given.left, wanted) && this.holds(given.right, wanted);
    if (wanted.op === 'and') return this.holds(given, wanted.left) && this.holds(given, wanted.right);
    if (given.op === 'and' && (this.holds(given.left, wanted) || this.holds(given.right, wanted)))
      return true;
    if (wanted.op === 'or') return this.holds(given, wanted.left) || this.holds(given, wanted.right);
    const [one, other] = [this.comparisonOf(given), this.comparisonOf(wanted)];
    return one !== null && other !== null && one.term === other.term && narrower(one, other);
  }

  private comparisonOf(syntax: Syntax): Comparison | null {
    if (syntax.op !== 'binary' || !isComparison(syntax.operator)) return null;
    const { left, right, operator } = syntax;
    const [low, high] = [this.numberOf(left), this.numberOf(right)];
    if (high !== null) return { term: String(this.idOf(left)), operator, limit: high };
    if (low !== null) return { term: String(this.idOf(right)), operator: MIRRORED[operator], limit: low };
    // Two terms are compared as their difference is with zero.
    const [a, b] = [this.idOf(left), this.idOf(right)];
    return a <= b
      ? { term: `${a} ${b}`, operator, limit: 0 }
      : { term: `${b} ${a}`, operator: MIRRORED[operator], limit: 0 };
  }

  private numberOf(syntax: Syntax): number | null {
    return numberIn(syntax, this.constants);
  }

  /** Equal for what is written alike but for blanks and brackets. */
  private idOf(syntax: Syntax): number {
    const known = this.idOfSyntax.get(syntax);
    if (known !== undefined) return known;
    const number = this.numberOf(syntax);
    const text = number === null ? this.textOf(syntax) : `number ${number}`;
    const id = this.ids.get(text) ?? this.ids.size;
    this.ids.set(text, id);
    this.idOfSyntax.set(syntax, id);
    return id;
  }

  private textOf(syntax: Syntax): string {
    switch (syntax.op) {
      case 'literal':
        return `literal ${JSON.stringify(syntax.value)}`;
      case 'name':
        return `name ${syntax.name}`;
      case 'member':
        return this.joined(`member ${syntax.name}`, syntax.object);
      case 'index':
        return this.joined('index', syntax.object, syntax.key);
      case 'not':
      case 'negate':
        return this.joined(syntax.op, syntax.operand);
      case 'and':
      case 'or':
        return this.joined(syntax.op, syntax.left, syntax.right);
      case 'binary':
        return this.joined(syntax.operator, syntax.left, syntax.right);
      case 'conditional':
        return this.joined('conditional', syntax.condition, syntax.yes, syntax.no);
      case 'list':
        return this.joined('list', ...syntax.items);
      case 'call': {
        const receiver = syntax.receiver === null ? [] : [syntax.receiver];
        const what = receiver.length === 0 ? 'call' : 'method';
        return this.joined(`${what} ${syntax.name}`, ...receiver, ...syntax.args);
      }
    }
  }

  private joined(what: string, ...parts: readonly Syntax[]): string {
    return [what, ...parts.map((part) => this.idOf(part))].join(' ');
  }
}

/** The number that a part of a condition always is; null where it may be several. */
export function numberIn(syntax: Syntax, constants: Constants): number | null {
  switch (syntax.op) {
    case 'literal':
      return typeof syntax.value === 'number' ? syntax.value : null;
    case 'negate': {
      const number = numberIn(syntax.operand, constants);
      return number === null ? null : -number;
    }
    case 'member':
      return syntax.object.op === 'name'
        ? (constants.get(`${syntax.object.name}.${syntax.name}`) ?? null)
        : null;
    case 'call': {
      const unit = Object.hasOwn(SECONDS, syntax.name) ? SECONDS[syntax.name] : undefined;
      const [argument, second] = syntax.args;
      if (unit === undefined || argument === undefined || second !== undefined) return null;
      const number = syntax.receiver === null ? numberIn(argument, constants) : null;
      return number === null ? null : number * unit;
    }
    case 'binary':
      return computed(syntax, numberIn(syntax.left, constants), numberIn(syntax.right, constants));
    default:
      return null;
  }
}

function computed({ operator }: BinarySyntax, left: number | null, right: number | null): number | null {
  if (left === null || right === null) return null;
  const number = { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[
    operator as '+' | '-' | '*' | '/'
  ];
  return number !== undefined && Number.isFinite(number) ? number : null;
}

export function isComparison(operator: BinarySyntax['operator']): operator is ComparisonOperator {
  return Object.hasOwn(MIRRORED, operator);
}

/** Whether a number that fits `one` always fits `other`. */
function narrower(one: Comparison, other: Comparison): boolean {
  const [have, need] = [one.limit, other.limit];
  const exact = one.operator === '==';
  switch (other.operator) {
    case '>=':
      return (exact || one.operator === '>' || one.operator === '>=') && have >= need;
    case '<=':
      return (exact || one.operator === '<' || one.operator === '<=') && have <= need;
    case '>':
      return one.operator === '>' ? have >= need : (exact || one.operator === '>=') && have > need;
    case '<':
      return one.operator === '<' ? have <= need : (exact || one.operator === '<=') && have < need;
    case '==':
      return exact && have === need;
    case '!=':
      return excludes(one, need);
  }
}

function excludes({ operator, limit }: Comparison, number: number): boolean {
  switch (operator) {
    case '>':
      return limit >= number;
    case '>=':
      return limit > number;
    case '<':
      return limit <= number;
    case '<=':
      return limit < number;
    case '==':
      return limit !== number;
    case '!=':
      return limit === number;
  }
}
