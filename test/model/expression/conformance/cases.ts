// The conformance tests of CEL as cases for the dialect: expression, what it may name, what CEL makes of it.
import { tests as suite } from '@bufbuild/cel-spec/testdata/conformance.js';
import type { SerializedIncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import type { Json } from '../../../../src/events/event.js';
import { compileExpression } from '../../../../src/model/expression/compile.js';
import {
  ExpressionError,
  type Environment,
  type EvaluationScope,
} from '../../../../src/model/expression/expression.js';
import { readType, readValue, type CelType, type CelValue } from './cel-value.js';
import { tokensOf, type Token } from './tokens.js';

/** A test as the package writes it; `value` and the others are protobuf in JSON. */
export interface Original {
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly typeEnv?: readonly {
    readonly name: string;
    readonly ident?: { readonly type?: CelType };
    readonly function?: unknown;
  }[];
  readonly bindings?: { readonly [name: string]: { readonly value?: CelValue } };
  readonly value?: CelValue;
  readonly evalError?: { readonly errors?: readonly { readonly message?: string }[] };
  readonly typedResult?: { readonly result?: CelValue; readonly deducedType?: CelType };
  readonly checkOnly?: boolean;
}

export interface Case {
  /** Suite, section and name; `#2` follows where the suite repeats a name. */
  readonly path: string;
  readonly original: Original;
  readonly tokens: readonly Token[];
  /** What CEL's own check resolved: operators by type, for example `divide_int64`; empty where it refused. */
  readonly checked: string;
  /** Why CEL's own check refused it; empty where it passed. */
  readonly refusal: string;
  /** What CEL says when it fails; undefined where it must not fail. */
  readonly failure: string | undefined;
}

/** What the dialect makes of a case. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: Json; readonly type: string }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'refused'; readonly codes: readonly string[] };

/** Every test of the suite, in its order. */
export function conformanceCases(): readonly Case[] {
  const cases: Case[] = [];
  const seen = new Map<string, number>();
  const collect = (part: SerializedIncrementalTestSuite, path: readonly string[]): void => {
    for (const inner of part.suites ?? []) collect(inner, [...path, inner.name]);
    for (const test of part.tests ?? []) {
      const original = test.original as unknown as Original;
      const name = [...path, original.name].join('/');
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      cases.push({
        path: count === 1 ? name : `${name}#${count}`,
        original,
        tokens: tokensOf(original.expr),
        checked: test.checkedAst ?? '',
        refusal: test.checkedAst === undefined ? (test.error ?? '') : '',
        failure: failureOf(original),
      });
    }
  };
  collect(suite, []);
  return cases;
}

function failureOf({ evalError }: Original): string | undefined {
  return evalError === undefined
    ? undefined
    : (evalError.errors ?? []).map(({ message }) => message ?? '').join(' ');
}

/** Compiles and runs a case; its bindings are indicators. */
export function outcomeOf({ original }: Case): Outcome {
  const declared = new Map((original.typeEnv ?? []).map(({ name, ident }) => [name, ident?.type]));
  const bindings = original.bindings ?? {};
  const names = [...new Set([...declared.keys(), ...Object.keys(bindings)])];
  const environment: Environment = {
    profile: {},
    profileNames: [],
    params: {},
    indicators: names.map((name, index) => ({
      name,
      index,
      type: readType(declared.get(name)),
      nullable: true,
      since: false,
    })),
    now: false,
    lists: new Map(),
    zone: 'UTC',
    workdays: () => 0,
  };
  const compiled = compileExpression(original.expr, environment);
  if (!compiled.ok) return { kind: 'refused', codes: compiled.diagnostics.map(({ code }) => code) };
  const scope: EvaluationScope = {
    event: null,
    profile: {},
    subject: {},
    params: {},
    values: names.map((name) => readValue(bindings[name]?.value) ?? null),
    anchors: [],
    now: 0,
    missing: () => undefined,
  };
  const value = compiled.expression.run(scope);
  return value instanceof ExpressionError
    ? { kind: 'error', code: value.code }
    : { kind: 'value', value, type: compiled.expression.type.type };
}

/** Faults of meaning, which CEL may find only when it runs. */
const FAULTS_OF_MEANING = new Set(['EXPR_TYPE', 'EXPR_NAME', 'EXPR_FUNCTION']);

/** Whether the dialect does what CEL does. An error may be found earlier: in the check. */
export function agrees({ original, failure }: Case, outcome: Outcome): boolean {
  const { typedResult } = original;
  if (failure !== undefined) {
    if (outcome.kind === 'refused') return outcome.codes.every((code) => FAULTS_OF_MEANING.has(code));
    return outcome.kind === 'error';
  }
  if (outcome.kind !== 'value') return false;
  const type = typedResult?.deducedType;
  if (type !== undefined && readType(type).type !== outcome.type) return false;
  if (original.checkOnly === true) return true;
  const wanted = original.value ?? typedResult?.result;
  // A test that names no result wants true.
  return same(wanted === undefined ? true : readValue(wanted), outcome.value);
}

function same(wanted: Json | undefined, found: Json): boolean {
  // Zero has no sign in the suite's JSON.
  if (wanted === found) return true;
  if (typeof wanted !== 'object' || typeof found !== 'object' || wanted === null || found === null)
    return false;
  if (Array.isArray(wanted) !== Array.isArray(found)) return false;
  const [left, right] = [Object.entries(wanted), found as { [name: string]: Json }];
  return (
    left.length === Object.keys(right).length &&
    left.every(([name, value]) => Object.hasOwn(right, name) && same(value, right[name] ?? null))
  );
}
