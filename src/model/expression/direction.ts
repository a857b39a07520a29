// In which direction an expression follows its indicators: what lets the engine skip wake-ups that change nothing.
import { parseSyntax, type Syntax } from './syntax.js';

/** How a value follows an indicator that rises: it rises or stays, falls or stays, or may do either. */
export type Direction = 'rises' | 'falls' | 'either';

/** Direction by name; a name that is missing has no influence. */
export type Directions = ReadonlyMap<string, Direction>;

const NONE: Directions = new Map();

/**
 * The directions in which an expression follows the names in it, taking false as less than true, and null as nothing
 * that a rise could bring about. It never claims more than the syntax shows: what is not understood is `either`.
 * @param source an expression that has passed its check
 */
export function directionsOf(source: string): Directions {
  return follow(parseSyntax(source));
}

function follow(syntax: Syntax): Directions {
  switch (syntax.op) {
    case 'literal':
      return NONE;
    case 'name':
      return new Map([[syntax.name, 'rises']]);
    case 'and':
    case 'or':
      return merge(follow(syntax.left), follow(syntax.right));
    case 'not':
    case 'negate':
      return reverse(follow(syntax.operand));
    case 'binary':
      return followBinary(syntax);
    case 'member':
      return either(follow(syntax.object));
    case 'index':
      return either(merge(follow(syntax.object), follow(syntax.key)));
    case 'conditional':
      return either(merge(follow(syntax.condition), merge(follow(syntax.yes), follow(syntax.no))));
    case 'list':
      return either(syntax.items.map(follow).reduce(merge, NONE));
    case 'call': {
      const parts = syntax.receiver === null ? syntax.args : [syntax.receiver, ...syntax.args];
      return either(parts.map(follow).reduce(merge, NONE));
    }
  }
}

function followBinary({ operator, left, right }: Syntax & { op: 'binary' }): Directions {
  const [a, b] = [follow(left), follow(right)];
  switch (operator) {
    case '+':
      return merge(a, b);
    case '-':
    case '>':
    case '>=':
      return merge(a, reverse(b));
    case '<':
    case '<=':
      return merge(reverse(a), b);
    case '*':
      if (isPositive(right)) return a;
      return isPositive(left) ? b : either(merge(a, b));
    case '/':
      return isPositive(right) ? a : either(merge(a, b));
    case '%':
    case '==':
    case '!=':
    case 'in':
      return either(merge(a, b));
  }
}

function isPositive(syntax: Syntax): boolean {
  return syntax.op === 'literal' && typeof syntax.value === 'number' && syntax.value > 0;
}

function reverse(directions: Directions): Directions {
  return mapped(directions, (direction) =>
    direction === 'either' ? 'either' : direction === 'rises' ? 'falls' : 'rises',
  );
}

function either(directions: Directions): Directions {
  return mapped(directions, () => 'either');
}

function mapped(directions: Directions, change: (direction: Direction) => Direction): Directions {
  return new Map([...directions].map(([name, direction]) => [name, change(direction)]));
}

function merge(a: Directions, b: Directions): Directions {
  if (a.size === 0) return b;
  const merged = new Map(a);
  for (const [name, direction] of b) {
    const known = merged.get(name);
    merged.set(name, known === undefined || known === direction ? direction : 'either');
  }
  return merged;
}
