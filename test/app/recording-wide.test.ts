// Cases of models that speak of a region or an industry, made from history: they pass beside the model, and show nobody.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRules } from '../../src/app/model-testing.js';
import { recordTest, type RecordRequest } from '../../src/app/recording.js';
import { writeRules } from '../support/rule-folder.js';

const BEGIN = Date.parse('2026-03-02T01:00:00Z');
const HOUR = 3_600_000;
const TOWN = '330106001';

function event(id: string, hour: number, stream: string, subject: string, data: object, others: object = {}) {
  const time = new Date(BEGIN + hour * HOUR).toISOString();
  const names = { specversion: '1.0', id, source: 'urn:test', type: `fenghuo.${stream}` };
  return { ...names, subject, time, recordedtime: time, data, ...others };
}
const shop = (id: string, hour: number, region: string, industry: string) =>
  event(`r-${id}-${hour}`, hour, 'registration', `shop:${id}`, {
    ...{ kind: 'enterprise', name: `张三的${id}店`, region, industry, tags: ['食品经营'] },
    ...{ phone: '13812345678', address: '文三路1号' },
  });
const complaint = (id: string, hour: number, subject: string, others: object = {}) =>
  event(id, hour, 'complaint', `shop:${subject}`, { category: '食品过期', complainant: `李四${id}` }, others);
const HISTORY = [
  shop('one', 0, TOWN, 'H6210'),
  shop('two', 0, TOWN, 'H6210'),
  shop('three', 0, TOWN, 'F5211'),
  shop('idle', 0, TOWN, 'H6210'),
  shop('away', 0, '330106002', 'H6210'),
  complaint('c1', 5, 'one'),
  complaint('c2', 6, 'two'),
  complaint('c3', 7, 'away'),
  complaint('c4', 8, 'three'),
  complaint('c5', 30, 'two'),
  event('v5', 31, 'complaint', 'shop:two', {}, { revokes: 'c5' }),
  shop('three', 32, '330106002', 'F5211'),
  complaint('c6', 33, 'three'),
  complaint('c7', 34, 'one'),
];
const PERSONS = ['张三', '李四', '13812345678', '文三路1号', 'shop:'];

const model = (name: string, text: string) => ({
  [`${name}.yaml`]: `model: ${name}
title: 样例
summary: 样例。
item: food-operation
${text}plan: food-joint-check
advise: 核查。
`,
});
const SHOPS = `indicators:
  shops: { from: complaint, where: '"食品经营" in subject.tags', distinct: 'subject.name', over: 2d }
levels: { red: 'shops >= 3', yellow: 'shops >= 2' }
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-record-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function record(
  events: readonly object[],
  request: Pick<RecordRequest, 'model' | 'subject'> & Partial<RecordRequest>,
  changes: { readonly [path: string]: string | null },
) {
  await writeRules(join(folder, 'rules'), changes);
  const file = join(folder, 'events.ndjson');
  await writeFile(file, events.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return recordTest({ files: [file], rulesDir: join(folder, 'rules'), writes: true, ...request });
}

async function passes(name: string): Promise<void> {
  const [set] = await testRules([join(folder, 'rules', `${name}.test.yaml`)]);
  const cases = (set?.files ?? []).flatMap((file) => file.cases);
  expect(cases.length).toBeGreaterThan(0);
  expect(cases.flatMap(({ failures }) => failures)).toEqual([]);
}

describe('a case of a wider scope', () => {
  it.each([
    ['region', TOWN, ['one', 'two', 'three']],
    ['industry', 'H6210', ['one', 'two', 'away']],
    ['[region, industry]', `${TOWN}/H6210`, ['one', 'two']],
  ])(
    'of a %s has the subjects to which anything happened, and nobody is named',
    async (scope, subject, who) => {
      const changes = model('food/wide', `scope: ${scope}\n${SHOPS}`);
      const { lines, transitions } = await record(HISTORY, { model: 'food/wide', subject }, changes);
      const text = lines.join('\n');
      expect(transitions).toBeGreaterThan(0);
      expect(text).toMatch(new RegExp(`level: ${who.length > 2 ? 'red' : 'yellow'}, key: .?${subject}`));
      for (const person of PERSONS) expect(text).not.toContain(person);
      const named = who.map((_, index) => `s${index + 1}`);
      for (const name of named) expect(text).toContain(`subject: ${name}`);
      expect(text).not.toContain(`s${named.length + 1}`);
      await passes('food/wide');
    },
  );

  it('knows warnings of subjects and of devices that lie there, and of which region an event itself speaks', async () => {
    const changes = {
      ...model(
        'food/own',
        `scope: subject
indicators: { many: { from: complaint, count: '*', over: 2d } }
levels: { orange: 'many >= 1' }
`,
      ),
      ...model(
        'food/joint',
        `scope: region
indicators: { warned: { from: warning, distinct: 'event.key', over: 30d } }
levels: { red: 'warned >= 2' }
`,
      ),
    };
    const about = { model: 'food/joint', subject: TOWN };
    const recorded = await record(HISTORY, about, changes);
    expect(recorded.transitions).toBeGreaterThan(0);
    await passes('food/joint');
  });

  it('of more subjects than it can name is none, and says what bounds it', async () => {
    const many = Array.from({ length: 201 }, (_, index) => String(index));
    const events = [
      ...many.map((id) => shop(id, 0, TOWN, 'H6210')),
      ...many.map((id, index) => complaint(`c${id}`, 1 + index / 10, id)),
    ];
    const changes = model('food/wide', `scope: region\n${SHOPS}`);
    const about = { model: 'food/wide', subject: TOWN };
    await expect(record(events, about, changes)).rejects.toMatchObject({
      code: 'CASE_LIMIT',
      message: expect.stringContaining('201 subjects') as string,
    });
  });
});
