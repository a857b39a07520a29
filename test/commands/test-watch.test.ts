// Folders watched for real: what is heard of them, and the command that runs tests again.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFolders } from '../../src/adapters/files/rule-watching.js';
import { MAIN, fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const TEST = (level: string) => `model: elevator/overload
cases:
  - name: three are orange
    device: { capacity: 10 }
    events: [ { at: 0m, sensor-reading: { metric: load, value: 11 }, times: 3, every: 1m } ]
    expect: [ { at: 2m, level: ${level} }, { at: 1h, level: none } ]
  - name: nothing
    events: []
    expect: []
`;

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'fenghuo-watch-')));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** What was heard so far, and whoever waits for a part of it. */
function hearing() {
  let heard = '';
  const looks = new Set<() => void>();
  return {
    take: (text: string) => {
      heard += text;
      for (const look of looks) look();
    },
    all: () => heard,
    until: (pattern: RegExp) =>
      new Promise<void>((done) => {
        const look = () => {
          if (!pattern.test(heard)) return;
          looks.delete(look);
          done();
        };
        looks.add(look);
        look();
      }),
  };
}

describe('a watched folder', () => {
  it('tells of YAML files that are added, changed, replaced and removed, in new folders too', async () => {
    await writeRules(folder);
    const heard = hearing();
    const watching = await watchFolders(
      [folder],
      (path) => heard.take(`${path.slice(folder.length + 1)}\n`),
      (error) => heard.take(String(error)),
    );
    await writeFile(join(folder, 'food/.hidden.yaml'), 'x');
    await writeFile(join(folder, 'food/notes.txt'), 'x');
    await writeFile(join(folder, 'food/repeat-complaints.yaml'), 'model: x\n');
    await heard.until(/^food\/repeat-complaints.yaml$/m);
    await mkdir(join(folder, 'gas'));
    await writeFile(join(folder, 'gas/new.yaml'), 'x');
    await heard.until(/^gas\/new.yaml$/m);
    await writeFile(join(folder, 'food/.hidden.yaml'), 'model: y\n');
    await rename(join(folder, 'food/.hidden.yaml'), join(folder, 'elevator/overload.yaml'));
    await heard.until(/^elevator\/overload.yaml$/m);
    await rm(join(folder, 'catalogue/lists.yaml'));
    await heard.until(/^catalogue\/lists.yaml$/m);
    await watching.close();
    expect(heard.all()).not.toMatch(/hidden|notes|Error/);
  });
});

describe('fenghuo test --watch', () => {
  it('runs again when a file is saved, and ends on Ctrl-C with the last result', async () => {
    const changed = { 'elevator/overload.test.yaml': TEST('red'), 'food/repeat-complaints.yaml': null };
    await writeRules(join(folder, 'rules'), changed);
    const file = join(folder, 'rules/elevator/overload.test.yaml');
    for (const [first, then, code] of [
      ['red', 'orange', 0],
      ['orange', 'red', 1],
    ] as const) {
      await writeFile(file, TEST(first));
      const output = hearing();
      child = spawn(process.execPath, [MAIN, 'test', '--watch', 'rules'], { cwd: folder });
      const ended = new Promise<number | null>((done) => child?.once('close', done));
      child.stdout?.on('data', (chunk: Buffer) => output.take(chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => output.take(chunk.toString()));
      await output.until(/passed, \d failed\nwaiting for changes/);
      // Whole at once, so that no half of it is ever read.
      await writeFile(`${folder}/then.yaml`, TEST(then));
      await rename(`${folder}/then.yaml`, file);
      await output.until(/changed: rules\/elevator\/overload.test.yaml\n[^]*passed, \d failed\nwaiting/);
      child.kill('SIGINT');
      expect(await ended).toBe(code);
      const results = output.all().match(/\d passed, \d failed/g);
      const [bad, good] = ['1 passed, 1 failed', '2 passed, 0 failed'];
      expect([results?.[0], results?.at(-1)]).toEqual(code === 0 ? [bad, good] : [good, bad]);
    }
  });

  it('prints no documents one after the other', async () => {
    await writeRules(join(folder, 'rules'));
    const run = await fenghuo(['test', '--watch', '--format', 'json'], folder);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain('USAGE');
  });
});
