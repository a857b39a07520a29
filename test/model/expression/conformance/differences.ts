// Where the dialect means to differ from CEL: its rules, which tests they speak about, and what they make of them.
import type { Json } from '../../../../src/events/event.js';
import type { Case, Outcome } from './cases.js';

interface Difference {
  readonly rule: string;
  /** Over the test alone. */
  readonly speaksOf: (test: Case) => boolean;
  /** What the dialect then does. */
  readonly yields: (outcome: Outcome) => boolean;
}

const refusedFor =
  (code: string) =>
  (outcome: Outcome): boolean =>
    outcome.kind === 'refused' && outcome.codes.every((found) => found === code);
const valued =
  (holds: (value: Json) => boolean) =>
  (outcome: Outcome): boolean =>
    outcome.kind === 'value' && holds(outcome.value);
const isNull = (value: Json): boolean => value === null;
const uses = ({ checked }: Case, operators: RegExp): boolean => operators.test(checked);

const DIFFERENCES: readonly Difference[] = [
  {
    rule: 'Everything is checked before it runs: what the check of CEL refuses too is never run.',
    speaksOf: ({ refusal, original }) => refusal !== '' && original.bindings === undefined,
    yields: ({ kind, ...rest }) =>
      kind === 'refused' &&
      'codes' in rest &&
      rest.codes.every((code) => code === 'EXPR_TYPE' || code === 'EXPR_NAME'),
  },
  {
    rule: 'No denominator, no value: x / 0 and x % 0 are null, not an error, infinity or NaN.',
    speaksOf: (test) => uses(test, /\^(divide|modulo)_/) && /[/%]\s*(0|n\b)/.test(test.original.expr),
    yields: valued((value) => value === null || value === false || Array.isArray(value)),
  },
  {
    rule: 'Null in: a comparison with null gives null.',
    speaksOf: ({ tokens, failure }) =>
      failure !== undefined && tokens.some((token) => token.kind === 'name' && token.text === 'null'),
    yields: valued(isNull),
  },
  {
    rule: 'A field or an element that is read and absent is null.',
    speaksOf: ({ failure = '' }) => /no such key|invalid_argument/.test(failure),
    yields: valued(isNull),
  },
  {
    rule: 'Numbers are finite: a result that is too large is an error.',
    speaksOf: ({ original }) => /Infinity/.test(String(original.value?.doubleValue)),
    yields: (outcome) => outcome.kind === 'error' && outcome.code === 'EXPR_NUMBER',
  },
  {
    rule: 'One number type, double: what is computed has no range of 64 bits.',
    speaksOf: (test) =>
      /range|overflow/.test(test.failure ?? '') && uses(test, /\^(double_to|multiply)_int64/),
    yields: valued((value) => typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER),
  },
  {
    rule: 'Durations are seconds: what is computed has no range; 9999-12-31 stands for "without end" and may be passed.',
    speaksOf: (test) =>
      /range/.test(test.failure ?? '') &&
      uses(test, /\^(string_to_duration|add_\w*duration\w*|subtract_\w*duration\w*)/),
    yields: (outcome) =>
      outcome.kind === 'value' && (outcome.type === 'duration' || outcome.type === 'timestamp'),
  },
  {
    rule: 'Instants have a resolution of 1 ms.',
    speaksOf: ({ tokens, original }) =>
      original.value?.stringValue !== undefined && tokens.some((token) => /\.\d{4,}Z/.test(token.text)),
    yields: valued((value) => typeof value === 'string' && /\.\d{3}Z$/.test(value)),
  },
  {
    rule: 'Instants are of the years 1000 to 9999.',
    speaksOf: ({ tokens }) => tokens.some((token) => token.kind === 'text' && /^.0\d{3}-/.test(token.text)),
    yields: refusedFor('EXPR_TYPE'),
  },
  {
    rule: 'Unlike types are refused: an element of another type is never equal to what is looked for.',
    speaksOf: (test) => uses(test, /list\(dyn\)\n\)~bool\^in_list/),
    yields: refusedFor('EXPR_TYPE'),
  },
  {
    rule: 'Truth values have no order.',
    speaksOf: (test) => uses(test, /\^(less|less_equals|greater|greater_equals)_bool/),
    yields: refusedFor('EXPR_TYPE'),
  },
  {
    rule: 'A number begins with a digit.',
    speaksOf: ({ tokens }) => tokens.some((token) => token.kind === 'number' && token.text.startsWith('.')),
    yields: refusedFor('EXPR_SYNTAX'),
  },
];

/** The rule by which the dialect differs from CEL in this test as it does; undefined where there is none. */
export function differenceOf(test: Case, outcome: Outcome): string | undefined {
  return DIFFERENCES.find(({ speaksOf, yields }) => speaksOf(test) && yields(outcome))?.rule;
}
