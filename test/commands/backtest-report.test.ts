import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const event = (id: string, type: string, subject: string, time: string, data: object) => {
  const times = { time, recordedtime: time };
  return { specversion: '1.0', id, source: 'urn:test', type: `fenghuo.${type}`, subject, ...times, data };
};
const shop = (subject: string) =>
  event(`r-${subject}`, 'registration', subject, '2026-03-01T00:00:00+08:00', {
    kind: 'enterprise',
    name: '店',
    tags: ['食品经营'],
  });
const complaint = (subject: string, number: number) =>
  event(`${subject}-${number}`, 'complaint', subject, `2026-03-02T0${number}:00:00+08:00`, {
    category: '食品过期',
    complainant: `张三${number}`,
    phone: '13800138000',
  });
const EVENTS = [
  ...['shop:1', 'shop:2', 'shop:3'].map(shop),
  ...[1, 2, 3].flatMap((number) => [complaint('shop:1', number), complaint('shop:2', number)]),
];
const OUTCOMES = `subject,time,kind
shop:1,2026-03-12T03:00:00+08:00,中毒
shop:3,2026-03-20,中毒
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-backtest-report-'));
  await writeRules(join(folder, 'rules'));
  await writeFile(join(folder, 'events.ndjson'), EVENTS.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await writeFile(join(folder, 'outcomes.csv'), OUTCOMES);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const backtest = (...args: readonly string[]) =>
  fenghuo(['backtest', '-e', 'events.ndjson', '--to', '2026-07-01', ...args], folder);

describe('the report of fenghuo backtest', () => {
  it('is one JSON document that repeats, with the measures against outcomes', async () => {
    const args = ['--json', '--outcomes', 'outcomes.csv', '--horizon', '30d', '--first', '1', '5'];
    const run = await backtest(...args);
    expect(run.code, run.err).toBe(0);
    const { report } = JSON.parse(run.out) as { report: { accuracy: Record<string, unknown> } };
    expect(report).toMatchObject({ events: 9, warnings: { total: 2, yellow: 2 } });
    expect(report.accuracy).toMatchObject({
      outcomes: 2,
      horizonDays: 30,
      kinds: [{ kind: '中毒', outcomes: 2, recall: { value: 0.5 } }],
      first: [
        { k: 1, precision: { count: 1, of: 1 } },
        { k: 5, precision: { count: 1, of: 2 } },
      ],
    });
    const [blue] = report.accuracy['levels'] as object[];
    expect(blue).toMatchObject({
      precision: { value: 0.5, count: 1, of: 2 },
      recall: { value: 0.5, count: 1, of: 2 },
      lead: { foreseen: 1, days: [10], median: { value: 10 } },
    });
    const again = await backtest(...args);
    const reportOf = (text: string) => (JSON.parse(text) as { report: unknown }).report;
    expect(reportOf(again.out)).toEqual(reportOf(run.out));
    expect(run.out + run.err).not.toMatch(/张三|13800138000/);
  });

  it('is text for a terminal, and transitions go to a file where one is named', async () => {
    const run = await backtest('--report', '--outcomes', 'outcomes.csv', '--out', 'out.ndjson');
    expect(run.code, run.err).toBe(0);
    expect(run.out).toContain('2 条预警');
    expect(run.out).toMatch(/subject:shop:1 +1 +黄/);
    expect(run.out).toContain('50.0% (1/2)');
    expect(run.out).toContain('泄漏检查');
    expect(await readdir(folder)).toContain('out.ndjson');
    const alone = await backtest('--report');
    expect(alone.out).not.toContain('与结果对照');
  });

  it('is a page with charts, in which names of subjects and kinds stay text', async () => {
    const kind = '"<script>alert(1)</script>"';
    await writeFile(join(folder, 'outcomes.csv'), `subject,time,kind\nshop:1,2026-03-12,${kind}\n`);
    const run = await backtest('--outcomes', 'outcomes.csv', '--html', 'report.html');
    expect(run.code, run.err).toBe(0);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script');
    // Warnings by week, the load of the one department, precision and recall, lead times.
    const images = [...page.matchAll(/src="data:image\/svg\+xml;base64,([^"]+)"/g)];
    const charts = images.map(([, bytes = '']) => Buffer.from(bytes, 'base64').toString('utf8'));
    expect(charts.map((svg) => /每周预警|每周对象|召回率|提前量/.exec(svg)?.[0])).toEqual([
      '每周预警',
      '每周对象',
      '召回率',
      '提前量',
    ]);
    expect((await backtest('--html', 'events.ndjson')).code).toBe(2);
  });

  it('is a page of a sweep as well', async () => {
    const sweep = ['--sweep', 'hold=1d,2d', '--model', 'food/repeat-complaints', '--html', 'sweep.html'];
    expect((await backtest(...sweep)).code).toBe(0);
    expect(await readFile(join(folder, 'sweep.html'), 'utf8')).toContain('data:image/svg+xml');
  });

  it('refuses outcomes that cannot be meant, with the line', async () => {
    for (const [text, place] of [
      ['subject,time\nshop:1,2026-03-12\n', 'subject,time,kind'],
      ['subject,time,kind,colour\n', 'subject,time,kind'],
      ['subject,time,kind\nshop:1,2026-03-12,a\nshop:1,yesterday,a\n', 'outcomes.csv:3'],
      ['subject,time,kind\n,2026-03-12,a\n', 'outcomes.csv:2: subject is empty'],
      ['subject,time,kind,scope\nshop:1,2026-03-12,a,planet\n', 'outcomes.csv:2: scope'],
      [`subject,time,kind\nshop:1,2026-03-12,${'a'.repeat(300)}\n`, 'outcomes.csv:2: a cell'],
      ['subject,time,kind\nshop:1,2026-03-12\n', 'outcomes.csv:2'],
      ['', 'is empty; expected a header line; the header is subject,time,kind'],
    ] as const) {
      await writeFile(join(folder, 'outcomes.csv'), text);
      const run = await backtest('--outcomes', 'outcomes.csv');
      expect(run.code, text).toBe(1);
      expect(run.err, text).toContain('fenghuo: OUTCOMES_FORMAT: ');
      expect(run.err, text).toContain(place);
      expect(run.err, text).not.toContain('The command line');
    }
  });

  it('refuses a command line that cannot be meant', async () => {
    for (const args of [
      ['--outcomes', 'outcomes.csv', '--horizon', 'long'],
      ['--report', '--out', '-'],
      ['--report', '--out', 'outcomes.csv', '--outcomes', 'outcomes.csv'],
      ['--report', '--first', '0'],
      ['--report', '--seed', '-1'],
    ]) {
      const run = await backtest(...args);
      expect(run.code, args.join(' ')).toBe(2);
      expect(run.err, args.join(' ')).toContain('USAGE');
    }
    expect((await backtest('--outcomes', 'missing.csv')).err).toContain('FILE_READ');
  });
});
