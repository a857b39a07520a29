// Cases made from history: they end as it did, pass beside the model, and show nobody.
import fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordTest, type RecordRequest } from '../../src/app/recording.js';
import { testRules } from '../../src/app/model-testing.js';
import { COMPLAINTS, READINGS, replaced } from '../model/rules-fixture.js';
import { writeRules } from '../support/rule-folder.js';

const MODEL = 'food/repeat-complaints';
const OWN = 'shop:zhangsan-1';
const BEGIN = Date.parse('2026-03-02T01:00:00Z');
const PERSONS = ['张三', '13812345678', '李四', '110101199003070512', '文三路1号', '杭市监检2026-77', OWN];

function event(index: number, hour: number, stream: string, data: object, others: object = {}) {
  const time = new Date(BEGIN + hour * 3_600_000).toISOString();
  const names = { specversion: '1.0', id: `e${index}`, source: 'urn:test', type: `fenghuo.${stream}` };
  return { ...names, subject: OWN, time, data, ...others };
}
const REGISTERED = event(0, 0, 'registration', {
  kind: 'enterprise',
  name: '张三小吃店',
  tags: ['食品经营'],
  legal_representative: '张三',
  phone: '13812345678',
  address: '文三路1号',
});
const complained = (index: number, hour: number, others: object = {}) => {
  const content = '张三的面让李四吐了，身份证110101199003070512，电话13812345678';
  const data = { category: '食品过期', complainant: `李四${index % 4}`, content };
  return event(index, hour, 'complaint', data, others);
};
const HISTORY = [
  REGISTERED,
  ...[1, 2, 3, 4, 5, 6].map((index) => complained(index, 5 * index)),
  complained(3, 15),
  event(7, 40, 'inspection', { inspection: '杭市监检2026-77', result: 'fail', inspector: '李四' }),
  complained(8, 41),
  event(9, 45, 'complaint', {}, { revokes: 'e8' }),
  complained(10, 46, { subject: 'shop:another' }),
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-record-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const rulesDir = () => join(folder, 'rules');
const testFile = (model = MODEL) => join(rulesDir(), `${model}.test.yaml`);

/** Records from events, under the fixture with some files changed. */
async function record(
  events: readonly object[],
  request: Partial<RecordRequest> = {},
  changes: { readonly [path: string]: string | null } = {},
) {
  await writeRules(rulesDir(), changes);
  const file = join(folder, 'events.ndjson');
  await writeFile(file, events.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return recordTest({
    ...{ files: [file], rulesDir: rulesDir(), subject: OWN, model: MODEL, writes: true },
    ...request,
  });
}

/** What fails in the tests beside a model. */
async function failuresOf(model = MODEL): Promise<readonly string[]> {
  const [set] = await testRules([testFile(model)]);
  expect(set?.files[0]?.cases.length).toBeGreaterThan(0);
  return (set?.files ?? []).flatMap(({ cases }) =>
    cases.flatMap(({ failures }) => failures.map(({ message }) => message)),
  );
}

const model = (name: string, text: string) => ({
  [`${name}.yaml`]: `model: ${name}
title: 样例
summary: 样例。
item: food-operation
${text}plan: food-joint-check
advise: 核查。
`,
});

describe('a case made from history', () => {
  it('passes beside its model, and expects what came', async () => {
    const recorded = await record(HISTORY);
    expect(recorded).toMatchObject({ events: 9, transitions: 4, later: 2, refused: 0 });
    expect(recorded.name).toBe('实录 2026-03-02 至 2026-03-04：黄色预警、橙色预警、解除');
    expect(await failuresOf()).toEqual([]);
    expect(await readdir(join(rulesDir(), 'food'))).toHaveLength(2);
    const text = await readFile(testFile(), 'utf8');
    expect(text).toContain('    subject: { kind: enterprise, tags: [ 食品经营 ] }\n');
    expect(text).toContain('      - { at: 14h, complaint: { category: 食品过期, complainant: p1 } }\n');
    expect(text).toContain('      - { at: 2d6h, revokes: e8 }\n');
    expect(text).toContain('      - { at: 1d, level: yellow, complaints: 3, complainants: 3, ');
  });

  it('shows no person, name, address, number or key', async () => {
    const reading = replaced(COMPLAINTS, "distinct: 'event.complainant'", "distinct: 'subject.name'");
    for (const changes of [{}, { [`${MODEL}.yaml`]: reading }]) {
      await rm(rulesDir(), { recursive: true, force: true });
      await record(HISTORY, {}, changes);
      const text = await readFile(testFile(), 'utf8');
      for (const value of PERSONS) expect(text).not.toContain(value);
      expect(text).not.toMatch(/p:[0-9a-f]{8}|sha256|urn:test/);
      expect(await failuresOf()).toEqual([]);
    }
  });

  it('keeps of prose the words that the model looks for, and nothing else', async () => {
    const reading = replaced(
      COMPLAINTS,
      `'event.category.startsWith("食品")'`,
      `'event.content.contains("吐") || event.content.contains("噎")'`,
    );
    await record(HISTORY, {}, { [`${MODEL}.yaml`]: reading });
    const text = await readFile(testFile(), 'utf8');
    expect(text).toContain('content: 吐, complainant: p1');
    for (const value of PERSONS) expect(text).not.toContain(value);
    expect(await failuresOf()).toEqual([]);
  });

  it('stands behind the cases that are there, of which no byte changes', async () => {
    const before = `# 说明
model: ${MODEL}
cases:
  # 第一例
  - name: 三次为黄色
    subject: {   tags: ["食品经营"]  }
    events: [ { at: 0d, complaint: { category: '食品过期', complainant: p1 }, times: 3, every: 1h } ]
    expect: # 两次变化
      - { at: 2h, level: yellow }
      - { at: 8d, level: none }   # 解除
  # 结尾
`;
    for (const text of [before, before.replaceAll('\n', '\r\n'), before.trimEnd().replace(/\n.*$/, '')]) {
      await record(HISTORY, {}, { [`${MODEL}.test.yaml`]: text });
      const after = await readFile(testFile(), 'utf8');
      const last = text.indexOf('# 解除') + '# 解除'.length;
      expect(after.startsWith(text.slice(0, last))).toBe(true);
      expect(after.endsWith(text.slice(last))).toBe(true);
      expect(after.slice(last)).toMatch(/^\r?\n  - name: 实录/);
      expect(after.includes('\r')).toBe(text.includes('\r'));
      expect(await failuresOf()).toEqual([]);
    }
  });

  it('is only shown where nothing is to be written', async () => {
    const recorded = await record(HISTORY, { writes: false, name: '某店' });
    expect(recorded.lines[0]).toBe('- name: 某店');
    await expect(readFile(testFile())).rejects.toThrow('ENOENT');
  });

  it('leaves out what no longer matters after the instant that is asked for', async () => {
    const years = [REGISTERED, ...[1, 2, 3, 4].map((n) => complained(n, n)), complained(5, 12_000)];
    const late = [6, 7, 8].map((index) => complained(index, 12_000 + index));
    const whole = await record([...years, ...late]);
    const cut = await record([...years, ...late], { from: '2027-07-10', name: 'cut' });
    expect([whole.events, cut.events]).toEqual([8, 4]);
    expect(cut.transitions).toBe(2);
    expect(cut.lines.join('\n')).toContain('at: 3d9h');
    expect(await failuresOf()).toEqual([]);
  });
});

describe('history that needs more than windows', () => {
  it('a registration has its own instant where an absence is counted from it', async () => {
    const changes = model(
      'food/unseen',
      `scope: subject
indicators: { gone: { from: inspection, absent: true, over: 30d } }
levels: { blue: 'gone' }
`,
    );
    const events = [REGISTERED, event(1, 24 * 20, 'inspection', { inspection: 'x', result: 'pass' })];
    const later = event(2, 24 * 90, 'inspection', { inspection: 'y', result: 'pass' });
    for (const list of [
      [...events, later],
      [REGISTERED, later],
    ]) {
      const recorded = await record(list, { model: 'food/unseen' }, changes);
      expect(recorded).toMatchObject({ transitions: 3, later: 1 });
      expect(await failuresOf('food/unseen')).toEqual([]);
    }
  });

  it('leaves out of too many readings those without which everything comes the same', async () => {
    const reading = (index: number) => {
      const time = new Date(BEGIN + index * 3_600_000).toISOString();
      const data = { metric: 'load', value: 1 };
      return { ...event(index, 0, 'sensor-reading', data), subject: 'lift:one-1', time };
    };
    const changes = {
      'elevator/overload.yaml': replaced(
        replaced(
          READINGS,
          "count: '*', over: 1h }",
          "count: '*', over: 90d }\n  gone: { from: sensor-reading, absent: true, over: 1d }",
        ),
        "'overloads >= 3'",
        "'gone || overloads > 3'",
      ),
    };
    const readings = Array.from({ length: 1_500 }, (_, index) => reading(index + 1));
    const about = { model: 'elevator/overload', subject: 'lift:one-1' };
    const whole = record(readings, about, changes);
    await expect(whole).rejects.toMatchObject({ code: 'CASE_LIMIT' });
    const late = new Date(BEGIN + 1_499 * 3_600_000).toISOString();
    const recorded = await record(readings, { ...about, from: late }, changes);
    expect(recorded.transitions).toBe(1);
    expect(recorded.events).toBeGreaterThan(24);
    expect(await failuresOf('elevator/overload')).toEqual([]);
    // A figure that rests on all of them cannot come about with fewer.
    const counting = replaced(
      replaced(changes['elevator/overload.yaml'], ' && event.value > device.capacity', ''),
      'overloads > 3',
      'overloads > 1499',
    );
    const all = record(readings, { ...about, from: late }, { 'elevator/overload.yaml': counting });
    await expect(all).rejects.toMatchObject({ code: 'CASE_LIMIT' });
  });

  it('devices of a subject come with it, and the subject of a device with that', async () => {
    const reading = (index: number, device: string, value: number) => {
      const time = new Date(BEGIN + index * 600_000).toISOString();
      const data = { metric: 'load', value };
      return { ...event(100 + index, 0, 'sensor-reading', data), subject: device, time };
    };
    const device = (index: number, id: string) =>
      event(index, 0.01, 'registration', { kind: 'device', owner: OWN, capacity: 10 }, { subject: id });
    const events = [REGISTERED, device(1, 'lift:one-1'), device(2, 'lift:two-2')].concat(
      [1, 2, 3, 4, 5, 6].map((index) => reading(index, index % 2 ? 'lift:one-1' : 'lift:two-2', 11)),
    );
    const changes = {
      ...model(
        'food/loads',
        `scope: subject
where: '"食品经营" in subject.tags'
indicators: { loads: { from: sensor-reading, where: 'event.value > 10', count: '*', over: 1h } }
levels: { blue: 'loads >= 5' }
`,
      ),
      'elevator/overload.yaml': replaced(
        READINGS,
        "'overloads >= 3'",
        `'overloads >= 3 && "食品经营" in subject.tags'`,
      ),
    };
    const whole = await record(events, { model: 'food/loads' }, changes);
    expect(whole).toMatchObject({ transitions: 2, later: 1 });
    expect(whole.lines.join('\n')).toMatch(/devices:\n +d1: \{.*\}\n +d2: \{/);
    expect(await failuresOf('food/loads')).toEqual([]);
    const one = await record(events, { model: 'elevator/overload', subject: 'lift:one-1' }, changes);
    expect(one).toMatchObject({ transitions: 2 });
    const text = one.lines.join('\n');
    expect(text).toMatch(/device: \{ kind: device, owner: s1, capacity: 10 \}\n +subjects:\n +s1: \{/);
    expect(text).not.toMatch(/lift:|shop:/);
    expect(await failuresOf('elevator/overload')).toEqual([]);
  });

  it('deadlines and what is joined by numbers of records stay together', async () => {
    const changes = model(
      'food/ignored',
      `scope: subject
indicators:
  ignored:
    sequence:
      - { as: order, from: inspection, where: 'event.result == "fail" && event.deadline != null' }
      - { not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }
    over: 365d
levels: { orange: 'ignored > 0' }
`,
    );
    const order = (index: number, hour: number, number: string) =>
      event(index, hour, 'inspection', { inspection: number, result: 'fail', deadline: '2026-04-01' });
    const events = [
      REGISTERED,
      order(1, 30, '杭市监检2026-77'),
      order(2, 50, '杭市监检2026-78'),
      event(3, 200, 'rectification', { inspection: '杭市监检2026-77', result: 'done' }),
      event(4, 2000, 'complaint', { category: '噪音' }),
    ];
    const recorded = await record(events, { model: 'food/ignored', to: '2026-06-01' }, changes);
    expect(recorded).toMatchObject({ events: 3, transitions: 2, later: 1 });
    const text = recorded.lines.join('\n');
    expect(text).toContain('inspection: { inspection: n1, result: fail, deadline: 31d } }');
    expect(text).toContain('rectification: { inspection: n1, result: done } }');
    expect(await failuresOf('food/ignored')).toEqual([]);
  });

  it('holidays fall where they fell, so time is not moved where that would change what came', async () => {
    const changes = model(
      'food/slow',
      `scope: subject
indicators:
  last: { from: complaint, last: 'event.time', over: 60d }
  slow: { value: 'workdays(last, now) >= 6', every: 1d }
levels: { blue: 'slow' }
`,
    );
    // The first workdays of October are holidays, in the first week of March there are none.
    const first = { ...complained(1, 0), time: '2025-09-30T10:00:00+08:00' };
    const recorded = await record([first], { model: 'food/slow', to: '2025-11-01' }, changes);
    expect(recorded.lines.join('\n')).toContain('at: 211d10h');
    expect(await failuresOf('food/slow')).toEqual([]);
  });

  it('whatever happened, the case passes', async () => {
    const happening = fc.record({
      gap: fc.integer({ min: 0, max: 60 * 3600 }),
      kind: fc.constantFrom(
        'complaint',
        'complaint',
        'inspection',
        'penalty',
        'credit-change',
        'late',
        'revoke',
      ),
      pick: fc.nat(5),
    });
    const eventsOf = (list: readonly { gap: number; kind: string; pick: number }[]) => {
      let second = 0;
      return list.map(({ gap, kind, pick }, index) => {
        second += gap;
        const hour = second / 3600;
        const id = index + 1;
        const recordedtime = new Date(BEGIN + hour * 3_600_000).toISOString();
        switch (kind) {
          case 'inspection':
            return event(id, hour, kind, { inspection: `n${pick}`, result: pick > 2 ? 'fail' : 'pass' });
          case 'penalty':
            return event(id, hour, kind, { amount: pick * 1000 });
          case 'credit-change':
            return event(id, hour, kind, { credit: 'ABCD'[pick % 4] });
          case 'late':
            return { ...complained(id, hour - 24 * pick), recordedtime };
          case 'revoke':
            return event(id, hour, 'complaint', {}, { revokes: `e${Math.max(1, id - pick - 1)}` });
          default:
            return complained(id, hour);
        }
      });
    };
    const history = fc.array(happening, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(history, async (list) => {
        await rm(testFile(), { force: true });
        await record([REGISTERED, ...eventsOf(list)]);
        expect(await failuresOf()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('no case is made', () => {
  const refusal = (...args: Parameters<typeof record>) =>
    record(...args).then(
      () => 'recorded',
      (error: unknown) => `${(error as { code: string }).code}: ${(error as Error).message}`,
    );

  it('of more events than a case can hold, which a shorter span may mend', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => complained(index + 1, index / 10));
    expect(await refusal([REGISTERED, ...many])).toMatch(/^CASE_LIMIT: .*1001 events; at most 1000 a case/);
    expect(await refusal([REGISTERED, ...many], { to: '2026-03-04' })).toBe('recorded');
  });

  it('of a key that nothing happened to, nor of a model that is not there', async () => {
    expect(await refusal(HISTORY, { subject: 'shop:nobody' })).toMatch(/^CASE_EMPTY: /);
    expect(await refusal(HISTORY, { model: 'food/none' })).toMatch(/^USAGE: .*food\/none/);
  });

  it('where the file of tests is faulty, or has its cases in brackets; it stays as it was', async () => {
    const flow = `model: ${MODEL}\ncases: [ { name: a, events: [], expect: [] } ]\n`;
    for (const [text, code] of [
      [flow, /^CASE_FILE: .*brackets/],
      [replaced(flow, 'name: a', 'nam: a'), /^FILES_INVALID/],
    ] as const) {
      expect(await refusal(HISTORY, {}, { [`${MODEL}.test.yaml`]: text })).toMatch(code);
      expect(await readFile(testFile(), 'utf8')).toBe(text);
    }
  });
});
