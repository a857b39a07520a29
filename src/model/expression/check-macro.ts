// Macros: has(), and those that go through a list with a variable.
import { checkField, checkMember, checkIndex, knownNames, rootOf } from './check-name.js';
import type { CheckContext, Variable } from './context.js';
import { MAX_LIST_LENGTH, MAX_MACRO_DEPTH } from './limits.js';
import { BOOL, declaredType, describe, DYN, isOpen, listOf, type StaticType } from './static-type.js';
import type { CallSyntax, Syntax } from './syntax.js';
import { isEnvelopeName, term, type MacroName, type Term } from './term.js';

const MACROS: ReadonlySet<string> = new Set(['exists', 'all', 'exists_one', 'filter', 'map']);

export function isMacroName(name: string): name is MacroName {
  return MACROS.has(name);
}

/** `has(a.b)` or `has(event["b"])`: two-valued. */
export function checkHas(syntax: CallSyntax, context: CheckContext): Term {
  const argument = syntax.args[0];
  const chosen = argument === undefined || syntax.args.length !== 1 ? undefined : selected(argument);
  if (argument === undefined || chosen === undefined) {
    const message = 'has() takes a field, for example has(event.deadline); for other values write x != null.';
    return context.refuse('EXPR_FUNCTION', message, syntax, { expected: 'has(event.field)' });
  }
  const { object, name } = chosen;
  const before = context.faults.length;
  const root = rootOf(object, context);
  if (root !== null) {
    const field =
      argument.op === 'member' ? checkMember(argument, context) : checkIndex(chosen.index, context);
    if (context.faults.length > before) return field;
    if (root === 'event' && !isEnvelopeName(name)) return term({ op: 'has-field', name }, syntax, BOOL);
    if (root === 'profile' || root === 'subject')
      return term({ op: 'has-fact', of: root, name }, syntax, BOOL);
    return term({ op: 'is-null', negated: true }, syntax, BOOL, { children: [field], nullable: false });
  }
  const owner = context.check(object, context);
  const field = checkField(owner, name, syntax, argument, context);
  if (context.faults.length > before) return field;
  return term({ op: 'has-member', name }, syntax, BOOL, { children: [owner], nullable: false });
}

/** The object and the field of `a.b` or `a["b"]`. */
function selected(
  syntax: Syntax,
): { object: Syntax; name: string; index: Syntax & { op: 'index' } } | undefined {
  if (syntax.op === 'member') {
    const { object, name, nameSpan } = syntax;
    const key: Syntax = { op: 'literal', value: name, ...nameSpan };
    return { object, name, index: { op: 'index', object, key, start: syntax.start, end: syntax.end } };
  }
  if (syntax.op !== 'index' || syntax.key.op !== 'literal') return undefined;
  const { value } = syntax.key;
  return typeof value === 'string' ? { object: syntax.object, name: value, index: syntax } : undefined;
}

/** `list.exists(x, condition)` and its kin. */
export function checkMacro(
  syntax: CallSyntax,
  macro: MacroName,
  receiver: Syntax,
  context: CheckContext,
): Term {
  const [variable, ...bodies] = syntax.args;
  const most = macro === 'map' ? 2 : 1;
  if (variable?.op !== 'name' || bodies.length < 1 || bodies.length > most) {
    const expected = macro === 'map' ? 'list.map(x, value)' : `list.${macro}(x, condition)`;
    return context.refuse(
      'EXPR_FUNCTION',
      `Write ${expected}: a name for the element, then what to ask of it.`,
      syntax,
      {
        expected,
      },
    );
  }
  const list = context.check(receiver, context);
  if (!isOpen(list.type) && list.type.type !== 'list') {
    const message = `${macro}() goes through a list, not a ${describe(list.type)}.`;
    return context.refuse('EXPR_TYPE', message, receiver, { expected: 'list' });
  }
  if (context.macroDepth >= MAX_MACRO_DEPTH) {
    const message = `Macros may be nested ${MAX_MACRO_DEPTH} deep, no deeper.`;
    return context.refuse('EXPR_LIMIT', message, syntax);
  }
  if (knownNames(context).includes(variable.name) || variable.name === 'now' || variable.name === 'math') {
    const message = `${variable.name} already has a meaning here; choose another name.`;
    return context.refuse('EXPR_NAME', message, variable);
  }
  return checkBodies(syntax, macro, list, variable.name, bodies, context);
}

function checkBodies(
  syntax: CallSyntax,
  macro: MacroName,
  list: Term,
  name: string,
  bodies: readonly Syntax[],
  context: CheckContext,
): Term {
  const element: StaticType = list.type.type === 'list' ? list.type.element : DYN;
  const variable: Variable = { slot: context.nextSlot(), type: element };
  context.variables.set(name, variable);
  context.macroDepth++;
  const checked = bodies.map((body) => context.check(body, context));
  context.macroDepth--;
  context.variables.delete(name);

  const conditions = macro === 'map' ? checked.slice(0, -1) : checked;
  for (const body of conditions) {
    if (isOpen(body.type) || body.type.type === 'bool') continue;
    const message = `${macro}() needs a condition here, not a ${describe(body.type)}.`;
    return context.refuse('EXPR_TYPE', message, body, { expected: 'bool' });
  }
  const length = list.op === 'list' ? list.children.length : MAX_LIST_LENGTH;
  const each = checked.reduce((sum, body) => sum + body.cost, 2);
  // `term` counts the bodies once more; they run `length` times.
  const cost = 5 + Math.max(length, 1) * each;
  const last = checked.at(-1);
  const shape = { op: 'macro', macro, slot: variable.slot } as const;
  const children = [list, ...checked];
  if (macro === 'filter') {
    return term(shape, syntax, listOf(declaredType(element)), { children, cost, nullable: list.nullable });
  }
  if (macro === 'map') {
    const type = listOf(declaredType(last?.type ?? DYN));
    return term(shape, syntax, type, { children, cost, nullable: list.nullable });
  }
  return term(shape, syntax, BOOL, { children, cost });
}
