// npm run demo:prtr -- FOLDER: the PRTR penalties through import and backtest, with a summary of the warnings.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** This file runs from dist/infra/mappings. */
const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const MAIN = join(PROJECT, 'dist/src/main.js');
const OUT = join(PROJECT, 'data/prtr');
const TABLES = ['facilities', 'penalties'] as const;
const ENDINGS = ['.csv.gz', '.csv'] as const;
/** Two years and more after the last penalty: every window has passed. */
const TO = '2017-01-01T00:00:00+08:00';
const LEVELS = { red: '红', orange: '橙', yellow: '黄', blue: '蓝' } as const;

const HELP = `usage: npm run demo:prtr -- FOLDER

FOLDER holds two tables, each as .csv or .csv.gz:
  facilities  the registry of regulated facilities in Taiwan
  penalties   the administrative penalties against them, 2011-03-01 to 2013-12-31
They were collected from https://github.com/kiang/prtr.epa.gov.tw (CC0-1.0);
infra/mappings/README.md lists their columns.`;

/** Runs a command of fenghuo in this terminal; throws where it fails, which it has explained itself. */
function fenghuo(...args: readonly string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: PROJECT, stdio: 'inherit' });
    child.on('error', failed);
    child.on('close', (code) => {
      if (code === 0) done();
      else failed(new Error(`fenghuo ${args[0] ?? ''} ended with ${code}`));
    });
  });
}

function tableIn(folder: string, name: string): string | undefined {
  return ENDINGS.map((ending) => join(folder, name + ending)).find((path) => existsSync(path));
}

interface Line {
  readonly model: string;
  readonly level: string;
  readonly previous: string;
}

/** How often each model reached each level from below or from none. */
async function summarise(path: string): Promise<void> {
  const raised = new Map<string, Map<string, number>>();
  let transitions = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    if (text === '') continue;
    const { model, level, previous } = JSON.parse(text) as Line;
    transitions++;
    if (previous !== 'none') continue;
    const levels = raised.get(model) ?? new Map<string, number>();
    levels.set(level, (levels.get(level) ?? 0) + 1);
    raised.set(model, levels);
  }
  console.log(`\n预警变化 ${transitions} 次；各模型新发预警：`);
  for (const [model, levels] of [...raised].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const counts = Object.entries(LEVELS).map(([level, name]) => `${name} ${levels.get(level) ?? 0}`);
    console.log(`  ${model}: ${counts.join('  ')}`);
  }
  console.log(`明细：${path}`);
}

async function main(folder: string | undefined): Promise<number> {
  const tables = TABLES.map((name) => (folder === undefined ? undefined : tableIn(folder, name)));
  if (folder === undefined || tables.includes(undefined)) {
    const lacking = TABLES.filter((_, index) => tables[index] === undefined).join(' and ');
    if (folder !== undefined) console.error(`${folder} lacks ${lacking}.\n`);
    console.error(HELP);
    return 2;
  }
  await mkdir(OUT, { recursive: true });
  const events: string[] = [];
  for (const [index, name] of TABLES.entries()) {
    const out = join(OUT, `${name}.ndjson`);
    const mapping = join(PROJECT, `infra/mappings/prtr-${name}.yaml`);
    await fenghuo('import', '--mapping', mapping, '--out', out, resolve(tables[index] ?? ''));
    events.push(out);
  }
  const transitions = join(OUT, 'transitions.ndjson');
  const rules = join(PROJECT, 'rules');
  await fenghuo('backtest', '--rules', rules, '--events', ...events, '--to', TO, '--out', transitions);
  await summarise(transitions);
  return 0;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
