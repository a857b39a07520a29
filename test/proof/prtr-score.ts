// npm run prtr -- FOLDER: a score that was tuned up to 2012-12-31, measured once on 2013 beside the plain count of penalties.
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { percentOf, reportBlocks } from '../../src/app/backtest-lines.js';
import type { ReportResult } from '../../src/app/backtesting.js';
import { linesOf } from '../../src/app/terminal-table.js';
import type { FirstAtInstant } from '../../src/pipeline/measures/first-scores.js';

// From dist/test/proof as from test/proof: the project is where package.json lies.
const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = resolve(HERE, HERE.includes('/dist/test/') ? '../../..' : '../..');
const MAIN = join(PROJECT, 'dist/src/main.js');
const TUNING = join(PROJECT, 'test/proof/prtr_score_tuning.py');
/** The frozen models; the catalogue is that of the project. */
export const FROZEN = join(PROJECT, 'test/proof/prtr-score');
export const SCORE = 'proof/penalty-risk';
export const BASELINE = 'proof/penalty-count';
/** Nothing that arrives later is read; what happened later stands in the outcomes alone. */
const AT = '2013-07-01';
const KNOWN_UNTIL = '2013-12-31';
const HELP = `usage: npm run prtr -- FOLDER

FOLDER holds facilities.csv.gz and penalties.csv.gz, as described in infra/mappings/README.md.`;

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolved, reject) => {
    const child = spawn(command, args, { cwd: PROJECT });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolved(Buffer.concat(out).toString());
      else reject(new Error(`${args.join(' ')} ended with ${code}: ${Buffer.concat(err).toString()}`));
    });
  });
}

/** Imports the tables into a folder as events. @param data the folder of the tables */
export async function importTables(data: string, folder: string): Promise<void> {
  for (const name of ['penalties', 'facilities']) {
    const mapping = `infra/mappings/prtr-${name}.yaml`;
    const out = join(folder, `${name}.ndjson`);
    await run(process.execPath, [
      MAIN,
      ...['import', '--mapping', mapping, '--out', out],
      join(data, `${name}.csv.gz`),
    ]);
  }
}

/** The model as the tuning finds it anew from imported events up to 2012-12-31. */
export function tuned(folder: string): Promise<string> {
  return run('python3', [TUNING, folder]);
}

/** Writes every penalty as an outcome. */
async function writeOutcomes(folder: string): Promise<string> {
  const path = join(folder, 'outcomes.csv');
  const out = createWriteStream(path);
  out.write('subject,time,kind,event\n');
  for await (const line of createInterface({ input: createReadStream(join(folder, 'penalties.ndjson')) })) {
    const { subject, time, id } = JSON.parse(line) as { subject: string; time: string; id: string };
    out.write(`${subject},${time},penalty,${id}\n`);
  }
  out.end();
  await finished(out);
  return path;
}

/** Measures the frozen models. @param folder with imported events */
export async function measured(folder: string): Promise<ReportResult> {
  const rules = join(folder, 'rules');
  await cp(join(PROJECT, 'rules/catalogue'), join(rules, 'catalogue'), { recursive: true });
  await cp(FROZEN, rules, { recursive: true });
  const outcomes = await writeOutcomes(folder);
  const events = ['facilities', 'penalties'].map((name) => join(folder, `${name}.ndjson`));
  const span = ['--from', AT, '--to', AT, '--known-until', KNOWN_UNTIL];
  const asked = ['--at', AT, '--first', '100', '500', '--horizon', '180d', '--baseline', BASELINE, '--json'];
  const args = ['--rules', rules, '--events', ...events, ...span, '--outcomes', outcomes, ...asked];
  return JSON.parse(await run(process.execPath, [MAIN, 'backtest', ...args])) as ReportResult;
}

/** The figures at the instant. */
export function firstOf({ report }: Pick<ReportResult, 'report'>): FirstAtInstant {
  const first = report.accuracy?.firstScores ?? null;
  if (first === null) throw new Error('The report has no figures of the highest scores.');
  return first;
}

async function main(data: string | undefined): Promise<void> {
  if (data === undefined) {
    process.stderr.write(`${HELP}\n`);
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-prtr-score-'));
  try {
    await importTables(resolve(data), folder);
    const result = await measured(folder);
    const { keys, happened } = firstOf(result);
    const lines = [...linesOf(reportBlocks(result.report)), `随机抽查：${percentOf(happened / keys)}`];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]);
