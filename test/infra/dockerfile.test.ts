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
  const named = (name: string) => stages.find(({ image }) => image.endsWith(` AS ${name}`));
  const build = named('build');
  const program = named('program');
  const last = stages.at(-1);

  it('builds in one stage and runs in another, both on one pinned Node', () => {
    const node = /^node:(\d+)\.\d+\.\d+-[a-z]+-slim/;
    expect(node.exec(build?.image ?? '')?.[0]).toBe(node.exec(program?.image ?? '')?.[0]);
    expect(Number(node.exec(program?.image ?? '')?.[1])).toBeGreaterThanOrEqual(20);
    const onto = stages
      .map(({ image }) => image.split(' ')[0])
      .filter((image) => !image?.startsWith('node:'));
    expect(onto).toEqual(['build', 'whole', 'program', 'program']);
  });

  it('has chDB where it runs embedded, and not where there is a server', () => {
    expect(of(named('embedded'), 'COPY')).toEqual(['--from=whole /app/node_modules node_modules']);
    expect(last?.image).toBe('program');
    expect(of(last, 'COPY')).toEqual(['--from=lean /app/node_modules node_modules']);
    expect(of(named('lean'), 'RUN')).toEqual(['rm -rf node_modules/chdb node_modules/@chdb']);
  });

  it('runs no script of a package, and keeps none that only the build needs', () => {
    const installs = stages
      .flatMap((stage) => of(stage, 'RUN'))
      .filter((rest) => /npm (ci|install|i)\b/.test(rest));
    expect(installs.length).toBeGreaterThan(0);
    expect(installs.filter((rest) => !/npm ci --ignore-scripts/.test(rest))).toEqual([]);
    expect(installs.at(-1)).toContain('--omit=dev');
    expect(of(program, 'RUN').filter((rest) => /npm|apt|curl|wget/.test(rest))).toEqual([]);
  });

  it('copies what is there and what .dockerignore lets through, and fetches nothing', () => {
    const paths = [...copied(build), ...copied(program)];
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(join(projectFolder(), path)))).toEqual([]);
    expect(ignored[0]).toBe('*');
    expect(paths.filter((path) => !ignored.includes(`!${path.split('/')[0]}`))).toEqual([]);
    expect(stages.flatMap((stage) => of(stage, 'ADD'))).toEqual([]);
    expect(ignored.slice(1).filter((line) => !existsSync(join(projectFolder(), line.slice(1))))).toEqual([]);
  });

  it('holds all that the package does', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const built = of(program, 'COPY').filter((rest) => rest.startsWith('--from=build'));
    const there = [...copied(program), ...built.flatMap((rest) => rest.split(/\s+/).slice(1, -1))];
    const missing = files.filter((path) => !there.includes(path) && !there.includes(`/app/${path}`));
    expect(missing).toEqual([]);
  });

  it('runs as a user without rights, who owns the volume alone', () => {
    expect(of(program, 'USER')).toEqual(['1000:1000']);
    const [volume = ''] = of(program, 'VOLUME');
    expect(of(program, 'RUN')).toEqual([`install -d -o node -g node -m 0750 ${volume}`]);
    expect(of(program, 'ENV').join(' ')).toContain(`FENGHUO_DATA=${volume}`);
    const words = program?.instructions.map(({ word }) => word) ?? [];
    expect(words.lastIndexOf('USER')).toBeGreaterThan(words.lastIndexOf('RUN'));
  });

  it('asks Node itself whether the process is ready', () => {
    const [check = ''] = of(program, 'HEALTHCHECK');
    const words = JSON.parse(check.slice(check.indexOf('CMD') + 3)) as string[];
    expect(words.slice(0, 2)).toEqual(['node', '-e']);
    expect(words[2]).toContain('/readyz');
    expect(of(program, 'ENTRYPOINT')).toEqual(['["node", "dist/src/main.js"]']);
  });
});
