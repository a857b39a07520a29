// What an explanation says in words: of each kind of indicator, of levels on their way, and of what is missing.
import { describe, expect, it } from 'vitest';
import { explanationLines } from '../../src/app/explanation-lines.js';
import type { Key, LogRecord } from '../../src/events/event.js';
import { explain } from '../../src/pipeline/explain/explain.js';
import { ExplainRun } from '../../src/pipeline/explain/explain-run.js';
import { DAY, eventAt, setOf, START } from '../engine/turns.js';

/** The lines about a model on a key after a log; hours count from 2025-06-01 08:00 in the zone. */
function told(
  models: { readonly [name: string]: string },
  log: readonly LogRecord[],
  hours: number,
  key: Key = 'subject:a',
  name = 'sim/one',
): string {
  const rules = setOf(models);
  const model = rules.models.find((one) => one.name === name);
  if (model === undefined) throw new Error(`no model ${name}`);
  const run = new ExplainRun({ rules, model, key });
  for (const [offset, record] of log.entries()) run.step(record, offset);
  run.end(START + hours * 3_600_000, log.length);
  const explanation = explain(run);
  return explanationLines({
    explanation,
    status: 'active',
    ran: null,
    awaited: null,
    events: log.length,
    refused: [],
  }).join('\n');
}

const one = (yaml: string, log: readonly LogRecord[], hours: number) => told({ 'sim/one': yaml }, log, hours);

