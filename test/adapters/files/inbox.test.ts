import {
  appendFile,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInbox } from '../../../src/adapters/files/inbox.js';
import type { Delivery } from '../../../src/ports/channel.js';
import { childEnd, startChild } from '../../support/child.js';

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fenghuo-inbox-'));
  dir = join(root, 'inbox');
});
afterEach(() => rm(root, { recursive: true }));

const delivery = (id: string, department = 'fire', body: Delivery['body'] = { title: '预警' }): Delivery => ({
  id,
  department,
  channel: 'file',
  body,
});
const lines = async (department = 'fire') => {
  const text = await readFile(join(dir, `${department}.ndjson`), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string });
};
const ids = async (department = 'fire') => (await lines(department)).map(({ id }) => id);

describe('file inbox', () => {
  it('adds one line per delivery to the file of its department', async () => {
    const inbox = openInbox({ dir });
    expect(inbox.name).toBe('file');
    const body = { title: '两行\n标题', level: 'red', id: 'not the id' };
    expect(await inbox.send([delivery('1', 'fire', body), delivery('2', 'a-b'), delivery('3')])).toEqual({
      ok: true,
    });
    expect(await lines()).toEqual([
      { id: '1', title: '两行\n标题', level: 'red' },
      { id: '3', title: '预警' },
    ]);
    expect(await ids('a-b')).toEqual(['2']);
    expect((await stat(dir)).mode & 0o027).toBe(0);
    expect((await stat(join(dir, 'fire.ndjson'))).mode & 0o137).toBe(0);
  });

  it('acknowledges a redelivery without repeating it, also after a restart', async () => {
    const inbox = openInbox({ dir });
    await inbox.send([delivery('1'), delivery('1'), delivery('2')]);
    expect(await inbox.send([delivery('2'), delivery('1'), delivery('3')])).toEqual({ ok: true });
    expect(await openInbox({ dir }).send([delivery('3'), delivery('4'), delivery('1')])).toEqual({
      ok: true,
    });
    expect(await ids()).toEqual(['1', '2', '3', '4']);
  });

  it('writes concurrent sends one after the other', async () => {
    const inbox = openInbox({ dir });
    const sends = Array.from({ length: 30 }, (_, index) =>
      inbox.send([delivery(`${index}`), delivery(`${index % 7}`)]),
    );
    expect(new Set((await Promise.all(sends)).map((result) => result.ok))).toEqual(new Set([true]));
    expect((await ids()).sort()).toEqual(Array.from({ length: 30 }, (_, index) => `${index}`).sort());
  });

  it('cuts the torn last line of a crash off and delivers it again', async () => {
    await openInbox({ dir }).send([delivery('1'), delivery('2')]);
    await appendFile(join(dir, 'fire.ndjson'), '{"id":"3","title":"');
    await openInbox({ dir }).send([delivery('2'), delivery('3')]);
    expect(await ids()).toEqual(['1', '2', '3']);
  });

  it('leaves exactly one line per id wherever a crash cuts the file', async () => {
    await openInbox({ dir }).send(['1', '2', '3'].map((id) => delivery(id)));
    const file = join(dir, 'fire.ndjson');
    const whole = await readFile(file);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.byteLength }), async (cut) => {
        await writeFile(file, whole.subarray(0, cut));
        await openInbox({ dir }).send(['1', '2', '3'].map((id) => delivery(id)));
        expect(await readFile(file)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps every line whole where two write at the same time, as while one takes over from another', async () => {
    const body = { text: '预警'.repeat(1_000) };
    const writers = ['a', 'b', 'c'].map((name) => ({ name, inbox: openInbox({ dir }) }));
    await Promise.all(
      writers.map(async ({ name, inbox }) => {
        for (let send = 0; send < 40; send++) {
          const batch = Array.from({ length: 8 }, (_, index) =>
            delivery(`${name} ${send} ${index}`, 'fire', body),
          );
          expect(await inbox.send(batch)).toEqual({ ok: true });
        }
      }),
    );
    const found = await ids();
    expect(found.length).toBe(3 * 40 * 8);
    expect(new Set(found).size).toBe(found.length);
    // Each knows what the others wrote.
    await writers[0]?.inbox.send([delivery('c 39 7', 'fire', body), delivery('new', 'fire', body)]);
    expect(await ids()).toEqual([...found, 'new']);
  });

  it('keeps foreign lines and knows ids of the last 16 MiB only', async () => {
    await openInbox({ dir }).send([delivery('old')]);
    const filler = `${JSON.stringify({ note: 'x'.repeat(1_000_000) })}\n`;
    await appendFile(join(dir, 'fire.ndjson'), `not JSON\n${filler.repeat(17)}`);
    await openInbox({ dir }).send([delivery('new')]);
    await openInbox({ dir }).send([delivery('new'), delivery('old')]);
    const text = await readFile(join(dir, 'fire.ndjson'), 'utf8');
    expect(text.split('\n').filter((line) => line.includes('"id"')).length).toBe(3);
    expect(text).toContain('\nnot JSON\n');
  });

  it('begins a new file where the reader has taken the old one away, without repeating its lines', async () => {
    const inbox = openInbox({ dir });
    await inbox.send([delivery('1')]);
    await rename(join(dir, 'fire.ndjson'), join(dir, 'taken.ndjson'));
    await inbox.send([delivery('1'), delivery('2')]);
    expect(await ids()).toEqual(['2']);
    expect(await ids('taken')).toEqual(['1']);
  });

  it('refuses a department that could name another path, and writes nothing of that send', async () => {
    const inbox = openInbox({ dir });
    for (const department of ['../fire', 'a/b', '..', '', 'Fire', 'a.b', 'a\0', 'x'.repeat(65), '消防']) {
      expect(await inbox.send([delivery('1'), delivery('2', department)])).toEqual({
        ok: false,
        reason: 'INBOX_DEPARTMENT',
        retriable: false,
      });
    }
    expect(await readdir(root)).toEqual([]);
  });

  it('refuses what is over its limits or no JSON, and writes nothing of that send', async () => {
    const inbox = openInbox({ dir });
    const refused = (reason: string) => ({ ok: false, reason, retriable: false });
    const many = Array.from({ length: 1_001 }, (_, index) => delivery(`${index}`));
    expect(await inbox.send(many)).toEqual(refused('INBOX_TOO_LARGE'));
    const long = delivery('2', 'fire', { text: '长'.repeat(6_000) });
    expect(await inbox.send([delivery('1'), long])).toEqual(refused('INBOX_TOO_LARGE'));
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    expect(await inbox.send([delivery('1'), delivery('2', 'fire', cyclic)])).toEqual(
      refused('INBOX_DELIVERY'),
    );
    expect(await inbox.send([delivery('')])).toEqual(refused('INBOX_DELIVERY'));
    expect(await inbox.send([delivery('i'.repeat(201))])).toEqual(refused('INBOX_DELIVERY'));
    expect(await readdir(root)).toEqual([]);
  });

  it('finds every line of the largest send again after a restart', async () => {
    const text = 'x'.repeat(16 * 1024 - 40);
    const largest = Array.from({ length: 1_000 }, (_, index) => delivery(`id ${index}`, 'fire', { text }));
    await openInbox({ dir }).send([delivery('first')]);
    expect(await openInbox({ dir }).send(largest)).toEqual({ ok: true });
    const { size } = await stat(join(dir, 'fire.ndjson'));
    expect(size).toBeGreaterThan(16_000_000);
    expect(await openInbox({ dir }).send(largest)).toEqual({ ok: true });
    expect((await stat(join(dir, 'fire.ndjson'))).size).toBe(size);
  });

  it('does not write through a link or into a folder, and says so', async () => {
    await openInbox({ dir }).send([delivery('1', 'other')]);
    await writeFile(join(root, 'target'), '');
    await symlink(join(root, 'target'), join(dir, 'fire.ndjson'));
    const stuck = { ok: false, reason: 'INBOX_FILE', retriable: true };
    const inbox = openInbox({ dir });
    expect(await inbox.send([delivery('1')])).toEqual(stuck);
    expect(await readFile(join(root, 'target'), 'utf8')).toBe('');
    await rm(join(dir, 'fire.ndjson'));
    expect(await inbox.send([delivery('1')])).toEqual({ ok: true });
  });

  it('answers retriable where the folder cannot be written', async () => {
    await writeFile(dir, 'a file stands here');
    expect(await openInbox({ dir }).send([delivery('1')])).toEqual({
      ok: false,
      reason: 'INBOX_WRITE',
      retriable: true,
    });
  });

  it.skipIf(process.platform === 'win32')(
    'takes a batch back that a full disk cut, and goes on',
    async () => {
      const child = startChild(new URL('./inbox-full.child.ts', import.meta.url), [dir], {
        fileLimitBytes: 512 * 1024,
      });
      const { output, errors, code } = await childEnd(child);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      const results = JSON.parse(output) as { id: string; ok: boolean }[];
      const delivered = results.filter(({ ok }) => ok).map(({ id }) => id);
      expect(delivered.length).toBeLessThan(results.length);
      expect(delivered.length).toBeGreaterThan(10);
      expect((await ids()).filter((id) => id.endsWith(' 0')).map((id) => id.slice(0, -2))).toEqual(delivered);
      expect((await ids()).length).toBe(delivered.length * 10);
    },
  );
});
