// When two values of events are the same value.
import { canonicalJson } from '../../events/canonical.js';
import type { Value } from '../../model/expression/expression.js';

/** A primitive that is equal for equal values: lists and objects are compared by content, as `==` compares them. */
export function valueKey(value: Value): Value {
  return typeof value === 'object' && value !== null ? `\u0000${canonicalJson(value)}` : value;
}
