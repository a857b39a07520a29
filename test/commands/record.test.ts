// A test case recorded from what a data folder stored, and from the file that it was filled from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '../acceptance/program.js';
import { fenghuo } from '../support/command-line.js';
import { storedSite } from './stored-site.js';

const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const TESTS = 'rules/food/repeat-complaints.test.yaml';
const ASKED = ['--subject', 'shop:two', '--model', 'food/repeat-complaints', '--to', '2026-03-14'];

function event(index: number, hour: number, stream: string, shop: string, data: object) {
  const time = new Date(BEGIN + hour * 3_600_000).toISOString();
  const names = { specversion: '1.0', id: `e${index}`, source: 'urn:test', type: `fenghuo.${stream}` };
  return { ...names, subject: `shop:${shop}`, time, recordedtime: time, data };
}
const EVENTS = [
  event(1, 0, 'registration', 'one', { kind: 'enterprise', name: '店', tags: ['食品经营'] }),
  event(2, 0, 'registration', 'two', { kind: 'enterprise', name: '张三店', tags: ['食品经营'] }),
  ...Array.from({ length: 60 }, (_, index) => {
    const data = { category: '食品过期', complainant: `李四${index % 7}`, content: '王五说的' };
    return event(index + 4, 1 + index * 5, 'complaint', index % 3 === 0 ? 'one' : 'two', data);
  }),
  event(99, 400, 'complaint', 'one', { category: '噪音' }),
];

let dir: string;
beforeAll(async () => {
  dir = await storedSite('record', EVENTS);
}, 120_000);
afterAll(() => cleanUp([dir]));
const record = (...args: readonly string[]) => fenghuo(['record', ...ASKED, ...args], dir);

describe('fenghuo record', () => {
  it('prints the case of a file, and the same of the stored history', async () => {
    const filed = await record('events.ndjson');
    expect(filed.code, filed.err).toBe(0);
    expect(filed.out).toMatch(/^ {2}- name: 实录 2026-03-01 至 2026-03-14：/);
    expect(filed.out).not.toMatch(/张三|李四|王五|shop:/);
    expect(filed.err).toContain(`${TESTS}: would be added: 实录`);
    const stored = await record('--data', 'data');
    expect(stored.code, stored.err).toBe(0);
    expect(stored.out).toBe(filed.out);
  }, 120_000);

  it('adds it to the tests, which then pass', async () => {
    const run = await record('--data', 'data', '--write', '--name', '从历史来');
    expect(run).toMatchObject({ code: 0 });
    expect(run.out).toMatch(new RegExp(`^${TESTS}: added: 从历史来 \\(40 events, \\d+ transitions\\)\n$`));
    expect(readFileSync(join(dir, TESTS), 'utf8')).toMatch(
      /^model: food\/repeat-complaints\ncases:\n {2}- name: 从历史来\n/,
    );
    const tested = await fenghuo(['test', 'rules/food'], dir);
    expect(tested.out).toContain('1 passed, 0 failed\n');
  }, 120_000);

  it('says what is wrong with the question', async () => {
    for (const args of [[], ['events.ndjson', '--data', 'data'], ['--name', ' ', 'events.ndjson']]) {
      const run = await record(...args);
      expect(run.code, args.join(' ')).toBe(2);
      expect(run.err).toContain('USAGE');
    }
    const nobody = await record('--subject', 'shop:nobody', 'events.ndjson');
    expect(nobody).toMatchObject({ code: 1, out: '' });
    expect(nobody.err).toMatch(/^fenghuo: CASE_EMPTY: /);
    expect(nobody.err).not.toContain('shop:');
  }, 120_000);
});
