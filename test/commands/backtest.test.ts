import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixtureFile, replaced, COMPLAINTS } from '../model/rules-fixture.js';
import { fenghuo, MAIN } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const registration = {
  specversion: '1.0',
  id: 'r1',
  source: 'urn:test',
  type: 'fenghuo.registration',
  subject: 'shop:1',
  time: '2026-03-01T00:00:00+08:00',
  data: { kind: 'enterprise', name: '店', tags: ['食品经营'] },
};
const complaint = (number: number, hour: string) => ({
  ...registration,
  id: `c${number}`,
  type: 'fenghuo.complaint',
  time: `2026-03-02T${hour}:00:00+08:00`,
  data: { category: '食品过期', complainant: `张三${number}`, phone: '13800138000' },
});
const EVENTS = [registration, complaint(1, '08'), complaint(2, '09'), complaint(3, '10'), complaint(3, '10')];
const ndjson = (events: readonly unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const transitionsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { [name: string]: unknown });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-backtest-'));
  await writeRules(join(folder, 'rules'));
  await writeFile(join(folder, 'events.ndjson'), ndjson(EVENTS));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const backtest = (args: readonly string[], input = '') => fenghuo(['backtest', ...args], folder, input);

describe('fenghuo backtest', () => {
  it('writes a transition a line to standard output, and the summary to standard error', async () => {
    const run = await backtest(['--events', 'events.ndjson', '--to', '2026-04-01']);
    expect(run.code).toBe(0);
    const transitions = transitionsOf(run.out);
    expect(transitions.map(({ level, clock }) => [level, clock])).toEqual([
      ['yellow', '2026-03-02T02:00:00.000Z'],
      ['none', '2026-03-10T00:00:00.000Z'],
    ]);
    expect(Object.keys(transitions[0] ?? {})).toEqual([
      ...['id', 'model', 'scope', 'key', 'level', 'previous'],
      ...['clock', 'indicators', 'params', 'reason', 'revision'],
    ]);
    expect(transitions[0]).toMatchObject({ key: 'shop:1', scope: 'subject', previous: 'none' });
    expect(transitions[0]?.['id']).toMatch(/^[0-9a-f]{32}\/0$/);
    expect(run.err).toContain('5 events up to 2026-03-31T16:00:00.000Z, 0 refused, 1 duplicates, 0 revoked');
    expect(run.err).toContain('  food/repeat-complaints: 1 (yellow 1)');
    expect(run.out + run.err).not.toMatch(/张三|13800138000/);
  });

  it('tells of legal bases that are no longer in force, and runs', async () => {
    await writeRules(join(folder, 'rules'), {
      'catalogue/items.yaml': replaced(
        fixtureFile('catalogue/items.yaml'),
        'until: 2030-12-31',
        'until: 2019-12-31',
      ),
    });
    const run = await backtest(['--events', 'events.ndjson']);
    expect(run.code).toBe(0);
    expect(run.err).toContain('CATALOGUE_BASIS_EXPIRED');
    expect(transitionsOf(run.out).map(({ level }) => level)).toContain('yellow');
  });

  it('gives the same bytes for the events split, shuffled, packed and piped', async () => {
    const whole = await backtest(['--events', 'events.ndjson']);
    const [first, ...rest] = EVENTS;
    await writeFile(join(folder, 'late.ndjson.gz'), gzipSync(ndjson([...rest].reverse())));
    const split = await backtest(['-e', 'late.ndjson.gz', '-'], ndjson([first]));
    expect(split).toMatchObject({ code: 0, out: whole.out });
    const pipe = `cat events.ndjson | ${process.execPath} ${JSON.stringify(MAIN)} backtest -e /dev/stdin 2>/dev/null`;
    expect(execFileSync('sh', ['-c', pipe], { cwd: folder, encoding: 'utf8' })).toBe(whole.out);
  });

  it('writes to a file, whole or not at all, and then the summary to standard output', async () => {
    const run = await backtest(['-e', 'events.ndjson', '-o', 'out.ndjson']);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('1 warnings in 1 transitions');
    expect(transitionsOf(await readFile(join(folder, 'out.ndjson'), 'utf8'))).toHaveLength(1);
    await writeFile(join(folder, 'mixed.ndjson'), ndjson([...EVENTS].reverse()));
    const sorted = await backtest(['-e', 'mixed.ndjson', '-o', 'sorted.ndjson', '--sort-limit', '2']);
    expect(sorted.code).toBe(0);
    const text = (name: string) => readFile(join(folder, name), 'utf8');
    expect(await text('sorted.ndjson')).toBe(await text('out.ndjson'));
    const crowd = [1, 2, 3].map((number) => complaint(number, '08'));
    await writeFile(join(folder, 'crowd.ndjson'), ndjson([registration, ...crowd]));
    const crowded = ['-e', 'crowd.ndjson', '--sort-limit'];
    const spilled = await backtest([...crowded, '2']);
    expect(transitionsOf(spilled.out)).toHaveLength(1);
    expect(spilled.out).toBe((await backtest([...crowded, '9'])).out);
    const failed = await backtest(['-e', 'none.ndjson', '-o', 'half.ndjson']);
    expect(failed.code).toBe(1);
    expect((await readdir(folder)).filter((name) => name.startsWith('half'))).toEqual([]);
  });

  it('takes - for standard output, as for input', async () => {
    const plain = await backtest(['-e', 'events.ndjson']);
    const dashed = await backtest(['-e', 'events.ndjson', '--out', '-']);
    expect(dashed).toMatchObject({ code: 0, out: plain.out });
    expect(dashed.err).toContain('1 warnings in 1 transitions');
    expect(await readdir(folder)).not.toContain('-');
  });

  it('counts what it refuses, and shows the place of the first few without their content', async () => {
    const bad = ['{"half', JSON.stringify({ ...complaint(9, '11'), type: 'fenghuo.rumour' })];
    await writeFile(join(folder, 'bad.ndjson'), `${bad.join('\n')}\n`.repeat(20));
    const run = await backtest(['-e', 'bad.ndjson', 'events.ndjson']);
    expect(run.code).toBe(0);
    expect(transitionsOf(run.out)).toHaveLength(1);
    expect(run.err).toContain('40 refused');
    expect(run.err).toContain('refused: EVENT_UNKNOWN_STREAM 20, ROW_MALFORMED 20');
    expect(run.err).toContain('  bad.ndjson:1: ROW_MALFORMED: not JSON');
    expect(run.err.match(/bad\.ndjson:/g)).toHaveLength(10);
    expect(run.err).not.toMatch(/张三|13800138000|half/);
  });

  it('takes instants and local dates, and writes nothing before --from', async () => {
    const late = await backtest(['-e', 'events.ndjson', '--from', '2026-03-10', '--to', '2026-03-11']);
    expect(transitionsOf(late.out).map(({ level }) => level)).toEqual(['none']);
    const early = await backtest(['-e', 'events.ndjson', '--to', '2026-03-02T09:59:59.999+08:00']);
    expect(early.out).toBe('');
    expect(early.err).toContain('3 events up to 2026-03-02T01:59:59.999Z');
  });

  it('prints the summary as JSON when asked to', async () => {
    const run = await backtest(['-e', 'events.ndjson', '-o', 'out.ndjson', '--format', 'json']);
    expect(JSON.parse(run.out)).toMatchObject({
      summary: { events: 5, duplicates: 1, warnings: [{ model: 'food/repeat-complaints', total: 1 }] },
      refused: [],
    });
  });

  it('refuses a command line that cannot be meant, with a code', async () => {
    for (const [args, code, text] of [
      [[], 2, 'USAGE'],
      [['-e', 'missing.ndjson'], 1, 'FILE_READ'],
      [['-e', 'rules'], 1, 'FILE_READ'],
      [['-e', '-', '-'], 2, 'USAGE'],
      [['-e', 'events.ndjson', '-o', './events.ndjson'], 2, 'USAGE'],
      [['-e', 'events.ndjson', '--from', 'yesterday'], 2, 'USAGE'],
      [['-e', 'events.ndjson', '--from', '2026-03-02', '--to', '2026-03-01'], 2, 'USAGE'],
      [['-e', 'events.ndjson', '--sort-limit', '0'], 2, 'USAGE'],
    ] as const) {
      const run = await backtest(args);
      expect(run.code, args.join(' ')).toBe(code);
      expect(run.err, args.join(' ')).toContain(`fenghuo: ${text}: `);
    }
    expect(await readFile(join(folder, 'events.ndjson'), 'utf8')).toBe(ndjson(EVENTS));
  });

  it('does not run faulty rules', async () => {
    const faulty = replaced(COMPLAINTS, 'scope: subject', 'scope: planet');
    await writeRules(join(folder, 'faulty'), { 'food/repeat-complaints.yaml': faulty });
    const run = await backtest(['--rules', 'faulty', '-e', 'events.ndjson']);
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toContain('faulty/food/repeat-complaints.yaml:');
    expect(run.err).toContain('FILES_INVALID');
  });
});
