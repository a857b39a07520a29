// The shape of a model's file: which keys it has and what text each takes. Meaning is checked where it is compiled. What
// `meta` says beside a check is the same for editors, whose schema is made of this.
import { z } from 'zod';
import {
  DURATION_FORM,
  DURATION_PATTERN,
  LONGEST_SPAN_MS,
  parseDuration,
  parseTerm,
  POSITIVE_DURATION_PATTERN,
} from '../catalogue/duration.js';
import { KEY_SCOPES, SCOPES, SOURCES, STREAMS } from '../events/event.js';
import { BASELINE_METHODS } from './baseline.js';
import type { OperatorName } from './operators/operators.js';
import { NUMBER_PATTERN, parseNumber } from './scalar.js';
import { STATUSES } from './status.js';

const INDICATORS_MAX = 64;
const PARAMS_MAX = 32;
const SCORE_LINES_MAX = 32;
const SEQUENCE_STEPS_MAX = 8;
const EXPRESSION_MAX = 4_000;
const LINT_MAX = 20;

/** Names that an indicator cannot have: they mean something else in expressions or in tests of models. */
const RESERVED = new Set(
  (
    'event subject device place region industry params now score level at key feed true false null in as break const ' +
    'constructor continue else for function if import let loop namespace package return var void while ' +
    'bool bytes double int list map string type uint dyn duration timestamp'
  ).split(' '),
);

const NAME_FORM = 'a name of a-z, 0-9 and _, up to 64 characters, a letter first, no reserved word';

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

export const nameText = z
  .string()
  .refine((name) => NAME.test(name) && !RESERVED.has(name), NAME_FORM)
  .meta({ pattern: NAME.source, not: { enum: [...RESERVED] } });

const paramName = z
  .string()
  .refine((name) => NAME.test(name) && name !== 'constructor', NAME_FORM)
  .meta({ pattern: NAME.source, not: { enum: ['constructor'] } });

const text = (max: number) => z.string().trim().min(1, 'text').max(max, `text of at most ${max} characters`);

/** `isExpression` tells editors that a bare number or bool is none. */
const expression = z
  .string()
  .min(1, 'an expression')
  .max(EXPRESSION_MAX, `an expression of at most ${EXPRESSION_MAX} characters`)
  .meta({ isExpression: true });

/** Milliseconds. */
const span = z
  .string()
  .transform((value, context) => {
    const spanMs = parseDuration(value);
    if (spanMs !== null && spanMs <= LONGEST_SPAN_MS) return spanMs;
    context.issues.push({ code: 'custom', input: value, message: `${DURATION_FORM}, at most 3660d` });
    return z.NEVER;
  })
  .meta({ pattern: DURATION_PATTERN });

const positiveSpan = span
  .refine((spanMs) => spanMs > 0, 'a duration longer than 0')
  .meta({ pattern: POSITIVE_DURATION_PATTERN });

const FRACTION = /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/;

const fraction = z
  .string()
  .refine((value) => FRACTION.test(value), 'a number from 0 to 1, at most six decimals')
  .transform(Number)
  .meta({ type: ['number', 'string'], minimum: 0, maximum: 1, pattern: FRACTION.source });

const levels = z.strictObject({
  red: expression.optional(),
  orange: expression.optional(),
  yellow: expression.optional(),
  blue: expression.optional(),
});

const source = z.string().meta({ enum: [...SOURCES] });
const streams = z.union([source, z.array(source).min(1)], 'a stream or a list of streams');

const step = z.strictObject({
  from: streams.optional(),
  not: streams.optional(),
  as: nameText.optional(),
  where: expression.optional(),
  within: positiveSpan.optional(),
  until: expression.optional(),
});

const baseline = z.strictObject({
  over: positiveSpan,
  every: positiveSpan,
  season: z.enum(['weekday'], 'weekday').optional(),
  method: z
    .string()
    .pipe(z.enum(BASELINE_METHODS, `one of ${BASELINE_METHODS.join(', ')}`))
    .meta({ enum: [...BASELINE_METHODS] }),
  min: z
    .string()
    .regex(/^([2-9]|[1-9]\d{1,2}|1000)$/, 'a whole number from 2 to 1000')
    .transform(Number)
    .meta({ type: ['integer', 'string'], minimum: 2, maximum: 1000 })
    .optional(),
});

/** What each operator takes; `sequence` is the only one that is no text. */
const operators = {
  count: expression.optional(),
  sum: expression.optional(),
  avg: expression.optional(),
  min: expression.optional(),
  max: expression.optional(),
  distinct: expression.optional(),
  stddev: expression.optional(),
  quantile: expression.optional(),
  last: expression.optional(),
  first: expression.optional(),
  since: z.enum(['first', 'last'], 'first or last').optional(),
  streak: expression.optional(),
  share: expression.optional(),
  trend: expression.optional(),
  new: expression.optional(),
  changes: expression.optional(),
  increase: expression.optional(),
  absent: z.literal('true', 'true').optional(),
  sequence: z
    .array(step, 'a list of steps')
    .refine(({ length }) => length >= 2 && length <= SEQUENCE_STEPS_MAX, `2 to ${SEQUENCE_STEPS_MAX} steps`)
    .meta({ minItems: 2, maxItems: SEQUENCE_STEPS_MAX })
    .optional(),
  value: expression.optional(),
} satisfies { readonly [name in OperatorName]: z.ZodType };

