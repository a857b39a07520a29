// npm run batadal -- FOLDER: models whose every bound comes from the year without attacks, measured once on the attacks.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { DateTime } from 'luxon';
import { reportBlocks } from '../../src/app/backtest-lines.js';
import type { ReportResult } from '../../src/app/backtesting.js';
import { block, linesOf } from '../../src/app/terminal-table.js';
import { fenghuo, PROOF, python, withCatalogue } from './proof-run.js';

/** The frozen models; the catalogue is that of the project. */
export const FROZEN = join(PROOF, 'batadal-limits');
const NETWORK = 'batadal:network';
const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
const HELP = `usage: npm run batadal -- FOLDER

FOLDER holds dataset04.csv.gz, as described in infra/mappings/README.md.`;

/** From the first labelled hour to the last, epoch milliseconds. */
export interface Attack {
  readonly from: number;
  readonly to: number;
}

/** A warning from when it was raised until it was cleared. */
export interface Episode {
  readonly model: string;
  readonly from: number;
  readonly to: number;
}

/** What some models amount to. */
export interface Figures {
  readonly warnings: number;
  /** For each attack the hours from its first labelled hour to the first warning raised up to its last; null without. */
  readonly delays: readonly (number | null)[];
  /** Warnings that touch no labelled hour. */
  readonly false: readonly Episode[];
}

/** Imports a table as events beside others. @returns the file of the events */
export async function imported(table: string, folder: string, name: string): Promise<string> {
  const out = join(folder, `${name}.ndjson`);
  const mapping = join(PROOF, 'batadal-network.yaml');
  await fenghuo('import', '--mapping', mapping, '--out', out, table);
  return out;
}

/**
 * Finds the models anew.
 * @param data the folder of dataset03; @param out where the models go; @param split where those of nine months go
 * @returns the warnings of those in the last three months, as "instant model", in order
 */
export async function tuned(data: string, out: string, split: string): Promise<string[]> {
  const told = await python('batadal_tuning.py', data, out, split);
  return told.trimEnd().split('\n').sort();
}

/** The hours of a table, and those that are labelled, epoch milliseconds. */
export async function labelsOf(
  table: string,
): Promise<{ readonly hours: number; readonly attacked: number[] }> {
  const rows: Record<string, string>[] = parse(gunzipSync(await readFile(table)), {
    columns: true,
    trim: true,
  });
  const attacked = rows.flatMap(({ DATETIME: at, ATT_FLAG: flag }) =>
    flag === '1' && at !== undefined
      ? [DateTime.fromFormat(at, 'dd/MM/yy HH', { zone: 'utc' }).toMillis()]
      : [],
  );
  return { hours: rows.length, attacked };
}

/** Labelled hours without a break are one attack. */
export function attacksOf(attacked: readonly number[]): Attack[] {
  const attacks: Attack[] = [];
  for (const at of attacked) {
    const last = attacks.at(-1);
    if (last === undefined || last.to + HOUR_MS < at) attacks.push({ from: at, to: at });
    else attacks[attacks.length - 1] = { ...last, to: at };
  }
  return attacks;
}

/** The warnings among transitions, one JSON object a line; one that is never cleared goes on for ever. */
function episodesOf(transitions: string): Episode[] {
  const found = new Map<string, Episode>();
  for (const line of transitions.split('\n').filter((one) => one !== '')) {
    const { id, model, level, clock } = JSON.parse(line) as Record<
      'id' | 'model' | 'level' | 'clock',
      string
    >;
    const warning = id.slice(0, id.indexOf('/'));
    const from = found.get(warning)?.from ?? Date.parse(clock);
    found.set(warning, { model, from, to: level === 'none' ? Date.parse(clock) : Infinity });
  }
  return [...found.values()];
}

/** Runs models over events. @param models a folder with the folder proof; @param folder for what is written */
export async function warned(
  models: string,
  events: string,
  folder: string,
  options: readonly string[] = [],
): Promise<{ readonly episodes: Episode[]; readonly told: string }> {
  const rules = await mkdtemp(join(folder, 'rules-'));
  await withCatalogue(models, rules);
  const out = join(rules, 'transitions.ndjson');
  const args = ['backtest', '--rules', rules, '--events', events, '--out', out, ...options];
  const told = await fenghuo(...args);
  return { episodes: episodesOf(await readFile(out, 'utf8')), told };
}

/** The figures of warnings against attacks. */
export function figuresOf(episodes: readonly Episode[], attacks: readonly Attack[]): Figures {
  const delays = attacks.map((attack) => {
    const raised = episodes.map(({ from }) => from).filter((at) => at >= attack.from && at <= attack.to);
    return raised.length === 0 ? null : (Math.min(...raised) - attack.from) / HOUR_MS;
  });
  const touches = ({ from, to }: Episode) => attacks.some((one) => from <= one.to && to >= one.from);
  return { warnings: episodes.length, delays, false: episodes.filter((one) => !touches(one)) };
}

/** Measures the frozen models on dataset04. @param data its folder; @param folder for what is written */
export async function measured(data: string, folder: string) {
  const table = join(data, 'dataset04.csv.gz');
  const { hours, attacked } = await labelsOf(table);
  const outcomes = join(folder, 'outcomes.csv');
  const rows = attacked.map((at) => `${NETWORK},${new Date(at).toISOString()},attack,device\n`);
  await writeFile(outcomes, `subject,time,kind,scope\n${rows.join('')}`);
  const events = await imported(table, folder, 'dataset04');
  const options = ['--outcomes', outcomes, '--horizon', '1h', '--json'];
  const { episodes, told } = await warned(FROZEN, events, folder, options);
  const attacks = attacksOf(attacked);
  const result = JSON.parse(told) as ReportResult;
  return { result, episodes, attacks, quietWeeks: (hours - attacked.length) / WEEK_HOURS };
}

/** The figures of each model that warned, and of all together. */
export function figuresByModel(
  episodes: readonly Episode[],
  attacks: readonly Attack[],
): [string, Figures][] {
  const models = [...new Set(episodes.map(({ model }) => model))].sort();
  const each = models.map((model): [string, Figures] => [
    model,
    figuresOf(
      episodes.filter((one) => one.model === model),
      attacks,
    ),
  ]);
  return [...each, ['全部', figuresOf(episodes, attacks)]];
}

async function main(data: string | undefined): Promise<void> {
  if (data === undefined) {
    process.stderr.write(`${HELP}\n`);
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-batadal-limits-'));
  try {
    const { result, episodes, attacks, quietWeeks } = await measured(resolve(data), folder);
    const table = figuresByModel(episodes, attacks).map(([model, { warnings, delays, false: wrong }]) => [
      model,
      String(warnings),
      ...delays.map((hours) => (hours === null ? '—' : String(hours))),
      String(wrong.length),
      (wrong.length / quietWeeks).toFixed(2),
    ]);
    const head = ['模型', '预警', ...attacks.map((_, i) => `攻击${i + 1}`), '误报', '每周'];
    const lines = linesOf([
      ...reportBlocks(result.report),
      '',
      '攻击开始后几小时预警：',
      ...block([head, ...table]),
    ]);
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]);
