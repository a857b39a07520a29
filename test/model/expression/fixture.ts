// An environment with one of everything, and what its names hold when an expression runs.
import { expect } from 'vitest';
import type { FieldType } from '../../../src/events/fields.js';
import { compileExpression } from '../../../src/model/expression/compile.js';
import {
  ExpressionError,
  type Environment,
  type EvaluationScope,
  type Expression,
  type ExpressionDiagnostic,
  type Value,
} from '../../../src/model/expression/expression.js';

export const STRING: FieldType = { type: 'string' };
export const NUMBER: FieldType = { type: 'number' };
export const BOOL: FieldType = { type: 'bool' };
export const TIMESTAMP: FieldType = { type: 'timestamp' };
export const DURATION: FieldType = { type: 'duration' };
export const DYN: FieldType = { type: 'dyn' };
export const listOf = (element: FieldType): FieldType => ({ type: 'list', element });

const required = (type: FieldType) => ({ type, optional: false });
const optional = (type: FieldType) => ({ type, optional: true });

const DETAIL: FieldType = {
  type: 'object',
  fields: { due: optional(TIMESTAMP), note: optional(STRING) },
};

export const INDICATORS = ['complaints', 'failures', 'idle', 'fined', 'order', 'stale'] as const;

export const ENVIRONMENT: Environment = {
  event: {
    id: required(STRING),
    time: required(TIMESTAMP),
    at: required(TIMESTAMP),
    source: required(STRING),
    stream: required(STRING),
    category: optional(STRING),
    result: optional(STRING),
    amount: optional(NUMBER),
    urgent: optional(BOOL),
    deadline: optional(TIMESTAMP),
    items: optional(listOf(STRING)),
    dues: optional(listOf(TIMESTAMP)),
    detail: optional(DETAIL),
    any: optional(DYN),
    toString: optional(STRING),
  },
  profile: {
    kind: required(STRING),
    credit: optional(STRING),
    tags: required(listOf(STRING)),
    opened: optional(TIMESTAMP),
    floors: optional(NUMBER),
  },
  profileNames: ['subject', 'device'],
  params: {
    many: NUMBER,
    limit: DURATION,
    name: STRING,
    yes: BOOL,
    no: BOOL,
    none: BOOL,
    bad: BOOL,
    badNumber: NUMBER,
    badList: listOf(NUMBER),
    nothing: NUMBER,
    list: listOf(NUMBER),
    long: listOf(NUMBER),
    any: DYN,
  },
  indicators: [
    { name: 'complaints', index: 0, type: NUMBER, nullable: false, since: false },
    { name: 'failures', index: 1, type: NUMBER, nullable: true, since: false },
    { name: 'idle', index: 2, type: DURATION, nullable: true, since: true },
    { name: 'fined', index: 3, type: NUMBER, nullable: true, since: false },
    {
      name: 'order',
      index: 4,
      type: { type: 'object', fields: { id: required(STRING), deadline: optional(TIMESTAMP) } },
      nullable: true,
      since: false,
    },
    { name: 'stale', index: 5, type: DURATION, nullable: true, since: true },
  ],
  now: true,
  lists: new Map([
    ['banned-additives', new Set(['苏丹红', '三聚氰胺'])],
    ['odd', new Set(['a"b', '__proto__'])],
  ]),
  zone: 'Asia/Shanghai',
  workdays: (t1, t2) =>
    t2 > 4e9 ? new ExpressionError('EXPR_CALENDAR', 'Unknown year.') : Math.floor((t2 - t1) / 86_400),
};

export const BAD = new ExpressionError('EXPR_TYPE', 'made for the test');

/** A scope whose clock stands at 2026-01-10T00:00:00Z; `missing` collects the names. */
export function makeScope(changes: Partial<EvaluationScope> = {}): EvaluationScope & { absent: string[] } {
  const absent: string[] = [];
  return {
    event: {
      kind: 'event',
      id: 'hotline 1',
      stream: 'complaint',
      source: 'hotline',
      key: 'subject:91110000802100433B',
      time: Date.parse('2026-01-01T00:00:00.500Z'),
      at: Date.parse('2026-01-01T00:00:10Z'),
      data: {
        category: '食品过期',
        amount: 12.5,
        urgent: true,
        deadline: '2026-01-15T16:00:00.000Z',
        items: ['奶粉', '面粉', '油'],
        dues: ['2026-01-02T00:00:00Z', '2026-01-20T00:00:00Z'],
        detail: { due: '2026-01-03T00:00:00Z' },
        extra: 7,
      },
    },
    profile: {
      kind: 'enterprise',
      credit: null,
      tags: ['食品经营', '餐饮'],
      opened: 1_700_000_000,
    },
    subject: { credit: 'B', tags: ['燃气'], floors: 6 },
    params: {
      many: 5,
      limit: 3600,
      name: 'n',
      yes: true,
      no: false,
      none: null,
      bad: BAD,
      badNumber: BAD,
      badList: BAD,
      nothing: null,
      list: [1, 2, 3],
      long: Array.from({ length: 1001 }, (_, index) => index),
      any: 'text',
    },
    values: [3, null, null, BAD, { id: 'o1', deadline: 1_767_312_000 }, null],
    anchors: [NaN, NaN, Date.parse('2026-01-01T00:00:00Z'), NaN, NaN, NaN],
    now: Date.parse('2026-01-10T00:00:00Z'),
    missing: (field) => absent.push(field),
    absent,
    ...changes,
  };
}

/** Compiles what must be right. */
export function compiled(source: string, env: Environment = ENVIRONMENT): Expression {
  const result = compileExpression(source, env);
  if (!result.ok) throw new Error(`${source}: ${result.diagnostics.map((d) => d.message).join(' ')}`);
  return result.expression;
}

/** The value in the scope of the fixture. */
export function run(source: string, scope: EvaluationScope = makeScope()): Value {
  return compiled(source).run(scope);
}

/** The first fault of what must be refused. */
export function fault(source: string, expected: 'bool' | 'number' | 'any' = 'any'): ExpressionDiagnostic {
  const result = compileExpression(source, ENVIRONMENT, expected);
  expect(result.ok, `${source} was accepted`).toBe(false);
  const first = result.ok ? undefined : result.diagnostics[0];
  if (first === undefined) throw new Error(`${source} was refused without a reason`);
  return first;
}

/** A value with errors written as `error CODE`, for tables. */
export function plain(value: Value): unknown {
  return value instanceof ExpressionError ? `error ${value.code}` : value;
}
