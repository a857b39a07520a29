// A score frozen at the end of 2012 against the penalties of 2013, and that it was found without them.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASELINE, firstOf, FROZEN, importTables, measured, SCORE, tuned } from './prtr-score.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = join(process.env['FENGHUO_TEST_DATA'] ?? join(PROJECT, '../shared/data'), 'prtr-2011-2013');
const MINUTES_MS = 60_000;
/** Nothing later than this may take part in the tuning. */
const TUNED_UNTIL = '2012-12-30T16:00:00.000Z';

/** What the proof needs and this machine lacks; undefined where nothing is missing. */
function lacking(): string | undefined {
  const file = ['penalties.csv.gz', 'facilities.csv.gz']
    .map((name) => join(DATA, name))
    .find((path) => !existsSync(path));
  if (file !== undefined)
    return `${file} is missing; infra/mappings/README.md says where the tables come from`;
  return spawnSync('python3', ['--version']).status === 0
    ? undefined
    : 'python3 is missing; the tuning needs it';
}

const missing = lacking();
if (missing !== undefined) process.stderr.write(`proof of the score on 2013 skipped: ${missing}\n`);

describe.skipIf(missing !== undefined)('a score tuned up to 2012-12-31', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fenghuo-prtr-score-'));
    await importTables(DATA, folder);
  }, 5 * MINUTES_MS);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'is what the tuning finds, also where it never sees a later penalty',
    async () => {
      const known = join(folder, 'known');
      await mkdir(known);
      await symlink(join(folder, 'facilities.ndjson'), join(known, 'facilities.ndjson'));
      const lines = (await readFile(join(folder, 'penalties.ndjson'), 'utf8')).trimEnd().split('\n');
      const early = lines.filter((line) => {
        return (JSON.parse(line) as { readonly recordedtime: string }).recordedtime <= TUNED_UNTIL;
      });
      expect(early.length).toBeGreaterThan(9_000);
      expect(early.length).toBeLessThan(lines.length);
      await writeFile(join(known, 'penalties.ndjson'), `${early.join('\n')}\n`);
      const frozen = await readFile(join(FROZEN, `${SCORE}.yaml`), 'utf8');
      expect(await tuned(known)).toBe(frozen);
      expect(await tuned(folder)).toBe(frozen);
    },
    5 * MINUTES_MS,
  );

  it(
    'has the precision on 2013 that is written down, beside the plain count of two years',
    async () => {
      const { report } = await measured(folder);
      const { keys, happened, first } = firstOf({ report });
      expect({ keys, happened }).toEqual({ keys: 73_755, happened: 2_340 });
      const rounded = (value: number | null | undefined) =>
        value === null || value === undefined ? null : Number((value * 100).toFixed(1));
      const figures = first.map(({ model, k, precision, gain }) => [
        `${model} ${k}`,
        [precision?.value, precision?.low, precision?.high].map(rounded),
        [gain?.value, gain?.low, gain?.high].map(rounded),
      ]);
      expect(figures).toEqual([
        [`${BASELINE} 100`, [60.5, 50.8, 69.9], [null, null, null]],
        [`${BASELINE} 500`, [47, 42.7, 51.3], [null, null, null]],
        [`${SCORE} 100`, [67, 56, 75], [6.5, -2.2, 12.6]],
        [`${SCORE} 500`, [48.3, 43.9, 52.8], [1.3, -1.3, 3.9]],
      ]);
      // Nothing after the instant was read, so that nothing of it can have leaked.
      expect(report.summary.clock).toBe(Date.parse('2013-06-30T16:00:00.000Z'));
      expect(report.accuracy?.leaks).toMatchObject({
        restingOnOutcome: 0,
        outcomeKnown: 0,
        laterEvidence: 0,
      });
    },
    5 * MINUTES_MS,
  );
});
