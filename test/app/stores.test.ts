import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../src/app/stores.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-data-'));
});
afterEach(async () => {
  await chmod(dir, 0o755);
  await rm(dir, { recursive: true });
});

const refusal = async (path: string) => {
  const error: unknown = await openDataFolder(path, null).catch((reason: unknown) => reason);
  return error as Error & { code: string };
};

/** What root may do anyway is tried as nobody. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe('the data folder', () => {
  it('refuses to start where the key of its vault is lost, and goes on once it is back', async () => {
    const first = await openDataFolder(dir, null);
    const { siteKey } = first;
    await first.close();
    const key = await readFile(join(dir, 'vault.key'));
    await rm(join(dir, 'vault.key'));
    const before = await readdir(dir);
    const error = await refusal(dir);
    expect(error.code).toBe('VAULT_KEY');
    expect(error.message).toContain(`${join(dir, 'vault.key')} is missing`);
    expect(await readdir(dir)).toEqual(before);
    await writeFile(join(dir, 'vault.key'), key, { mode: 0o600 });
    const again = await openDataFolder(dir, null);
    expect(again.siteKey).toEqual(siteKey);
    await again.close();
  });

  it.each(['data', 'data/below'])('says that a file stands in its place: %s', async (name) => {
    await writeFile(join(dir, 'data'), 'text');
    const error = await refusal(join(dir, name));
    expect(error.code).toBe('DATA_FOLDER');
    expect(error.message).toContain(`${join(dir, name)}: a file stands where a folder is expected`);
    expect(error.message).toContain('--data');
    expect(await readFile(join(dir, 'data'), 'utf8')).toBe('text');
  });

  it.runIf(process.platform === 'linux')(
    'gives up where the system makes no folder, and says so',
    async () => {
      const error = await refusal('/proc/fenghuo/data');
      expect(error.code).toBe('DATA_FOLDER');
      expect(error.message).toContain('/proc/fenghuo: no folder can be made there');
    },
  );

  it.runIf(process.platform !== 'win32')('says that this user may not write it', async () => {
    await chmod(dir, 0o555);
    const below = await asNobody(() => refusal(join(dir, 'below')));
    expect([below.code, below.message.includes(`${join(dir, 'below')}: this user may not`)]).toEqual([
      'DATA_FOLDER',
      true,
    ]);
    const itself = await asNobody(() => refusal(dir));
    expect(itself.code).toBe('DATA_FOLDER');
    expect(itself.message).toMatch(/: this user may not read and write it/);
  });

  it.runIf(process.platform !== 'win32')('says that another user owns what is inside', async () => {
    await chmod(dir, 0o777);
    await mkdir(join(dir, 'lmdb'));
    await chmod(join(dir, 'lmdb'), 0o777);
    await writeFile(join(dir, 'lmdb', 'data.mdb'), '');
    await chmod(join(dir, 'lmdb', 'data.mdb'), 0o444);
    const error = await asNobody(() => refusal(dir));
    expect(error.code).toBe('DATA_FOLDER');
    expect(error.message).toContain(join(dir, 'lmdb'));
    expect(error.message).toContain('this user may not read and write it');
  });
});
