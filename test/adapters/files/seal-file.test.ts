import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSealFile } from '../../../src/adapters/files/seal-file.js';
import type { HandedSeal } from '../../../src/ports/seal-holder.js';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-seals-'));
  file = join(dir, 'seals.ndjson');
});
afterEach(() => rm(dir, { recursive: true }));

const sealOf = (number: number, id = `id-${number}`): HandedSeal => ({
  number,
  id,
  line: JSON.stringify({ id, seal: { number, note: '封' } }),
});
const seals = (...numbers: number[]) => numbers.map((number) => sealOf(number));
const numbers = async (path = file) =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { seal: { number: number } }).seal.number);

describe('a file that holds seals', () => {
  it('gets each seal once, in order, whoever writes it', async () => {
    expect(await openSealFile(file).take(seals(0, 1))).toEqual({ ok: true });
    expect(await openSealFile(file).take(seals(0, 1, 2))).toEqual({ ok: true });
    const holder = openSealFile(file);
    expect(await holder.take(seals(2))).toEqual({ ok: true });
    expect(await holder.take(seals(3, 4))).toEqual({ ok: true });
    expect(await numbers()).toEqual([0, 1, 2, 3, 4]);
  });

  it('is only added to: a line that a crash tore stays, and its seal comes whole after it', async () => {
    await openSealFile(file).take(seals(0, 1));
    const { length } = await readFile(file);
    await truncate(file, length - 9);
    const before = await readFile(file, 'utf8');
    expect(await openSealFile(file).take(seals(1, 2))).toEqual({ ok: true });
    const after = await readFile(file, 'utf8');
    expect(after.startsWith(`${before}\n`)).toBe(true);
    expect(after.slice(before.length + 1)).toBe(`${sealOf(1).line}\n${sealOf(2).line}\n`);
  });

  it('takes a last line that only lacks its end for what it is', async () => {
    await writeFile(file, sealOf(0).line);
    expect(await openSealFile(file).take(seals(0, 1))).toEqual({ ok: true });
    expect(await numbers()).toEqual([0, 1]);
  });

  it('is not added to where it holds another seal of the same number, or lacks some', async () => {
    await openSealFile(file).take(seals(0, 1));
    const before = await readFile(file, 'utf8');
    const other = await openSealFile(file).take([sealOf(1, 'other'), sealOf(2)]);
    expect(other).toMatchObject({ ok: false });
    expect(other.ok ? '' : other.reason).toContain('another seal 1');
    const gap = await openSealFile(file).take(seals(4, 5));
    expect(gap.ok ? '' : gap.reason).toContain('it ends with seal 1, and seal 2 to 3 are missing');
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('begins a new file where the old one was moved away', async () => {
    const holder = openSealFile(file);
    await holder.take(seals(0, 1));
    await rename(file, join(dir, 'old.ndjson'));
    expect(await holder.take(seals(2))).toEqual({ ok: true });
    expect([await numbers(join(dir, 'old.ndjson')), await numbers()]).toEqual([[0, 1], [2]]);
  });

  it('says what is in the way: a missing folder, a folder, a link', async () => {
    const missing = await openSealFile(join(dir, 'none', 'seals')).take(seals(0));
    expect(missing).toMatchObject({ ok: false });
    await mkdir(file);
    expect(await openSealFile(file).take(seals(0))).toMatchObject({ ok: false });
    const aim = join(dir, 'aim');
    await writeFile(aim, '');
    await symlink(aim, join(dir, 'link'));
    expect(await openSealFile(join(dir, 'link')).take(seals(0))).toMatchObject({ ok: false });
    expect(await readFile(aim, 'utf8')).toBe('');
  });

  it('keeps what others wrote into it', async () => {
    await appendFile(file, 'a note\n');
    expect(await openSealFile(file).take(seals(0))).toEqual({ ok: true });
    expect(await readFile(file, 'utf8')).toBe(`a note\n${sealOf(0).line}\n`);
  });

  it('has a name that tells files apart and stays', () => {
    expect(openSealFile(file).name).toBe(openSealFile(file).name);
    expect(openSealFile(file).name).not.toBe(openSealFile(join(dir, 'other')).name);
    expect(openSealFile(file).name).toMatch(/^file-[0-9a-f]{16}$/);
  });
});
