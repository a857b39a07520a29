// The checked form of an expression: every name resolved, every operator given its meaning, every term its type.
import type { FieldType } from '../../events/fields.js';
import type { RE2JS } from 're2js';
import type { Span } from './fault.js';
import type { StaticType } from './static-type.js';

export type OrderOperator = '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type MacroName = 'exists' | 'all' | 'exists_one' | 'filter' | 'map';

/** Whose facts: the scope's own profile, or the subject beside it. */
export type Holder = 'profile' | 'subject';

export type TermShape =
  | { readonly op: 'literal'; readonly value: null | boolean | number | string }
  | { readonly op: 'list' }
  | { readonly op: 'field'; readonly name: string; readonly fieldType: FieldType }
  | { readonly op: 'envelope'; readonly name: EnvelopeName }
  | { readonly op: 'extra'; readonly name: string }
  | { readonly op: 'event'; readonly fields: readonly (readonly [string, FieldType])[] }
  | { readonly op: 'fact'; readonly of: Holder; readonly name: string; readonly fieldType: FieldType }
  | { readonly op: 'profile'; readonly of: Holder }
  /** The event of an earlier step of a sequence. */
  | { readonly op: 'step'; readonly name: string }
  | { readonly op: 'param'; readonly name: string }
  | { readonly op: 'indicator'; readonly index: number }
  | { readonly op: 'now' }
  /** The last sampling instant. */
  | { readonly op: 'sampled-now' }
  | { readonly op: 'since'; readonly index: number }
  | { readonly op: 'variable'; readonly slot: number }
  | { readonly op: 'member'; readonly name: string }
  | { readonly op: 'index' }
  | { readonly op: 'not' | 'negate' | 'and' | 'or' | 'conditional' }
  /** `open` where a side is dyn: what the operator means is decided when it runs. */
  | { readonly op: 'arithmetic'; readonly operator: ArithmeticOperator; readonly open: boolean }
  | { readonly op: 'concat'; readonly lists: boolean }
  | { readonly op: 'order'; readonly operator: OrderOperator }
  | { readonly op: 'equal'; readonly negated: boolean }
  | { readonly op: 'is-null'; readonly negated: boolean }
  /** `now`, or the time since an indicator's event, left of the operator; children: the other side. */
  | { readonly op: 'clock'; readonly operator: OrderOperator; readonly since: number | null }
  | { readonly op: 'in-set'; readonly set: ReadonlySet<unknown>; readonly textOnly: boolean }
  | { readonly op: 'in' }
  | { readonly op: 'call'; readonly run: string }
  | { readonly op: 'matches'; readonly pattern: RE2JS }
  /** Children: the list, the body, and for `map` with three arguments the condition before it. */
  | { readonly op: 'macro'; readonly macro: MacroName; readonly slot: number }
  | { readonly op: 'has-field'; readonly name: string }
  | { readonly op: 'has-fact'; readonly of: Holder; readonly name: string }
  | { readonly op: 'has-member'; readonly name: string };

export type Term = TermShape &
  Span & {
    readonly type: StaticType;
    readonly nullable: boolean;
    /** Whether `now` or a `since` indicator occurs in it. */
    readonly ticks: boolean;
    /** Steps of the worst case. */
    readonly cost: number;
    readonly children: readonly Term[];
  };

/** What every event has beside its data; instants in epoch ms. */
export const ENVELOPE_NAMES = ['id', 'time', 'at', 'source', 'stream'] as const;
export type EnvelopeName = (typeof ENVELOPE_NAMES)[number];

export function isEnvelopeName(name: string): name is EnvelopeName {
  return (ENVELOPE_NAMES as readonly string[]).includes(name);
}

/** A term whose cost is that of its children and its own; where it ticks follows from them too. */
export function term(
  shape: TermShape,
  span: Span,
  type: StaticType,
  options: { children?: readonly Term[]; nullable?: boolean; cost?: number; ticks?: boolean } = {},
): Term {
  const children = options.children ?? [];
  const nested = children.reduce((sum, child) => sum + child.cost, 0);
  return {
    ...shape,
    start: span.start,
    end: span.end,
    type,
    nullable: options.nullable ?? children.some((child) => child.nullable),
    ticks: options.ticks ?? children.some((child) => child.ticks),
    cost: nested + (options.cost ?? 1),
    children,
  };
}
