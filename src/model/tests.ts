// Tests beside models: what happens to one or several keys, and which warnings must follow.
import { checkShape, type Fault } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import type { Json, JsonObject, KeyScope, StreamName } from '../events/event.js';
import { streamFields } from '../events/streams.js';
import type { Diagnostic } from './diagnostic.js';
import type { Level } from './model.js';
import { readFile, type ParsedFile, type Report } from './report.js';
import { TEST_SHAPE, streamOf, type CaseContent, type EventContent } from './tests-shape.js';
import { readData, readFigure, type DataContext } from './tests-data.js';
import {
  keyOfEvent,
  keyOfExpectation,
  ownScopeOf,
  readKeys,
  readOwnProfile,
  type CaseKeys,
  type KeyName,
  type TestKey,
} from './tests-keys.js';
import { nodeAt, type YamlNode } from './yaml.js';

export { TEST_ORIGIN_MS } from './tests-data.js';
export { testKeyId, type KeyName, type TestKey } from './tests-keys.js';

/** One event as it arrives: repetitions are written out, `{n}` is replaced. Offsets count from `TEST_ORIGIN_MS`. */
export interface TestEvent {
  readonly atMs: number;
  /** When it happened; equal to `atMs` unless the file says otherwise. */
  readonly timeMs: number;
  readonly stream: StreamName;
  /** Whose it is; null for the case's own key. */
  readonly key: KeyName | null;
  /** As a source would send it, typed by the stream's fields, instants as RFC 3339. Not yet validated. */
  readonly data: JsonObject;
  /** Given id, by which `revokes` and `amends` of later events name it. */
  readonly id: string | null;
  readonly source: string | null;
  readonly revokes: string | null;
  readonly amends: string | null;
  readonly backfill: boolean;
  /** Where it stands in the file. */
  readonly line: number;
}

/** One transition that must come. */
export interface Expectation {
  readonly atMs: number;
  readonly level: Level;
  /** Whether the cadence that the model declares is broken, and by whom; null where the model itself warns. */
  readonly feed: 'key' | 'source' | null;
  /**
   * A name of the case, the code of a wider key (`region/industry` for both), or a source; null for the case's own key.
   */
  readonly key: string | null;
  /** Figures to compare, by indicator; durations are seconds. */
  readonly figures: { readonly [indicator: string]: Json };
  readonly line: number;
}

export interface TestCase {
  readonly name: string;
  readonly line: number;
  /** Whose profile is given; null where none is, and the model's own scope holds. */
  readonly scope: KeyScope | null;
  /** Data of the registration that comes before all events, without `kind` unless given. */
  readonly profile: JsonObject;
  /** Keys beside the case's own, each registered before all events. */
  readonly others: readonly TestKey[];
  /** In order of `atMs`, then of the file. */
  readonly events: readonly TestEvent[];
  /** Every transition, no more and no less, in the order of the file. */
  readonly expect: readonly Expectation[];
}

export interface ModelTests {
  readonly file: string;
  readonly model: string;
  readonly cases: readonly TestCase[];
}

const CASE_EVENTS_MAX = 20_000;
const FILE_EVENTS_MAX = 100_000;
const SUFFIX = '.test.yaml';

/**
 * Reads `<model>.test.yaml`. Instants inside data may be offsets, too (`deadline: 10d`); with `times` they move along.
 * @returns null for tests where there is any error
 */
export function parseModelTests(
  path: string,
  text: string,
): { readonly tests: ModelTests | null; readonly diagnostics: Diagnostic[] } {
  const file = readFile(path, text);
  const { report } = file;
  const tests = report.failed ? null : readTests(file, path);
  return { tests: report.failed ? null : tests, diagnostics: report.diagnostics };
}

function readTests(file: ParsedFile, path: string): ModelTests | null {
  const { report, root } = file;
  const { value: content, faults } = checkShape(TEST_SHAPE, file.content);
  if (faults !== null) {
    report.addFaults(codeOf, root, faults);
    return null;
  }
  const name = path.endsWith(SUFFIX) ? path.slice(0, -SUFFIX.length) : path;
  if (content.model !== name) {
    const message = `the file tests "${content.model}" but stands beside "${name}"`;
    const { start, end } = nodeAt(root, ['model']);
    report.add('MODEL_PATH', start, message, {
      expected: `model: ${name}`,
      fix: { start, end, text: name },
    });
  }
  let total = 0;
  const cases = content.cases.flatMap((one, index) => {
    const read = readCase(file, nodeAt(root, ['cases', index]), one);
    total += read?.events.length ?? 0;
    return read ?? [];
  });
  if (total > FILE_EVENTS_MAX) {
    report.add('TEST_VALUE', root, `${total} events in all`, {
      expected: `at most ${FILE_EVENTS_MAX} events a file`,
    });
  }
  return { file: path, model: content.model, cases };
}

function codeOf({ kind }: Fault): Code {
  return `TEST_${kind === 'UNKNOWN_KEY' || kind === 'MISSING_KEY' ? kind : 'VALUE'}`;
}

