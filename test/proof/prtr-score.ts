// npm run prtr -- FOLDER: a score that was tuned up to 2012-12-31, measured once on 2013 beside the plain count of penalties.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { percentOf, reportBlocks } from '../../src/app/backtest-lines.js';
import type { ReportResult } from '../../src/app/backtesting.js';
import { linesOf } from '../../src/app/terminal-table.js';
import type { FirstAtInstant } from '../../src/pipeline/measures/first-scores.js';
import { fenghuo, PROOF, python, withCatalogue } from './proof-run.js';

/** The frozen models; the catalogue is that of the project. */
export const FROZEN = join(PROOF, 'prtr-score');
export const SCORE = 'proof/penalty-risk';
export const BASELINE = 'proof/penalty-count';
/** Nothing that arrives later is read; what happened later stands in the outcomes alone. */
const AT = '2013-07-01';
const KNOWN_UNTIL = '2013-12-31';
const HELP = `usage: npm run prtr -- FOLDER

FOLDER holds facilities.csv.gz and penalties.csv.gz, as described in infra/mappings/README.md.`;

/** Imports the tables into a folder as events. @param data the folder of the tables */
export async function importTables(data: string, folder: string): Promise<void> {
  for (const name of ['penalties', 'facilities']) {
    const mapping = `infra/mappings/prtr-${name}.yaml`;
    const out = join(folder, `${name}.ndjson`);
    await fenghuo('import', '--mapping', mapping, '--out', out, join(data, `${name}.csv.gz`));
  }
}

/** The model as the tuning finds it anew from imported events up to 2012-12-31. */
export function tuned(folder: string): Promise<string> {
  return python('prtr_score_tuning.py', folder);
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
  await withCatalogue(FROZEN, rules);
  const outcomes = await writeOutcomes(folder);
  const events = ['facilities', 'penalties'].map((name) => join(folder, `${name}.ndjson`));
  const span = ['--from', AT, '--to', AT, '--known-until', KNOWN_UNTIL];
  const asked = ['--at', AT, '--first', '100', '500', '--horizon', '180d', '--baseline', BASELINE, '--json'];
  const args = ['--rules', rules, '--events', ...events, ...span, '--outcomes', outcomes, ...asked];
  return JSON.parse(await fenghuo('backtest', ...args)) as ReportResult;
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
