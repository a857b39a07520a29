// Tests beside models: what happens to a subject or device, and which warnings must follow.
import { checkShape, type Fault } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import type { Json, JsonObject, StreamName } from '../events/event.js';
import { profileFields } from '../events/profile.js';
import { streamFields } from '../events/streams.js';
import type { Diagnostic } from './diagnostic.js';
import type { Level } from './model.js';
import { readFile, type ParsedFile } from './report.js';
import { TEST_SHAPE, streamOf, type CaseContent, type EventContent } from './tests-shape.js';
import { readData, readFigure, type DataContext } from './tests-data.js';
import { nodeAt, type YamlNode } from './yaml.js';

export { TEST_ORIGIN_MS } from './tests-data.js';

/** One event as it arrives: repetitions are written out, `{n}` is replaced. Offsets count from `TEST_ORIGIN_MS`. */
export interface TestEvent {
  readonly atMs: number;
  /** When it happened; equal to `atMs` unless the file says otherwise. */
  readonly timeMs: number;
  readonly stream: StreamName;
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
  /** Figures to compare, by indicator; durations are seconds. */
  readonly figures: { readonly [indicator: string]: Json };
  readonly line: number;
}

export interface TestCase {
  readonly name: string;
  readonly line: number;
  /** Whose profile is given; null where none is, and the model's own scope holds. */
  readonly scope: 'subject' | 'device' | null;
  /** Data of the registration that comes before all events, without `kind` unless given. */
  readonly profile: JsonObject;
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
    report.add('MODEL_PATH', nodeAt(root, ['model']), message, { expected: `model: ${name}` });
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
  if (content.subject !== undefined && content.device !== undefined) {
    const message = 'a case has the profile of a subject or of a device, not of both';
    report.add('TEST_VALUE', nodeAt(node, ['device'], 'key'), message);
  }
  const scope = content.subject !== undefined ? 'subject' : content.device !== undefined ? 'device' : null;
  const context: DataContext = { report, n: 1, shiftMs: 0, unknown: 'error' };
  const profile = scope === null ? {} : readData(context, nodeAt(node, [scope]), profileFields);
  const count = content.events.reduce((sum, event) => sum + event.times, 0);
  if (count > CASE_EVENTS_MAX) {
    report.add('TEST_VALUE', nodeAt(node, ['events']), `${count} events`, {
      expected: `at most ${CASE_EVENTS_MAX} a case`,
    });
    return null;
  }
  const streams = streamsById(content.events);
  const events = content.events.flatMap((event, index) =>
    readEvents(file, nodeAt(node, ['events', index]), event, streams),
  );
  const expect = content.expect.map((expectation, index): Expectation => {
    const here = nodeAt(node, ['expect', index]);
    return {
      atMs: expectation.at,
      level: expectation.level,
      figures: readFigures(file, here),
      line: report.source.placeOf(here.start).line,
    };
  });
  events.sort((a, b) => a.atMs - b.atMs);
  return { name: content.name, line: report.source.placeOf(node.start).line, scope, profile, events, expect };
}

/** The stream of each event that has an id, written out. */
function streamsById(events: readonly EventContent[]): ReadonlyMap<string, StreamName> {
  const streams = new Map<string, StreamName>();
  for (const event of events) {
    const stream = streamOf(event)[0];
    if (event.id === undefined || stream === undefined) continue;
    for (let n = 1; n <= event.times; n += 1) streams.set(numbered(event.id, n), stream);
  }
  return streams;
}

function readEvents(
  file: ParsedFile,
  node: YamlNode,
  content: EventContent,
  streams: ReadonlyMap<string, StreamName>,
): TestEvent[] {
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
    const revokes = reference(file, node, 'revokes', content.revokes, n, streams);
    const amends = reference(file, node, 'amends', content.amends, n, streams);
    const stream = given ?? streams.get(revokes ?? '');
    if (stream === undefined) {
      if (content.revokes === undefined) {
        report.add('TEST_MISSING_KEY', node, 'the event has no stream', {
          expected: 'for example complaint: { ... }',
        });
      }
      return [];
    }
    const context: DataContext = { report, n, shiftMs, unknown: 'warning' };
    events.push({
      atMs: content.at + shiftMs,
      timeMs: (content.time ?? content.at) + shiftMs,
      stream,
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

/** The id that `revokes` or `amends` names; reported where no event of the case has it. */
function reference(
  file: ParsedFile,
  node: YamlNode,
  key: 'revokes' | 'amends',
  text: string | undefined,
  n: number,
  streams: ReadonlyMap<string, StreamName>,
): string | null {
  if (text === undefined) return null;
  const id = numbered(text, n);
  if (streams.has(id)) return id;
  const sought = { name: id, among: [...streams.keys()].slice(0, 1000) };
  file.report.add('TEST_UNKNOWN_NAME', nodeAt(node, [key]), `no event of this case has the id "${id}"`, {
    sought,
  });
  return id;
}

function readFigures(file: ParsedFile, node: YamlNode): { [indicator: string]: Json } {
  if (node.kind !== 'map') return {};
  const figures = [...node.entries].filter(([name]) => name !== 'at' && name !== 'level');
  return Object.fromEntries(figures.map(([name, entry]) => [name, readFigure(file.report, entry.value)]));
}

function numbered(text: string, n: number): string {
  return text.replaceAll('{n}', String(n));
}
