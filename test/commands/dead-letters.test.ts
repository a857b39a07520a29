// fenghuo dead-letters through the built program: a list without personal values, an original with a reason, a second try.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LetterView, RedriveView } from '../../src/app/letter-views.js';
import { openDataFolder, type DataFolder } from '../../src/app/stores.js';
import { decodeRecord } from '../../src/events/codec.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import { fenghuo } from '../support/command-line.js';

const dir = mkdtempSync(join(tmpdir(), 'fenghuo-dead-'));
const data = join(dir, 'data');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const PHONE = '13812345678';
const AT = Date.UTC(2026, 2, 5, 2);
const MAPPING = `mapping: mended
format: json
zone: Asia/Shanghai
source: urn:example:hotline
stream: complaint
id: { column: id }
subject: { column: subject }
time: { column: time, format: "yyyy-MM-dd'T'HH:mm:ssZZ" }
data:
  category: { expr: 'row.data.kind' }
  complainant: { expr: 'row.data.complainant' }
`;

function misnamed(id: string): string {
  const envelope = { specversion: '1.0', id, source: 'urn:example:hotline', type: 'fenghuo.complaint' };
  const rest = { subject: 'shop:1', time: '2026-03-05T09:00:00+08:00' };
  return JSON.stringify({ ...envelope, ...rest, data: { kind: 'food', complainant: '张三', phone: PHONE } });
}

async function inFolder<T>(action: (folder: DataFolder) => Promise<T>): Promise<T> {
  const folder = await openDataFolder(data, null);
  try {
    return await action(folder);
  } finally {
    await folder.close();
  }
}

const run = (...args: string[]) => fenghuo(['dead-letters', ...args, '--data', data], dir);
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

describe('fenghuo dead-letters', () => {
  it('lists what was refused, shows an original to who says why, and takes it once it is mended', async () => {
    await inFolder(async (folder) => {
      const ingest = new Ingest({ ...folder, probe: () => undefined });
      await ingest.open();
      await ingest.accept(`${misnamed('c1')}\n${misnamed('c2')}\n{"id":`, AT);
      const busy = await run('list');
      expect([busy.code, busy.err]).toEqual([
        1,
        expect.stringMatching(/DATA_FOLDER_IN_USE: .*POST \/v1\/events/),
      ]);
    });
    writeFileSync(join(dir, 'mended.yaml'), MAPPING);

    const listed = await run('list', '--code', 'EVENT_DATA', '--since', '2026-03-05', '--json');
    const { items } = JSON.parse(listed.out) as { items: LetterView[] };
    expect(items.map(({ offset, code, redriven }) => [offset, code, redriven])).toEqual([
      [1, 'EVENT_DATA', null],
      [0, 'EVENT_DATA', null],
    ]);
    const text = await run('list');
    expect(text.out).toMatch(
      /^2 {2}2026-03-05 10:00:00 {2}BODY_NOT_JSON: .*\(no source\)\n1 {2}.*hotline\)\n/,
    );
    for (const { out } of [listed, text]) for (const one of ['张三', PHONE]) expect(out).not.toContain(one);

    const silent = await run('show', '0');
    expect([silent.code, silent.out]).toEqual([2, '']);
    expect((await run('show', '0', '--reason', `核对 ${PHONE} 的投诉`)).out).toBe(`${misnamed('c1')}\n`);

    const dry = await run('redrive', '0', '--mapping', 'mended.yaml', '--dry-run', '--json');
    const would = JSON.parse(dry.out) as RedriveView;
    expect([dry.code, would.outcome, would.events[0]?.id]).toEqual([0, 'taken', 'urn:example:hotline c1']);
    expect(dry.out).not.toContain('张三');
    const taken = await run('redrive', '--mapping', 'mended.yaml');
    expect([taken.code, taken.out]).toEqual([1, expect.stringMatching(/^2 {2}refused again: BODY_NOT_JSON/)]);
    expect(lastLine(taken.err)).toMatch(/^2 taken, 1 refused again, 0 passed over/);
    const again = await run('redrive', '--code', 'EVENT_DATA');
    expect([again.code, lastLine(again.err)]).toEqual([
      0,
      expect.stringMatching(/^0 taken, 0 refused again, 2 passed over \(2 re-driven before/),
    ]);
    expect((await run('list', '--code', 'EVENT_DATA')).out).toMatch(
      / {4}re-driven, 1 event through mended, /,
    );
    expect((await run('redrive', '0', '--code', 'EVENT_DATA')).err).toContain('not both');

    await inFolder(async ({ logs }) => {
      const records = (await logs.events.read(0, 0, 100)).map(({ value }) => decodeRecord(value));
      // Only what was taken lets time pass.
      expect(records.map((one) => (one.kind === 'event' ? one.id : one.kind))).toEqual([
        ...['tick', 'urn:example:hotline c1', 'urn:example:hotline c2'],
      ]);
      expect(await logs['dead-letters'].end(0)).toBe(3);
      const entries = (await logs.audit.read(0, 0, 100)).map(({ value }) => decodeJson<object>(value));
      const account = expect.stringMatching(/^os:./) as string;
      expect(entries).toMatchObject([
        { account, what: 'dead-letter-show', outcome: 'done', dead_letters: '0' },
        { account, what: 'dead-letters-try', dead_letters: '0' },
        { account, what: 'dead-letters-redrive', dead_letters: '0-2' },
      ]);
      expect(JSON.stringify(entries)).toMatch(/核对 p:[0-9a-f]{32} 的投诉/);
    });
  }, 240_000);
});
