import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLAINTS, READINGS, replaced } from '../model/rules-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const MODEL = 'food/repeat-complaints.yaml';
const WRONG = replaced(COMPLAINTS, "yellow: 'complaints >= 3'", 'yellow: "complaints >= 3"   # 三次');
const RIGHT = replaced(COMPLAINTS, "yellow: 'complaints >= 3'", "yellow: 'complaints >= 3'   # 三次");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-fmt-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const fmt = (...args: string[]) => fenghuo(['fmt', ...args], folder);
const file = (path = MODEL) => join(folder, 'rules', path);
const textOf = (path = MODEL) => readFile(file(path), 'utf8');

describe('fenghuo fmt', () => {
  it('puts expressions right, lists the files, and finds nothing more to do', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: WRONG });
    await chmod(file(), 0o640);
    expect(await fmt()).toEqual({ code: 0, out: `rules/${MODEL}\n`, err: '' });
    expect(await textOf()).toBe(RIGHT);
    expect(await textOf('elevator/overload.yaml')).toBe(READINGS);
    expect((await stat(file())).mode & 0o777).toBe(0o640);
    expect(await readdir(join(folder, 'rules/food'))).toEqual(['repeat-complaints.yaml']);
    expect(await fmt('--check')).toEqual({ code: 0, out: '', err: '' });
    expect((await fenghuo(['check'], folder)).code).toBe(0);
  });

  it('changes nothing with --check, and fails where it would', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: WRONG });
    expect(await fmt('--check')).toEqual({ code: 1, out: `rules/${MODEL}\n`, err: '' });
    expect(await textOf()).toBe(WRONG);
  });

  it('keeps a byte order mark and line ends', async () => {
    const windows = (text: string) => `\u{FEFF}${text.replaceAll('\n', '\r\n')}`;
    await writeRules(join(folder, 'rules'), { [MODEL]: windows(WRONG) });
    expect((await fmt()).code).toBe(0);
    expect(await textOf()).toBe(windows(RIGHT));
  });

  it('looks at what is named alone', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: WRONG });
    expect((await fmt('rules/elevator')).out).toBe('');
    expect(await textOf()).toBe(WRONG);
    expect((await fmt(`rules/${MODEL}`)).out).toBe(`rules/${MODEL}\n`);
  });

  it('follows no link', async () => {
    await writeRules(join(folder, 'rules'));
    await writeFile(join(folder, 'rules', '.kept.yaml'), WRONG);
    await symlink('../.kept.yaml', file('food/linked.yaml'));
    expect(await fmt()).toEqual({ code: 0, out: '', err: '' });
    expect(await readFile(join(folder, 'rules', '.kept.yaml'), 'utf8')).toBe(WRONG);
  });

  it('says what must be put right by hand', async () => {
    const byHand = replaced(COMPLAINTS, "'complaints >= 3'", '"complaints // 次\\n >= 3"');
    await writeRules(join(folder, 'rules'), { [MODEL]: byHand });
    const run = await fmt();
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toMatch(new RegExp(`^rules/${MODEL}:\\d+:11: error MODEL_QUOTE: `));
    expect(await textOf()).toBe(byHand);
  });

  it('writes nothing where a file is no YAML', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: WRONG, 'food/broken.yaml': 'model: {\n' });
    const run = await fmt();
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toContain('rules/food/broken.yaml:');
    expect(run.err).toContain('FILES_INVALID');
    expect(await textOf()).toBe(WRONG);
  });
});
