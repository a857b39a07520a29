// What of CEL lies outside the dialect, as rules over a test's words and over the types and values it declares.
import { FUNCTIONS } from '../../../../src/model/expression/functions.js';
import type { Case } from './cases.js';
import { INSTANT, SPAN } from './cel-value.js';
import { callsOf, isSign, type Token } from './tokens.js';

/** Why a test lies outside. */
export interface Outside {
  readonly reason: string;
  /** Whether its words say so; else only what it declares or wants does, which the dialect never gets to see. */
  readonly written: boolean;
}

interface Rule {
  readonly reason: string;
  readonly written?: (test: Case) => boolean;
  readonly declared?: (test: Case) => boolean;
}

const KNOWN = new Set(FUNCTIONS.map(({ name }) => name));
const LIST_MACROS = new Set(['exists', 'all', 'exists_one', 'filter']);
const TYPE_NAMES = new Set(
  'bool int uint double string bytes list map null_type type dyn optional_type'.split(' '),
);

/** The first that applies gives the reason. */
const RULES: readonly Rule[] = [
  {
    reason: 'protobuf messages, enums and wrappers',
    written: ({ original, tokens }) =>
      /\bgoogle\.protobuf\b|\b(TestAllTypes|NestedEnum|GlobalEnum)\b/.test(original.expr) ||
      some(tokens, (token, _, next) => token.kind === 'name' && isSign(next, '{')),
    declared: (test) => /messageType|wrapper|enumValue/.test(declarations(test)) || hasForeignObject(test),
  },
  {
    reason: 'bytes',
    written: ({ tokens }) =>
      calls(tokens, 'bytes') || some(tokens, (token) => token.kind === 'text' && token.bytes),
    declared: (test) => /BYTES|bytesValue/.test(declarations(test)),
  },
  {
    reason: 'unsigned numbers',
    written: ({ tokens }) =>
      calls(tokens, 'uint') || some(tokens, (token) => token.kind === 'number' && /u$/i.test(token.text)),
    declared: (test) => /UINT64|uint64Value/.test(declarations(test)),
  },
  {
    reason: 'optional values',
    written: ({ tokens }) =>
      names(tokens, 'optional') ||
      some(
        tokens,
        (token, before) => isSign(token, '?') && ['.', '[', '{', ','].some((sign) => isSign(before, sign)),
      ),
    declared: (test) => /optional_type/.test(declarations(test)),
  },
  { reason: 'cel.bind and cel.block', written: ({ tokens }) => names(tokens, 'cel') },
  { reason: 'map literals', written: ({ tokens }) => some(tokens, (token) => isSign(token, '{')) },
  { reason: 'dyn()', written: ({ tokens }) => calls(tokens, 'dyn') },
  {
    reason: 'types as values, type()',
    written: ({ tokens }) =>
      calls(tokens, 'type') ||
      some(
        tokens,
        (token, before, next) =>
          token.kind === 'name' && TYPE_NAMES.has(token.text) && !isSign(next, '(') && !isSign(before, '.'),
      ),
  },
  {
    reason: 'macros with two variables',
    written: ({ tokens }) => callsOf(tokens).some(({ name, count }) => LIST_MACROS.has(name) && count > 2),
  },
  {
    reason: 'names with dots, in backquotes or looked up in a container',
    written: ({ tokens }) => some(tokens, (token) => token.kind === 'name' && token.quoted),
    declared: ({ original: { typeEnv, bindings } }) =>
      [...(typeEnv ?? []).map(({ name }) => name), ...Object.keys(bindings ?? {})].some((name) =>
        name.includes('.'),
      ),
  },
  {
    reason: 'functions that a host declares',
    declared: ({ original }) => (original.typeEnv ?? []).some((declared) => declared.function !== undefined),
  },
  {
    reason: 'whole numbers beyond 2^53',
    written: ({ tokens }) => some(tokens, (token) => token.kind === 'number' && isTooLarge(token.text)),
    declared: (test) =>
      [...declarations(test).matchAll(/"int64Value":"(-?\d+)"/g)].some((match) => isTooLarge(match[1] ?? '')),
  },
];

/** Why a test lies outside the dialect; undefined where it lies within. */
export function outside(test: Case): Outside | undefined {
  for (const { reason, written, declared } of RULES) {
    if (written?.(test) === true) return { reason, written: true };
    if (declared?.(test) === true) return { reason, written: false };
  }
  const foreign = callsOf(test.tokens).find(({ name }) => !KNOWN.has(name));
  return foreign === undefined ? undefined : { reason: `function ${foreign.name}`, written: true };
}

/** Everything of a test but its expression and its words for people. */
function declarations({ original }: Case): string {
  const { typeEnv, bindings, value, typedResult } = original;
  return JSON.stringify({ typeEnv, bindings, value, typedResult });
}

function hasForeignObject(test: Case): boolean {
  const types = [...declarations(test).matchAll(/"@type":"([^"]+)"/g)].map((match) => match[1]);
  return types.some((type) => type !== INSTANT && type !== SPAN);
}

function some(
  tokens: readonly Token[],
  holds: (token: Token, before: Token | undefined, next: Token | undefined) => boolean,
): boolean {
  return tokens.some((token, index) => holds(token, tokens[index - 1], tokens[index + 1]));
}

function calls(tokens: readonly Token[], name: string): boolean {
  return callsOf(tokens).some((call) => call.name === name);
}

function names(tokens: readonly Token[], name: string): boolean {
  return tokens.some((token) => token.kind === 'name' && token.text === name);
}

function isTooLarge(text: string): boolean {
  return /^-?(\d+|0x[\da-f]+)$/i.test(text) && !Number.isSafeInteger(Number(text));
}
