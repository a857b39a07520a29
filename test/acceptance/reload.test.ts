// The folder of rules changed under the running program: brought in, refused, asked for by signal, and killed on the way.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelsView } from '../../src/app/models-side.js';
import { RULE_FILES } from '../app/office.js';
import { newDataDir } from './embedded.js';
import { cleanUp, launch, type Running } from './program.js';

const MODEL = 'food/complained.yaml';
const OTHER = (RULE_FILES.get(MODEL) ?? '').replace('yellow:', 'orange:');
const FAULTY = (RULE_FILES.get(MODEL) ?? '').replace("'score >= 1'", "'scores >= 1'");

const dirs: string[] = [];
afterAll(() => cleanUp(dirs));

let data: string;
let rules: string;
beforeEach(() => {
  [data, rules] = [newDataDir(), newDataDir()];
  dirs.push(data, rules);
  for (const [path, text] of RULE_FILES) write(path, text);
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(rules, path)), { recursive: true });
  writeFileSync(join(rules, path), text);
}

const start = (environment: Record<string, string> = {}) =>
  launch(
    ['--data', data, '--rules', rules, '--reload', '--no-demo', '--no-warehouse', '--log-level', 'info'],
    environment,
  );
const urlOf = async (running: Running) => (await running.printed(/serving: (http:\S+)/))[1] ?? '';
const view = async (url: string) => (await (await fetch(`${url}/v1/models`)).json()) as ModelsView;
const metric = async (url: string, name: string) =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
const inForce = async (running: Running) =>
  (await running.printed(/"revision":"([0-9a-f]{16})","msg":"the rules are in force"/))[1];
const end = async ({ child, ended }: Running) => {
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
};

describe('the folder of rules of a program that runs with --reload', () => {
  it('comes in when it changes, and who, when and what are on record', async () => {
    const running = start();
    const url = await urlOf(running);
    const before = await view(url);
    // Half of a file, and the rest a moment later: it is read when it is at rest.
    write(MODEL, OTHER.slice(0, 60));
    write(MODEL, OTHER);
    const revision = await inForce(running);
    const after = await view(url);
    expect(after.announced).toBe(revision);
    expect(after.changes.at(-1)).toMatchObject({
      ...{ way: 'folder', revision, former: before.running, note: null },
      models: [{ name: 'food/complained', change: 'changed' }],
    });
    expect(after.changes.at(-1)?.by).toMatch(/^os:/);
    expect(await metric(url, 'fenghuo_rules_reloads_total{outcome="refused"}')).toBe(0);
    await end(running);
  });

  it('is refused with code and place where it has errors, and the former rules run on until it is mended', async () => {
    const running = start();
    const url = await urlOf(running);
    const before = await view(url);
    write(MODEL, FAULTY);
    const [line] = await running.printed(/.*"code":"FILES_INVALID".*/);
    expect(line).toMatch(/food\/complained\.yaml:\d+:\d+: [A-Z_]+/);
    expect(await view(url)).toEqual(before);
    expect(await metric(url, 'fenghuo_rules_reloads_total{outcome="refused"}')).toBe(1);
    expect(await metric(url, 'fenghuo_rules_folder_faulty')).toBe(1);
    // A folder that is gone for a moment harms as little.
    rmSync(join(rules, MODEL));
    write(MODEL, OTHER);
    expect(await inForce(running)).not.toBe(before.running);
    expect(await metric(url, 'fenghuo_rules_folder_faulty')).toBe(0);
    await end(running);
  });

  it('gives way to rules that were applied, until a signal asks for it', async () => {
    const running = start();
    const url = await urlOf(running);
    const { running: first } = await view(url);
    const files = { ...Object.fromEntries(RULE_FILES), [MODEL]: OTHER };
    const answer = await fetch(`${url}/v1/models`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ files }),
    });
    const { revision } = (await answer.json()) as { revision: string };
    expect(await inForce(running)).toBe(revision);
    running.child.kill('SIGHUP');
    await running.printed(new RegExp(`"revision":"${first}","msg":"the rules are in force"`));
    expect((await view(url)).changes.map(({ way }) => way)).toEqual(['start', 'apply', 'folder']);
    await end(running);
  });

  for (const [point, left] of [
    ['before-announce', 'former'],
    ['after-announce', 'latter'],
  ] as const) {
    it(`killed ${point} leaves the ${left} rules announced, and the next start goes on with the folder`, async () => {
      const killed = start({ FENGHUO_CRASH_AT: `${point}:1` });
      const { running: first } = await view(await urlOf(killed));
      write(MODEL, OTHER);
      expect((await killed.ended).signal).toBe('SIGKILL');
      // The folder as it was before, so that nothing but what was announced brings the other rules in.
      const other = readFileSync(join(rules, MODEL), 'utf8');
      write(MODEL, RULE_FILES.get(MODEL) ?? '');
      const again = start();
      const url = await urlOf(again);
      const { announced, changes } = await view(url);
      expect(announced).toBe(first);
      const known = changes.map(({ way, at }) => `${way} ${at === null ? 'never' : 'in force'}`);
      expect(known).toEqual(
        left === 'former'
          ? ['start in force', 'folder never']
          : ['start in force', 'folder in force', 'start in force'],
      );
      write(MODEL, other);
      await again.printed(/"revision":"[0-9a-f]{16}","at":\d+,"msg":"the folder of rules has changed/);
      await end(again);
    });
  }
});
