// Comparisons: unlike types are refused, and the clock may be compared only so that its next change is known.
import type { CheckContext } from './context.js';
import { CHARACTERS_A_STEP } from './operations.js';
import { BOOL, comparable, describe, isOpen } from './static-type.js';
import type { BinarySyntax } from './syntax.js';
import { term, type OrderOperator, type Term } from './term.js';

const ORDERED = new Set(['number', 'string', 'timestamp', 'duration']);

/** `a < 1` as seen from the other side. */
const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** Whether the term is `now` or a `since` indicator by itself. */
export function isClock(checked: Term): boolean {
  return checked.op === 'now' || checked.op === 'since';
}

/** `<`, `<=`, `>`, `>=`. */
export function checkComparison(
  syntax: BinarySyntax,
  left: Term,
  right: Term,
  operator: OrderOperator,
  context: CheckContext,
): Term {
  if (!comparable(left.type, right.type)) return refuseUnlike(syntax, left, right, context);
  for (const side of [left, right]) {
    if (isOpen(side.type) || ORDERED.has(side.type.type)) continue;
    const message = `A ${describe(side.type)} has no order; ${operator} needs numbers, texts, timestamps or durations.`;
    return context.refuse('EXPR_TYPE', message, side, { expected: 'number, string, timestamp or duration' });
  }
  if (isClock(left)) return checkClock(syntax, left, right, operator, context);
  if (isClock(right)) return checkClock(syntax, right, left, MIRRORED[operator], context);
  return term({ op: 'order', operator }, syntax, BOOL, { children: [left, right] });
}

function checkClock(
  syntax: BinarySyntax,
  clock: Term,
  other: Term,
  operator: OrderOperator,
  context: CheckContext,
): Term {
  if (other.ticks) {
    return context.refuse(
      'EXPR_CLOCK',
      'The other side of a comparison with now or with the time since an event must be constant between events; give the indicator every: to sample it.',
      other,
      { expected: 'a value without now and without since indicators' },
    );
  }
  const since = clock.op === 'since' ? clock.index : null;
  const nullable = clock.nullable || other.nullable;
  return term({ op: 'clock', operator, since }, syntax, BOOL, { children: [other], nullable, ticks: true });
}

/** `==` and `!=`; with the literal null a test that is never null itself. */
export function checkEquality(
  syntax: BinarySyntax,
  left: Term,
  right: Term,
  negated: boolean,
  context: CheckContext,
): Term {
  for (const [side, operand] of [
    [left, right],
    [right, left],
  ] as const) {
    if (side.op !== 'literal' || side.value !== null || side.type.type !== 'null') continue;
    return term({ op: 'is-null', negated }, syntax, BOOL, { children: [operand], nullable: false });
  }
  for (const side of [left, right]) {
    if (!isClock(side)) continue;
    return context.refuse(
      'EXPR_CLOCK',
      'now and the time since an event may be compared only with < <= > >=, or with null.',
      side,
      { expected: '< <= > >=' },
    );
  }
  if (!comparable(left.type, right.type)) return refuseUnlike(syntax, left, right, context);
  const cost = Math.max(equalityCost(left), equalityCost(right));
  return term({ op: 'equal', negated }, syntax, BOOL, { children: [left, right], cost });
}

/** A text that is written here is no longer than the expression; what the data holds is counted while it runs. */
function equalityCost(side: Term): number {
  if (side.op === 'literal' && typeof side.value === 'string') {
    return 1 + Math.floor(side.value.length / CHARACTERS_A_STEP);
  }
  return side.type.type === 'list' || side.type.type === 'object' ? 1000 : 1;
}

/** Says what to write instead, where that is plain. */
function refuseUnlike(syntax: BinarySyntax, left: Term, right: Term, context: CheckContext): Term {
  return (
    refuseSide(syntax, left, right, context) ??
    refuseSide(syntax, right, left, context) ??
    context.refuse(
      'EXPR_TYPE',
      `A ${describe(left.type)} cannot be compared with a ${describe(right.type)}.`,
      syntax,
      { expected: describe(left.type) },
    )
  );
}

function refuseSide(syntax: BinarySyntax, typed: Term, wrong: Term, context: CheckContext): Term | undefined {
  const wanted = typed.type.type;
  const literal = wrong.op === 'literal' ? JSON.stringify(wrong.value) : undefined;
  let write: string | undefined;
  if (wanted === 'duration' && wrong.type.type === 'number') {
    write = literal === undefined ? 'days(n) or hours(n)' : `days(${literal})`;
  } else if (wanted === 'timestamp' && wrong.type.type === 'string') {
    write = `timestamp(${literal ?? 'text'})`;
  } else if (wanted === 'timestamp' && wrong.type.type === 'duration') {
    write = 'an instant, for example event.time + days(1)';
  } else if (wanted === 'string' && wrong.type.type === 'number' && literal !== undefined) {
    write = `"${literal}"`;
  }
  if (write === undefined) return undefined;
  const message = `A ${wanted} cannot be compared with a ${describe(wrong.type)}: write ${write}.`;
  const code = wanted === 'duration' ? 'EXPR_DURATION' : 'EXPR_TYPE';
  return context.refuse(code, message, wrong, { expected: wanted });
}
