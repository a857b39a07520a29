// Back-ups of a process that runs: restored, and gone on from, they lead to what an undisturbed run leads to.
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/adapters/backups/manifest.js';
import type { Row } from '../../src/ports/warehouse.js';
import { fenghuo, MAIN, type CommandRun } from '../support/command-line.js';
import { CITY, writeCity } from '../support/servers/city.js';
import { send, Traffic, type SentEvent } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';
import { leftIn, newDataDir, replay, start, type Left } from './embedded.js';
import { cleanUp, type Running } from './program.js';
import { served } from './site.js';

const dirs: string[] = [];
const freshDir = () => {
  const dir = newDataDir();
  dirs.push(dir);
  return dir;
};
afterAll(() => cleanUp(dirs));

/** A back-up of a data folder, in a place of its own. */
async function backedUp(data: string, ...options: string[]): Promise<{ folder: string; manifest: Manifest }> {
  const folder = join(freshDir(), 'backup');
  const { code, err } = await fenghuo(['backup', '--data', data, '--to', folder, ...options], data);
  expect(code, err).toBe(0);
  const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
  return { folder, manifest: JSON.parse(text) as Manifest };
}

/** A data folder from a back-up, with the key of the vault put back by hand. */
async function restored(folder: string, source: string): Promise<string> {
  const data = join(freshDir(), 'data');
  const { code, err } = await fenghuo(['restore', '--from', folder, '--data', data], source);
  expect(code, err).toBe(0);
  copyFileSync(join(source, 'vault.key'), join(data, 'vault.key'));
  return data;
}

async function ended(running: Running): Promise<void> {
  running.child.kill('SIGINT');
  const { code, output } = await running.ended;
  expect(code, output).toBe(0);
}

/** Waits until the clock has left the instant of what was sent last: what is due then is said when time passes. */
async function timePassed({ url }: { readonly url: string }): Promise<void> {
  const sent = Date.now();
  for (let clock = -Infinity; clock <= sent;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    clock = 1_000 * Number(/^fenghuo_evaluate_clock_timestamp_seconds\S* (\S+)$/m.exec(metrics)?.[1] ?? NaN);
    if (Number.isNaN(clock)) throw new Error('there is no clock among the metrics');
    await new Promise((next) => setTimeout(next, 50));
  }
}

const without = (row: Row, ...names: string[]): string =>
  JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));

/** What does not depend on when something arrived, nor on how often it was sent. */
function essence({ inbox, tables }: Left): object {
  const counted = (tables['events'] ?? []).filter(({ sign }) => sign !== 0);
  const said = (tables['warnings'] ?? []).map((row) =>
    without(row, 'warning', 'clock', 'raised', 'evidence_hash', 'rests_on', 'revision'),
  );
  const lines = Object.entries(inbox).map(([department, text]) => {
    const bodies = text.trim().split('\n');
    const told = bodies.map((line) => {
      const { model, key, level, kind } = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify({ model, key, level, kind });
    });
    return [department, told.sort()] as const;
  });
  return {
    events: counted.map((row) => without(row, 'offset', 'at', 'cause_offset')).sort(),
    perDay: (tables['events_per_day'] ?? []).map((row) => without(row)).sort(),
    warnings: said.sort(),
    deliveries: (tables['deliveries'] ?? []).map((row) => without(row, 'id', 'warning', 'at')).sort(),
    inbox: Object.fromEntries(lines),
  };
}

const runs = await chdbRuns();

