// infra/Dockerfile: what goes into the image, who runs in it, and that all of it is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../src/app/version.js';

interface Instruction {
  readonly word: string;
  readonly rest: string;
}
interface Stage {
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

const read = (name: string) => readFileSync(join(projectFolder(), name), 'utf8');
const stages = stagesOf(read('infra/Dockerfile'));
const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** The stages of a Dockerfile; arguments before the first stand for what they default to. */
function stagesOf(text: string): Stage[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  const defaults = new Map<string, string>();
  const found: { image: string; instructions: Instruction[] }[] = [];
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const [name = '', value = ''] = rest.split('=');
    if (word === 'ARG' && found.length === 0) defaults.set(name, value);
    else if (word === 'FROM')
      found.push({
        image: rest.replace(/\$\{(\w+)\}/, (_, arg: string) => defaults.get(arg) ?? ''),
        instructions: [],
      });
    else found.at(-1)?.instructions.push({ word, rest });
  }
  return found;
}

const of = (stage: Stage | undefined, word: string): string[] =>
  (stage?.instructions ?? []).filter((one) => one.word === word).map(({ rest }) => rest);
/** What a stage copies from the folder of the project. */
const copied = (stage: Stage | undefined): string[] =>
  of(stage, 'COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(/\s+/).slice(0, -1));

describe('infra/Dockerfile', () => {
  const [build, last] = stages;

  it('builds in one stage and runs in another, both on one pinned Node', () => {
    expect(stages).toHaveLength(2);
    const node = /^node:(\d+)\.\d+\.\d+-[a-z]+-slim/;
    expect(node.exec(build?.image ?? '')?.[0]).toBe(node.exec(last?.image ?? '')?.[0]);
    expect(Number(node.exec(last?.image ?? '')?.[1])).toBeGreaterThanOrEqual(20);
    expect(build?.image).toMatch(/ AS build$/);
  });

  it('runs no script of a package, and keeps none that only the build needs', () => {
    const installs = stages
      .flatMap((stage) => of(stage, 'RUN'))
      .filter((rest) => /npm (ci|install|i)\b/.test(rest));
    expect(installs.length).toBeGreaterThan(0);
    expect(installs.filter((rest) => !/npm ci --ignore-scripts/.test(rest))).toEqual([]);
    expect(installs.at(-1)).toContain('--omit=dev');
    expect(of(last, 'RUN').filter((rest) => /npm|apt|curl|wget/.test(rest))).toEqual([]);
  });

  it('copies what is there and what .dockerignore lets through, and fetches nothing', () => {
    const paths = [...copied(build), ...copied(last)];
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(join(projectFolder(), path)))).toEqual([]);
    expect(ignored[0]).toBe('*');
    expect(paths.filter((path) => !ignored.includes(`!${path.split('/')[0]}`))).toEqual([]);
    expect(stages.flatMap((stage) => of(stage, 'ADD'))).toEqual([]);
    expect(ignored.slice(1).filter((line) => !existsSync(join(projectFolder(), line.slice(1))))).toEqual([]);
  });

  it('holds all that the package does', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const built = of(last, 'COPY').filter((rest) => rest.startsWith('--from=build'));
    const there = [...copied(last), ...built.flatMap((rest) => rest.split(/\s+/).slice(1, -1))];
    const missing = files.filter((path) => !there.includes(path) && !there.includes(`/app/${path}`));
    expect(missing).toEqual([]);
  });

  it('runs as a user without rights, who owns the volume alone', () => {
    expect(of(last, 'USER')).toEqual(['node']);
    const [volume = ''] = of(last, 'VOLUME');
    expect(of(last, 'RUN')).toEqual([`install -d -o node -g node -m 0750 ${volume}`]);
    expect(of(last, 'ENV').join(' ')).toContain(`FENGHUO_DATA=${volume}`);
    const words = last?.instructions.map(({ word }) => word) ?? [];
    expect(words.lastIndexOf('USER')).toBeGreaterThan(words.lastIndexOf('RUN'));
  });

  it('asks Node itself whether the process is ready', () => {
    const [check = ''] = of(last, 'HEALTHCHECK');
    const words = JSON.parse(check.slice(check.indexOf('CMD') + 3)) as string[];
    expect(words.slice(0, 2)).toEqual(['node', '-e']);
    expect(words[2]).toContain('/readyz');
    expect(of(last, 'ENTRYPOINT')).toEqual(['["node", "dist/src/main.js"]']);
  });
});
