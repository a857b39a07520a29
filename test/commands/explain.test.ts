// fenghuo explain through the command line: over files, and over what a data folder stored.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../acceptance/embedded.js';
import { cleanUp } from '../acceptance/program.js';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const event = (id: string, stream: string, shop: number, time: string, data: object) => {
  const instant = `2026-03-${time}:00+08:00`;
  const names = { specversion: '1.0', id, source: 'urn:test', type: `fenghuo.${stream}` };
  return { ...names, subject: `shop:${shop}`, time: instant, recordedtime: instant, data };
};
const complaint = (id: string, shop: number, time: string, complainant: string) =>
  event(id, 'complaint', shop, time, { category: '食品过期', complainant, phone: '13800138000' });
const EVENTS = [
  event('r1', 'registration', 1, '01T09:00', {
    kind: 'enterprise',
    name: '甲店',
    tags: ['食品经营'],
    credit: 'B',
  }),
  event('r2', 'registration', 2, '01T09:00', { kind: 'enterprise', name: '乙店', tags: ['燃气用户'] }),
  complaint('c1', 1, '02T08:00', '张三'),
  complaint('c2', 1, '02T09:00', '李四'),
  complaint('d1', 2, '02T10:00', '王五'),
  complaint('c3', 1, '02T10:00', '张三'),
  complaint('c4', 2, '03T10:00', '王五'),
];

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fenghuo-explain-'));
  await writeRules(join(dir, 'rules'));
  writeFileSync(join(dir, 'events.ndjson'), EVENTS.map((one) => `${JSON.stringify(one)}\n`).join(''));
});
afterAll(() => cleanUp([dir]));

const MODEL = 'food/repeat-complaints';
const explain = (...args: readonly string[]) => fenghuo(['explain', ...args], dir);
interface Told {
  readonly explanation: { readonly [name: string]: unknown };
}
const told = (out: string) => (JSON.parse(out) as Told).explanation;

