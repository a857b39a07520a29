// `x in ...`: a list of the catalogue, a written list, a list or an object that is computed.
import { nearest } from '../nearest.js';
import type { CheckContext } from './context.js';
import { BOOL, comparable, describe, isOpen, STRING } from './static-type.js';
import type { BinarySyntax, CallSyntax } from './syntax.js';
import { term, type Term } from './term.js';

/** Searching a list of the greatest length. */
const SEARCH_COST = 100;

export function checkMembership(syntax: BinarySyntax, context: CheckContext): Term {
  const item = context.check(syntax.left, context);
  const { right } = syntax;
  if (right.op === 'call' && right.receiver === null && right.name === 'list') {
    return checkCatalogueList(syntax, item, right, context);
  }
  const container = context.check(right, context);
  if (container.op === 'list' && container.children.every((child) => child.op === 'literal')) {
    return checkWrittenList(syntax, item, container, context);
  }
  const { type } = container;
  if (type.type === 'list') {
    if (!comparable(item.type, type.element)) {
      const message = `A ${describe(item.type)} cannot be in a ${describe(type)}.`;
      return context.refuse('EXPR_TYPE', message, syntax.left, { expected: describe(type.element) });
    }
  } else if (type.type === 'object') {
    if (!isOpen(item.type) && item.type.type !== 'string') {
      const message = 'The name of a field is a text.';
      return context.refuse('EXPR_TYPE', message, syntax.left, { expected: 'string' });
    }
  } else if (!isOpen(type)) {
    const hint = type.type === 'string' ? ' Write text.contains(x).' : '';
    const message = `A ${describe(type)} holds nothing to look for.${hint}`;
    return context.refuse('EXPR_TYPE', message, right, { expected: 'list, object or list("name")' });
  }
  return term({ op: 'in' }, syntax, BOOL, { children: [item, container], cost: SEARCH_COST });
}

function checkCatalogueList(syntax: BinarySyntax, item: Term, call: CallSyntax, context: CheckContext): Term {
  const name = call.args[0];
  if (call.args.length !== 1 || name?.op !== 'literal' || typeof name.value !== 'string') {
    const message = 'list() takes the name of one list, written here: list("name").';
    return context.refuse('EXPR_FUNCTION', message, call, { expected: 'list("name")' });
  }
  const { lists } = context.env;
  const set = lists.get(name.value);
  if (set === undefined) {
    return context.refuse('EXPR_LIST', `There is no list ${name.value} in catalogue/lists.`, name, {
      expected: [...lists.keys()].slice(0, 20).join(', '),
      nearest: nearest(name.value, lists.keys()),
    });
  }
  context.reads.lists.add(name.value);
  if (!comparable(item.type, STRING)) return refuseItem(syntax, item, context);
  return term({ op: 'in-set', set, textOnly: true }, syntax, BOOL, { children: [item], cost: 3 });
}

function refuseItem(syntax: BinarySyntax, item: Term, context: CheckContext): Term {
  const message = `A list of the catalogue holds texts, not ${describe(item.type)} values.`;
  return context.refuse('EXPR_TYPE', message, syntax.left, { expected: 'string' });
}

function checkWrittenList(syntax: BinarySyntax, item: Term, list: Term, context: CheckContext): Term {
  const values: unknown[] = [];
  for (const element of list.children) {
    if (!comparable(item.type, element.type)) {
      const message = `A ${describe(item.type)} is never equal to this ${describe(element.type)}.`;
      return context.refuse('EXPR_TYPE', message, element, { expected: describe(item.type) });
    }
    // Nothing that is null is ever found.
    if (element.op === 'literal' && element.value !== null) values.push(element.value);
  }
  const shape = { op: 'in-set', set: new Set(values), textOnly: false } as const;
  return term(shape, syntax, BOOL, { children: [item], cost: 3 });
}
