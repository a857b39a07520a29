// A backtest over what a data folder stored, against one over the file that it was filled from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '../acceptance/program.js';
import { fenghuo } from '../support/command-line.js';
import { storedSite } from './stored-site.js';

const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const TO = ['--to', '2026-03-15'];

function event(index: number, hour: number, stream: string, shop: number, data: object) {
  const time = new Date(BEGIN + hour * HOUR_MS).toISOString();
  const names = { specversion: '1.0', id: `e${index}`, source: 'urn:test', type: `fenghuo.${stream}` };
  return { ...names, subject: `shop:${shop}`, time, recordedtime: time, data };
}
const EVENTS = [
  ...[1, 2, 3].map((shop) =>
    event(shop, 0, 'registration', shop, { kind: 'enterprise', name: '店', tags: ['食品经营'] }),
  ),
  ...Array.from({ length: 90 }, (_, index) => {
    const data = { category: '食品过期', complainant: `p${index % 7}` };
    return event(index + 4, 1 + index * 5, 'complaint', 1 + ((index * index) % 3), data);
  }),
];

let dir: string;
beforeAll(async () => {
  dir = await storedSite('backtest', EVENTS);
}, 120_000);
afterAll(() => cleanUp([dir]));
const backtest = (...args: readonly string[]) => fenghuo(['backtest', ...args], dir);

describe('fenghuo backtest over a data folder', () => {
  it('says what it says over the file that the folder was filled from', async () => {
    const filed = await backtest('-e', 'events.ndjson', ...TO, '-o', 'filed.ndjson');
    expect(filed.code, filed.err).toBe(0);
    const stored = await backtest('--data', 'data', ...TO, '-o', 'stored.ndjson');
    expect(stored.code, stored.err).toBe(0);
    const text = readFileSync(join(dir, 'stored.ndjson'), 'utf8');
    expect(text).toBe(readFileSync(join(dir, 'filed.ndjson'), 'utf8'));
    expect(text.split('\n').length).toBeGreaterThan(3);
  }, 120_000);

  it('refuses both, neither, and an end that is not evaluated yet', async () => {
    for (const args of [[], ['--data', 'data', '-e', 'events.ndjson'], ['--data', 'data', '--config', 'x']]) {
      const run = await backtest(...args);
      expect(run.code, args.join(' ')).toBe(2);
      expect(run.err).toContain('USAGE');
    }
    const late = await backtest('--data', 'data', '--to', '2096-01-01');
    expect(late.err).toMatch(/USAGE.*evaluated up to/);
  }, 120_000);
});
