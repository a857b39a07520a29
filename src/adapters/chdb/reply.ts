// What the fronts send back: an answer with its figures, or an error as ClickHouse sends it.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Answer } from './engine.js';
import { httpStatus, type EngineError } from './failure.js';

const compress = promisify(gzip);

export interface Reply extends Answer {
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

/** How an answer goes back. */
export interface ReplyForm {
  readonly queryId: string | undefined;
  readonly gzip: boolean;
}

/** Sends an answer, compressed where the client asked for it. */
export async function send(response: ServerResponse, form: ReplyForm, reply: Reply): Promise<void> {
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Query-Id', safeId(form.queryId));
  response.setHeader(
    'X-ClickHouse-Summary',
    JSON.stringify({
      read_rows: String(reply.rowsRead),
      read_bytes: String(reply.bytesRead),
      written_rows: String(reply.rowsWritten),
      written_bytes: String(reply.bytesWritten),
      total_rows_to_read: '0',
      result_rows: String(reply.rowsWritten > 0 ? reply.rowsWritten : reply.rowsRead),
      result_bytes: String(reply.body.byteLength),
      elapsed_ns: String(Math.max(0, Math.round(reply.elapsedSeconds * 1e9))),
    }),
  );
  if (!form.gzip) {
    response.end(reply.body);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.end(await compress(reply.body));
}

/** Sends an error with its number and its HTTP status; where an answer has begun, the connection is cut. */
export function fail(request: IncomingMessage, response: ServerResponse, error: EngineError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.statusCode = httpStatus(error.clickhouseCode);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Exception-Code', String(error.clickhouseCode));
  if (response.statusCode === 401) response.setHeader('WWW-Authenticate', 'Basic realm="warehouse"');
  // Whoever does not know the token has no claim on having the rest of a body read.
  if (response.statusCode === 401 || response.statusCode === 403) response.setHeader('Connection', 'close');
  else request.resume();
  response.end(`${error.text}\n`);
}

function safeId(id: string | undefined): string {
  return id !== undefined && /^[\w.-]{1,128}$/.test(id) ? id : randomUUID();
}
