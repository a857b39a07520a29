// Servers and processes of the program with rules of the benchmark, for as long as something is measured on them.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openDeployment, type Deployment } from '../support/servers/deployment.js';

export const PARTITIONS = { events: 4, derived: 2 };
/** As infra/Dockerfile starts the program. */
const IMAGE_OPTIONS = { NODE_OPTIONS: '--max-semi-space-size=64' };
const execute = promisify(execFile);

/**
 * Opens servers with rules, lets them be used, and ends all of them.
 * @param files of the rules, texts by path
 * @param raw topics of other systems
 */
export async function onServers<Result>(
  files: ReadonlyMap<string, string>,
  raw: readonly string[],
  use: (deployment: Deployment) => Promise<Result>,
): Promise<Result> {
  const rulesDir = await mkdtemp(join(tmpdir(), 'fenghuo-bench-rules-'));
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(rulesDir, path)), { recursive: true });
      await writeFile(join(rulesDir, path), text);
    }
    const deployment = await openDeployment({ rulesDir, partitions: PARTITIONS, raw, env: IMAGE_OPTIONS });
    try {
      return await use(deployment);
    } finally {
      await deployment.close();
    }
  } finally {
    await rm(rulesDir, { recursive: true, force: true });
  }
}

/** Runs a script of the benchmark beside the servers. @returns what it wrote, which is JSON */
export async function besideServers(
  { config, rulesDir, env }: Deployment,
  script: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  const words = [script, config, rulesDir, ...args.map(String)];
  const { stdout } = await execute(process.execPath, words, { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}
