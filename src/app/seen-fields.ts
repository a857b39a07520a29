// Which fields events have: read from files of CloudEvents or from what a deployment stored, without keeping a value.
import { NdjsonSplitter } from '../adapters/tabular/ndjson.js';
import { mergedHistory } from '../pipeline/history/merged-history.js';
import { openEventFile } from './backtest-input.js';
import { openHistory } from './history-place.js';
import type { Place } from './place.js';

/** What events have, by stream, and where a field first came. */
export interface SeenEvents {
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `stream field`. */
  readonly first: ReadonlyMap<string, { readonly file: string; readonly line: number }>;
}

/** Beyond so many different fields of a stream the rest is not looked at. */
const FIELDS_MAX = 500;
const STREAMS_MAX = 100;
const PREFIX = 'fenghuo.';

/**
 * Reads NDJSON files, plain or gzip; `-` is standard input. Lines that are no CloudEvents with data are passed over.
 * @throws CodedError FILE_READ
 */
export async function readSeenFields(files: readonly string[]): Promise<SeenEvents> {
  const seen = new Seen();
  for (const file of files) {
    const source = await openEventFile(file);
    for await (const rows of source.batches()) {
      for (const read of rows) if (read.ok) seen.look(read.row, { file, line: read.line });
    }
  }
  return seen;
}

/**
 * As `readSeenFields`, of all that a deployment stored; it may run meanwhile. A field is where the deployment is, since
 * its events have no lines.
 * @throws CodedError as the stores do
 */
export async function readStoredFields(place: Place): Promise<SeenEvents> {
  const seen = new Seen();
  const file = 'config' in place ? place.config : place.dataDir;
  const opened = await openHistory(place);
  try {
    const { history, ends } = opened;
    const all = { sinceMs: -Infinity, always: [], ends, beforeMs: Infinity };
    for await (const page of mergedHistory(history, all)) {
      for (const { record } of page)
        if (record.kind === 'event') seen.note(record.stream, record.data, { file, line: 1 });
    }
    return seen;
  } finally {
    await opened.close();
  }
}

/** As `readSeenFields`, of a text. @param file how it is called */
export function seenIn(text: string, file: string): SeenEvents {
  const seen = new Seen();
  for (const read of new NdjsonSplitter().push(text))
    if (read.ok) seen.look(read.row, { file, line: read.line });
  return seen;
}

class Seen implements SeenEvents {
  readonly fields = new Map<string, Set<string>>();
  readonly first = new Map<string, { readonly file: string; readonly line: number }>();

  look(
    row: { readonly [name: string]: unknown },
    place: { readonly file: string; readonly line: number },
  ): void {
    const { type, data } = row;
    if (typeof type !== 'string' || !type.startsWith(PREFIX)) return;
    this.note(type.slice(PREFIX.length), data, place);
  }

  note(stream: string, data: unknown, place: { readonly file: string; readonly line: number }): void {
    const known = this.fields.get(stream) ?? new Set<string>();
    if (!this.fields.has(stream) && this.fields.size >= STREAMS_MAX) return;
    this.fields.set(stream, known);
    if (typeof data !== 'object' || data === null) return;
    for (const [field, value] of Object.entries(data)) {
      if (value === null || known.has(field) || known.size >= FIELDS_MAX) continue;
      known.add(field);
      this.first.set(`${stream} ${field}`, place);
    }
  }
}
