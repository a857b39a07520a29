// The child process that holds chDB: a crash or a stall in here does not touch the engine of the parent.
import { Engine, OpenError } from './engine.js';
import { Front } from './front.js';
import type { FailedMessage, FromChild, OpenMessage, ToChild } from './messages.js';
import { ReaderFront, type Verdict } from './readers/reader-front.js';

let front: Front | undefined;
let readers: ReaderFront | undefined;
let engine: Engine | undefined;

/** Tokens that the parent was asked about, by the number of the question. */
const questions = new Map<number, (verdict: Verdict) => void>();
let lastQuestion = 0;

process.on('message', (message: ToChild) => {
  if (message.kind === 'open') void open(message);
  else if (message.kind === 'verdict') {
    questions.get(message.id)?.(message.verdict);
    questions.delete(message.id);
  } else void stop();
});

// The parent is gone. Whatever was acknowledged is on disk, and nothing native may keep this process alive.
process.on('disconnect', () => {
  process.kill(process.pid, 'SIGKILL');
});

// A Ctrl-C reaches the whole process group; when to stop is the parent's decision.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

async function open(message: OpenMessage): Promise<void> {
  try {
    engine = await Engine.open(message);
    front = new Front(engine, message.token);
    const readersPort = await openReaders(engine, message);
    say({ kind: 'ready', port: await front.listen(message.port), readersPort, mended: engine.mended });
  } catch (error) {
    say(failureOf(error), () => process.exit(1));
  }
}

async function openReaders(opened: Engine, message: OpenMessage): Promise<number | null> {
  if (message.readers === null) return null;
  readers = await ReaderFront.open(opened, message.readers, verdictOn);
  try {
    return await readers.listen(message.readers.port);
  } catch (error) {
    throw new ReadersError(
      `Port ${message.readers.port}: ${(error as NodeJS.ErrnoException).code ?? firstLine(error)}.`,
    );
  }
}

class ReadersError extends Error {}

function verdictOn(token: string): Promise<Verdict> {
  lastQuestion += 1;
  const id = lastQuestion;
  return new Promise((resolve) => {
    questions.set(id, resolve);
    say({ kind: 'token', id, token });
  });
}

async function stop(): Promise<void> {
  await Promise.all([readers?.close(), front?.close()]);
  await engine?.close();
  process.exit(0);
}

function failureOf(error: unknown): FailedMessage {
  if (error instanceof OpenError) return { kind: 'failed', code: error.code, message: error.message };
  if (error instanceof ReadersError) return { kind: 'failed', code: 'READERS_PORT', message: error.message };
  const message = firstLine(error);
  const code = /EADDRINUSE|EACCES.*listen/.test(message) ? 'WAREHOUSE_PORT' : 'WAREHOUSE_UNAVAILABLE';
  return { kind: 'failed', code, message };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

function say(message: FromChild, then?: () => void): void {
  process.send?.(message, undefined, undefined, then);
}
