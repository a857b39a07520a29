import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRules } from '../../../src/adapters/files/rules.js';

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fenghuo-rules-'));
  dir = join(root, 'rules');
  await mkdir(join(dir, 'gas', 'town'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

describe('rules folder', () => {
  it('is read as text by relative path, YAML only, in the order of the paths', async () => {
    await writeFile(join(dir, 'gas', 'town', 'leak.yaml'), 'title: 燃气泄漏\n');
    await writeFile(join(dir, 'gas', 'leak.test.yaml'), '\uFEFFcases: []\n');
    await writeFile(join(dir, 'b.yaml'), 'b');
    await writeFile(join(dir, 'schema.json'), '{}');
    await writeFile(join(dir, 'gas', '.draft.yaml'), 'hidden');
    await mkdir(join(dir, '.git'));
    await writeFile(join(dir, '.git', 'x.yaml'), 'hidden');
    expect([...(await readRules(dir))]).toEqual([
      ['b.yaml', 'b'],
      ['gas/leak.test.yaml', 'cases: []\n'],
      ['gas/town/leak.yaml', 'title: 燃气泄漏\n'],
    ]);
    expect((await readRules(join(dir, 'gas', 'town'))).size).toBe(1);
  });

  it('follows links to files inside, as a mounted ConfigMap has them', async () => {
    await mkdir(join(dir, '..2026'));
    await writeFile(join(dir, '..2026', 'a.yaml'), 'a');
    await symlink('..2026', join(dir, '..data'));
    await symlink(join('..data', 'a.yaml'), join(dir, 'a.yaml'));
    expect([...(await readRules(dir))]).toEqual([['a.yaml', 'a']]);
    await symlink(dir, join(root, 'link'));
    expect([...(await readRules(join(root, 'link')))]).toEqual([['a.yaml', 'a']]);
  });

  it('refuses links that lead out of it or to a folder', async () => {
    await writeFile(join(root, 'secret.yaml'), 'secret');
    await mkdir(join(root, 'rules-beside'));
    await writeFile(join(root, 'rules-beside', 'x.yaml'), 'x');
    for (const target of ['../secret.yaml', '../rules-beside/x.yaml']) {
      await symlink(target, join(dir, 'out.yaml'));
      await expect(readRules(dir)).rejects.toMatchObject({ code: 'RULES_LINK', message: /out\.yaml/ });
      await rm(join(dir, 'out.yaml'));
    }
    for (const target of ['../rules-beside', 'gas', '.']) {
      await symlink(target, join(dir, 'folder'));
      await expect(readRules(dir)).rejects.toMatchObject({ code: 'RULES_LINK', message: /folder/ });
      await rm(join(dir, 'folder'));
    }
    await symlink('nowhere', join(dir, 'gone.yaml'));
    await expect(readRules(dir)).rejects.toMatchObject({ code: 'RULES_FILE', message: /gone\.yaml/ });
  });

  it('refuses files that are too large or no UTF-8, and names them', async () => {
    await writeFile(join(dir, 'large.yaml'), '');
    await truncate(join(dir, 'large.yaml'), 1024 * 1024 + 1);
    await expect(readRules(dir)).rejects.toMatchObject({ code: 'RULES_TOO_LARGE', message: /large\.yaml/ });
    await truncate(join(dir, 'large.yaml'), 1024 * 1024);
    expect((await readRules(dir)).get('large.yaml')?.length).toBe(1024 * 1024);
    await writeFile(join(dir, 'gbk.yaml'), Buffer.from([0xc8, 0xbc, 0xc6, 0xf8]));
    await expect(readRules(dir)).rejects.toMatchObject({ code: 'RULES_FILE', message: /gbk\.yaml/ });
  });

  it('refuses a folder that is not there, is no folder, or is too deep', async () => {
    await expect(readRules(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'RULES_FOLDER' });
    await writeFile(join(root, 'file'), '');
    await expect(readRules(join(root, 'file'))).rejects.toMatchObject({ code: 'RULES_FOLDER' });
    await mkdir(join(dir, ...Array<string>(16).fill('d')), { recursive: true });
    await expect(readRules(dir)).rejects.toMatchObject({ code: 'RULES_TOO_LARGE' });
  });
});
