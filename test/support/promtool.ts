// Prometheus' own judge of metrics and rules, of the system or fetched by .ci/run.
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { canRun } from './servers/process.js';

const FETCHED = new URL('../../node_modules/.cache/promtool/promtool', import.meta.url).pathname;

/** Whether its tests run here; see `canRun`. */
export const promtoolRuns = (): Promise<boolean> => canRun('promtool', found);

/** What it says, which is empty where it finds nothing. @param input for its standard input */
export async function promtool(args: readonly string[], input = ''): Promise<{ ok: boolean; said: string }> {
  const running = promisify(execFile)(await found(), [...args]);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ ok: true, said: stdout + stderr }),
    (error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, said: stdout + stderr };
    },
  );
}

async function found(): Promise<string> {
  const isFetched = await access(FETCHED).then(
    () => true,
    () => false,
  );
  const path = isFetched ? FETCHED : 'promtool';
  await promisify(execFile)(path, ['--version']);
  return path;
}
