// A case of a model's tests made from what happened to a key: it must end as the history did, or there is none.
import canonicalize from 'canonicalize';
import { LEVEL_NAMES, localTime } from '../../alerts/wording.js';
import { MemoryKeyStore } from '../../engine/key-state.js';
import type { Transition } from '../../engine/output.js';
import { isWide } from '../../engine/wide-key.js';
import { Strata } from '../../engine/strata.js';
import { CodedError } from '../../events/coded-error.js';
import type { Event, Gap, Json, JsonObject, Key } from '../../events/event.js';
import type { Level } from '../../model/model.js';
import { caseLines, newTests, type WrittenCase } from '../../model/test-writing.js';
import { parseModelTests, TEST_ORIGIN_MS, type TestCase } from '../../model/tests.js';
import { keyName, offsetOf, type Came } from '../case-comparison.js';
import { offsetText } from '../../catalogue/duration.js';
import { feedsOf, runModelTests, stepCase } from '../model-test.js';
import { nameOfTestKey, wholeSecond, writtenBy, type Way } from './attempt.js';
import type { RecordNeeds } from './needs.js';

export interface RecordedHistory {
  /** The keys of the case with their names; null for its own, which comes first. */
  readonly keys: ReadonlyMap<Key, string | null>;
  /** In the order in which they counted. */
  readonly records: readonly (Event | Gap)[];
  /** Transitions before it may be others in the case; epoch ms, -Infinity for none. */
  readonly fromMs: number;
  /** Up to when history is known, epoch ms. */
  readonly endMs: number;
}

export interface RecordedCase {
  /** The case as an item of a list. */
  readonly lines: readonly string[];
  readonly name: string;
  readonly events: number;
  readonly transitions: number;
  /** How many of those come after the end of the history, when nothing happens any more. */
  readonly later: number;
}

/** As many events and expectations as one case of a file may have. */
const ENTRIES_MAX = 1_000;

/**
 * Makes a case of what happened.
 * @param name what it is called; by its days and levels where left out
 * @throws CodedError CASE_EMPTY, CASE_LIMIT, and CASE_DIFFERS where no way of writing it ends as the history did
 */
export function recordCase(needs: RecordNeeds, history: RecordedHistory, name?: string): RecordedCase {
  const { events, steps } = happened(needs, history);
  if (events.length === 0) throw new CodedError('CASE_EMPTY', `Of ${needs.model.name}.`);
  let refusal: CodedError | undefined;
  for (const way of waysFor(needs, history)) {
    try {
      return tried(way, needs, history, events, steps, name);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      // The first way is the one that people would read most easily.
      refusal ??= error;
    }
  }
  throw refusal ?? new CodedError('CASE_DIFFERS');
}

/** Where a whole reach has too many events, such as readings, a part of it often says the same. */
const SHORTER = [4, 16, 64];

/** How a case may be written: what is sure to do before what may, and of that the easiest to read first. */
function waysFor({ reachMs }: RecordNeeds, { fromMs }: RecordedHistory): Way[] {
  const whole = { sinceMs: -Infinity, short: false };
  const reaching = { sinceMs: fromMs - reachMs, short: false };
  const shorter = SHORTER.map((part) => ({ sinceMs: fromMs - reachMs / part, short: true }));
  const begins = fromMs === -Infinity ? [whole] : [reaching, whole, ...shorter];
  return begins.flatMap((begin) =>
    [true, false].flatMap((moved) => [true, false].map((profiled) => ({ ...begin, moved, profiled }))),
  );
}

/** A transition as both runs say it. */
interface Step {
  /** Model, feed and key: what follows each other. */
  readonly on: string;
  readonly level: Level;
  /** True time, whole seconds, epoch ms. */
  readonly atMs: number;
  /** Figures but instants, which move with time. */
  readonly figures: { readonly [name: string]: Json };
}

/** What the engine says of the history itself, and the events that counted. */
function happened(needs: RecordNeeds, { keys, records, endMs }: RecordedHistory) {
  const dropped = new Set<number>();
  const steps: Step[] = [];
  const feeds = feedsOf(needs.model, needs.rules);
  const strata = new Strata(needs.rules, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'verdict') {
        const { verdict, position } = output;
        if (verdict === 'duplicate' || verdict === 'tombstoned' || verdict === 'refused')
          dropped.add(position.offset);
      }
      if (output.kind !== 'transition' || !feeds.has(output.model)) return;
      const key = isWide(output.scope) ? output.key : keys.get(`${output.scope}:${output.key}`);
      if (key === undefined) return;
      const { model, level, clock } = output;
      const figures = unmoved(needs, output);
      steps.push({ on: `${model} ${key ?? ''}`, level, atMs: wholeSecond(clock), figures });
    },
  });
  for (const [offset, record] of records.entries()) strata.step(record, offset);
  strata.step({ kind: 'tick', at: endMs }, records.length);
  strata.end();
  const events = records.filter(
    (record, offset): record is Event => record.kind === 'event' && !dropped.has(offset),
  );
  return { events, steps };
}

