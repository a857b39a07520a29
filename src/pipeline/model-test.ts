// Tests beside models: each case runs through the same engine, and every transition must be the one expected.
import type { Watch } from '../engine/context.js';
import { MemoryKeyStore } from '../engine/key-state.js';
import type { Transition } from '../engine/output.js';
import { Strata } from '../engine/strata.js';
import { offsetText } from '../catalogue/duration.js';
import { parseCloudEvent, stamp } from '../events/envelope.js';
import { KEY_SCOPES, type Event, type Json, type JsonObject, type KeyScope } from '../events/event.js';
import {
  TEST_ORIGIN_MS,
  testKeyId,
  type Expectation,
  type KeyName,
  type ModelTests,
  type TestCase,
  type TestEvent,
} from '../model/tests.js';
import type { Level, Model } from '../model/model.js';
import { countStrata, readsWarnings, warningSources } from '../model/strata.js';
import type { RuleSet } from '../model/ruleset.js';
import { Coverage } from './model-coverage.js';

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
  /** Branches of the levels that were reached, and lines of the score, that no case took, as a person reads them. */
  readonly untaken: readonly string[];
  /** What the cases lack as a whole: one that warns, and one in which the model stays silent. */
  readonly lacks: readonly ('warning' | 'silence')[];
}

const SOURCE = 'urn:fenghuo:test';
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
    return { file: tests.file, model: tests.model, cases, unreached: [], untaken: [], lacks: [] };
  }
  const involved: RuleSet = withSources(model, rules);
  const coverage = new Coverage(model, rules);
  const cases = tests.cases.map((testCase) => runCase(testCase, involved, model, coverage));
  const reached = new Set(cases.flatMap((result) => result.levels));
  const unreached = model.levels.map((rule) => rule.level).filter((level) => !reached.has(level));
  return {
    file: tests.file,
    model: tests.model,
    cases,
    unreached,
    untaken: coverage.untaken(reached),
    lacks: lacksOf(tests),
  };
}

function lacksOf({ cases }: ModelTests): ('warning' | 'silence')[] {
  const warns = cases.map(({ expect }) =>
    expect.some(({ feed, level }) => feed === null && level !== 'none'),
  );
  return [
    ...(warns.includes(true) ? [] : (['warning'] as const)),
    ...(warns.includes(false) ? [] : (['silence'] as const)),
  ];
}

/** The model, what watches over its cadence and, where it reads warnings, those that raise them, and so on down. */
export function withSources(model: Model, rules: RuleSet): RuleSet {
  const involved = new Set<Model>([model, ...watchersOf(model, rules)]);
  for (const one of involved) {
    if (!readsWarnings(one)) continue;
    for (const source of warningSources(one, rules.models)) if (source !== model) involved.add(source);
  }
  const models = rules.models.filter((one) => involved.has(one));
  return { ...rules, models, strata: countStrata(models) };
}

/** The models that watch over the cadence that a model declares. */
function watchersOf({ name }: Model, { models }: RuleSet): Model[] {
  return models.filter(({ feed }) => feed?.of === name);
}

function runCase(testCase: TestCase, rules: RuleSet, model: Model, coverage: Coverage): CaseResult {
  const watchers = new Map(watchersOf(model, rules).map(({ name, feed }) => [name, feed?.kind ?? null]));
  const isOf = ({ model: name }: Transition) => name === model.name || watchers.has(name);
  const { transitions: all, failures } = playCase(testCase, rules, model, (watched, scope) =>
    coverage.look(watched, scope),
  );
  const transitions = all.filter(isOf);
  const { name, line, expect } = testCase;
  const own = transitions.filter((transition) => transition.model === model.name);
  const levels = own.map((transition) => transition.level);
  const came = transitions.map((transition) => ({
    transition,
    feed: watchers.get(transition.model) ?? null,
  }));
  return { name, line, failures: [...failures, ...compare(line, expect, came)], levels };
}

