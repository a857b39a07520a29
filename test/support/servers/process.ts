// A server of its own for a test: a process that is started, waited for, and ended by its pid.
import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port of the loopback that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface ServerProcess {
  readonly pid: number;
  /** Ends it at once, as a crash would; resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Whether a server can be had here. Where not, the reason is written out and its tests are skipped; under CI=true that is
 * a failure.
 * @param find rejects with the reason
 */
export async function canRun(what: string, find: () => Promise<unknown>): Promise<boolean> {
  try {
    await find();
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    process.stderr.write(`tests of ${what} are skipped: ${(error as Error).message}\n`);
    return false;
  }
}

/** A server with a folder of its own, which can crash and come back. */
export interface TestServer {
  /** Host and port. */
  readonly address: string;
  readonly port: number;
  /** What it keeps lies here. */
  readonly folder: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on what it kept. */
  start(): Promise<void>;
  /** Ends it and removes what it kept. */
  close(): Promise<void>;
}

/** Starts a server for the first time; its folder goes with it. */
export async function openServer(
  folder: string,
  port: number,
  launch: () => Promise<ServerProcess>,
): Promise<TestServer> {
  let server: ServerProcess | null = null;
  const start = async (): Promise<void> => void (server = await launch());
  const kill = async (): Promise<void> => {
    await server?.kill();
    server = null;
  };
  const close = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  await start();
  return { address: `127.0.0.1:${port}`, port, folder, kill, start, close };
}

/** Starts a server and waits until its port takes connections. Rejects, with what it wrote last, where it ends before. */
export async function startServer(
  command: string,
  args: readonly string[],
  { port, waitMs }: { readonly port: number; readonly waitMs: number },
): Promise<ServerProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let written = '';
  const note = (part: Buffer) => void (written = (written + part.toString()).slice(-4_000));
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const ended = endOf(child);
  const overdue = Date.now() + waitMs;
  for (;;) {
    const state = await Promise.race([ended.then(() => 'ended' as const), takesConnections(port)]);
    if (state === true) return { pid: child.pid as number, kill: (signal) => killed(child, ended, signal) };
    if (state === 'ended') throw new Error(`${command} ended before it listened:\n${written}`);
    if (Date.now() > overdue) {
      await killed(child, ended);
      throw new Error(`${command} did not listen within ${waitMs} ms:\n${written}`);
    }
  }
}

/** Runs a command to its end. @returns what it wrote; rejects where it fails */
export async function runCommand(
  command: string,
  args: readonly string[],
  cwd?: string,
  input = '',
): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd });
  // One that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined).end(input);
  let written = '';
  child.stdout.on('data', (part: Buffer) => (written += part.toString()));
  child.stderr.on('data', (part: Buffer) => (written += part.toString()));
  const code = await endOf(child);
  if (code === 0) return written;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${written.slice(-4_000)}`);
}

function endOf(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
}

async function killed(
  child: ChildProcess,
  ended: Promise<unknown>,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  child.kill(signal);
  await ended;
}

/** Whether a port takes a connection; false after a while in which it does not. */
function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 100));
  });
}