describe('fenghuo explain over files', () => {
  it('says why a warning stands, what the next level would take, and when it ends', async () => {
    const run = await explain('-m', MODEL, '-s', 'shop:1', 'events.ndjson');
    expect(run.code, run.err).toBe(0);
    for (const line of [
      '对象  甲店（subject:shop:1），登记于 2026-03-01 09:00:00',
      '结论  黄色预警（2026-03-02 10:00:00 起，新发预警）',
      '      距橙色预警：再有 2 件投诉举报（complaints，7 日内，条件 event.category.startsWith("食品")）；并且 再有 1 个不同的 event.complainant（complainants，投诉举报，7 日内）',
      '      如无新情况：2026-03-10 08:00:00 解除（预警解除）',
      'params.many = 5（按信用等级 “B”）',
      '      complaints >= 2 * params.many：3 件 ≥ 10 件，不成立，还差 7 件',
      '    complaints >= 3：3 件 ≥ 3 件，成立，恰好达到',
      '  failure_rate = 无值',
      '      2026-03-02 10:00:00  urn:test c3  投诉人=“p:1”',
      '  2026-03-02 10:00:00  无预警 → 黄色预警  新发预警  complaints=3，complainants=2',
    ])
      expect(run.out).toContain(line);
    expect(run.out + run.err).not.toMatch(/张三|13800138000|p:[0-9a-f]{32}/);
  });

  it('says it as of an earlier instant, and why not', async () => {
    const before = await explain(
      '-m',
      MODEL,
      '-s',
      'subject:shop:1',
      'events.ndjson',
      '--at',
      '2026-03-02T09:30:00+08:00',
    );
    expect(before.out).toContain('结论  无预警（从未预警）');
    expect(before.out).toContain('距黄色预警：再有 1 件投诉举报');
    const other = await explain('-m', MODEL, '-s', 'shop:2', 'events.ndjson');
    expect(other.out).toContain('模型不适用于这个对象');
    expect(other.out).toContain('"食品经营" in subject.tags：“食品经营” 属于 ["燃气用户"]，不成立');
    expect(other.out).toContain('距黄色预警："食品经营" in subject.tags 成立；并且 再有 1 件投诉举报');
    const after = await explain(
      '-m',
      MODEL,
      '-s',
      'shop:1',
      'events.ndjson',
      '--at',
      '2026-03-09T12:00:00+08:00',
    );
    expect(after.out).toContain('    条件已不成立，保持到 2026-03-10 08:00:00');
    const ended = await explain('-m', MODEL, '-s', 'shop:1', 'events.ndjson', '--at', '2026-03-11');
    expect(ended.out).toContain('结论  无预警（2026-03-10 08:00:00 起，预警解除）');
  });

  it('prints all of it as JSON', async () => {
    const run = await explain('-m', MODEL, '-s', 'shop:1', 'events.ndjson', '--format', 'json');
    expect(told(run.out)).toMatchObject({
      at: '2026-03-03T02:00:00.000Z',
      level: 'yellow',
      since: '2026-03-02T02:00:00.000Z',
      key: { scope: 'subject', id: 'shop:1', name: '甲店', known: true },
      params: [{ name: 'many', value: 5, by: 'credit', chosen_by: 'B' }],
      outlook: { transitions: [{ clock: '2026-03-10T00:00:00.000Z', level: 'none', reason: 'cleared' }] },
    });
  });

  it('explains a model that is switched off as if it were not, and says so', async () => {
    const text = replaced(COMPLAINTS, 'scope: subject', 'status: off\nscope: subject');
    await writeRules(join(dir, 'off'), { [`${MODEL}.yaml`]: text });
    const run = await explain('-m', MODEL, '-s', 'shop:1', 'events.ndjson', '--rules', 'off');
    expect(run.out).toContain('这个模型已停用');
    expect(run.out).toContain('结论  黄色预警');
  });

  it('says of a model in the shadow that nobody hears of its warnings', async () => {
    const text = replaced(COMPLAINTS, 'scope: subject', 'status: shadow\nscope: subject');
    await writeRules(join(dir, 'shadow'), { [`${MODEL}.yaml`]: text });
    const run = await explain('-m', MODEL, '-s', 'shop:1', 'events.ndjson', '--rules', 'shadow');
    expect(run.out).toContain('这个模型在试运行');
    expect(run.out).toContain('结论  黄色预警');
  });

  it('refuses what cannot be meant, and says where nothing is known of a key', async () => {
    const unknown = await explain('-m', MODEL, '-s', 'shop:9', 'events.ndjson');
    expect(unknown.code).toBe(1);
    expect(unknown.out).toContain('没有读到这个对象的任何事件');
    for (const [args, text] of [
      [
        ['-m', 'food/repeat-complaint', '-s', 'shop:1', 'events.ndjson'],
        'Did you mean food/repeat-complaints?',
      ],
      [['-m', MODEL, '-s', 'shop:1', 'events.ndjson', '--data', 'data'], 'USAGE'],
      [['-m', MODEL, '-s', 'shop:1', 'events.ndjson', '--at', 'noon'], '--at is "noon"'],
      [['-m', MODEL, '-s', 'shop:1', '-'], 'EXPLAIN_EMPTY'],
    ] as const) {
      const run = await explain(...args);
      expect(run.code, args.join(' ')).not.toBe(0);
      expect(run.err, args.join(' ')).toContain(text);
    }
  });
});

describe('fenghuo explain over a data folder', () => {
  it('says what it says over the file that the folder was filled from', async () => {
    const options = ['--once', '--no-warehouse', '--rules', join(dir, 'rules')];
    const begun = start(join(dir, 'data'), [...options, '--replay', join(dir, 'events.ndjson')]);
    expect((await begun.ended).code).toBe(0);
    const common = ['-m', MODEL, '-s', 'shop:1', '--at', '2026-03-02T12:00:00+08:00', '--format', 'json'];
    const filed = await explain(...common, 'events.ndjson');
    const stored = await explain(...common, '--data', 'data');
    expect(stored.code, stored.err).toBe(0);
    expect(told(stored.out)).toEqual(told(filed.out));
    const { ran, explanation } = JSON.parse(stored.out) as { ran: string; explanation: { revision: string } };
    expect(ran).toBe(explanation.revision);
    const other = replaced(COMPLAINTS, 'complaints >= 3', 'complaints >= 4');
    await writeRules(join(dir, 'other'), { [`${MODEL}.yaml`]: other });
    const differing = await explain('-m', MODEL, '-s', 'shop:1', '--data', 'data', '--rules', 'other');
    expect(differing.out).toMatch(/系统运行的是另一版规则（[0-9a-f]{16}）/);
    const late = await explain('-m', MODEL, '-s', 'shop:1', '--data', 'data', '--at', '2096-01-01');
    expect(late.err).toMatch(/USAGE.*evaluated up to .*--at/);
  }, 120_000);
});
