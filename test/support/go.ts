// Go for tests: a program of the repository built with the go command, or why there is none.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BUILD_MS = 300_000;

/**
 * Whether the go command is here. Where it is not, that is written out and the tests are skipped; under CI=true that is
 * a failure.
 */
export async function goRuns(): Promise<boolean> {
  try {
    await run('go', ['version']);
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    process.stderr.write(`tests of clickhouse-go are skipped: ${(error as Error).message}\n`);
    return false;
  }
}

/** Builds the program of a folder with its own go.mod; modules come by the ordinary client, into its usual cache. */
export async function buildGo(folder: string, binary: string): Promise<void> {
  await run('go', ['build', '-o', binary, '.'], { cwd: folder, timeout: BUILD_MS });
}
