// What a restore believes of a manifest.
import { describe, expect, it } from 'vitest';
import { parseManifest, type Manifest } from '../../../src/adapters/backups/manifest.js';

const FILE = { path: 'lmdb/data.mdb', bytes: 4096, sha256: 'ab'.repeat(32) };
const MANIFEST: Manifest = {
  format: 2,
  made: '2026-11-30T08:00:00.000Z',
  program: '0.1.0',
  logs: { events: 10 },
  archived: { 'events/0': 9 },
  warehouse: { rows: { events: 9 }, sums: { events_per_day: 9, subjects_by_place: -1 } },
  files: [FILE],
};

const parsed = (changes: object) => () => parseManifest(JSON.stringify({ ...MANIFEST, ...changes }));

describe('the manifest of a back-up', () => {
  it('is read as it was written', () => {
    expect(parsed({})()).toEqual(MANIFEST);
    const part = 'warehouse/data/fenghuo/events/202611_1_1_0/data.bin';
    const paths = ['inbox/fire.ndjson', 'seal.key', 'vault.key', 'tokens.json', part, 'warehouse/.backup'];
    const files = [FILE, ...paths.map((path) => ({ ...FILE, path }))];
    expect(parsed({ files })().files).toEqual(files);
  });

  it.each([
    '../evil',
    '/etc/passwd',
    'lmdb/../../evil',
    'warehouse/../../../evil',
    'warehouse/..',
    'warehouse//x',
    'warehouse/./x',
    'warehouse/a\\..\\b',
    'warehouse/a\u0000b',
    'inbox/../seal.key',
    'inbox/Fire.ndjson',
    'lmdb/lock.mdb',
    'authorized_keys',
  ])('leads nowhere outside the data folder: %j', (path) => {
    expect(parsed({ files: [FILE, { ...FILE, path }] })).toThrow(
      expect.objectContaining({ code: 'BACKUP_MANIFEST' }),
    );
  });

  it.each([
    ['a file twice', { files: [FILE, FILE] }],
    ['no log', { files: [{ ...FILE, path: 'seal.key' }] }],
    ['a digest that is none', { files: [{ ...FILE, sha256: 'x' }] }],
    ['a field that nobody knows', { more: 1 }],
    ['no format', { format: undefined }],
  ])('is refused with %s', (_what, changes) => {
    expect(parsed(changes)).toThrow(expect.objectContaining({ code: 'BACKUP_MANIFEST' }));
  });

  it('of the build before, which did not say what rollups add up to, is read', () => {
    const before = { format: 1, warehouse: { rows: { events: 9 } } };
    expect(parsed(before)()).toEqual({ ...MANIFEST, ...before });
  });

  it('of a newer build names the build that is needed', () => {
    expect(parsed({ format: 3, more: {} })).toThrow(expect.objectContaining({ code: 'BACKUP_NEWER' }));
    expect(() => parseManifest('{')).toThrow(expect.objectContaining({ code: 'BACKUP_MANIFEST' }));
  });
});
