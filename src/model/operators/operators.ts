// All operators of indicators, and which keys may stand beside which: the parser, the schema for editors, the snippets
// and the pages for authors are made of these.
import type { AuthorOperator } from '../model.js';
import { AMOUNTS } from './amounts.js';
import { COURSES } from './courses.js';
import type { Operator } from './operator.js';

/** An operator as authors write it: over events, or over other indicators. */
export type OperatorName = AuthorOperator | 'value';

export const OPERATORS: { readonly [name in OperatorName]: Operator } = { ...AMOUNTS, ...COURSES };

/** In the order in which authors are shown them. */
export const OPERATOR_NAMES = Object.keys(OPERATORS) as readonly OperatorName[];

/** Operators over windows of which a declaration says something. */
export function operatorsThat(holds: (operator: Operator) => boolean): AuthorOperator[] {
  return OPERATOR_NAMES.filter((name) => name !== 'value').filter((name) => holds(OPERATORS[name]));
}

/** Keys of an indicator beside its operator. */
export const WINDOW_KEYS = [
  'from',
  'where',
  'over',
  'basis',
  'q',
  'every',
  'approx',
  'baseline',
  'versus',
  'densest',
] as const;
export type WindowKey = (typeof WINDOW_KEYS)[number];

/** Forms of a figure, of which an indicator has one; panes go with the first two. */
export const FORM_KEYS = ['versus', 'densest', 'baseline'] as const;

/** Whether a key has a meaning beside an operator. */
export function goesWith(key: WindowKey, name: OperatorName): boolean {
  const { aggregate, paned } = OPERATORS[name];
  switch (key) {
    case 'from':
    case 'where':
    case 'basis':
      return name !== 'value' && name !== 'sequence';
    case 'over':
      return name !== 'value';
    case 'q':
      return name === 'quantile';
    case 'approx':
      return name === 'distinct';
    case 'every':
      return paned || name === 'value';
    case 'baseline':
      return paned;
    case 'versus':
    case 'densest':
      return aggregate;
  }
}
