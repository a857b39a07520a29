// Back-ups as one file: what was written comes back, and nothing but that is taken from what somebody else may have written.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Header, Pax, type HeaderData } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archived, unpack } from '../../../src/adapters/backups/archive.js';
import { copyFileHashed } from '../../../src/adapters/backups/files.js';
import { digestLine, sealBackup, type Placing } from '../../../src/adapters/backups/folder.js';
import type { Manifest } from '../../../src/adapters/backups/manifest.js';

const LONG = `warehouse/data/${'t'.repeat(120)}/202611_1_1_0/${'c'.repeat(120)}.bin`;
const TEXTS: readonly (readonly [path: string, text: string])[] = [
  ['inbox/fire.ndjson', ''],
  ['lmdb/data.mdb', 'l'.repeat(1_300_000)],
  ['seal.key', 'secret'],
  [LONG, 'w'.repeat(512)],
];
const ignored = () => undefined;

let root = '';
let folder = '';
let out = '';
let manifest: Manifest;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'fenghuo-archive-'));
  [folder, out] = [join(root, 'backup'), join(root, 'out')];
  for (const [path, text] of TEXTS) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const facts = { format: 1, made: '2026-11-30T08:00:00.000Z', program: '0.1.0' } as const;
  const counts = { logs: { events: 1 }, archived: {}, warehouse: { rows: {} } };
  manifest = await sealBackup(folder, { ...facts, ...counts }, ignored);
});
afterEach(() => rmSync(root, { recursive: true }));

const into: Placing = {
  begin: async () => void (await mkdir(out)),
  place: async ({ path }) => {
    await mkdir(dirname(join(out, path)), { recursive: true });
    return join(out, path);
  },
};

async function whole(): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of archived(folder, manifest, ignored)) blocks.push(block);
  return Buffer.concat(blocks);
}

/** Blocks of odd sizes, as a pipe brings them. */
const read = (bytes: Buffer, placing = into) =>
  unpack(
    Readable.from(
      Array.from({ length: Math.ceil(bytes.length / 70_001) }, (_, index) =>
        bytes.subarray(index * 70_001, (index + 1) * 70_001),
      ),
    ),
    placing,
    ignored,
  );

/** One entry as any program may write it. */
function entry(fields: HeaderData, body = ''): Buffer {
  const head = Buffer.alloc(512);
  new Header({ type: 'File', mode: 0o600, size: Buffer.byteLength(body), ...fields }).encode(head, 0);
  return Buffer.concat([
    head,
    Buffer.from(body),
    Buffer.alloc((512 - (Buffer.byteLength(body) % 512)) % 512),
  ]);
}

/** A whole archive but for what comes behind its manifest. */
function withEntries(...entries: Buffer[]): Buffer {
  const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
  const begin = [
    entry({ path: 'manifest.json' }, text),
    entry({ path: 'manifest.sha256' }, digestLine(text)),
  ];
  return Buffer.concat([...begin, ...entries, Buffer.alloc(1024)]);
}

describe('a file of a back-up', () => {
  it('is copied as far as is asked for, and not made where there is none to copy', async () => {
    const to = join(root, 'copy');
    await expect(copyFileHashed(join(root, 'nowhere'), to)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(root)).toEqual(['backup']);
    expect((await copyFileHashed(join(folder, 'lmdb/data.mdb'), to, 1_200_000)).bytes).toBe(1_200_000);
    expect(readFileSync(to, 'utf8') === 'l'.repeat(1_200_000)).toBe(true);
    await expect(copyFileHashed(join(folder, 'seal.key'), to)).rejects.toMatchObject({ code: 'EEXIST' });
  });
});