describe.runIf(runs)('a back-up of a running process', { timeout: 240_000 }, () => {
  let rules: string;
  beforeAll(async () => {
    // Windows of a minute would tell two runs of different speed apart.
    rules = await writeCity(new Map([...CITY].filter(([path]) => path !== 'food/burst.yaml')));
  });
  afterAll(() => rm(rules, { recursive: true }));

  const serve = (dir: string) => served(start(dir, ['--no-demo', '--rules', rules]));

  it('is taken while events arrive, and with the rest sent again leads to what an undisturbed run says', async () => {
    const traffic = new Traffic(7);
    const now = Date.now() - 60_000;
    const bodies: SentEvent[][] = [traffic.registrations(now)];
    for (let body = 0; body < 150; body++) bodies.push(traffic.next(10, now));

    const source = freshDir();
    const first = await serve(source);
    let backup: Promise<{ folder: string; manifest: Manifest }> | null = null;
    let over = false;
    let posted = 0;
    let postedMeanwhile = 0;
    for (const body of bodies) {
      await send(() => [first.url], body);
      posted += 1;
      if (posted === 40) backup = backedUp(source).finally(() => (over = true));
      if (backup !== null && !over) postedMeanwhile += 1;
    }
    const { folder, manifest } = (await backup) ?? expect.fail('no back-up was taken');
    expect(postedMeanwhile).toBeGreaterThan(5);
    // Killed, for all that it still had to say.
    first.running.child.kill('SIGKILL');
    await first.running.ended;

    // The warehouse of the copy is never ahead of its log.
    const { events = 0 } = manifest.logs;
    expect(manifest.archived['events/0']).toBeLessThanOrEqual(events);
    expect(manifest.warehouse?.rows['events']).toBeLessThanOrEqual(events * 2);
    expect(manifest.files.map(({ path }) => path)).not.toContain('vault.key');
    expect(await fenghuo(['restore', '--from', folder, '--verify'], source)).toMatchObject({ code: 0 });

    const data = await restored(folder, source);
    const second = await serve(data);
    for (const body of bodies) await send(() => [second.url], body);
    await timePassed(second);
    await ended(second.running);
    await start(data, ['--no-demo', '--rules', rules, '--once']).ended;

    const undisturbed = freshDir();
    const third = await serve(undisturbed);
    for (const body of bodies) await send(() => [third.url], body);
    await timePassed(third);
    await ended(third.running);
    await start(undisturbed, ['--no-demo', '--rules', rules, '--once']).ended;

    const expected = essence(await leftIn(undisturbed)) as { warnings: string[] };
    expect(expected.warnings.length).toBeGreaterThan(20);
    expect(essence(await leftIn(data))).toEqual(expected);
  });

  it('is not whole when the command is killed, and the process goes on and gives another', async () => {
    const source = freshDir();
    const { running, url } = await serve(source);
    const traffic = new Traffic(8);
    await send(() => [url], traffic.registrations(Date.now()));
    const target = freshDir();
    const folder = join(target, 'backup');
    const child = spawn(process.execPath, [MAIN, 'backup', '--data', source, '--to', folder]);
    const gone = new Promise((done) => child.once('close', done));
    await new Promise((done) => child.stderr.once('data', done));
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(folder)).toBe(false);
    const [partial = ''] = readdirSync(target);
    const refused = await fenghuo(['restore', '--from', join(target, partial), '--data', 'x'], target);
    expect([refused.code, refused.err.split(':')[1]]).toEqual([1, ' BACKUP_INCOMPLETE']);

    await send(() => [url], traffic.next(10, Date.now()));
    // The process notices by itself that nobody waits any more.
    let again: CommandRun = { code: 1, out: '', err: '' };
    for (let attempt = 0; attempt < 100 && again.code !== 0; attempt++) {
      again = await fenghuo(['backup', '--data', source, '--to', folder], target);
      if (again.code !== 0) expect(again.err).toContain('BACKUP_BUSY');
    }
    expect(again.code).toBe(0);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, taken] = /^fenghuo_backup_last_success_timestamp_seconds (\S+)$/m.exec(metrics) ?? [];
    const { made } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    expect(Number(taken) * 1_000).toBe(Date.parse(made));
    await ended(running);
  });

  it('is not there when the process is killed, which starts again unharmed', async () => {
    const source = freshDir();
    const { running, url } = await serve(source);
    const traffic = new Traffic(9);
    await send(() => [url], traffic.registrations(Date.now()));
    const target = freshDir();
    const folder = join(target, 'backup');
    const child = spawn(process.execPath, [MAIN, 'backup', '--data', source, '--to', folder]);
    const code = new Promise<number | null>((done) => child.once('close', done));
    await running.printed(/a back-up is taken/);
    running.child.kill('SIGKILL');
    await running.ended;
    // Whole where the copy was there already, and nothing where it was not.
    if ((await code) !== 0) expect(readdirSync(target)).toEqual([]);
    else expect(await fenghuo(['restore', '--from', folder, '--verify'], target)).toMatchObject({ code: 0 });
    const again = await serve(source);
    await send(() => [again.url], traffic.next(10, Date.now()));
    await ended(again.running);
    expect(existsSync(join(source, 'copies'))).toBe(false);
    const rows = (await leftIn(source)).tables['events'] ?? [];
    expect(rows.length).toBeGreaterThanOrEqual(40);
  });
});

