// Evidence from a data folder to somebody who checks it: through the built program, with what senders may write.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from '../../src/app/embedded.js';
import { RunningFront } from '../../src/app/front.js';
import { openMetrics } from '../../src/app/telemetry.js';
import { openDataFolder } from '../../src/app/stores.js';
import type { Bundle } from '../../src/evidence/bundle.js';
import type { SignedSeal } from '../../src/evidence/seal.js';
import { verifyBundle } from '../../src/evidence/verify.js';
import { loadRules } from '../../src/model/load.js';
import { openAuthority } from '../adapters/timestamps/authority.js';
import { filesOf, HOUR, START } from '../engine/turns.js';
import { fenghuo } from '../support/command-line.js';

const FILES = filesOf({
  'a/one': `
scope: subject
indicators: { many: { from: complaint, distinct: 'event.complainant', over: 7d } }
levels: { orange: 'many >= 3', blue: 'many >= 2' }
`,
});
const NAME = '欧阳某某';
const NASTY = `<script>alert(1)</script>" onload='x' \u202e倒 &amp;`;

let dir: string;
let data: string;
let seals: string;
let warning: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fenghuo-evidence-'));
  data = join(dir, 'data');
  seals = join(dir, 'seals.ndjson');
  const running = await start(seals);
  for (const [index, complainant] of [NAME, '乙某', '丙某'].entries()) {
    await complain(running, index + 1, 'shop:1', complainant);
    await complain(running, index + 1.2, 'shop:2', complainant);
  }
  await pass(running, 4.5);
  const standing = await running.embedded.book.list(0, 10);
  warning = standing.find(({ latest }) => latest.transition.key === 'shop:1')!.warning;
  await running.embedded.stop();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Running {
  readonly embedded: Embedded;
  now: number;
  readonly failures: unknown[];
}

async function start(
  file: string | null,
  dataDir = data,
  timestamps: string | null = null,
): Promise<Running> {
  const { rules } = loadRules(FILES);
  if (rules === null) throw new Error('the rules have faults');
  const running: { embedded?: Embedded; now: number; failures: unknown[] } = { now: START, failures: [] };
  running.embedded = await Embedded.start({
    dataDir,
    siteKey: null,
    rules,
    files: FILES,
    now: () => running.now,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
      failure: (_, error) => running.failures.push(error),
    },
    probe: () => undefined,
    replay: null,
    warehouse: false,
    holders: { file, timestamps },
  });
  return running as Running;
}

async function complain(running: Running, hours: number, subject: string, complainant: string) {
  running.now = START + hours * HOUR;
  const event = {
    specversion: '1.0',
    id: `c${hours}-${subject}`,
    source: 'urn:example:test',
    type: 'fenghuo.complaint',
    subject,
    time: new Date(running.now).toISOString(),
    data: { category: NASTY, content: NASTY, complainant },
  };
  const { accepted } = await running.embedded.accept(JSON.stringify([event]));
  expect(accepted).toBe(1);
}

async function pass(running: Running, hours: number) {
  running.now = START + hours * HOUR;
  await running.embedded.ingest.tick(running.now);
  await running.embedded.drain();
}

const cli = (...args: string[]) => fenghuo(args, dir);
const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Bundle;

describe('evidence of a data folder', () => {
  it('is exported, and verified by the key and the seals of the holder', async () => {
    const exported = await cli('evidence', 'export', '--warning', warning, '--data', data, '--out', 'out');
    expect([exported.code, exported.err]).toEqual([0, '']);
    const [json, html] = [
      join(dir, 'out', `evidence-${warning}.json`),
      join(dir, 'out', `evidence-${warning}.html`),
    ];
    expect(exported.out).toContain(json);
    const key = await cli('seal-key', '--data', data);
    expect(key.out).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(join(data, 'seal.key')).mode & 0o777).toBe(0o600);
    writeFileSync(join(dir, 'key.txt'), key.out);
    const verified = await cli('verify', json, '--key', 'key.txt', '--seals', seals);
    expect([verified.code, verified.err]).toEqual([0, '']);
    expect(verified.out).toContain('核验通过');
    expect(verified.out).toContain('均与外部保管方一致');
    expect(verified.out).not.toContain('TRUSTS');
    const alone = await cli('verify', json);
    expect(alone.code).toBe(0);
    expect(alone.out).toContain('TRUSTS THE KEY IN THE BUNDLE');
    expect(alone.out).toContain('TRUSTS THE SEALS IN THE BUNDLE');
    for (const text of [readFileSync(json, 'utf8'), readFileSync(html, 'utf8')]) {
      expect(text).not.toContain(NAME);
      expect(text).toMatch(/p:[0-9a-f]{32}/);
      expect(text).not.toContain('shop:2');
    }
  });

  it('has a page that is text, whatever senders wrote', async () => {
    await cli('evidence', 'export', '--subject', 'shop:1', '--data', data, '--out', 'page');
    const [page] = readdirSync(join(dir, 'page')).filter((name) => name.endsWith('.html'));
    const html = readFileSync(join(dir, 'page', page!), 'utf8');
    expect(html).toContain(
      '&#60;script&#62;alert(1)&#60;/script&#62;&#34; onload=&#39;x&#39; ⟨U+202E⟩倒 &#38;amp;',
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('\u202e');
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('投诉举报');
    expect(html).toContain('投诉类别 <code>category</code>');
    expect(html).not.toMatch(/<(img|link|iframe|a) |src=|href=/);
  });

  it('names what is broken, with exit code 1', async () => {
    await cli('evidence', 'export', '--warning', warning, '--data', data, '--out', 'tampered');
    const json = join(dir, 'tampered', `evidence-${warning}.json`);
    const bundle = read(json);
    const [record] = bundle.records;
    const { sequence, digest } = record!.link;
    writeFileSync(json, readFileSync(json, 'utf8').replace('"level":"blue"', '"level":"none"'));
    const { code, out } = await cli('verify', json, '--seals', seals);
    expect(code).toBe(1);
    expect(out).toContain('核验不通过');
    expect(out).toContain('RECORD_CHANGED');
    expect(out).toContain(`chain 0/0, sequence ${sequence}`);
    expect(out).toContain(`expected: ${digest}`);
    expect(out).toContain('含义');
  });

  it('verifies where a person was erased: nothing in it needs the clear value', async () => {
    const bundle = read(join(dir, 'out', `evidence-${warning}.json`));
    const folder = await openDataFolder(data, null);
    const [pseudonym] = /p:[0-9a-f]{32}/.exec(JSON.stringify(bundle.records)) ?? [];
    expect(await folder.vault.reveal(pseudonym!)).toBe(NAME);
    await folder.vault.erase(pseudonym!);
    expect(await folder.vault.reveal(pseudonym!)).toBeUndefined();
    await folder.close();
    const exported = await cli('evidence', 'export', '--warning', warning, '--data', data, '--out', 'erased');
    expect(exported.code).toBe(0);
    const again = read(join(dir, 'erased', `evidence-${warning}.json`));
    expect(again).toEqual(bundle);
    const held = linesOf(seals).map((line) => JSON.parse(line) as SignedSeal);
    expect(verifyBundle(again, { keys: null, held }).ok).toBe(true);
  });

  it('is refused with a reason where there is none', async () => {
    const unknown = await cli('evidence', 'export', '--warning', 'f'.repeat(32), '--data', data);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('EVIDENCE_UNKNOWN')]);
    const missing = await cli('evidence', 'export', '--subject', 'shop:1', '--data', 'nowhere');
    expect(missing.err).toContain('FILE_READ');
    expect(readdirSync(dir)).not.toContain('nowhere');
  });
});

