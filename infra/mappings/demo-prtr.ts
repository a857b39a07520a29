// npm run demo:prtr -- FOLDER: the PRTR penalties from the downloaded tables to the departments' inboxes.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file runs from dist/infra/mappings. */
const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const MAIN = join(PROJECT, 'dist/src/main.js');
const OUT = join(PROJECT, 'data/prtr');
const TABLES = ['facilities', 'penalties'] as const;
const ENDINGS = ['.csv.gz', '.csv'] as const;
/** The data folder of the run: its inboxes, warnings and warehouse; begun anew each time. */
const RUN = join(OUT, 'run');

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
  const rules = join(PROJECT, 'rules');
  await rm(RUN, { recursive: true, force: true });
  await fenghuo('run', '--once', '--data', RUN, '--rules', rules, '--replay', ...events);
  return 0;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
