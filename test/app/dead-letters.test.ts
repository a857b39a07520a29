// Dead letters of a data folder: who reads an original is noted whatever comes of it, and a replay under way is left alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listLetters, redriveLetters, showLetter } from '../../src/app/dead-letters.js';
import { newReplay, readReplay, writeReplay } from '../../src/app/replay.js';
import { openDataFolder, type DataFolder } from '../../src/app/stores.js';
import { decodeJson, encodeJson } from '../../src/pipeline/checkpoint.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import type { DeadLetter } from '../../src/pipeline/intake.js';

const AT = Date.UTC(2026, 2, 5, 2);
const REQUEST = { offsets: [], asked: {}, from: 0, limit: 10, dryRun: false, again: false } as const;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'fenghuo-letters-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function inFolder<T>(action: (folder: DataFolder) => Promise<T>): Promise<T> {
  const folder = await openDataFolder(dataDir, null);
  try {
    return await action(folder);
  } finally {
    await folder.close();
  }
}

async function refuse(folder: DataFolder, text: string): Promise<void> {
  const ingest = new Ingest({ ...folder, probe: () => undefined });
  await ingest.open();
  await ingest.accept(text, AT);
}

const audited = () =>
  inFolder(async ({ logs }) =>
    (await logs.audit.read(0, 0, 100)).map(({ value }) => decodeJson<{ outcome: string }>(value)),
  );

it('an original that was erased is not shown, and that it was asked for is noted', async () => {
  await inFolder(async (folder) => {
    await refuse(folder, '{"name":"张三"}');
    const [stored] = await folder.logs['dead-letters'].read(0, 0, 1);
    const { original } = decodeJson<DeadLetter>(stored?.value ?? new Uint8Array());
    await folder.vault.erase(`${original}/0`);
  });
  await expect(showLetter({ dataDir }, 0, '核对')).rejects.toMatchObject({ code: 'DEAD_LETTER_GONE' });
  expect(await audited()).toMatchObject([{ outcome: 'DEAD_LETTER_GONE', dead_letters: '0', reason: '核对' }]);
});

it('what is asked for wrongly is refused, and says what there is', async () => {
  await inFolder((folder) => refuse(folder, '{"id":"1"}'));
  const place = { dataDir };
  await expect(showLetter(place, 0, ' ')).rejects.toThrow(/--reason says why/);
  await expect(showLetter(place, 9, '核对')).rejects.toThrow(/9 is asked for, and there are 1/);
  await expect(listLetters(place, { codes: ['NONE'] }, 10)).rejects.toMatchObject({ code: 'USAGE' });
  await expect(listLetters(place, { since: 'soon' }, 10)).rejects.toMatchObject({ code: 'USAGE' });
  const absent = redriveLetters(place, { ...REQUEST, offsets: [0, 9] }, () => undefined);
  await expect(absent).rejects.toMatchObject({ code: 'DEAD_LETTER_ABSENT' });
  expect(await audited()).toEqual([]);
});

it('a long original is shown whole', async () => {
  const text = `{"name":"${'张'.repeat(40_000)}"}`;
  await inFolder((folder) => refuse(folder, text));
  expect(await showLetter({ dataDir }, 0, '核对')).toBe(text);
});

it('a delivery that was given up has no original', async () => {
  const delivery = { at: AT, code: 'DELIVER_GONE', message: '', field: null, source: 'deliveries/0' };
  await inFolder(({ logs }) =>
    logs['dead-letters'].append(0, [encodeJson({ ...delivery, original: 'deliveries/0/7', length: 0 })]),
  );
  await expect(showLetter({ dataDir }, 0, '核对')).rejects.toMatchObject({ code: 'DEAD_LETTER_DELIVERY' });
  expect(await audited()).toEqual([]);
});

it('nothing comes into the log of a folder whose replay is under way, which would count it as its own', async () => {
  await inFolder(async (folder) => {
    await refuse(folder, '{"id":"1"}');
    await writeReplay(folder.values, newReplay({ kind: 'files', files: [] }, AT));
  });
  const redriven = redriveLetters({ dataDir }, REQUEST, () => undefined);
  await expect(redriven).rejects.toMatchObject({ code: 'REPLAY_UNFINISHED' });
  await inFolder(async ({ logs, values }) => {
    expect(await logs.events.end(0)).toBe(0);
    const replay = await readReplay(values);
    if (replay === undefined) throw new Error('the replay is gone');
    await writeReplay(values, { ...replay, done: true });
  });
  const { counts } = await redriveLetters({ dataDir }, REQUEST, () => undefined);
  expect(counts).toMatchObject({ taken: 0, refused: 1 });
});
