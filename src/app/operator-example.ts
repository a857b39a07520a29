// The example of an operator, run: the value of its indicator at each instant of the example, and what a key then keeps.
import type { Watch } from '../engine/context.js';
import { encodeKeyState } from '../engine/key-codec.js';
import { MemoryKeyStore } from '../engine/key-state.js';
import { Strata } from '../engine/strata.js';
import { EXAMPLE_MODEL, exampleFiles } from '../model/checks/example.js';
import { ExpressionError, type Value } from '../model/expression/expression.js';
import { loadRules } from '../model/load.js';
import type { ExampleEvent, OperatorExample } from '../model/operators/operator.js';
import type { RuleSet } from '../model/ruleset.js';
import { parseModelTests, TEST_ORIGIN_MS, testKeyId, type TestCase } from '../model/tests.js';
import { caseEvents } from '../pipeline/model-test.js';

/** How many events a key is measured with. */
const MEASURED = 1_000;
const NAME = EXAMPLE_MODEL.replace('.yaml', '');

/** What an instant of an example shows. */
export interface ExampleMoment {
  readonly event: ExampleEvent;
  readonly value: Value;
  /** Whether the level of the example holds. */
  readonly warns: boolean;
}

/** The indicators and the level of an example, as a model writes them. */
export function exampleFragment({ indicator, beside = {}, level }: OperatorExample): string {
  const others = Object.entries(beside).map(([name, text]) => `  ${name}: ${text}\n`);
  const own = indicator.startsWith('\n') ? indicator : ` ${indicator}`;
  return `indicators:\n${others.join('')}  x:${own}\nlevels:\n  yellow: '${level}'\n`;
}

/** Runs an example through the engine. */
export function runExample(example: OperatorExample): ExampleMoment[] {
  const rules = rulesOf(example, true);
  // The profile told again is an occasion to look that changes nothing.
  const lines = example.events.map(({ at, ...rest }) =>
    rest.stream === null ? `{ at: ${at}, registration: {} }` : `{ at: ${at}, ${rest.stream}: ${rest.data} }`,
  );
  const testCase = caseOf(example, lines);
  const seen = new Map<number, { readonly value: Value; readonly warns: boolean }>();
  run(rules, testCase, (model, scope) => {
    const index = model.indicators.findIndex(({ name }) => name === 'x');
    const value = scope.values[index] ?? null;
    if (value instanceof ExpressionError) throw new Error(value.message);
    const warns = model.levels[0]?.condition.run(scope) === true;
    seen.set(scope.now - TEST_ORIGIN_MS, { value, warns });
  });
  return example.events.map((event, place) => {
    const moment = seen.get(testCase.events[place]?.atMs ?? NaN);
    if (moment === undefined) throw new Error(`nothing was evaluated at ${event.at}`);
    return { event, ...moment };
  });
}

/** Bytes that a key keeps for each of a thousand events in the window, the event itself among them. */
export function bytesPerEvent(example: OperatorExample): number {
  const first = example.events.find(({ stream }) => stream !== null);
  if (first === undefined || first.stream === null) throw new Error('the example has no event');
  const { stream, data } = first;
  const rules = rulesOf(example, false);
  const sizeWith = (times: number) =>
    run(rules, caseOf(example, [`{ at: 0s, ${stream}: ${data}, times: ${times}, every: 1s }`]), () => {});
  return Math.round((sizeWith(MEASURED + 1) - sizeWith(1)) / MEASURED);
}

function rulesOf(example: OperatorExample, looks: boolean): RuleSet {
  const fragment = exampleFragment(example);
  const looking = "  looked: { from: registration, count: '*', over: 1d }\n";
  const text = `model: ${NAME}
title: 例子
summary: 例子。
item: food-operation
scope: ${example.scope}
${looks ? fragment.replace('levels:\n', `${looking}levels:\n`) : fragment}plan: food-check
advise: 核查。
`;
  const { files } = exampleFiles({ whole: true, wrong: '', right: text }, 'right');
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return rules;
}

function caseOf({ scope }: OperatorExample, events: readonly string[]): TestCase {
  const list = events.map((line) => `      - ${line}\n`).join('');
  const text = `model: ${NAME}\ncases:\n  - name: 例子\n    ${scope}: {}\n    events:\n${list}    expect: []\n`;
  const { tests, diagnostics } = parseModelTests(`${NAME}.test.yaml`, text);
  const [testCase] = tests?.cases ?? [];
  if (testCase === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return testCase;
}

/** Steps the events of a case. @returns the size of the key's state, bytes */
function run(rules: RuleSet, testCase: TestCase, look: Watch): number {
  const [model] = rules.models;
  if (model === undefined) throw new Error('the example has no model');
  const store = new MemoryKeyStore();
  const strata = new Strata(rules, {
    namespace: 'test',
    store: () => store,
    watch: look,
    emit: () => {},
  });
  const { events, failures } = caseEvents(testCase, model);
  if (failures.length > 0) throw new Error(failures.map(({ message }) => message).join('\n'));
  for (const [offset, event] of events.entries()) strata.step(event, offset);
  strata.end();
  const state = store.get(`${model.scope}:${testKeyId()}`);
  return state === undefined ? 0 : encodeKeyState(state).length;
}