describe('an archive', () => {
  it('gives back every file as it was, clear and by gzip, and only what is wanted', async () => {
    const bytes = await whole();
    for (const given of [bytes, gzipSync(bytes)]) {
      expect(await read(given)).toEqual(manifest);
      for (const [path, text] of TEXTS) expect(readFileSync(join(out, path), 'utf8') === text).toBe(true);
      rmSync(out, { recursive: true });
    }
    const keys: Placing = {
      ...into,
      place: async (file) => (file.path === 'seal.key' ? into.place(file) : null),
    };
    await read(bytes, keys);
    expect(readdirSync(out)).toEqual(['seal.key']);
  });

  it('is refused wherever it ends too early, be it between two files', async () => {
    const bytes = await whole();
    const ends = [0, 511, 513, 4_000, 700_000, bytes.length - 2_048, bytes.length - 1_500];
    for (const end of ends) {
      await expect(read(bytes.subarray(0, end)), `${end}`).rejects.toMatchObject({
        code: expect.stringMatching(/^BACKUP_(INCOMPLETE|DAMAGED)$/) as string,
      });
      rmSync(out, { recursive: true, force: true });
    }
    const cut = gzipSync(bytes);
    await expect(read(cut.subarray(0, cut.length - 9))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('is refused whatever byte of a header, a file or the manifest was changed', async () => {
    const bytes = await whole();
    const body = bytes.indexOf('llllll');
    for (const at of [3, 600, body - 500, body + 1_000, body + 1_200_000, bytes.length - 1_400]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(read(changed), `${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^BACKUP_(INCOMPLETE|DAMAGED)$/) as string,
      });
      rmSync(out, { recursive: true, force: true });
    }
    await expect(read(Buffer.from('no archive at all'))).rejects.toMatchObject({
      code: expect.stringMatching(/^BACKUP_(INCOMPLETE|DAMAGED)$/) as string,
    });
  });

  it('is not written of a file that is no longer as the manifest has it', async () => {
    writeFileSync(join(folder, 'seal.key'), 'other!');
    await expect(whole()).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  const foreign: [string, () => Buffer][] = [
    ['a path that leads out', () => entry({ path: '../evil' }, 'x')],
    ['an absolute path', () => entry({ path: '/tmp/evil' }, 'x')],
    ['a file that the manifest lacks', () => entry({ path: 'vault.key' }, 'x')],
    ['a symbolic link', () => entry({ path: 'seal.key', type: 'SymbolicLink', linkpath: '/etc/passwd' })],
    ['a hard link', () => entry({ path: 'seal.key', type: 'Link', linkpath: '/etc/passwd' })],
    ['a device', () => entry({ path: 'seal.key', type: 'CharacterDevice' })],
    ['a pipe', () => entry({ path: 'seal.key', type: 'FIFO' })],
    ['a folder', () => entry({ path: 'inbox/', type: 'Directory' })],
    ['a file of another size', () => entry({ path: 'seal.key' }, 'secret and more')],
    ['a file of other content', () => entry({ path: 'seal.key' }, 'terces')],
    ['one file twice', () => Buffer.concat([1, 2].map(() => entry({ path: 'seal.key' }, 'secret')))],
    [
      'another name by an extended header',
      () => Buffer.concat([new Pax({ path: '../evil' }).encode(), entry({ path: 'seal.key' }, 'secret')]),
    ],
    [
      'an extended header without end',
      () => entry({ path: 'x', type: 'ExtendedHeader' }, 'y'.repeat(2_000_000)),
    ],
  ];
  it.each(foreign)('is refused with %s, which is not written', async (_what, given) => {
    await expect(read(withEntries(given()))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    const left = readdirSync(root, { recursive: true, encoding: 'utf8' });
    expect(left.filter((path) => /evil|vault/.test(path) || /^out\/(?!seal.key$)/.test(path))).toEqual([]);
  });

  it('is refused that does not begin with its manifest, or with one that is none', async () => {
    const end = Buffer.alloc(1024);
    const first = Buffer.concat([entry({ path: 'seal.key' }, 'secret'), end]);
    await expect(read(first)).rejects.toMatchObject({ code: 'BACKUP_INCOMPLETE' });
    const text = '{}';
    const digest = entry({ path: 'manifest.sha256' }, digestLine(text));
    const empty = Buffer.concat([entry({ path: 'manifest.json' }, text), digest, end]);
    await expect(read(empty)).rejects.toMatchObject({ code: 'BACKUP_MANIFEST' });
    const huge = Buffer.concat([entry({ path: 'manifest.json', size: 1024 ** 3 }), end]);
    await expect(read(huge)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });
});