describe('an explanation in words', () => {
  it('says of an absence since when, and when it will hold', () => {
    const model = `scope: subject
indicators: { quiet: { from: inspection, absent: true, over: 30d } }
levels: { yellow: 'quiet' }`;
    const log = [
      eventAt(0, 'registration', { kind: 'enterprise' }),
      eventAt(24, 'inspection', { result: 'pass' }),
    ];
    const before = one(model, log, 48);
    expect(before).toContain('quiet = 否（absent）');
    expect(before).toContain('从 2025-06-02 08:00:00 算起');
    expect(before).toContain('距黄色预警：30 日没有监督检查（quiet），如无新情况 2025-07-02 08:00:00 满');
    expect(before).toContain('如无新情况：2025-07-02 08:00:00 黄色预警（新发预警）');
    const registered = one(model, log.slice(0, 1), 31 * 24);
    expect(registered).toContain('从来没有消息');
    expect(registered).toContain('从 2025-06-01 08:00:00（登记）算起');
    expect(registered).toContain('结论  黄色预警（2025-07-01 08:00:00 起，新发预警）');
  });

  it('says of a sequence what began and what it waits for', () => {
    const model = `scope: subject
indicators:
  ignored:
    sequence:
      - { as: order, from: inspection, where: 'event.result == "fail"' }
      - { not: rectification, where: 'event.inspection == order.inspection', until: 10d }
    over: 90d
levels: { orange: 'ignored >= 1' }`;
    const log = [eventAt(0, 'inspection', { inspection: 'J-1', result: 'fail' })];
    const text = one(model, log, 24);
    expect(text).toContain('ignored = 0 次（sequence');
    expect(text).toMatch(
      /已开始、未完成 1 条：\n {6}2025-06-01 08:00:00 {2}s \S+ .*第 2 步的事件若不来，2025-06-11 08:00:00 完成/,
    );
    expect(text).toContain('如无新情况：2025-06-11 08:00:00 橙色预警（新发预警）');
    const served = one(model, [...log, eventAt(24, 'rectification', { inspection: 'J-1' })], 25);
    expect(served).not.toContain('未完成');
    expect(served).toContain('如无新情况：不会预警');
  });

  it('marks the events of a streak, and says how many more in a row it takes', () => {
    const model = `scope: subject
indicators: { fails: { from: inspection, streak: 'event.result == "fail"', over: 90d } }
levels: { yellow: 'fails >= 3' }`;
    const log = ['fail', 'pass', 'fail', 'fail'].map((result, index) =>
      eventAt(index, 'inspection', { result }),
    );
    const text = one(model, log, 10);
    expect(text).toContain('距黄色预警：再连续 1 次监督检查满足 event.result == "fail"');
    expect(text.match(/←连续/g)).toHaveLength(2);
    expect(text.match(/检查结果=“fail” {2}←连续/g)).toHaveLength(2);
  });

  it('shows each line of a score, and how much of it is missing', () => {
    const model = `scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 30d }
  fined: { from: penalty, max: 'event.amount', over: 30d }
score:
  - { name: 投诉, weight: 60, of: complaints, low: 0, high: 6 }
  - { name: 处罚, weight: 40, of: fined, bands: [[10000, 0.5], [100000, 1]] }
levels: { red: 'score >= 80', yellow: 'score >= 30' }`;
    const log = [0, 1, 2, 3].map((hour) => eventAt(hour, 'complaint', { category: '食品' }));
    const text = one(model, log, 10);
    expect(text).toContain('评分  40 分');
    expect(text).toContain('  投诉：40 分（满分 60），complaints');
    expect(text).toContain('  处罚：缺数据，0 分（满分 40），fined');
    expect(text).toContain('score >= 80：40 分 ≥ 80 分，不成立，还差 40 分');
    expect(text).toContain('距红色预警：score ≥ 80 分（现为 40 分，还差 40 分）');
  });

  it('says how long a condition must still hold, and how long one that does not is held', () => {
    const model = `scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 2d }, sum: { from: penalty, sum: 'event.amount', over: 2d } }
levels: { yellow: 'complaints >= 2', red: 'sum > 1000' }
for: 6h
hold: 1d`;
    const log = [0, 1].map((hour) => eventAt(hour, 'complaint', { category: '食品' }));
    const waiting = one(model, log, 3);
    expect(waiting).toContain('距黄色预警：条件已成立，持续到 2025-06-01 15:00:00 即发出');
    expect(waiting).toContain('级别（条件持续 6 小时才发出，条件不成立满 1 日才解除）');
    expect(waiting).toContain('还要：event.amount 合计再增加 1000 元（sum，2 日内）');
    const held = one(model, log, 50);
    expect(held).toContain('条件已不成立，保持到 2025-06-04 08:00:00');
    expect(held).toContain('如无新情况：2025-06-04 08:00:00 解除（预警解除）');
  });

  it('says what cannot be decided, and why', () => {
    const model = `scope: subject
indicators: { worst: { from: complaint, max: 'event["severity"]', over: 9d }, n: { from: complaint, count: '*', over: 9d } }
levels: { yellow: 'worst > 3' }`;
    const text = one(model, [eventAt(0, 'complaint', { category: '食品', severity: 'bad' })], 3);
    expect(text).toContain('worst = 算不出来（EXPR_TYPE）');
    expect(text).toContain('无法判断（EXPR_TYPE）');
    expect(text).toContain('自 2025-06-01 08:00:00 起无法判断，级别不变');
  });

  it('explains a region by the events of its subjects, each with where it came from', () => {
    const wide = `scope: region
indicators: { shops: { from: complaint, distinct: 'event.key', over: 9d }, n: { from: complaint, count: '*', over: 9d } }
levels: { yellow: 'n >= 3' }`.replace("'event.key'", "'event.id'");
    const log = ['a', 'b'].flatMap((shop, index) => [
      eventAt(index, 'registration', { kind: 'enterprise', region: '330199' }, { key: `subject:${shop}` }),
      eventAt(index + 2, 'complaint', { category: '食品' }, { key: `subject:${shop}` }),
    ]);
    const text = told({ 'sim/one': wide }, log, 10, 'region:330199');
    expect(text).toContain('对象  模拟县（region:330199）\n时点');
    expect(text).toContain('n = 2 件（count）');
    expect(text).toMatch(/ {2}subject:a\n/);
    expect(text).toMatch(/ {2}subject:b\n/);
    expect(text).toContain('距黄色预警：再有 1 件投诉举报（n，9 日内）');
  });

  it('explains a joint model by the warnings that it rests on', () => {
    const models = {
      'sim/low': `scope: subject
indicators: { n: { from: complaint, count: '*', over: 9d } }
levels: { red: 'n >= 2' }`,
      'sim/one': `scope: subject
indicators: { warned: { from: warning, where: 'event.level == "red"', count: '*', over: 30d } }
levels: { orange: 'warned >= 1' }`,
    };
    const log = [0, 1].map((hour) => eventAt(hour, 'complaint', { category: '食品' }));
    const text = told(models, log, 10);
    expect(text).toContain('结论  橙色预警（2025-06-01 09:00:00 起，新发预警）');
    expect(text).toMatch(/当前级别=“red”/);
  });

  it('tells of sources that are silent, and of spans in which nobody listened', () => {
    const model = `scope: device
indicators: { quiet: { from: sensor-reading, absent: true, over: 6h } }
levels: { yellow: 'quiet' }
expect: { from: sensor-reading, every: 1h, of: device }`;
    const keys = Array.from({ length: 12 }, (_, index) => `device:d${index}`);
    const log = keys.map((key) =>
      eventAt(
        0,
        'sensor-reading',
        { metric: 'gas', value: 1 },
        { key, id: `platform ${key}`, source: 'platform' },
      ),
    );
    const gap: LogRecord = { kind: 'gap', from: START + 3_600_000, at: START + 2 * 3_600_000 };
    const text = told({ 'sim/one': model }, [...log, gap], 12, 'device:d0');
    expect(text).toContain('结论  黄色预警（2025-06-01 15:00:00 起，新发预警）');
    expect(text).toMatch(/消息来自 platform：自 2025-06-01 \d\d:\d\d:00 起中断，期间暂缓推送/);
    expect(text).toContain('2025-06-01 09:00:00 至 2025-06-01 10:00:00 系统没有接收');
  });

  it('names the newest of many events, and how many there are', () => {
    const model = `scope: subject
indicators: { n: { from: complaint, count: '*', over: 90d }, amount: { from: complaint, sum: 'event.amount', over: 90d } }
levels: { yellow: 'n >= 100' }`;
    const log = Array.from({ length: 45 }, (_, index) =>
      eventAt(index, 'complaint', { category: '食品', amount: 10 }),
    );
    const text = one(model, log, 45 + 30 * (DAY / 3_600_000));
    expect(text.match(/计入 45 件，以下是最近 20 件/g)).toHaveLength(2);
    expect(text.match(/涉及金额=10 元/g)).toHaveLength(20);
    expect(text).toContain('再有 55 件投诉举报');
    const plain = one(model.replace("'event.amount'", "'1'"), log, 46);
    expect(plain).toContain('计入 45 件，与 n 相同');
  });
});
