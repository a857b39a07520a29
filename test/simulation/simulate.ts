// `npm run simulate -- --seeds N --seed S`: judges N simulated lives from seed S on, and says how long that took.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = 'npm run simulate -- [--seeds <how many, 200>] [--seed <the first, 1>]';
/** A test judges ten seeds, which take some seconds each on a machine that does much else. */
const TEST_TIMEOUT_MS = 600_000;

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${text} is no whole number of ${least} or more.`);
}

function main(): number {
  let seeds: number;
  let seed: number;
  try {
    const options = {
      seeds: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
    } as const;
    const { values } = parseArgs({ options });
    seeds = whole('seeds', values.seeds, 1);
    seed = whole('seed', values.seed, 0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return 2;
  }
  const require = createRequire(import.meta.url);
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  const begun = performance.now();
  // npm runs it at the root of the package.
  const config = ['--config', 'test/vitest.config.ts', `--testTimeout=${TEST_TIMEOUT_MS}`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...config, 'test/simulation'], {
    stdio: 'inherit',
    env: { ...process.env, FENGHUO_SEEDS: String(seeds), FENGHUO_SEED: String(seed) },
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  const outcome = status === 0 ? 'the engine said what the references said' : 'FAILED';
  process.stdout.write(`seeds ${seed} to ${seed + seeds - 1}: ${outcome}, ${seconds} s\n`);
  return status ?? 1;
}

process.exitCode = main();
