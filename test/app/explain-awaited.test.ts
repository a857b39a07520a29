// What an explanation says of indicators whose history a deployment has still to read.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Embedded } from '../../src/app/embedded.js';
import { explainKey } from '../../src/app/explaining.js';
import { explanationLines } from '../../src/app/explanation-lines.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { filesOf, HOUR, START } from '../engine/turns.js';

const dir = mkdtempSync(join(tmpdir(), 'fenghuo-awaited-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const counting = (over: string) => `
scope: subject
indicators: { many: { from: complaint, count: '*', over: ${over} } }
levels: { orange: 'many >= 2' }
`;
const READING = `
scope: subject
indicators: { warned: { from: warning, where: 'event.model == "a/new"', count: '*', over: 30d } }
levels: { red: 'warned >= 1' }
`;
const OLD = filesOf({ 'a/old': counting('7d') });
const NEW = filesOf({ 'a/old': counting('7d'), 'a/new': counting('14d'), 'a/joint': READING });

let now = START;

function rulesOf(files: ReadonlyMap<string, string>): RuleSet {
  const { rules } = loadRules(files);
  if (rules === null) throw new Error('the rules have faults');
  return rules;
}

function start(): Promise<Embedded> {
  const quiet = () => undefined;
  return Embedded.start({
    ...{ dataDir: join(dir, 'data'), siteKey: new Uint8Array(32), rules: rulesOf(OLD), files: OLD },
    ...{ now: () => now, log: { info: quiet, warn: quiet, error: quiet, failure: quiet }, probe: quiet },
    ...{ replay: null, warehouse: false, holders: { file: null, timestamps: null } },
  });
}

const complaint = (id: string) => ({
  ...{ specversion: '1.0', id, source: 'urn:test', type: 'fenghuo.complaint', subject: 'shop:1' },
  ...{ time: new Date(now).toISOString(), data: { category: '食品' } },
});

async function explained(model: string) {
  const place = { dataDir: join(dir, 'data') };
  const result = await explainKey({
    model,
    subject: 'shop:1',
    files: [],
    place,
    rulesDir: join(dir, 'rules'),
  });
  return { result, text: explanationLines(result).join('\n') };
}

it('names the indicators that are unknown until their history is read, and what they wait for', async () => {
  for (const [path, text] of NEW) {
    await mkdir(dirname(join(dir, 'rules', path)), { recursive: true });
    await writeFile(join(dir, 'rules', path), text);
  }
  const running = await start();
  for (const id of ['c1', 'c2']) {
    now += HOUR;
    await running.accept(JSON.stringify([complaint(id)]));
  }
  await running.drain();
  // No round reads the history meanwhile.
  await running['pump'].stop();
  await running.models.takeFolder(rulesOf(NEW), NEW, true);
  now += HOUR;
  await running.ingest.tick(now);
  for (let round = 0; running.evaluate.telling === null && round < 20; round++) await running.evaluate.run();
  // The stratum that is new has stepped something as well.
  await running.ingest.tick(now + 1_000);
  while ((await running.evaluate.run()) > 0);
  await running.evaluate.settle();
  const { result, text } = await explained('a/new');
  expect(result.awaited).toMatchObject({
    indicators: [{ model: 'a/new', name: 'many', from: ['complaint'] }],
  });
  expect(Date.parse(result.awaited?.since ?? '')).toBeLessThanOrEqual(now + 1_000);
  expect(text).toMatch(/注意 {2}系统 \S+ \S+ 换了规则，以下指标还在读入此前的历史/);
  expect(text).toContain('many：等待 2025-05-18 11:00:00 以来的投诉举报');
  expect(text).toContain('结论  橙色预警');
  expect((await explained('a/old')).result.awaited).toBeNull();
  // What another model tells is as unknown as that model.
  expect((await explained('a/joint')).text).toContain('a/new 的 many：等待');

  running['pump'].start();
  await running.drain();
  expect((await explained('a/new')).result.awaited).toBeNull();
  await running.stop();
});