/** What comes of a case, until nothing falls due any more; failures are events of it that are none. */
export function playCase(
  testCase: TestCase,
  rules: RuleSet,
  model: Model,
  watch: Watch = () => undefined,
): { readonly transitions: readonly Transition[]; readonly failures: readonly CaseFailure[] } {
  const transitions: Transition[] = [];
  const strata = new Strata(rules, {
    namespace: 'test',
    store: () => new MemoryKeyStore(),
    watch,
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  const { events, failures } = caseEvents(testCase, model);
  for (const [offset, event] of events.entries()) strata.step(event, offset);
  strata.end();
  const last = Math.max(strata.clock, TEST_ORIGIN_MS);
  while (strata.nextDue <= last + AFTERMATH_MS) {
    strata.advance(strata.nextDue);
    strata.end();
  }
  return { transitions, failures };
}

/** The scope of the case's own key: that of its profile, else the model's, else a subject's. */
function ownScope(testCase: TestCase, { scope }: Model): KeyScope {
  return testCase.scope ?? KEY_SCOPES.find((one) => one === scope) ?? 'subject';
}

/** The case's events as they arrive, the registrations of its keys first; what no event can be is a failure. */
export function caseEvents(
  testCase: TestCase,
  model: Model,
): { readonly events: readonly Event[]; readonly failures: CaseFailure[] } {
  const own = ownScope(testCase, model);
  const events: Event[] = [];
  const failures: CaseFailure[] = [];
  const take = (event: Omit<TestEvent, 'line'>, line: number, id: string) => {
    const parsed = parseCloudEvent(asCloudEvent(event, id, event.key ?? { scope: own }));
    const stamped = parsed.ok ? stamp(parsed.event, TEST_ORIGIN_MS + event.atMs) : parsed;
    if (stamped.ok) events.push(stamped.event);
    else failures.push({ line, message: `${stamped.code} ${stamped.field ?? ''}: ${stamped.message}` });
  };
  const atMs = Math.min(0, ...testCase.events.map((event) => event.atMs));
  const register = (key: KeyName | null, profile: JsonObject, line: number) => {
    const plain = { id: null, source: null, revokes: null, amends: null, backfill: false };
    const id = key === null ? 'profile' : `profile-${key.name}`;
    take({ ...plain, key, atMs, timeMs: atMs, stream: 'registration', data: profile }, line, id);
  };
  if (testCase.scope !== null) register(null, testCase.profile, testCase.line);
  for (const { scope, name, profile, line } of testCase.others) register({ scope, name }, profile, line);
  for (const [index, event] of testCase.events.entries())
    take(event, event.line, event.id ?? `event-${index}`);
  return { events, failures };
}

const KIND_OF: { readonly [scope in KeyScope]: string } = {
  subject: 'enterprise',
  device: 'device',
  place: 'place',
};

function asCloudEvent(
  event: Omit<TestEvent, 'line'>,
  id: string,
  { scope, name }: { readonly scope: KeyScope; readonly name?: string },
) {
  const keyId = testKeyId(name);
  const registers = event.stream === 'registration';
  // What has only a place names it in its data; everything else is named by its subject.
  const isPlaced = scope === 'place' && !registers;
  const data = registers
    ? { kind: KIND_OF[scope], ...event.data }
    : isPlaced
      ? { place: keyId, ...event.data }
      : event.data;
  return {
    specversion: '1.0',
    id,
    source: event.source ?? SOURCE,
    type: `fenghuo.${event.stream}`,
    ...(isPlaced ? {} : { subject: keyId }),
    time: new Date(TEST_ORIGIN_MS + event.timeMs).toISOString(),
    data,
    ...(event.revokes === null ? {} : { revokes: event.revokes }),
    ...(event.amends === null ? {} : { amends: event.amends }),
    ...(event.backfill ? { backfill: true } : {}),
  };
}

/** A transition, and whether a cadence is said to be broken by it. */
interface Came {
  readonly transition: Transition;
  readonly feed: Expectation['feed'];
}

function feedShown(feed: Expectation['feed'] | undefined): string {
  return feed === null || feed === undefined ? '' : `feed: ${feed} `;
}

function compare(line: number, expect: readonly Expectation[], came: readonly Came[]): CaseFailure[] {
  const failures: CaseFailure[] = [];
  const count = Math.max(expect.length, came.length);
  for (let index = 0; index < count; index++) {
    const expected = expect[index];
    const actual = came[index]?.transition;
    const isNamed = expected !== undefined && expected.key !== null;
    const wanted =
      expected === undefined
        ? 'nothing more'
        : `${offsetText(expected.atMs)} ${feedShown(expected.feed)}${expected.level}${isNamed ? ` of ${expected.key}` : ''}`;
    const shown =
      actual === undefined
        ? 'nothing more'
        : `${offsetText(actual.clock - TEST_ORIGIN_MS)} ${feedShown(came[index]?.feed)}${actual.level}${keyShown(actual, expected)}`;
    if (wanted !== shown) {
      failures.push({ line: expected?.line ?? line, message: `expected ${wanted}, came ${shown}` });
      break;
    }
    if (expected === undefined || actual === undefined) continue;
    for (const [name, figure] of Object.entries(expected.figures)) {
      if (name !== 'score' && !(name in actual.indicators)) {
        const names = Object.keys(actual.indicators).join(', ');
        failures.push({ line: expected.line, message: `the model has no figure ${name}, only ${names}` });
        continue;
      }
      const value = name === 'score' ? scoreFor(figure, actual) : (actual.indicators[name] ?? null);
      if (isSame(value, figure)) continue;
      const message = `at ${wanted}: expected ${name} ${JSON.stringify(figure)}, came ${JSON.stringify(value)}`;
      failures.push({ line: expected.line, message });
    }
  }
  return failures;
}

/** The key of a transition as the case names it: where the case names one, or where the key is not the case's own. */
function keyShown({ scope, key }: Transition, expected: Expectation | undefined): string {
  const isWide = !KEY_SCOPES.some((one) => one === scope);
  if ((expected === undefined || expected.key === null) && (isWide || key === testKeyId())) return '';
  if (isWide) return ` of ${key}`;
  return ` of ${key === testKeyId() ? 'its own key' : key.slice(testKeyId('').length)}`;
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
