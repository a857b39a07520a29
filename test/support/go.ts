// Go for tests: a program of the repository built with the go command, or why there is none.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { canRun } from './servers/process.js';

const run = promisify(execFile);
const BUILD_MS = 300_000;

/** Whether the go command is here; see `canRun`. @param what the tests that need it */
export const goRuns = (what: string): Promise<boolean> => canRun(what, () => run('go', ['version']));

/** Builds the program of a folder with its own go.mod; modules come by the ordinary client, into its usual cache. */
export async function buildGo(folder: string, binary: string): Promise<void> {
  await run('go', ['build', '-o', binary, '.'], { cwd: folder, timeout: BUILD_MS });
}