describe.runIf(runs)('a back-up in the middle of a replay', { timeout: 240_000 }, () => {
  it('as one file, restored, goes on to the same inboxes and rows, to the byte', async () => {
    const whole = freshDir();
    expect((await replay(whole).ended).code).toBe(0);
    const undisturbed = await leftIn(whole);

    const source = freshDir();
    const running = replay(source);
    let run: CommandRun = { code: 1, out: '', err: '' };
    const [file, target] = ['backup.tar.gz', freshDir()];
    const folder = join(target, file);
    // Until the process has opened its folder.
    for (let attempt = 0; attempt < 200 && run.code !== 0; attempt++)
      run = await fenghuo(['backup', '--data', source, '--to', folder, '--json'], whole);
    expect(run.code, run.err).toBe(0);
    expect(readdirSync(target)).toEqual([file]);
    const { logs } = JSON.parse(run.out) as Manifest;
    expect((await running.ended).code).toBe(0);

    const data = await restored(folder, source);
    expect((await replay(data).ended).code).toBe(0);
    const left = await leftIn(data);
    expect(left.inbox).toEqual(undisturbed.inbox);
    for (const [table, rows] of Object.entries(undisturbed.tables))
      expect(left.tables[table], table).toEqual(rows);
    // It was taken in the middle indeed.
    expect(logs['events']).toBeLessThan(Number(undisturbed.tables['events']?.at(-1)?.['offset']));
    expect(logs['events']).toBeGreaterThan(0);
  });
});

