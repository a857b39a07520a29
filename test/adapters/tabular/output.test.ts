import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLines } from '../../../src/adapters/tabular/output.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-output-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('a file of lines', () => {
  it('appears under its name only when it is complete', async () => {
    const path = join(folder, 'events.ndjson');
    await writeFile(path, 'earlier\n');
    const lines = await openLines(path, false);
    await lines.write('one');
    expect(await readFile(path, 'utf8')).toBe('earlier\n');
    await lines.write('two');
    await lines.close();
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
    expect(await readdir(folder)).toEqual(['events.ndjson']);
  });

  it('is gzip where its name says so', async () => {
    const path = join(folder, 'events.ndjson.gz');
    const lines = await openLines(path, false);
    for (let i = 0; i < 50_000; i++) await lines.write(String(i));
    await lines.close();
    const text = gunzipSync(await readFile(path)).toString();
    expect(text.trimEnd().split('\n')).toEqual(Array.from({ length: 50_000 }, (_, i) => String(i)));
  });

  it('that is abandoned leaves nothing, and what was there stays', async () => {
    const path = join(folder, 'events.ndjson');
    await writeFile(path, 'earlier\n');
    const lines = await openLines(path, false);
    await lines.write('x'.repeat(100_000));
    await lines.abandon();
    expect(await readdir(folder)).toEqual(['events.ndjson']);
    expect(await readFile(path, 'utf8')).toBe('earlier\n');
  });

  it('that may hold personal values is readable by its owner alone', async () => {
    const path = join(folder, 'rejects.ndjson');
    const lines = await openLines(path, true);
    await lines.close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('in a folder that does not exist fails with the path', async () => {
    const opening = openLines(join(folder, 'none', 'events.ndjson'), false);
    await expect(opening).rejects.toMatchObject({ code: 'FILE_WRITE' });
    await expect(opening).rejects.toThrow('events.ndjson');
  });
});
