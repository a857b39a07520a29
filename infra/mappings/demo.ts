// What the demos share: published tables are imported, and the events run from a data folder begun anew to the inboxes.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file runs from dist/infra/mappings. */
const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const MAIN = join(PROJECT, 'dist/src/main.js');
const MAPPINGS = join(PROJECT, 'infra/mappings');
const ENDINGS = ['.csv.gz', '.csv'] as const;

export interface DemoTable {
  /** Its name without ending. Where it is `ours`, it lies beside the mappings; else in the folder that the user names. */
  readonly name: string;
  /** The name under which it is published, where that is another. */
  readonly published?: string;
  readonly ours?: true;
  /** The file of its mapping, beside this one. */
  readonly mapping: string;
}

export interface Demo {
  /** The folder below data/ that takes the events and the run. */
  readonly name: string;
  /** In the order in which their events are replayed. */
  readonly tables: readonly DemoTable[];
  /** For a user who lacks the tables: what they are, and where they are published. */
  readonly help: string;
}

/** Runs a demo on the folder that the command line names, and sets the exit code: 2 where a table is missing. */
export async function runDemo(demo: Demo): Promise<void> {
  try {
    process.exitCode = await fromTablesToInboxes(demo, process.argv[2]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

async function fromTablesToInboxes(
  { name: demo, tables, help }: Demo,
  folder: string | undefined,
): Promise<number> {
  const found = tables.map((table) => fileOf(table, folder));
  if (folder === undefined || found.includes(undefined)) {
    const lacking = tables.filter((_, index) => found[index] === undefined).map(({ name }) => name);
    if (folder !== undefined) console.error(`${folder} lacks ${lacking.join(' and ')}.\n`);
    console.error(help);
    return 2;
  }
  const out = join(PROJECT, 'data', demo);
  await mkdir(out, { recursive: true });
  const events: string[] = [];
  for (const [index, { name, mapping }] of tables.entries()) {
    const path = join(out, `${name}.ndjson`);
    const table = resolve(found[index] ?? '');
    await fenghuo('import', '--mapping', join(MAPPINGS, mapping), '--out', path, table);
    events.push(path);
  }
  // The data folder of the run: its inboxes, warnings and warehouse.
  const run = join(out, 'run');
  await rm(run, { recursive: true, force: true });
  await fenghuo('run', '--once', '--data', run, '--rules', join(PROJECT, 'rules'), '--replay', ...events);
  return 0;
}

function fileOf({ name, published, ours }: DemoTable, folder: string | undefined): string | undefined {
  const place = ours === true ? MAPPINGS : folder;
  if (place === undefined) return undefined;
  return [name, published ?? name]
    .flatMap((stem) => ENDINGS.map((ending) => join(place, stem + ending)))
    .find((path) => existsSync(path));
}

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
