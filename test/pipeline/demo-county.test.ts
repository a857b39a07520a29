import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faultyEvents, generateCounty, stories } from '../../infra/demo/county.js';
import { readRules } from '../../src/adapters/files/rules.js';
import { rank, type Level } from '../../src/model/model.js';
import { loadRules } from '../../src/model/load.js';
import { backtest, type BacktestTransition } from '../../src/pipeline/backtest/backtest.js';
import type { RowRead } from '../../src/ports/rows.js';

const GOLDEN = fileURLToPath(new URL('../golden/demo-county.json', import.meta.url));
const RULES = fileURLToPath(new URL('../../rules/', import.meta.url));
const DAY_MS = 86_400_000;
const COUNTY = { seed: 1, endMs: Date.parse('2026-06-30T16:00:00Z') };

function* countyBatches(): Generator<readonly RowRead[]> {
  const batch: RowRead[] = [];
  let line = 0;
  for (const event of generateCounty(COUNTY)) {
    batch.push({ ok: true, line: ++line, row: { ...event } });
    if (batch.length === 1_000) yield batch.splice(0);
  }
  yield batch;
}

async function runCounty() {
  const { rules } = loadRules(await readRules(RULES));
  if (rules === null) throw new Error('the bundled rules do not load');
  const transitions: BacktestTransition[] = [];
  const summary = await backtest({
    rules,
    sources: [
      {
        name: 'county',
        rereadable: true,
        batches: async function* () {
          yield* countyBatches();
        },
      },
    ],
    toMs: COUNTY.endMs,
    pseudonymKey: new Uint8Array(32),
    onTransition: (transition) => void transitions.push(transition),
    onRefused: () => undefined,
  });
  return { summary, transitions };
}

const keyOf = ({ scope, key }: BacktestTransition) => `${scope}:${key}`;
const days = (ms: number) => Math.round((ms / DAY_MS) * 100) / 100;

/**
 * The warning that stood, or was the last to stand, before the end of the story: how many days before it was raised, and
 * how grave it became until then. An earlier one that cleared by itself is chance.
 */
function warned(transitions: readonly BacktestTransition[], model: string, key: string, end: number) {
  const of = transitions.filter((one) => one.model === model && keyOf(one) === key);
  const opened = of.filter((one) => one.previous === 'none' && Date.parse(one.clock) < end);
  const first = opened[opened.length - 1];
  const warning = first?.id.slice(0, first.id.indexOf('/') + 1) ?? '-';
  const episode = of.filter((one) => one.id.startsWith(warning));
  const levels = episode.filter((one) => Date.parse(one.clock) < end).map((one) => one.level as Level);
  const last = episode[episode.length - 1];
  return {
    daysBefore: first === undefined ? null : days(end - Date.parse(first.clock)),
    raisedAs: first?.level ?? 'none',
    gravestBefore: levels.sort((a, b) => rank(b) - rank(a))[0] ?? 'none',
    atTheLastInstant: last?.level ?? 'none',
    lastReason: last?.reason ?? null,
  };
}

/** Lines that departments hear, as long as no warning goes through several levels while its source is silent. */
function heardOf(transitions: readonly BacktestTransition[], keys: ReadonlySet<string>): string[] {
  const silent = new Set<string>();
  const unheard = new Set<string>();
  return transitions.flatMap((one) => {
    const warning = one.id.slice(0, one.id.indexOf('/'));
    if (one.scope === 'source') {
      if (one.level === 'none') silent.delete(one.key);
      else silent.add(one.key);
    }
    if (one.rests_on?.some((source) => silent.has(source)) === true) {
      unheard.add(warning);
      return [];
    }
    if (unheard.has(warning) && one.level === 'none') return [];
    return keys.has(keyOf(one)) ? [`${one.model} ${one.level}`] : [];
  });
}

describe('the bundled rules on the simulated county', async () => {
  const { summary, transitions } = await runCounty();
  const told = stories(COUNTY);

  it('warn of every story before its end, and withdraw the one that is revoked', () => {
    for (const { id, end, expected, after } of told) {
      for (const { model, key } of expected) {
        const found = warned(transitions, model, key, end);
        expect(found.daysBefore, `${id} by ${model}`).toBeGreaterThan(0);
        if (after === 'standing')
          expect(
            rank(found.atTheLastInstant as Level),
            `${id} by ${model} at the last instant`,
          ).toBeGreaterThan(0);
        else expect(found).toMatchObject({ atTheLastInstant: 'none', lastReason: after });
      }
    }
  });

  it('refuse the events that are wrong on purpose, and no others', () => {
    const expected = new Map<string, number>();
    for (const { code } of faultyEvents(COUNTY)) expected.set(code, (expected.get(code) ?? 0) + 1);
    expect(new Map(summary.refused.map(({ code, count }) => [code, count]))).toEqual(
      new Map([...expected].sort()),
    );
    expect(summary.operatorAlerts).toEqual([]);
  });

  it('say of a dead platform that it is dead, and nothing of its alarms', () => {
    const story = told.find(({ id }) => id === 'source');
    const { keys = [], end = 0, expected = [] } = story ?? {};
    const about = new Set([...keys, ...expected.map(({ key }) => key)]);
    const around = transitions.filter(({ clock }) => Math.abs(Date.parse(clock) - end) < 2 * DAY_MS);
    expect(keys.length).toBeGreaterThanOrEqual(13);
    expect(heardOf(around, about)).toEqual([
      'gas/silent-device:source orange',
      'gas/silent-device:source none',
    ]);
    const withheld = around.filter((one) => about.has(keyOf(one)) && one.rests_on !== undefined);
    expect(new Set(withheld.map(keyOf))).toEqual(new Set(keys));
    expect(new Set(withheld.map(({ model }) => model))).toEqual(
      new Set(['gas/silent-device', 'gas/silent-device:feed']),
    );
  });

  it('tell of the one alarm that is silent while its platform speaks', () => {
    const story = told.find(({ id }) => id === 'gas-silent');
    expect(heardOf(transitions, new Set(story?.keys)).slice(-3)).toEqual([
      'gas/silent-device:feed blue',
      'gas/silent-device yellow',
      'gas/silent-device orange',
    ]);
  });

  it('give the figures of the golden file', () => {
    const keys = new Set(told.flatMap(({ keys, expected }) => [...keys, ...expected.map(({ key }) => key)]));
    const opened = transitions.filter((one) => one.id.endsWith('/0'));
    const figures = {
      events: summary.events,
      duplicates: summary.duplicates,
      revoked: summary.revoked,
      warnings: opened.length,
      outsideTheStories: opened.filter((one) => !keys.has(keyOf(one))).length,
      stories: Object.fromEntries(
        told.map(({ id, end, expected }) => [
          id,
          // Where one model warns on many keys, the first stands for them.
          Object.fromEntries(
            [...expected].reverse().map(({ model, key }) => [model, warned(transitions, model, key, end)]),
          ),
        ]),
      ),
      warningsByModel: Object.fromEntries(summary.warnings.map(({ model, total }) => [model, total])),
    };
    if (process.env['UPDATE'] === '1') writeFileSync(GOLDEN, `${JSON.stringify(figures, null, 2)}\n`);
    expect(existsSync(GOLDEN), 'run with UPDATE=1 to write the golden file').toBe(true);
    expect(figures).toEqual(JSON.parse(readFileSync(GOLDEN, 'utf8')));
  });
});
