import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built program; `closeAfter` closes its standard output after so many bytes, as head does. */
function fenghuo(
  args: readonly string[],
  { input = '', closeAfter = Infinity, env = {} } = {},
): Promise<Run> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build first`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.length >= closeAfter) child.stdout.destroy();
    });
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

const MAPPING = `mapping: fines
format: csv
source: urn:example:fines
stream: penalty
id: row-hash
subject: { column: NUMBER, prefix: 'shop:' }
time: { column: DAY, format: yyyy-MM-dd }
data:
  amount: { column: MONEY, type: number }
`;
const TABLE = 'NUMBER,DAY,MONEY\n7,2026-01-02,100\n8,2026-01-02,1e5x\n9,"2026-01-03",5\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-import-'));
  await writeFile(join(folder, 'fines.yaml'), MAPPING);
  await writeFile(join(folder, 'fines.csv'), TABLE);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { subject: string });

describe('fenghuo import', () => {
  it('writes events to standard output and the counts to standard error', async () => {
    const run = await fenghuo(['import', '-m', 'fines.yaml', 'fines.csv']);
    expect(run.code).toBe(0);
    expect(lines(run.out).map((event) => event.subject)).toEqual(['shop:7', 'shop:9']);
    expect(run.err).toContain('3 rows: 2 events, 1 rejects');
    expect(run.err).toContain('1 x ROW_NUMBER data.amount, first fines.csv:3');
    expect(run.err).not.toContain('1e5x');
  });

  it('writes files whole, with the rejected rows beside the events', async () => {
    const run = await fenghuo(['import', '-m', 'fines.yaml', '-o', 'events.ndjson.gz', 'fines.csv']);
    expect(run).toMatchObject({ code: 0, out: '' });
    const events = gunzipSync(await readFile(join(folder, 'events.ndjson.gz'))).toString();
    expect(lines(events)).toHaveLength(2);
    const rejects = await readFile(join(folder, 'events.rejects.ndjson'), 'utf8');
    expect(lines(rejects)).toEqual([
      {
        file: 'fines.csv',
        line: 3,
        code: 'ROW_NUMBER',
        field: 'data.amount',
        message: '"1e5x" is not a number',
        row: { NUMBER: '8', DAY: '2026-01-02', MONEY: '1e5x' },
      },
    ]);
  });

  it('reads several files, gzip and standard input in the order given', async () => {
    await writeFile(join(folder, 'more.csv.gz'), gzipSync('MONEY,NUMBER,DAY\n1,10,2026-01-04\n'));
    const input = 'NUMBER,DAY,MONEY\n11,2026-01-05,1\n';
    const run = await fenghuo(['import', '-m', 'fines.yaml', 'more.csv.gz', '-', 'fines.csv'], { input });
    expect(lines(run.out).map((event) => event.subject)).toEqual(['shop:10', 'shop:11', 'shop:7', 'shop:9']);
  });

  it('with --strict fails once all has been written', async () => {
    const run = await fenghuo(['import', '-m', 'fines.yaml', '-o', 'e.ndjson', '--strict', 'fines.csv']);
    expect(run.code).toBe(1);
    expect(run.err).toContain('fenghuo: IMPORT_REJECTS: ');
    expect(lines(await readFile(join(folder, 'e.ndjson'), 'utf8'))).toHaveLength(2);
  });

  it('shows the faults of a mapping with place, line and nearest name, and leaves no file', async () => {
    await writeFile(join(folder, 'fines.yaml'), MAPPING.replace('column: MONEY', 'column: MONY'));
    const run = await fenghuo(['import', '-m', 'fines.yaml', '-o', 'events.ndjson', 'fines.csv']);
    expect(run.code).toBe(1);
    expect(run.err).toContain('fines.yaml:9:21: error MAPPING_COLUMN');
    expect(run.err).toContain('did you mean "MONEY"?');
    expect(run.err).toContain('fenghuo: FILES_INVALID: ');
    await expect(readFile(join(folder, 'events.ndjson'))).rejects.toThrow('ENOENT');
    await expect(readFile(join(folder, 'events.ndjson.part'))).rejects.toThrow('ENOENT');
  });

  it('ends quietly where its reader has seen enough', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},2026-01-02,5\n`).join('');
    await writeFile(join(folder, 'many.csv'), `NUMBER,DAY,MONEY\n${rows}`);
    const run = await fenghuo(['import', '-m', 'fines.yaml', 'many.csv'], { closeAfter: 1000 });
    expect(run).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    [
      ['import', '-m', 'fines.yaml', 'none.csv'],
      1,
      /^fenghuo: FILE_READ: .*none\.csv: there is no such file\.\n$/,
    ],
    [['import', '-m', 'none.yaml', 'fines.csv'], 1, /^fenghuo: FILE_READ: .*none\.yaml/],
    [['import', '-m', 'fines.yaml', '-o', 'fines.csv', 'fines.csv'], 2, /^fenghuo: USAGE: .*different files/],
    [['import', 'fines.csv'], 2, /^fenghuo: USAGE: .*--mapping.*; see fenghuo import --help\n$/],
    [['import', '--maping', 'x', 'fines.csv'], 2, /^fenghuo: USAGE: .*--mapping.*\n$/],
    [['imprt'], 2, /^fenghuo: USAGE: unknown command 'imprt'.*import.*\n$/],
  ])('says in one line what is wrong with %j', async (args, code, message) => {
    const run = await fenghuo(args);
    expect(run.err).toMatch(message);
    expect(run.err.trimEnd().split('\n')).toHaveLength(1);
    expect(run).toMatchObject({ code, out: '' });
  });

  it('shows the stack of a failure only where FENGHUO_DEBUG asks for it', async () => {
    const args = ['import', '-m', 'fines.yaml', 'none.csv'];
    expect((await fenghuo(args)).err).not.toContain('    at ');
    expect((await fenghuo(args, { env: { FENGHUO_DEBUG: '1' } })).err).toContain('    at ');
  });
});

describe('fenghuo', () => {
  it('prints its version and its help', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await fenghuo(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
    const help = await fenghuo(['import', '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('Usage: fenghuo import');
  });
});
