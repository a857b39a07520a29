// One JSON text as a row.
import type { Json } from '../../events/event.js';
import type { RowRead } from '../../ports/rows.js';

/** Of a refused text this much is kept for the file of rejects. */
const RAW_KEPT_CHARACTERS = 10_000;

export function readJsonRow(text: string, line: number): RowRead {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return refuseJsonRow(line, 'ROW_MALFORMED', 'not JSON', text);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return refuseJsonRow(line, 'ROW_MALFORMED', 'a row is a JSON object of columns and values', text);
  }
  const row = Object.assign(Object.create(null) as Record<string, Json>, value);
  return { ok: true, line, row };
}

export function refuseJsonRow(
  line: number,
  code: 'ROW_MALFORMED' | 'ROW_TOO_LARGE',
  message: string,
  text: string,
): RowRead {
  return { ok: false, line, code, message, raw: text.slice(0, RAW_KEPT_CHARACTERS) };
}
