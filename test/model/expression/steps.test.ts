import { expect, test } from 'vitest';
import { compileExpression } from '../../../src/model/expression/compile.js';
import { ENVIRONMENT, NUMBER, STRING, TIMESTAMP, makeScope } from './fixture.js';

const environment = {
  ...ENVIRONMENT,
  steps: {
    first_order: {
      id: { type: STRING, optional: false },
      deadline: { type: TIMESTAMP, optional: true },
      score: { type: NUMBER, optional: true },
    },
  },
};
const steps = { first_order: { id: 'J-1', deadline: 1000, score: null, note: 'x' } };

function compiled(source: string) {
  const result = compileExpression(source, environment);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.expression;
}

test.each([
  ['first_order.id', 'string', 'J-1'],
  ['first_order.deadline + days(1)', 'timestamp', 87_400],
  ['first_order.score', 'number', null],
  ['first_order.score > 1', 'bool', null],
  ['has(first_order.score)', 'bool', false],
  ['has(first_order.deadline)', 'bool', true],
  ['first_order["deadline"]', 'timestamp', 1000],
  ['first_order["note"]', 'dyn', 'x'],
  ['first_order["other"]', 'dyn', null],
])('%s of an earlier step is a %s', (source, type, value) => {
  const expression = compiled(source);
  expect(expression.type.type).toBe(type);
  expect(expression.run({ ...makeScope({}), steps })).toEqual(value);
});

test('the fields of steps that it reads are known', () => {
  const { reads } = compiled('event.category == first_order.id && first_order["note"] != null');
  expect(reads.steps).toEqual(['first_order.id', 'first_order.note']);
  expect(reads.event).toEqual(['category']);
});

test.each([
  ['first_order.deadlin', 'first_order has no field deadlin.', 'deadline'],
  ['first_ordr.id == "x"', 'first_ordr is not known here.', 'first_order'],
  ['first_order["constructor"]', 'A field named constructor cannot be read.', undefined],
  ['first_order["a" + "b"]', 'must be a text written here', undefined],
  ['first_order.id > 3', 'string', undefined],
])('%s is refused', (source, message, nearest) => {
  const result = compileExpression(source, environment);
  expect(result.ok).toBe(false);
  if (result.ok) return;
  expect(result.diagnostics[0]?.message).toContain(message);
  expect(result.diagnostics[0]?.nearest).toBe(nearest);
});