describe.runIf(runs)('a back-up of a folder on which nothing runs', { timeout: 240_000 }, () => {
  let source: string;
  let folder: string;
  beforeAll(async () => {
    source = freshDir();
    expect((await replay(source).ended).code).toBe(0);
    ({ folder } = await backedUp(source));
  }, 240_000);

  it('has the rows and inboxes of the folder, and its keys by choice', async () => {
    const data = await restored(folder, source);
    expect(await leftIn(data)).toEqual(await leftIn(source));
    const names = (all: Manifest) => all.files.map(({ path }) => path).filter((path) => /\.key$/.test(path));
    expect(names((await backedUp(source, '--without-keys', '--without-warehouse')).manifest)).toEqual([]);
    const both = await backedUp(source, '--with-vault-key', '--without-warehouse');
    expect(names(both.manifest).sort()).toEqual(['seal.key', 'vault.key']);
    expect(both.manifest.warehouse).toBeNull();
  });

  it('goes through a pipe as one file, which is refused where it was cut or changed', async () => {
    const file = join(freshDir(), 'backup.tar');
    const [data, target] = [join(freshDir(), 'data'), freshDir()];
    const commands = [
      `"${process.execPath}" "${MAIN}" backup --data "${source}" --to -`,
      `tee "${file}"`,
      `"${process.execPath}" "${MAIN}" restore --from - --data "${data}"`,
    ];
    execFileSync('bash', ['-o', 'pipefail', '-c', commands.join(' | ')], { stdio: 'pipe' });
    copyFileSync(join(source, 'vault.key'), join(data, 'vault.key'));
    expect(await leftIn(data)).toEqual(await leftIn(source));

    // A reader that ends early has no back-up.
    const cut = [`"${process.execPath}" "${MAIN}" backup --data "${source}" --to - 2>/dev/null`, 'head -c 9'];
    const early = `${cut.join(' | ')} >/dev/null; echo "\${PIPESTATUS[0]}"`;
    expect(execFileSync('bash', ['-c', early], { encoding: 'utf8' })).toBe('1\n');

    expect(await fenghuo(['restore', '--from', file, '--verify'], source)).toMatchObject({ code: 0 });
    const bytes = readFileSync(file);
    const changed = Buffer.from(bytes);
    changed[Math.floor(bytes.length / 2)] = (changed[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    for (const wrong of [bytes.subarray(0, bytes.length / 2), changed]) {
      writeFileSync(file, wrong);
      const { code, err } = await fenghuo(
        ['restore', '--from', file, '--data', join(target, 'data')],
        target,
      );
      expect([code, err]).toEqual([1, expect.stringMatching(/BACKUP_(DAMAGED|INCOMPLETE)/)]);
      expect(readdirSync(target)).toEqual([]);
    }
  });

  it('fills the warehouse anew from the log where it was left out', async () => {
    const data = join(freshDir(), 'data');
    const args = ['restore', '--from', folder, '--data', data, '--without-warehouse'];
    expect(await fenghuo(args, source)).toMatchObject({ code: 0 });
    copyFileSync(join(source, 'vault.key'), join(data, 'vault.key'));
    expect((await replay(data).ended).code).toBe(0);
    expect((await leftIn(data)).tables).toEqual((await leftIn(source)).tables);
  });

  it('is refused whatever byte of it was flipped, and nothing is written', async () => {
    const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const part = files.find(({ path, bytes }) => /^warehouse\/data\/.*\.bin$/.test(path) && bytes > 0);
    for (const path of ['lmdb/data.mdb', 'lmdb/vault-keys', part?.path ?? '', 'manifest.json']) {
      const place = join(folder, path);
      const bytes = readFileSync(place);
      const at = Math.floor(bytes.length / 2);
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      writeFileSync(place, flipped);
      const target = freshDir();
      const data = join(target, 'data');
      const { code, err } = await fenghuo(['restore', '--from', folder, '--data', data], target);
      writeFileSync(place, bytes);
      expect([code, err], path).toEqual([1, expect.stringContaining('BACKUP_DAMAGED')]);
      expect(readdirSync(target)).toEqual([]);
    }
  });

  it('is neither written over anything nor restored into anything', async () => {
    const again = await fenghuo(['backup', '--data', source, '--to', folder], source);
    expect(again.code).toBe(1);
    expect(again.err).toContain('BACKUP_TARGET');
    const inside = await fenghuo(['backup', '--data', source, '--to', join(source, 'b')], source);
    expect(inside.code).toBe(1);
    expect(inside.err).toContain('BACKUP_TARGET');
    const full = await fenghuo(['restore', '--from', folder, '--data', source], source);
    expect(full.code).toBe(1);
    expect(full.err).toContain('RESTORE_TARGET');
  });
});

describe('a back-up without keys', { timeout: 240_000 }, () => {
  const options = ['--no-demo', '--no-warehouse'];

  it('says what has to be put back, and asks for tokens once restored, though tokens.json is not in it', async () => {
    const source = freshDir();
    const first = await served(start(source, options));
    expect((await fetch(`${first.url}/v1/warnings`)).status).toBe(200);
    const given = await fenghuo(['token', 'add', 'op', '--role', 'operator', '--data', source], source);
    const target = freshDir();
    const folder = join(target, 'backup');
    const left = ['--without-keys', '--without-warehouse'];
    // What a run that was killed left of it the day before.
    const [copy, data] = [join(target, '.backup.partial-0123456789ab'), join(target, 'data')];
    writeFileSync(copy, 'key');
    utimesSync(copy, 0, 0);
    const run = await fenghuo(['backup', '--data', source, '--to', folder, ...left], source);
    expect([run.code, run.out]).toEqual([0, expect.stringContaining('vault.key, seal.key, tokens.json')]);
    expect(run.err).toContain(`${copy} was left by a run that was killed, and is removed`);
    expect(readdirSync(target)).toEqual(['backup']);
    await ended(first.running);

    mkdirSync(join(target, '.data.partial-0123456789ab'));
    utimesSync(join(target, '.data.partial-0123456789ab'), 0, 0);
    const { code, out, err } = await fenghuo(['restore', '--from', folder, '--data', data], source);
    expect([code, readdirSync(target).sort()]).toEqual([0, ['backup', 'data']]);
    expect(err).toContain('.data.partial-0123456789ab was left by a run that was killed, and is removed');
    for (const name of ['vault.key', 'seal.key', 'tokens.json']) expect(out).toContain(`put ${name} into`);
    copyFileSync(join(source, 'vault.key'), join(data, 'vault.key'));
    copyFileSync(join(source, 'seal.key'), join(data, 'seal.key'));
    const second = await served(start(data, options));
    await second.running.printed(/"level":40,.*tokens\.json is missing/);
    const ask = async (headers = {}) => (await fetch(`${second.url}/v1/warnings`, { headers })).status;
    expect(await ask()).toBe(401);
    copyFileSync(join(source, 'tokens.json'), join(data, 'tokens.json'));
    expect(await ask()).toBe(401);
    expect(await ask({ authorization: `Bearer ${given.out.trim()}` })).toBe(200);
    await ended(second.running);
  });
});
