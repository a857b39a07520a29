// Tests beside models: each case runs through the same engine, and every transition must be the one expected.
import { Engine } from '../engine/engine.js';
import { MemoryKeyStore } from '../engine/key-state.js';
import type { Output, Transition } from '../engine/output.js';
import { parseCloudEvent, stamp } from '../events/envelope.js';
import type { Event, Json, JsonObject } from '../events/event.js';
import {
  TEST_ORIGIN_MS,
  type Expectation,
  type ModelTests,
  type TestCase,
  type TestEvent,
} from '../model/tests.js';
import type { Level } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';

/** A difference between what was expected and what came. */
export interface CaseFailure {
  /** Line of the expectation in the file, or of the case where something came that nobody expected. */
  readonly line: number;
  readonly message: string;
}

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly failures: readonly CaseFailure[];
  /** Levels that the case reached. */
  readonly levels: readonly Level[];
}

export interface ModelTestResult {
  readonly file: string;
  readonly model: string;
  readonly cases: readonly CaseResult[];
  /** Levels of the model that no case reached. */
  readonly unreached: readonly Level[];
}

const SOURCE = 'urn:fenghuo:test';
const KEY_ID = 'test:key';
/** After its last event a case goes on until nothing falls due any more, at most for so long. */
const AFTERMATH_MS = 3660 * 86_400_000;

/** Runs the cases of one model. */
export function runModelTests(tests: ModelTests, rules: RuleSet): ModelTestResult {
  const model = rules.models.find((candidate) => candidate.name === tests.model);
  if (model === undefined) {
    const message = `there is no model ${tests.model}`;
    const cases = tests.cases.map(({ name, line }) => ({
      name,
      line,
      failures: [{ line, message }],
      levels: [],
    }));
    return { file: tests.file, model: tests.model, cases, unreached: [] };
  }
  const alone: RuleSet = { ...rules, models: [model] };
  const cases = tests.cases.map((testCase) =>
    runCase(testCase, alone, model.scope === 'device' ? 'device' : 'subject'),
  );
  const reached = new Set(cases.flatMap((result) => result.levels));
  const unreached = model.levels.map((rule) => rule.level).filter((level) => !reached.has(level));
  return { file: tests.file, model: tests.model, cases, unreached };
}

function runCase(testCase: TestCase, rules: RuleSet, scope: 'subject' | 'device'): CaseResult {
  const transitions: Transition[] = [];
  const emit = (output: Output) => {
    if (output.kind === 'transition') transitions.push(output);
  };
  const engine = new Engine(rules, { namespace: 'test', partition: 0, store: new MemoryKeyStore(), emit });
  const { events, failures } = eventsOf(testCase, scope);
  for (const [offset, event] of events.entries()) engine.step(event, offset);
  engine.end();
  const last = Math.max(engine.clock, TEST_ORIGIN_MS);
  while (engine.nextDue <= last + AFTERMATH_MS) {
    engine.advance(engine.nextDue);
    engine.end();
  }
  const { name, line, expect } = testCase;
  const levels = transitions.map((transition) => transition.level);
  return { name, line, failures: [...failures, ...compare(line, expect, transitions)], levels };
}

/** The case's events, the registration of its profile first. */
function eventsOf(testCase: TestCase, scope: 'subject' | 'device') {
  const events: Event[] = [];
  const failures: CaseFailure[] = [];
  const take = (event: Omit<TestEvent, 'line'>, line: number, id: string) => {
    const parsed = parseCloudEvent(asCloudEvent(event, id, scope));
    const stamped = parsed.ok ? stamp(parsed.event, TEST_ORIGIN_MS + event.atMs) : parsed;
    if (stamped.ok) events.push(stamped.event);
    else failures.push({ line, message: `${stamped.code} ${stamped.field ?? ''}: ${stamped.message}` });
  };
  if (testCase.scope !== null) {
    const atMs = Math.min(0, ...testCase.events.map((event) => event.atMs));
    const kind = scope === 'device' ? 'device' : 'enterprise';
    const data = { kind, ...testCase.profile };
    const plain = { key: null, id: null, source: null, revokes: null, amends: null, backfill: false };
    take({ ...plain, atMs, timeMs: atMs, stream: 'registration', data }, testCase.line, 'profile');
  }
  for (const [index, event] of testCase.events.entries())
    take(event, event.line, event.id ?? `event-${index}`);
  return { events, failures };
}

function asCloudEvent(event: Omit<TestEvent, 'line'>, id: string, scope: 'subject' | 'device') {
  const isDevice = scope === 'device';
  const data = event.stream === 'registration' && isDevice ? { kind: 'device', ...event.data } : event.data;
  return {
    specversion: '1.0',
    id,
    source: event.source ?? SOURCE,
    type: `fenghuo.${event.stream}`,
    subject: KEY_ID,
    time: new Date(TEST_ORIGIN_MS + event.timeMs).toISOString(),
    data,
    ...(event.revokes === null ? {} : { revokes: event.revokes }),
    ...(event.amends === null ? {} : { amends: event.amends }),
    ...(event.backfill ? { backfill: true } : {}),
  };
}

function compare(
  line: number,
  expect: readonly Expectation[],
  transitions: readonly Transition[],
): CaseFailure[] {
  const failures: CaseFailure[] = [];
  const count = Math.max(expect.length, transitions.length);
  for (let index = 0; index < count; index++) {
    const expected = expect[index];
    const actual = transitions[index];
    const wanted = expected === undefined ? 'nothing more' : `${offsetText(expected.atMs)} ${expected.level}`;
    const came =
      actual === undefined ? 'nothing more' : `${offsetText(actual.clock - TEST_ORIGIN_MS)} ${actual.level}`;
    if (wanted !== came) {
      failures.push({ line: expected?.line ?? line, message: `expected ${wanted}, came ${came}` });
      break;
    }
    if (expected === undefined || actual === undefined) continue;
    for (const [name, figure] of Object.entries(expected.figures)) {
      const value = name === 'score' ? scoreFor(figure, actual) : (actual.indicators[name] ?? null);
      if (isSame(value, figure)) continue;
      const message = `at ${wanted}: expected ${name} ${JSON.stringify(figure)}, came ${JSON.stringify(value)}`;
      failures.push({ line: expected.line, message });
    }
  }
  return failures;
}

/** The score, or, where the author names lines of it, what they contributed. */
function scoreFor(figure: Json, { score }: Transition): Json {
  if (score === undefined) return null;
  if (!isObject(figure)) return score.value;
  return Object.fromEntries(score.lines.map((line) => [line.name, line.contribution]));
}

/** Numbers agree to nine digits, so that an author may write 0.333333333; of an object, what the author names. */
function isSame(value: Json, figure: Json): boolean {
  if (typeof value === 'number' && typeof figure === 'number') {
    return Math.abs(value - figure) <= 1e-9 * Math.max(1, Math.abs(figure));
  }
  if (isObject(value) && isObject(figure)) {
    return Object.entries(figure).every(([name, wanted]) => isSame(value[name] ?? null, wanted));
  }
  return JSON.stringify(value) === JSON.stringify(figure);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** An offset as authors write it: `-1d12h`, `0d`. */
export function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return '0d';
  let rest = Math.abs(offsetMs);
  let text = offsetMs < 0 ? '-' : '';
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(rest / ms);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * ms;
  }
  return text;
}
