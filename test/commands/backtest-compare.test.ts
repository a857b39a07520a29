import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const event = (id: string, type: string, subject: string, time: string, data: object) => {
  const times = { time, recordedtime: time };
  return { specversion: '1.0', id, source: 'urn:test', type: `fenghuo.${type}`, subject, ...times, data };
};
const registered = (subject: string) =>
  event(`r-${subject}`, 'registration', subject, '2026-03-01T00:00:00+08:00', {
    ...{ kind: 'enterprise', name: '店', tags: ['食品经营'] },
  });
const complaints = (subject: string, hours: readonly number[]) =>
  hours.map((hour) =>
    event(
      `${subject}-${hour}`,
      'complaint',
      subject,
      `2026-03-02T${String(hour).padStart(2, '0')}:00:00+08:00`,
      {
        ...{ category: '食品过期', complainant: `p${hour}` },
      },
    ),
  );
const EVENTS = [
  ...['shop:1', 'shop:2', 'shop:3'].map(registered),
  ...complaints('shop:1', [1, 2, 3]),
  ...complaints('shop:2', [4, 5]),
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-backtest-compare-'));
  await writeRules(join(folder, 'old'));
  const stricter = replaced(COMPLAINTS, "'complaints >= 3'", "'complaints >= 2'");
  await writeRules(join(folder, 'new'), { 'food/repeat-complaints.yaml': stricter });
  await writeFile(join(folder, 'events.ndjson'), EVENTS.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await writeFile(join(folder, 'outcomes.csv'), 'subject,time,kind\nshop:2,2026-03-05,中毒\n');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const compare = (...args: readonly string[]) =>
  fenghuo(['backtest', '-e', 'events.ndjson', '--to', '2026-08-01', '--compare', ...args], folder);

describe('fenghuo backtest --compare', () => {
  it('tells which warnings are new and which come earlier, by model and by subject, and which rules are more right', async () => {
    const run = await compare('old', 'new', '--json', '--outcomes', 'outcomes.csv', '--resamples', '100');
    expect(run.code, run.err).toBe(0);
    const { comparison, former, latter } = JSON.parse(run.out) as Record<string, Record<string, unknown>>;
    expect(comparison).toMatchObject({
      changes: { same: 0, earlier: 1, later: 0, new: 1, gone: 0 },
      models: [{ model: 'food/repeat-complaints', changes: { earlier: 1, new: 1 } }],
      subjectsChanged: 2,
      subjects: [
        { key: 'shop:1', changes: { earlier: 1 }, hoursWon: 1 },
        { key: 'shop:2', changes: { new: 1 }, hoursWon: 0 },
      ],
    });
    expect(former).toMatchObject({
      warnings: { total: 1 },
      accuracy: { models: [{ recall: { value: 0 } }] },
    });
    expect(latter).toMatchObject({
      warnings: { total: 2 },
      accuracy: { models: [{ recall: { value: 1 }, precision: { value: 0.5 } }] },
    });
    const text = await compare('new', 'old');
    expect(text.out).toMatch(/food\/repeat-complaints +0 +0 +1 +0 +1 +0 +0/);
    expect(text.out).toContain('推迟：food/repeat-complaints subject:shop:1');
    expect(text.out).toContain('减少：food/repeat-complaints subject:shop:2');
  });

  it('finds nothing between a set and itself', async () => {
    const run = await compare('new', 'new', '--json');
    const { comparison } = JSON.parse(run.out) as Record<string, unknown>;
    expect(comparison).toMatchObject({ changes: { same: 2 }, differences: [], subjects: [] });
  });

  it('refuses one folder, three, and what it cannot heed', async () => {
    for (const args of [
      ['old'],
      ['old', 'new', 'old'],
      ['old', 'new', '--rules', 'old'],
      ['old', 'new', '-o', 'x'],
    ]) {
      const run = await compare(...args);
      expect(run.code, args.join(' ')).toBe(2);
      expect(run.err, args.join(' ')).toContain('USAGE');
    }
  });
});

describe('fenghuo backtest --sweep', () => {
  const MODEL = ['--model', 'food/repeat-complaints', '--rules', 'old'];
  const sweep = (...args: readonly string[]) =>
    fenghuo(['backtest', '-e', 'events.ndjson', '--to', '2026-08-01', ...args], folder);

  it('shows what each value of a parameter costs and is worth, as runs with it alone do', async () => {
    const many = replaced(COMPLAINTS, "'complaints >= 3'", "'complaints >= params.few'");
    const varied = replaced(many, 'params:\n', 'params:\n  few: 9\n');
    await writeRules(join(folder, 'old'), { 'food/repeat-complaints.yaml': varied });
    const args = [...MODEL, '--outcomes', 'outcomes.csv', '--resamples', '100', '--json'];
    const run = await sweep(...args, '--sweep', 'params.few=1..4');
    expect(run.code, run.err).toBe(0);
    const { points, path } = JSON.parse(run.out) as { points: Record<string, unknown>[]; path: string };
    expect(path).toBe('params.few');
    expect(points.map(({ value, warnings }) => [value, warnings])).toEqual([
      ['1', 2],
      ['2', 2],
      ['3', 1],
      ['4', 0],
    ]);
    expect(points[0]).toMatchObject({ accuracy: { precision: { value: 0.5 }, recall: { value: 1 } } });
    expect(points[2]).toMatchObject({ accuracy: { precision: { value: 0 }, recall: { value: 0 } } });
    const text = await sweep(...MODEL, '--sweep', 'params.few=4,2');
    expect(text.out).toMatch(/\n4 +0 +0\.000 .*\n2 +2 +0\.0/);
  });

  it('refuses what is no sweep, no model, no value, and faulty values', async () => {
    for (const [args, text] of [
      [[...MODEL, '--sweep', 'params.many'], '--sweep "params.many" is none'],
      [[...MODEL, '--sweep', 'params.many=1..1000'], 'at most 64 values'],
      [[...MODEL, '--sweep', 'params.many=1..2:0'], 'is none'],
      [[...MODEL, '--sweep', 'params.many=a: b'], 'is none'],
      [[...MODEL, '--sweep', 'params.none=1..3'], 'no single value at params.none'],
      [[...MODEL, '--sweep', 'unheard.of.value=1..3'], 'It has '],
      [[...MODEL, '--sweep', 'params.mny=1..3'], 'Did you mean params.many?'],
      [[...MODEL, '--sweep', 'hold=1d,soon'], 'With soon the rules have faults'],
      [['--rules', 'old', '--model', 'food/none', '--sweep', 'params.many=1..3'], 'no such model'],
      [['--rules', 'old', '--sweep', 'params.many=1..3'], '--model names'],
      [[...MODEL, '--sweep', 'hold=1d,2d', '-o', 'x'], '--out'],
    ] as const) {
      const run = await sweep(...args);
      expect(run.code, args.join(' ')).toBe(2);
      expect(run.err, args.join(' ')).toContain(text);
    }
    const piped = await fenghuo(['backtest', '-e', '-', ...MODEL, '--sweep', 'hold=1d,2d'], folder, '');
    expect(piped.err).toContain('USAGE');
  });
});
