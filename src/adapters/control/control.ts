// How a command speaks to the process that owns a data folder: a socket in the folder, closed to all but its owner.
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { CodedError } from '../../events/coded-error.js';
import { CODES, type Code } from '../../events/codes.js';

/** Answers one request; what it says goes to the asker line by line. */
export interface Exchange {
  /** What was asked for, as the last part of the address says it. */
  readonly asked: string;
  /** What was sent with it; null for nothing. */
  readonly given: unknown;
  readonly say: (line: object) => void;
  /** Resolves once the asker has hung up, or is gone. */
  readonly over: Promise<void>;
}

export interface Control {
  close(): Promise<void>;
}

/** A socket's path has room for about a hundred bytes, the end among them. */
const PATH_BYTES = 100;
const CONNECTIONS = 8;
const BODY_BYTES = 64 * 1024;

/**
 * Listens at a path, such as `<data>/lmdb/control.sock`, in a folder that nobody but its owner may enter: so whoever
 * gets here may read the folder anyway, and needs no token. What lies there is of a process that was killed: only the
 * owner of the data folder calls this.
 * @param answer its failure is told to the asker, with the code of a CodedError
 */
export async function openControl(
  path: string,
  answer: (exchange: Exchange) => Promise<void>,
): Promise<Control> {
  const server = createServer((asked, response) => void serve(asked, response, answer));
  server.maxConnections = CONNECTIONS;
  if (process.platform !== 'win32') await rm(path, { force: true });
  await reached(path, (address) => listening(server, address));
  return {
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Asks the owner for something, and hears what it says as it says it; hanging up is up to the caller, by `end`.
 * @throws CodedError BACKUP_NO_ANSWER where nobody listens
 */
export async function ask(
  path: string,
  asked: string,
  given: unknown = null,
): Promise<{ lines: AsyncIterable<object>; readonly end: () => void }> {
  const response = await reached(path, (socketPath) => answered(socketPath, asked, given)).catch(
    (error: unknown) => {
      throw new CodedError('BACKUP_NO_ANSWER', '', error);
    },
  );
  return { lines: linesOf(response), end: () => response.destroy() };
}

async function serve(
  asked: IncomingMessage,
  response: ServerResponse,
  answer: (exchange: Exchange) => Promise<void>,
): Promise<void> {
  const over = new Promise<void>((done) => response.once('close', done));
  const say = (line: object) => void response.write(`${JSON.stringify(line)}\n`);
  response.on('error', () => undefined);
  try {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    await answer({ asked: basename(asked.url ?? ''), given: await bodyOf(asked), say, over });
  } catch (error) {
    say(failureOf(error));
  }
  response.end();
}

async function bodyOf(asked: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of asked as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new CodedError('BODY_TOO_LARGE');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}

function failureOf(error: unknown): object {
  const message = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
  return { failed: error instanceof CodedError ? error.code : 'BACKUP_BROKEN_OFF', message };
}

/** A failure that the owner told, as an error of this process. */
export function toldFailure(line: object): CodedError | null {
  const { failed, message } = line as { failed?: unknown; message?: unknown };
  if (typeof failed !== 'string') return null;
  const code = failed in CODES ? (failed as Code) : 'BACKUP_BROKEN_OFF';
  const detail = typeof message === 'string' ? message.replace(CODES[code], '') : '';
  return new CodedError(code, detail.trim());
}

function answered(socketPath: string, asked: string, given: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: `/${asked}`, agent: false });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(JSON.stringify(given));
  });
}

async function* linesOf(response: IncomingMessage): AsyncIterable<object> {
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Infinity }))
      if (line !== '') yield JSON.parse(line) as object;
  } catch (error) {
    throw new CodedError('BACKUP_BROKEN_OFF', '', error);
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Does something with a path that a socket can have: on Windows a pipe, on Linux by way of the folder's handle. */
async function reached<T>(given: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = resolve(given);
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(path.toLowerCase()).digest('hex');
    return use(`\\\\.\\pipe\\fenghuo-control-${name}`);
  }
  if (process.platform !== 'linux' || Buffer.byteLength(path) < PATH_BYTES) return use(path);
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(`/proc/self/fd/${folder.fd}/${basename(path)}`);
  } finally {
    await folder.close();
  }
}
