// Cases of tests as text: written as people write them, and put behind the last one of a file that else stays as it is.
import { Document, isCollection, parseDocument, isSeq, type ParsedNode } from 'yaml';
import { CodedError } from '../events/coded-error.js';
import type { JsonObject } from '../events/event.js';

/** A case to be written: maps on one line each, everything in the order given. */
export interface WrittenCase {
  readonly name: string;
  /** The own profile under `subject`, `device` or `place`, and the further keys under `subjects` and so on. */
  readonly keys: { readonly [kind: string]: JsonObject };
  readonly events: readonly JsonObject[];
  readonly expect: readonly JsonObject[];
}

const OWN_KINDS = ['subject', 'device', 'place'];
const INDENT = '  ';

/** The lines of a case as an item of a list that begins at the left edge. */
export function caseLines({ name, keys, events, expect }: WrittenCase): string[] {
  const document = new Document({ name, ...keys, events, expect }, { version: '1.2' });
  const flows = [
    ...Object.keys(keys).flatMap((kind) =>
      OWN_KINDS.includes(kind) ? [[kind]] : Object.keys(keys[kind] ?? {}).map((key) => [kind, key]),
    ),
    ...events.map((_event, index) => ['events', index]),
    ...expect.map((_expectation, index) => ['expect', index]),
  ];
  for (const path of flows) {
    const node = document.getIn(path, true);
    if (isCollection(node)) node.flow = true;
  }
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true }).trimEnd();
  return text.split('\n').map((line, index) => (index === 0 ? `- ${line}` : `${INDENT}${line}`));
}

/** A file of tests with one case. */
export function newTests(model: string, lines: readonly string[]): string {
  return [`model: ${model}`, 'cases:', ...lines.map((line) => INDENT + line), ''].join('\n');
}

/**
 * A file of tests with a further case behind its last one; every other byte stays.
 * @param text of tests without errors
 * @throws CodedError CASE_FILE where its cases are no list of lines
 */
export function withCase(text: string, lines: readonly string[]): string {
  const cases = parseDocument<ParsedNode>(text, { schema: 'failsafe', version: '1.2' }).get('cases', true);
  const last = isSeq(cases) ? cases.items.at(-1) : undefined;
  const end = (last as ParsedNode | undefined)?.range[1];
  if (!isSeq(cases) || cases.flow === true || end === undefined) {
    throw new CodedError(
      'CASE_FILE',
      'The cases stand in brackets; write each on lines of its own, after a dash.',
    );
  }
  const written = text.slice(0, end).trimEnd().length;
  const found = text.indexOf('\n', written);
  const rest = found < 0 ? text.length : found;
  const place = text[rest - 1] === '\r' ? rest - 1 : rest;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const start = (cases as { range?: readonly number[] | null }).range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const added = lines.map((line) => lineEnd + indent + line).join('');
  return text.slice(0, place) + added + (found < 0 ? lineEnd : text.slice(place));
}
