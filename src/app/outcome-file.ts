// Outcomes from a file: CSV with a header line, one outcome a line.
import { stat } from 'node:fs/promises';
import { fileBytes, openTable } from '../adapters/tabular/tabular.js';
import { CodedError } from '../events/coded-error.js';
import { CODES } from '../events/codes.js';
import { KEY_SCOPES, SCOPES } from '../events/event.js';
import type { Row } from '../ports/rows.js';
import { OUTCOMES_MAX, type Outcome } from '../pipeline/measures/outcomes.js';
import { instantOf } from './local-time.js';

const CSV = { format: 'csv', encoding: 'utf-8', delimiter: ',' } as const;
const NEEDED = ['subject', 'time', 'kind'];
const OPTIONAL = ['scope', 'event'];
const TEXT_MAX = 256;
const HEADER = 'the header is subject,time,kind, and where needed scope and event';

/**
 * Reads outcomes: `subject` is the id of the key, `time` RFC 3339 or a local date (its midnight), `kind` what happened;
 * `scope` the kind of key, `subject` where left out or empty; `event` the id of the event that tells of it.
 * @param zone of local dates
 * @throws CodedError FILE_READ, and OUTCOMES_FORMAT with the line of the first fault
 */
export async function readOutcomes(file: string, zone: string): Promise<Outcome[]> {
  const found = await stat(file).catch(() => null);
  if (found === null || found.isDirectory())
    throw new CodedError('FILE_READ', `${file}: there is no such file.`);
  const table = await openTable(fileBytes(file), CSV, file).catch((error: unknown) => {
    if (!(error instanceof CodedError) || error.code !== 'IMPORT_FORMAT') throw error;
    throw new CodedError('OUTCOMES_FORMAT', `${detailOf(error).replace(/\.$/, '')}; ${HEADER}.`, error);
  });
  const columns = table.columns ?? [];
  const missing = NEEDED.filter((name) => !columns.includes(name));
  const foreign = columns.filter((name) => ![...NEEDED, ...OPTIONAL].includes(name));
  if (missing.length > 0 || foreign.length > 0) {
    const shown = `${file}: its columns are ${JSON.stringify(columns)}`;
    throw new CodedError('OUTCOMES_FORMAT', `${shown}; ${HEADER}.`);
  }
  const outcomes: Outcome[] = [];
  for await (const batch of table.batches()) {
    for (const row of batch) {
      if (!row.ok) throw fault(file, row.line, `${row.message}; save the file as CSV in UTF-8`);
      if (outcomes.length >= OUTCOMES_MAX) throw fault(file, row.line, `over ${OUTCOMES_MAX} outcomes`);
      outcomes.push(outcomeOf(file, row.line, row.row, zone));
    }
  }
  return outcomes;
}

function outcomeOf(file: string, line: number, row: Row, zone: string): Outcome {
  const cell = (name: string) => {
    const text = row[name];
    return typeof text === 'string' ? text.trim() : '';
  };
  const [key, kind, event] = [cell('subject'), cell('kind'), cell('event')];
  const scope = cell('scope') === '' ? KEY_SCOPES[0] : cell('scope');
  for (const [name, text] of Object.entries({ subject: key, kind })) {
    if (text === '') throw fault(file, line, `${name} is empty`);
  }
  if ([key, kind, event].some((text) => text.length > TEXT_MAX))
    throw fault(file, line, `a cell has over ${TEXT_MAX} characters`);
  if (!SCOPES.some((one) => one === scope)) throw fault(file, line, `scope is none of ${SCOPES.join(', ')}`);
  return {
    scope,
    key,
    time: timeOf(file, line, cell('time'), zone),
    kind,
    event: event === '' ? null : event,
  };
}

function timeOf(file: string, line: number, text: string, zone: string): number {
  try {
    return instantOf('time', text, zone);
  } catch (error) {
    throw fault(file, line, error instanceof CodedError ? detailOf(error) : 'time is none');
  }
}

/** What an error says of its place, without the sentence of its code. */
function detailOf({ message, code }: CodedError): string {
  return message.replace(`${CODES[code]} `, '');
}

function fault(file: string, line: number, detail: string): CodedError {
  return new CodedError('OUTCOMES_FORMAT', `${file}:${line}: ${detail}`);
}
