// A data folder that is started again with other rules.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Embedded } from '../../src/app/embedded.js';
import { decodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { DAY, filesOf, HOUR, START } from '../engine/turns.js';

const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const counting = (over: string, levels: string) => `
scope: subject
indicators: { many: { from: complaint, count: '*', over: ${over} } }
levels: ${levels}
`;
const ONE = counting('7d', "{ orange: 'many >= 3' }");
const OLD = filesOf({ 'a/one': ONE, 'a/gone': counting('7d', "{ blue: 'many >= 1' }") });
const NEW = filesOf({ 'a/one': ONE, 'a/new': counting('14d', "{ red: 'many >= 4', blue: 'many >= 2' }") });

class Folder {
  readonly dir: string;
  now = START;
  private running: Embedded | null = null;

  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'fenghuo-rules-'));
    dirs.push(this.dir);
  }

  async start(files: ReadonlyMap<string, string>): Promise<Embedded> {
    const { rules } = loadRules(files);
    if (rules === null) throw new Error('the rules have faults');
    const failures: unknown[] = [];
    this.running = await Embedded.start({
      dataDir: this.dir,
      siteKey: new Uint8Array(32),
      rules,
      files,
      now: () => this.now,
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
        failure: (_, error) => failures.push(error),
      },
      probe: () => undefined,
      replay: null,
      warehouse: false,
      holders: { file: null, timestamps: null },
    });
    return this.running;
  }

  async complain(hours: number): Promise<void> {
    this.now = START + hours * HOUR;
    const time = new Date(this.now).toISOString();
    const event = {
      specversion: '1.0',
      id: `c${hours}`,
      source: 'urn:example:test',
      type: 'fenghuo.complaint',
      subject: 'shop:1',
      time,
      data: { category: '食品' },
    };
    const { accepted } = await this.embedded.accept(JSON.stringify([event]));
    expect(accepted).toBe(1);
  }

  /** Lets time pass to an instant, and waits for all that follows from it. */
  async pass(hours: number): Promise<void> {
    this.now = START + hours * HOUR;
    await this.embedded.ingest.tick(this.now);
    await this.embedded.drain();
  }

  async warnings(): Promise<string[]> {
    const states = await this.embedded.book.list(0, 100);
    return states.map(
      ({ level, latest: { transition } }) =>
        `${transition.model} ${level} ${transition.warning.slice(0, 8)}${transition.quiet ? ' quiet' : ''}`,
    );
  }

  async log(): Promise<LogRecord[]> {
    const stored = await this.embedded.folder.logs.events.read(0, 0, 10_000);
    return stored.map(({ value }) => decodeRecord(value));
  }

  get embedded(): Embedded {
    if (this.running === null) throw new Error('it does not run');
    return this.running;
  }
}

const withoutIds = (lines: readonly string[]) => lines.map((line) => line.replace(/ [0-9a-f]{8}/, ''));

describe('a data folder that is started with other rules', () => {
  it('goes on: warnings of models that stay stand, those of removed ones end, new ones know the history', async () => {
    const folder = new Folder();
    await folder.start(OLD);
    for (const hour of [1, 2, 3]) await folder.complain(hour);
    await folder.pass(4);
    const before = await folder.warnings();
    expect(withoutIds(before)).toEqual(['a/one orange', 'a/gone blue']);
    await folder.embedded.stop();

    await folder.start(NEW);
    await folder.pass(30);
    const after = await folder.warnings();
    expect(withoutIds(after)).toEqual(['a/one orange', 'a/new blue quiet']);
    expect(after[0]).toBe(before[0]);
    await folder.complain(31);
    await folder.pass(32);
    expect(withoutIds(await folder.warnings())).toEqual(['a/new red', 'a/one orange']);
    const log = await folder.log();
    expect(log.filter(({ kind }) => kind === 'event')).toHaveLength(4);
    expect(log.filter(({ kind }) => kind === 'revision')).toHaveLength(2);
    expect(log.filter(({ kind }) => kind === 'primed')).toHaveLength(1);
    await folder.embedded.stop();
  });

  it('the same rules again announce nothing, and the former ones come back', async () => {
    const folder = new Folder();
    await folder.start(OLD);
    for (const hour of [1, 2, 3]) await folder.complain(hour);
    await folder.embedded.stop();
    for (const files of [NEW, NEW, OLD]) {
      await folder.start(files);
      await folder.embedded.stop();
    }
    await folder.start(OLD);
    await folder.pass(24 * 3);
    expect(withoutIds(await folder.warnings())).toEqual(['a/one orange', 'a/gone blue quiet']);
    expect((await folder.log()).filter(({ kind }) => kind === 'revision')).toHaveLength(3);
    await folder.pass((9 * DAY) / HOUR);
    expect(await folder.warnings()).toEqual([]);
    await folder.embedded.stop();
  });

  it('what was applied stands over a start, until the folder of rules is another', async () => {
    const folder = new Folder();
    await folder.start(OLD);
    for (const hour of [1, 2, 3]) await folder.complain(hour);
    const applied = loadRules(NEW).rules;
    if (applied === null) throw new Error('the rules have faults');
    const asker = { account: 'op', role: 'operator', department: null };
    const wanted = { rules: applied, files: NEW, way: 'apply', note: '试用' } as const;
    const { changing } = folder.embedded.models;
    expect(await changing.apply(wanted, asker)).toMatchObject({ outcome: 'announced' });
    await folder.pass(4);
    const before = withoutIds(await folder.warnings());
    expect(before).toEqual(['a/one orange', 'a/new blue quiet']);
    await folder.embedded.stop();
    await folder.start(OLD);
    await folder.pass(5);
    expect(withoutIds(await folder.warnings())).toEqual(before);
    expect(folder.embedded.rules.revision).toBe(applied.revision);
    await folder.embedded.stop();
    await folder.start(filesOf({ 'a/one': ONE }));
    await folder.pass(6);
    expect(withoutIds(await folder.warnings())).toEqual(['a/one orange']);
    const ways = (await folder.embedded.models.changing.history()).map(({ way }) => way);
    expect(ways).toEqual(['start', 'apply', 'start']);
    await folder.embedded.stop();
  });
});
