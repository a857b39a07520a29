// Conditions that ask for something else than a value, and so pass over what has none, which is seldom meant.
import { profileFields } from '../events/profile.js';
import { sourceFields } from '../events/sources.js';
import type { Syntax } from './expression/syntax.js';
import { placeOf } from './lint-values.js';
import type { Report } from './report.js';
import { childrenOf, fieldOf, partsOf, shapeOf, type Written } from './written.js';

const PROFILES = ['subject', 'device', 'place'];

/**
 * Warns of `!=` and `!` over a field that may be absent, where nothing in the expression asks whether it is: null in,
 * null out, so that an event without the field is left out like one that has the value.
 */
export function warnNulls(report: Report, written: Written): void {
  const guarded = new Set<string>();
  for (const part of partsOf(written.syntax)) for (const one of guardedBy(part)) guarded.add(shapeOf(one));
  for (const one of neededBy(written.syntax)) guarded.add(shapeOf(one));
  for (const part of partsOf(written.syntax)) {
    const open = openIn(part, written).find((one) => !guarded.has(shapeOf(one)));
    if (open === undefined) continue;
    guarded.add(shapeOf(open));
    const { owner, field } = fieldOf(open) ?? { owner: '', field: '' };
    const name = `${owner}.${field}`;
    const message = `${name} may be absent, and then this is not true either`;
    report.add('MODEL_NULL', placeOf(report, written, open), message, {
      severity: 'warning',
      expected: `${name} == null || ... where an absent one counts, else ${name} != null && ...`,
    });
  }
}

/** The fields without which a condition is never true, whatever is asked against them beside. */
function neededBy(syntax: Syntax): Syntax[] {
  if (syntax.op === 'and') return [...neededBy(syntax.left), ...neededBy(syntax.right)];
  if (syntax.op !== 'binary' || syntax.operator === '!=') return [];
  return [syntax.left, syntax.right].filter((side) => fieldOf(side) !== null);
}

/** The fields of which a part asks whether they are there. */
function guardedBy(part: Syntax): readonly Syntax[] {
  if (part.op === 'call' && part.name === 'has') return part.args;
  if (part.op !== 'binary' || (part.operator !== '==' && part.operator !== '!=')) return [];
  if (isNull(part.right)) return [part.left];
  return isNull(part.left) ? [part.right] : [];
}

/** The optional fields whose absence a part takes for the value that it asks against. */
function openIn(part: Syntax, { from }: Written): Syntax[] {
  if (part.op === 'binary' && part.operator === '!=') {
    const { left, right } = part;
    // Two things that are both unknown are not known to differ.
    if (right.op === 'literal' && !isNull(right)) return isOptional(left, from) ? [left] : [];
    return left.op === 'literal' && !isNull(left) && isOptional(right, from) ? [right] : [];
  }
  return part.op === 'not' ? underNegation(part.operand).filter((one) => isOptional(one, from)) : [];
}

/** What a negation turns around, down to fields; what is never null itself is passed over. */
function underNegation(syntax: Syntax): Syntax[] {
  if (syntax.op === 'call' && syntax.name === 'has') return [];
  if (guardedBy(syntax).length > 0) return [];
  return fieldOf(syntax) === null ? childrenOf(syntax).flatMap(underNegation) : [syntax];
}

function isOptional(syntax: Syntax, from: Written['from']): boolean {
  const named = fieldOf(syntax);
  if (named === null) return false;
  const { owner, field } = named;
  if (PROFILES.includes(owner)) return Object.hasOwn(profileFields, field);
  if (owner !== 'event' || from === null) return false;
  const declared = from.flatMap((source) => sourceFields(source)[field] ?? []);
  // Of several sources a condition has to say by event.stream which one it speaks of.
  return declared.some(({ optional }) => optional);
}

function isNull(syntax: Syntax): boolean {
  return syntax.op === 'literal' && syntax.value === null;
}
