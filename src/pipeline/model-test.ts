// Tests beside models: each case runs through the same engine, and every transition must be the one expected.
import { MemoryKeyStore } from '../engine/key-state.js';
import type { Watch } from '../engine/context.js';
import { Strata } from '../engine/strata.js';
import { parseCloudEvent, stamp } from '../events/envelope.js';
import { KEY_SCOPES, type Event, type JsonObject, type KeyScope } from '../events/event.js';
import {
  TEST_ORIGIN_MS,
  testKeyId,
  type KeyName,
  type ModelTests,
  type TestCase,
  type TestEvent,
} from '../model/tests.js';
import type { Level, Model } from '../model/model.js';
import { countStrata, readsWarnings, warningSources } from '../model/strata.js';
import type { RuleSet } from '../model/ruleset.js';
import { compare, type Came, type CaseFailure } from './case-comparison.js';
import { timelineOf, type Timeline } from './case-timeline.js';
import { Coverage, type ModelCoverage } from './model-coverage.js';

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly failures: readonly CaseFailure[];
  /** What was expected beside what came, in the order of time; absent where the case passes. */
  readonly timeline?: Timeline;
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
  /** Null where there is no such model. */
  readonly coverage: ModelCoverage | null;
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
    return {
      file: tests.file,
      model: tests.model,
      cases,
      unreached: [],
      untaken: [],
      coverage: null,
      lacks: [],
    };
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
    coverage: coverage.counts(reached),
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
  const { name, line, expect } = testCase;
  const { came, failures } = stepCase(testCase, rules, model, (watched, scope) =>
    coverage.look(watched, scope),
  );
  const own = came.filter(({ transition }) => transition.model === model.name);
  const levels = own.map(({ transition }) => transition.level);
  failures.push(...compare(line, expect, came));
  if (failures.length === 0) return { name, line, failures, levels };
  const timeline = timelineOf(expect, came, rules.catalogue.calendar.zone);
  return { name, line, failures, timeline, levels };
}

/**
 * Steps the events of a case, and time until nothing falls due any more.
 * @param rules those of `withSources`
 * @returns what came of the model and of those that watch over its cadence, and events that were refused
 */
export function stepCase(
  testCase: TestCase,
  rules: RuleSet,
  model: Model,
  watch: Watch = () => undefined,
): { readonly came: readonly Came[]; readonly failures: CaseFailure[] } {
  const came: Came[] = [];
  const feedOf = feedsOf(model, rules);
  const strata = new Strata(rules, {
    namespace: 'test',
    store: () => new MemoryKeyStore(),
    watch,
    emit: (output) => {
      const feed = output.kind === 'transition' ? feedOf.get(output.model) : undefined;
      if (output.kind === 'transition' && feed !== undefined) came.push({ transition: output, feed });
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
  return { came, failures };
}

/** Whose transitions tests of a model speak of: its own, and those of what watches over its cadence. */
export function feedsOf(model: Model, rules: RuleSet): ReadonlyMap<string, Came['feed']> {
  return new Map([
    [model.name, null],
    ...watchersOf(model, rules).map(({ name, feed }) => [name, feed?.kind ?? null] as const),
  ]);
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