const indicator = z.strictObject({
  from: streams.optional(),
  where: expression.optional(),
  over: positiveSpan.optional(),
  basis: z.enum(['time', 'arrival'], 'time or arrival').optional(),
  q: fraction.optional(),
  versus: z.literal('previous', 'previous').optional(),
  every: positiveSpan.optional(),
  approx: z.literal('true', 'true').optional(),
  baseline: baseline.optional(),
  densest: positiveSpan.optional(),
  ...operators,
});

/** Beyond this no figure of a model means anything. */
const FIGURE_MAX = 1e15;
const NUMBER_FORM = 'a number';

const number = z
  .string()
  .transform((value, context) => {
    const parsed = parseNumber(value);
    if (parsed !== null && Math.abs(parsed) <= FIGURE_MAX) return parsed;
    context.issues.push({ code: 'custom', input: value, message: NUMBER_FORM });
    return z.NEVER;
  })
  .meta({ type: ['number', 'string'], minimum: -FIGURE_MAX, maximum: FIGURE_MAX, pattern: NUMBER_PATTERN });

const weight = number
  .refine((value) => value > 0 && value <= 1000, 'a number above 0, at most 1000')
  .meta({ type: ['number', 'string'], exclusiveMinimum: 0, maximum: 1000, pattern: NUMBER_PATTERN });

const scoreLine = z.strictObject({
  name: text(64),
  weight,
  of: expression.optional(),
  if: expression.optional(),
  low: number.optional(),
  high: number.optional(),
  bands: z
    .array(z.tuple([number, fraction], 'a pair [from, part], part from 0 to 1'))
    .min(1, 'at least one pair [from, part]')
    .max(32, 'at most 32 pairs')
    .optional(),
});

const EVERY_MIN_MS = 60_000;
const EVERY_MAX_MS = 31 * 86_400_000;

const expect = z.strictObject({
  from: z.string().meta({ enum: [...STREAMS] }),
  every: span.refine(
    (spanMs) => spanMs >= EVERY_MIN_MS && spanMs <= EVERY_MAX_MS,
    'a duration from 1m to 31d',
  ),
  of: z.string().meta({ enum: [...KEY_SCOPES] }),
});

const param = z.union(
  [z.string(), z.record(z.string().max(64), z.string())],
  'a value, or { default: ..., by: subject.<field>, <choice>: <value>, ... }',
);

const atMost = (max: number, what: string) => ({
  check: (map: object) => Object.keys(map).length <= max,
  message: `at most ${max} ${what}`,
});
const fewIndicators = atMost(INDICATORS_MAX, 'indicators');
const fewParams = atMost(PARAMS_MAX, 'parameters');

const TASK_DAYS_MAX = 250;
const TASK_FORM = `working days from 1 to ${TASK_DAYS_MAX}, such as 10 workdays`;

const task = z.strictObject({
  merge: z
    .string()
    .refine((value) => value === 'items', 'items')
    .meta({ enum: ['items'] }),
  within: z
    .string()
    .transform((value, context) => {
      const term = parseTerm(value);
      if (term?.unit === 'workdays' && term.days >= 1 && term.days <= TASK_DAYS_MAX) return term.days;
      context.issues.push({ code: 'custom', input: value, message: TASK_FORM });
      return z.NEVER;
    })
    .meta({ pattern: '^\\d{1,4} workdays?$' }),
});

/** Scopes that stand alone; region and industry may stand together. */
export const SINGLE_SCOPES = SCOPES.filter((scope) => scope !== 'region+industry' && scope !== 'source');
const COMBINED_SCOPES = ['region', 'industry'];

const scope = z.union(
  [
    z.string().meta({ enum: SINGLE_SCOPES }),
    z.array(z.string().meta({ enum: COMBINED_SCOPES })).meta({ minItems: 2, maxItems: 2, uniqueItems: true }),
  ],
  'a scope or [region, industry]',
);

export const MODEL_SHAPE = z.strictObject({
  model: z.string(),
  title: text(200),
  summary: text(2000),
  item: z.string(),
  scope: scope.default('subject'),
  where: expression.optional(),
  params: z
    .record(paramName, param)
    .refine(fewParams.check, fewParams.message)
    .meta({ maxProperties: PARAMS_MAX })
    .default({}),
  indicators: z
    .record(nameText, indicator)
    .refine((map) => Object.keys(map).length > 0, 'at least one indicator')
    .refine(fewIndicators.check, fewIndicators.message)
    .meta({ minProperties: 1, maxProperties: INDICATORS_MAX }),
  score: z
    .array(scoreLine)
    .min(1, 'at least one line')
    .max(SCORE_LINES_MAX, `at most ${SCORE_LINES_MAX} lines`)
    .optional(),
  levels: levels
    .refine((map) => Object.keys(map).length > 0, 'at least one of red, orange, yellow, blue')
    .meta({ minProperties: 1 }),
  for: span.default(0),
  hold: span.default(0),
  clear: levels.default({}),
  plan: z.string().optional(),
  advise: text(2000),
  task: task.optional(),
  expect: expect.optional(),
  status: z
    .string()
    .meta({ enum: [...STATUSES] })
    .default('active'),
  tags: z.array(text(64)).max(20, 'at most 20 tags').default([]),
  lint: z
    .array(z.strictObject({ allow: z.string(), because: text(500) }))
    .max(LINT_MAX, `at most ${LINT_MAX} entries`)
    .default([]),
});

export type ModelContent = z.output<typeof MODEL_SHAPE>;
export type IndicatorContent = z.output<typeof indicator>;
export type ExpectContent = z.output<typeof expect>;
export type ScoreLineContent = z.output<typeof scoreLine>;

/** The parts of a model's shape whose keys are explained to authors, by the path at which editors meet them. */
export const SHAPE_PARTS = { indicator, step, baseline, scoreLine, expect, task };
