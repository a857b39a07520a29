// The built program as a process: started, watched, and ended.
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../src/app/version.js';

export const ROOT = `${projectFolder()}/`;
const MAIN = join(ROOT, 'dist/src/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in the output; rejects if the process ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
}

/** Ends what a failed test left running, and removes its folders. */
export async function cleanUp(dirs: readonly string[]): Promise<void> {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}

const running = new Set<Running>();

/**
 * Starts `fenghuo run` on any free port, with the same key of pseudonyms each time.
 * @param flags of Node
 */
export function launch(
  args: readonly string[],
  environment: Record<string, string> = {},
  flags: readonly string[] = [],
): Running {
  const child = spawn(process.execPath, [...flags, MAIN, 'run', '--port', '0', ...args], {
    env: { ...process.env, FENGHUO_SITE_KEY: '5e'.repeat(32), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8');
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<Ended>((done) =>
    child.once('close', (code, signal) => done({ code, signal, output })),
  );
  const printed = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((done, fail) => {
      const look = () => {
        const match = pattern.exec(output);
        if (match === null) return;
        listeners.delete(look);
        done(match);
      };
      listeners.add(look);
      void ended.then(({ code, signal }) =>
        fail(new Error(`ended ${code} ${signal} before ${pattern}:\n${output}`)),
      );
      look();
    });
  const started = { child, ended, printed };
  running.add(started);
  void ended.then(() => running.delete(started));
  return started;
}
