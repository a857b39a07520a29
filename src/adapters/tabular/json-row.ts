// One JSON text as a row.
import type { Json } from '../../events/event.js';
import type { RowRead } from '../../ports/rows.js';

/** Of a refused text this much is kept for the file of rejects. */
const RAW_KEPT_CHARACTERS = 10_000;

export function readJsonRow(text: string, line: number): RowRead {
  const read = readJsonObject(text, line);
  if (!read.ok) return read;
  // Columns have any name, that of something every object inherits as well.
  const row = Object.assign(Object.create(null) as Record<string, Json>, read.row);
  return { ok: true, line, row };
}

/** As `readJsonRow`, the object itself, for readers that ask for names of their own. */
export function readJsonObject(text: string, line: number): RowRead {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return refuseJsonRow(line, 'ROW_MALFORMED', 'not JSON', text);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return refuseJsonRow(line, 'ROW_MALFORMED', 'a row is a JSON object of columns and values', text);
  }
  return { ok: true, line, row: value };
}

export function refuseJsonRow(
  line: number,
  code: 'ROW_MALFORMED' | 'ROW_TOO_LARGE',
  message: string,
  text: string,
): RowRead {
  return { ok: false, line, code, message, raw: text.slice(0, RAW_KEPT_CHARACTERS) };
}