function tried(
  way: Way,
  needs: RecordNeeds,
  history: RecordedHistory,
  events: readonly Event[],
  steps: readonly Step[],
  name: string | undefined,
): RecordedCase {
  const { keys, events: told, baseMs } = writtenBy(way, needs, events, history.keys);
  if (told.length > ENTRIES_MAX)
    throw new CodedError('CASE_LIMIT', `${told.length} events; at most ${ENTRIES_MAX} a case.`);
  const draft = { name: 'draft', keys, events: told, expect: [] };
  const { came, failures } = stepCase(parsed(needs, draft), needs.rules, needs.model);
  const [refused] = failures;
  if (refused !== undefined)
    throw new CodedError('CASE_DIFFERS', `An event was refused: ${refused.message}.`);
  const shiftMs = baseMs - TEST_ORIGIN_MS;
  compareSteps(steps, came, shiftMs, history, needs, way);
  if (came.length > ENTRIES_MAX)
    throw new CodedError('CASE_LIMIT', `${came.length} transitions; at most ${ENTRIES_MAX} a case.`);
  const begin =
    told.length === 0 ? history.endMs : (events.find(({ at }) => at >= way.sinceMs)?.at ?? baseMs);
  const called = name ?? nameFor(needs, came, begin, history.endMs);
  const whole = { ...draft, name: called, expect: came.map(expectationOf) };
  const [result] = runModelTests(testsOf(needs, whole), needs.rules).cases;
  const failure = result?.failures[0];
  if (failure !== undefined) throw new CodedError('CASE_DIFFERS', `The case fails: ${failure.message}.`);
  return {
    lines: caseLines(whole),
    name: called,
    events: told.length,
    transitions: came.length,
    later: came.filter(({ transition }) => transition.clock + shiftMs > history.endMs).length,
  };
}

function testsOf({ model }: RecordNeeds, written: WrittenCase) {
  const text = newTests(model.name, caseLines(written));
  const { tests, diagnostics } = parseModelTests(`${model.name}.test.yaml`, text);
  if (tests !== null) return tests;
  const said = diagnostics.find(({ severity }) => severity === 'error');
  throw new CodedError('CASE_LIMIT', `${said?.code ?? ''}: ${said?.message ?? ''}.`);
}

function parsed(needs: RecordNeeds, written: WrittenCase): TestCase {
  return testsOf(needs, written).cases[0] as TestCase;
}

/**
 * Whether a case says what the history said, from the instant on that was asked for to the end of what is known.
 * @throws CodedError CASE_DIFFERS
 */
function compareSteps(
  steps: readonly Step[],
  came: readonly Came[],
  shiftMs: number,
  { fromMs, endMs }: RecordedHistory,
  needs: RecordNeeds,
  { short }: Way,
): void {
  const { spreadMs } = needs;
  const begin = wholeSecond(fromMs);
  const inCase = came.map(({ transition }): Step => {
    const key = isWide(transition.scope) ? transition.key : nameOfTestKey(transition.key);
    const on = `${transition.model} ${key ?? ''}`;
    const { level, clock } = transition;
    return { on, level, atMs: clock + shiftMs, figures: unmoved(needs, transition) };
  });
  const [before, after] = [steps, inCase].map((list) => settled(list.filter(({ atMs }) => atMs >= begin)));
  for (const on of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const one = before?.get(on) ?? [];
    const other = after?.get(on) ?? [];
    for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
      const [wanted, actual] = [one[index], other[index]];
      if (wanted === undefined && actual !== undefined && actual.atMs > endMs - spreadMs) break;
      const isLate = Math.abs((wanted?.atMs ?? NaN) - (actual?.atMs ?? NaN)) > spreadMs;
      const isSame = !short || canonicalize(wanted?.figures) === canonicalize(actual?.figures);
      if (wanted !== undefined && wanted.level === actual?.level && !isLate && isSame) continue;
      const at = (wanted?.atMs ?? actual?.atMs ?? 0) - shiftMs - TEST_ORIGIN_MS;
      const words = `${wanted?.level ?? 'nothing'} in the history, ${actual?.level ?? 'nothing'} in the case`;
      throw new CodedError('CASE_DIFFERS', `At ${offsetText(at)} of the case: ${words}.`);
    }
  }
}

/** The numbers and bools among the figures of the model, without instants. */
function unmoved({ model }: RecordNeeds, { indicators }: Transition): Step['figures'] {
  const instants = new Set(
    model.indicators.filter(({ type }) => type.type === 'timestamp').map(({ name }) => name),
  );
  const kept = Object.entries(indicators).filter(([name, value]) => isPlain(value) && !instants.has(name));
  return Object.fromEntries(kept);
}

/** By what they are on; of several in one second, which a case cannot tell apart, what remains of them. */
function settled(steps: readonly Step[]): ReadonlyMap<string, readonly Step[]> {
  const lists = new Map<string, Step[]>();
  for (const step of steps) {
    const list = lists.get(step.on) ?? [];
    if (list.at(-1)?.atMs === step.atMs) list.pop();
    if (list.at(-1)?.level !== step.level) list.push(step);
    lists.set(step.on, list);
  }
  return lists;
}

function expectationOf(one: Came): JsonObject {
  const { transition, feed } = one;
  const key = isWide(transition.scope) ? transition.key : keyName(transition, undefined);
  const figures = Object.entries(transition.indicators).filter(([, value]) => isPlain(value));
  const score = transition.score?.value ?? null;
  return {
    at: offsetText(offsetOf(one)),
    ...(feed === null ? {} : { feed }),
    level: transition.level,
    ...(key === null ? {} : { key }),
    ...(transition.level === 'none' ? {} : Object.fromEntries(figures)),
    ...(transition.level === 'none' || !isPlain(score) ? {} : { score }),
  };
}

/** Numbers and yes or no; whatever else a figure is may be the text of an event. */
function isPlain(value: Json): value is number | boolean {
  return typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) <= 2 ** 53);
}

function nameFor({ rules }: RecordNeeds, came: readonly Came[], begin: number, end: number): string {
  const day = (epochMs: number) => localTime(epochMs, rules.catalogue.calendar.zone).slice(0, 10);
  const levels = [...new Set(came.map(({ transition }) => LEVEL_NAMES[transition.level]))];
  return `实录 ${day(begin)} 至 ${day(end)}：${levels.length === 0 ? '没有预警' : levels.join('、')}`;
}
