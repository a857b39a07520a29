// A data folder that begins with files of recorded events.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Embedded } from '../../src/app/embedded.js';
import { loadRules } from '../../src/model/load.js';
import { DAY, filesOf, START } from '../engine/turns.js';

const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const COUNTING = `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 7d } }
levels: { orange: 'many >= 4' }
`;

function complaint(id: string, day: number) {
  const time = new Date(START + day * DAY).toISOString();
  return {
    specversion: '1.0',
    id,
    source: 'urn:example:recorded',
    type: 'fenghuo.complaint',
    subject: 'shop:1',
    time,
    recordedtime: time,
    data: { category: '食品' },
  };
}

it('refuses what was recorded in the future, and time goes on for all the others', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fenghuo-replay-'));
  dirs.push(dir);
  const path = join(dir, 'events.ndjson');
  const recorded = [complaint('1', 1), complaint('2', 2), complaint('300', 300), complaint('3', 3)];
  writeFileSync(path, recorded.map((event) => JSON.stringify(event)).join('\n'));
  const files = filesOf({ 'a/one': COUNTING });
  const { rules } = loadRules(files);
  if (rules === null) throw new Error('the rules have faults');
  let now = START + 4 * DAY;
  const embedded = await Embedded.start({
    dataDir: join(dir, 'data'),
    siteKey: new Uint8Array(32),
    rules,
    files,
    now: () => now,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
      failure: () => undefined,
    },
    probe: () => undefined,
    replay: { kind: 'files', files: [path] },
    warehouse: false,
    holders: { file: null, timestamps: null },
  });
  expect(await embedded.catchUp()).toEqual({ replayed: 3 });
  expect([...embedded.ingest.arrived.refused]).toEqual([['EVENT_FUTURE', 1]]);
  expect(embedded.ingest.clock).toBe(START + 3 * DAY);

  // The fourth, which comes live, is the one that warns.
  const { recordedtime: _, ...live } = complaint('4', 4);
  expect(await embedded.accept(JSON.stringify(live))).toMatchObject({ accepted: 1 });
  now += 1_000;
  await embedded.ingest.tick(now);
  await embedded.drain();
  const [warning] = await embedded.book.list(0, 10);
  expect(warning).toMatchObject({ level: 'orange' });
  await embedded.stop();
});
