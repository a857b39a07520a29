// Which fields events have: read from files of CloudEvents, without keeping a value of them.
import { openEventFile } from './backtesting.js';

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
  const fields = new Map<string, Set<string>>();
  const first = new Map<string, { file: string; line: number }>();
  for (const file of files) {
    const source = await openEventFile(file);
    for await (const rows of source.batches()) {
      for (const read of rows) {
        if (read.ok) look(read.row, { file, line: read.line }, fields, first);
      }
    }
  }
  return { fields, first };
}

function look(
  row: { readonly [name: string]: unknown },
  place: { readonly file: string; readonly line: number },
  fields: Map<string, Set<string>>,
  first: Map<string, { file: string; line: number }>,
): void {
  const { type, data } = row;
  if (typeof type !== 'string' || !type.startsWith(PREFIX)) return;
  const stream = type.slice(PREFIX.length);
  const known = fields.get(stream) ?? new Set<string>();
  if (known.size === 0 && fields.size >= STREAMS_MAX) return;
  fields.set(stream, known);
  if (typeof data !== 'object' || data === null) return;
  for (const [field, value] of Object.entries(data)) {
    if (value === null || known.has(field) || known.size >= FIELDS_MAX) continue;
    known.add(field);
    first.set(`${stream} ${field}`, { ...place });
  }
}