describe('a running system', () => {
  it('shows evidence once the hour is sealed, and seals what is left when it stops', async () => {
    const dataDir = join(dir, 'running');
    const file = join(dir, 'running.ndjson');
    const authority = await openAuthority();
    const running = await start(file, dataDir, authority.url);
    const front = new RunningFront();
    front.show(running.embedded, openMetrics(running.embedded, new Map()));
    const operator = { id: 'local', role: 'operator', department: null, region: null } as const;
    for (const [index, who] of ['甲', '乙'].entries()) await complain(running, index + 0.1, 'shop:1', who);
    await pass(running, 1.2);
    const [state] = await running.embedded.book.list(0, 10);
    await expect(front.evidence(state!.warning, operator)).rejects.toMatchObject({
      code: 'EVIDENCE_UNSEALED',
    });
    expect(await front.evidence('0'.repeat(32), operator)).toBeUndefined();
    await pass(running, 2);
    const bundle: unknown = JSON.parse(JSON.stringify(await front.evidence(state!.warning, operator)));
    expect(verifyBundle(bundle, { keys: null, held: null }).ok).toBe(true);
    await complain(running, 2.1, 'shop:1', '丙');
    await pass(running, 2.2);
    const { sealing } = running.embedded.seals;
    expect(sealing.seals).toBe(1);
    await running.embedded.stop();
    expect(sealing.seals).toBe(2);
    await authority.close();
    expect(running.failures).toEqual([]);
    const ids = [file, `${file}.stamps`].map((path) =>
      linesOf(path).map((line) => (JSON.parse(line) as { id: string }).id),
    );
    expect(ids[0]).toHaveLength(2);
    expect(ids[1]).toEqual(ids[0]);
    expect(authority.asked.at(-1)).toBe(ids[0]?.at(-1));
  });

  it('goes on where a holder fails, tells the operators, and hands over later', async () => {
    const dataDir = join(dir, 'failing');
    const file = join(dir, 'away', 'seals.ndjson');
    const running = await start(file, dataDir);
    for (const [index, who] of ['甲', '乙'].entries()) await complain(running, index + 0.1, 'shop:1', who);
    await pass(running, 3);
    await running.embedded.stop();
    expect(running.failures).toContainEqual(expect.objectContaining({ code: 'SEAL_NOT_HANDED_OVER' }));
    const folder = await openDataFolder(dataDir, null);
    const alerts = await folder.logs.operator.read(0, 0, 100);
    expect(Buffer.concat(alerts.map(({ value }) => value)).toString()).toContain('SEAL_NOT_HANDED_OVER');
    await folder.close();
    mkdirSync(join(dir, 'away'));
    const again = await start(file, dataDir);
    await again.embedded.stop();
    expect(again.failures).toEqual([]);
    expect(linesOf(file).length).toBeGreaterThan(0);
  });

  it('does not start without the key that its seals were signed with', async () => {
    const dataDir = join(dir, 'failing');
    rmSync(join(dataDir, 'seal.key'));
    await expect(start(null, dataDir)).rejects.toMatchObject({ code: 'SEAL_KEY' });
    const { out } = await cli('seal-key', '--new', '--data', dataDir);
    expect(out).toMatch(/^[0-9a-f]{64}\n$/);
    await (await start(null, dataDir)).embedded.stop();
  });
});
