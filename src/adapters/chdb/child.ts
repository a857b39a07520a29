// The child process that holds chDB: a crash or a stall in here does not touch the engine of the parent.
import { Engine, OpenError } from './engine.js';
import { Front } from './front.js';
import type { FailedMessage, FromChild, OpenMessage, ToChild } from './messages.js';

let front: Front | undefined;
let engine: Engine | undefined;

process.on('message', (message: ToChild) => {
  if (message.kind === 'open') void open(message);
  else void stop();
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
    say({ kind: 'ready', port: await front.listen(message.port), mended: engine.mended });
  } catch (error) {
    say(failureOf(error), () => process.exit(1));
  }
}

async function stop(): Promise<void> {
  await front?.close();
  await engine?.close();
  process.exit(0);
}

function failureOf(error: unknown): FailedMessage {
  if (error instanceof OpenError) return { kind: 'failed', code: error.code, message: error.message };
  const message = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  const code = /EADDRINUSE|EACCES.*listen/.test(message) ? 'WAREHOUSE_PORT' : 'WAREHOUSE_UNAVAILABLE';
  return { kind: 'failed', code, message };
}

function say(message: FromChild, then?: () => void): void {
  process.send?.(message, undefined, undefined, then);
}
