// The warnings on real penalties, against a reckoning by another program in another way: prtr_reference.py.
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(PROJECT, 'dist/src/main.js');
const REFERENCE = join(PROJECT, 'test/proof/prtr_reference.py');
const DATA = join(process.env['FENGHUO_TEST_DATA'] ?? join(PROJECT, '../shared/data'), 'prtr-2011-2013');
const FILES = ['penalties.csv.gz', 'facilities.csv.gz'].map((name) => join(DATA, name));
/** Two years and more after the last penalty: every window has passed. */
const TO = '2017-01-01T00:00:00+08:00';
const MODELS = new Set([
  'ecology/repeat-penalties',
  'ecology/penalty-burst',
  'ecology/heavy-fines',
  'ecology/several-articles',
]);
const MINUTES_MS = 60_000;

/** What the proof needs and this machine lacks; undefined where nothing is missing. */
function lacking(): string | undefined {
  const file = FILES.find((path) => !existsSync(path));
  if (file !== undefined) {
    return (
      `${file} is missing; the tables were collected from github.com/kiang/prtr.epa.gov.tw (CC0), see ` +
      'infra/mappings/README.md; FENGHUO_TEST_DATA names the folder that holds prtr-2011-2013'
    );
  }
  const python = spawnSync('python3', ['--version']);
  return python.status === 0 ? undefined : 'python3 is missing; the reference is a Python script';
}

interface Finished {
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const finished = { out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
      if (code === 0) resolve(finished);
      else reject(new Error(`${args.join(' ')} ended with ${code}: ${finished.err}`));
    });
  });
}

interface Line {
  readonly model: string;
  readonly key: string;
  readonly level: string;
  readonly previous: string;
  readonly clock: number;
}

/** One comparable text for each transition, in one order. */
function comparable(lines: readonly Line[]): string[] {
  return lines
    .filter((line) => MODELS.has(line.model))
    .map(({ model, key, level, previous, clock }) => {
      return `${new Date(clock).toISOString()} ${model} ${key}: ${previous} -> ${level}`;
    })
    .sort();
}

async function linesOf(path: string): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line !== '') lines.push(JSON.parse(line) as Line);
  }
  return lines;
}

const missing = lacking();
if (missing !== undefined) process.stderr.write(`proof on the PRTR penalties skipped: ${missing}\n`);

describe.skipIf(missing !== undefined)('real penalties', () => {
  let folder: string;
  const imported = new Map<string, string>();

  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build first`);
    folder = await mkdtemp(join(tmpdir(), 'fenghuo-prtr-'));
    for (const name of ['penalties', 'facilities']) {
      const mapping = `infra/mappings/prtr-${name}.yaml`;
      const out = join(folder, `${name}.ndjson`);
      const { err } = await run(process.execPath, [
        MAIN,
        ...['import', '--mapping', mapping, '--out', out, join(DATA, `${name}.csv.gz`)],
      ]);
      imported.set(name, err);
    }
  }, 5 * MINUTES_MS);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('all become events, and only facilities without a number are rejected', () => {
    expect(imported.get('penalties')).toMatch(/^16499 rows: 16499 events to .*, 0 rejects\n$/);
    expect(imported.get('facilities')).toMatch(/^75139 rows: 73296 events to .*, 1843 rejects\n/);
    expect(imported.get('facilities')).toContain('1843 x ROW_EMPTY id');
  });

  it(
    'raise, change and clear the warnings that the reference reckons, at the same instants',
    async () => {
      const events = ['facilities', 'penalties'].map((name) => join(folder, `${name}.ndjson`));
      const out = join(folder, 'transitions.ndjson');
      const args = ['--rules', 'rules', '--events', ...events, '--to', TO, '--out', out];
      const [reference] = await Promise.all([
        run('python3', [REFERENCE, DATA, '--to', TO]),
        run(process.execPath, [MAIN, 'backtest', ...args]),
      ]);
      const expected = comparable(
        reference.out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
      );
      const actual = comparable(await linesOf(out));
      const known = new Set(expected);
      const came = new Set(actual);
      // The first differences say more than two lists of thousands.
      expect({
        unexpected: actual.filter((line) => !known.has(line)).slice(0, 5),
        missing: expected.filter((line) => !came.has(line)).slice(0, 5),
      }).toEqual({ unexpected: [], missing: [] });
      expect(actual.length).toBe(expected.length);
      expect(expected.length).toBeGreaterThan(6_000);
    },
    10 * MINUTES_MS,
  );
});