function readCase(file: ParsedFile, node: YamlNode, content: CaseContent): TestCase | null {
  const { report } = file;
  const scope = ownScopeOf(report, node, content);
  const context: DataContext = { report, n: 1, shiftMs: 0, unknown: 'error' };
  const profile = readOwnProfile(context, node, content, scope);
  const others = readKeys(context, node, content, scope);
  const count = content.events.reduce((sum, event) => sum + event.times, 0);
  if (count > CASE_EVENTS_MAX) {
    report.add('TEST_VALUE', nodeAt(node, ['events']), `${count} events`, {
      expected: `at most ${CASE_EVENTS_MAX} a case`,
    });
    return null;
  }
  const keys: KnownKeys = { scope, others, known: eventsById(content.events) };
  const events = content.events.flatMap((event, index) =>
    readEvents(file, nodeAt(node, ['events', index]), event, keys),
  );
  const expect = content.expect.map((expectation, index): Expectation => {
    const here = nodeAt(node, ['expect', index]);
    return {
      atMs: expectation.at,
      level: expectation.level,
      feed: expectation.feed ?? null,
      key:
        expectation.feed === 'source'
          ? (expectation.key ?? null)
          : keyOfExpectation(report, here, expectation.key, others),
      figures: readFigures(file, here),
      line: report.source.placeOf(here.start).line,
    };
  });
  events.sort((a, b) => a.atMs - b.atMs);
  const { line } = report.source.placeOf(node.start);
  return { name: content.name, line, scope, profile, others, events, expect };
}

/** What the events of a case may refer to. */
interface KnownKeys extends CaseKeys {
  /** The events that have an id, repetitions written out. */
  readonly known: ReadonlyMap<string, NamedEvent>;
}

interface NamedEvent {
  readonly stream: StreamName;
  readonly content: EventContent;
  readonly n: number;
}

function eventsById(events: readonly EventContent[]): ReadonlyMap<string, NamedEvent> {
  const known = new Map<string, NamedEvent>();
  for (const content of events) {
    const stream = streamOf(content)[0];
    if (content.id === undefined || stream === undefined) continue;
    for (let n = 1; n <= content.times; n += 1) known.set(numbered(content.id, n), { stream, content, n });
  }
  return known;
}

function readEvents(file: ParsedFile, node: YamlNode, content: EventContent, keys: KnownKeys): TestEvent[] {
  const { report } = file;
  const [given, second] = streamOf(content);
  if (second !== undefined) {
    report.add('TEST_VALUE', nodeAt(node, [second], 'key'), 'an event belongs to one stream', {
      expected: `${given} alone`,
    });
    return [];
  }
  if (content.times > 1 && content.every === undefined) {
    report.add('TEST_MISSING_KEY', nodeAt(node, ['times']), 'nothing says how far the events lie apart', {
      expected: 'every: <duration>',
    });
    return [];
  }
  const line = report.source.placeOf(node.start).line;
  const events: TestEvent[] = [];
  for (let n = 1; n <= content.times; n += 1) {
    const shiftMs = (n - 1) * (content.every ?? 0);
    const revokes = reference(file, node, 'revokes', content.revokes, n, keys.known);
    const amends = reference(file, node, 'amends', content.amends, n, keys.known);
    const stream = given ?? keys.known.get(revokes ?? '')?.stream;
    if (stream === undefined) {
      if (content.revokes === undefined) {
        report.add('TEST_MISSING_KEY', node, 'the event has no stream', {
          expected: 'for example complaint: { ... }',
        });
      }
      return [];
    }
    const key = keyAt(report, node, content, n, stream, keys, revokes ?? amends);
    if (key === undefined) return [];
    const context: DataContext = { report, n, shiftMs, unknown: 'warning' };
    events.push({
      atMs: content.at + shiftMs,
      timeMs: (content.time ?? content.at) + shiftMs,
      stream,
      key,
      data: given === undefined ? {} : readData(context, nodeAt(node, [given]), streamFields(given)),
      id: content.id === undefined ? null : numbered(content.id, n),
      source: content.source === undefined ? null : numbered(content.source, n),
      revokes,
      amends,
      backfill: content.backfill === 'true',
      line,
    });
    // The first repetition shows every fault that the others have, too.
    if (report.failed) return events;
  }
  return events;
}

/** Whose an event is: what takes another back belongs where that one does, unless it says otherwise. */
function keyAt(
  report: Report,
  node: YamlNode,
  content: EventContent,
  n: number,
  stream: StreamName,
  keys: KnownKeys,
  target: string | null,
): KeyName | null | undefined {
  const says = content.subject ?? content.device ?? content.place;
  const original = says === undefined ? keys.known.get(target ?? '') : undefined;
  const from = original?.content ?? content;
  const count = original?.n ?? n;
  return keyOfEvent(report, node, from, stream, (text) => numbered(text, count), keys);
}

/** The id that `revokes` or `amends` names; reported where no event of the case has it. */
function reference(
  file: ParsedFile,
  node: YamlNode,
  key: 'revokes' | 'amends',
  text: string | undefined,
  n: number,
  known: ReadonlyMap<string, NamedEvent>,
): string | null {
  if (text === undefined) return null;
  const id = numbered(text, n);
  if (known.has(id)) return id;
  const sought = { name: id, among: [...known.keys()].slice(0, 1000) };
  file.report.add('TEST_UNKNOWN_NAME', nodeAt(node, [key]), `no event of this case has the id "${id}"`, {
    sought,
  });
  return id;
}

function readFigures(file: ParsedFile, node: YamlNode): { [indicator: string]: Json } {
  if (node.kind !== 'map') return {};
  const figures = [...node.entries].filter(([name]) => !['at', 'level', 'key', 'feed'].includes(name));
  return Object.fromEntries(figures.map(([name, entry]) => [name, readFigure(file.report, entry.value)]));
}

function numbered(text: string, n: number): string {
  return text.replaceAll('{n}', String(n));
}
