import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-verify-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('fenghuo verify', () => {
  it.each([
    ['half an object', '{"a":'],
    ['a list', '[]'],
    ['what is nested without end', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('does not take %s for a bundle', async (_, text) => {
    await writeFile(join(folder, 'bundle.json'), text);
    const { code, out, err } = await fenghuo(['verify', 'bundle.json'], folder);
    expect([code, out + err]).toEqual([1, expect.stringContaining('BUNDLE_FORMAT')]);
  });

  it('says which file it cannot read', async () => {
    const { code, err } = await fenghuo(['verify', 'none.json'], folder);
    expect([code, err]).toEqual([1, expect.stringMatching(/^fenghuo: FILE_READ: .*none\.json/)]);
  });
});

describe('fenghuo evidence export', () => {
  it.each([[['--warning', 'f'.repeat(32), '--subject', 'a']], [[]], [['--warning', '../../etc/passwd']]])(
    'asks for one warning or one subject: %j',
    async (args) => {
      const { code, err } = await fenghuo(['evidence', 'export', ...args], folder);
      expect([code, err]).toEqual([2, expect.stringMatching(/^fenghuo: USAGE: /)]);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
