// The habits of the project, enforced: layout, imports, sizes, names, wording.
import { describe, expect, test } from 'vitest';
import {
  IMPORT_TABLE,
  PURE_FOLDERS,
  folderOf,
  refusedImport,
  tableRow,
  type Import,
} from './tidy/import-table.js';
import * as source from './tidy/source.js';

const FILE_LINES = 400;
const FUNCTION_LINES = 70;

const TOP_LEVEL = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'src',
  'rules',
  'dashboards',
  'infra',
  'test',
  'README.md',
  'LICENSE',
];
const VAGUE_NAMES = ['utils', 'common', 'helpers', 'misc', 'core', 'services', 'types'];

const files = source.trackedFiles();
const code = files.filter((path) => /^(src|infra|test|dashboards)\/.*\.(ts|js|py|lua|sql|sh)$/.test(path));
const typescript = code.filter((path) => path.endsWith('.ts'));
const inSource = typescript.filter((path) => path.startsWith('src/'));
const ruled = typescript.filter((path) => /^(src|infra)\//.test(path));
const pure = inSource.filter((path) => PURE_FOLDERS.includes(folderOf(path)));
const texts = files.filter((path) => !/\.(png|svg|gz|parquet|bin)$/.test(path));

/** Lines of a file that match, as `path:line: text`. */
function matches(path: string, pattern: RegExp): string[] {
  const found: string[] = [];
  for (const [index, text] of source.textOf(path).split('\n').entries()) {
    if (pattern.test(text)) found.push(`${path}:${index + 1}: ${text.trim().slice(0, 120)}`);
  }
  return found;
}

describe('layout', () => {
  test('the top level holds the agreed names and dot files only', () => {
    const top = new Set(files.map((path) => path.split('/')[0] ?? ''));
    expect([...top].filter((name) => !name.startsWith('.') && !TOP_LEVEL.includes(name))).toEqual([]);
  });

  test('no folder or file has a name that says nothing', () => {
    const vague = (part: string) => VAGUE_NAMES.includes(part.replace(/\..*$/, '').toLowerCase());
    expect(files.filter((path) => path.split('/').some(vague))).toEqual([]);
  });

  test('a file has at most 400 lines', () => {
    const lines = (path: string) => source.textOf(path).trimEnd().split('\n').length;
    expect(code.filter((path) => lines(path) > FILE_LINES).map((path) => `${path}: ${lines(path)}`)).toEqual(
      [],
    );
  });

  test('a function has at most 70 lines', () => {
    const long = typescript.flatMap((path) =>
      source
        .functionsOf(path)
        .filter(({ lines }) => lines > FUNCTION_LINES)
        .map(({ name, line, lines }) => `${path}:${line}: ${name} has ${lines}`),
    );
    expect(long).toEqual([]);
  });

  test('the main file of each folder begins with a comment, and every other file says what it is', () => {
    const folders = new Set(ruled.map((path) => path.replace(/\/[^/]+$/, '')));
    const within = (folder: string) => ruled.filter((path) => path.replace(/\/[^/]+$/, '') === folder);
    expect([...folders].filter((folder) => !within(folder).some(source.beginsWithComment))).toEqual([]);
    expect(ruled.filter((path) => !source.saysWhatItIs(path))).toEqual([]);
  });

  test('generated files say so', () => {
    const generated = files.filter((path) => /(\.schema|\/schema)\.json$|^dashboards\/.*\.json$/.test(path));
    expect(generated.filter((path) => !/generated/i.test(source.textOf(path).slice(0, 500)))).toEqual([]);
  });
});

describe('imports', () => {
  const imports = new Map<string, Import[]>(ruled.map((path) => [path, source.importsOf(path)]));

  test('each folder imports what the table allows', () => {
    const refused: string[] = [];
    for (const [path, list] of imports) {
      for (const item of list) {
        const reason = refusedImport(path, item);
        if (reason !== null) refused.push(`${path}:${item.line}: ${reason}`);
      }
    }
    expect(refused).toEqual([]);
  });

  test('there is no cycle, not even of types', () => {
    const edges = new Map<string, string[]>();
    for (const [path, list] of imports) {
      edges.set(
        path,
        list.flatMap(({ relative, target }) => (relative && target !== null ? [target] : [])),
      );
    }
    expect(source.findCycle(edges)?.join(' -> ') ?? 'none').toBe('none');
  });

  test('the table refuses what it does not list, and a cycle is found', () => {
    const refusal = (path: string, target: string, typeOnly = false) =>
      refusedImport(path, { target, relative: !target.startsWith('node:'), typeOnly, line: 1 });
    expect(refusal('src/engine/step.ts', 'node:fs')).toBe('src/engine imports node:fs');
    expect(refusal('src/engine/step.ts', 'src/ports/log.ts', true)).toBe(
      'src/engine imports src/ports/log.ts',
    );
    expect(refusal('src/adapters/kafka/log.ts', 'src/adapters/lmdb/log.ts')).not.toBeNull();
    expect(refusal('src/adapters/kafka/log.ts', 'src/model/model.ts')).toContain('more than types');
    expect(refusal('src/adapters/kafka/log.ts', 'src/model/model.ts', true)).toBeNull();
    expect(refusal('src/unknown/a.ts', 'src/events/event.ts')).toContain('no row');
    expect(
      source.findCycle(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b', 'c', 'b']);
  });

  test('README shows the table', () => {
    const readme = source.textOf('README.md');
    expect(
      Object.keys(IMPORT_TABLE)
        .map(tableRow)
        .filter((row) => !readme.includes(row)),
    ).toEqual([]);
  });

  test('ports leave nothing at run time', () => {
    const ports = inSource.filter((path) => folderOf(path) === 'src/ports');
    const left = ports.flatMap((path) => source.runtimeStatements(path).map((line) => `${path}:${line}`));
    expect(ports).not.toEqual([]);
    expect(left).toEqual([]);
  });
});

describe('purity', () => {
  test('what reckons has no clock, chance, console, process or asynchrony', () => {
    const impure = pure.flatMap((path) =>
      source.impuritiesOf(path).map(({ what, line }) => `${path}:${line}: ${what}`),
    );
    expect(pure.length).toBeGreaterThan(50);
    expect(impure).toEqual([]);
  });

  test('only src/app reads the environment', () => {
    const readers = ruled.filter((path) => folderOf(path) !== 'src/app');
    const found = readers.flatMap((path) => source.environmentReads(path).map((line) => `${path}:${line}`));
    expect(found).toEqual([]);
  });
});

describe('wording', () => {
  // Letters in brackets keep these patterns from matching themselves.
  const WORKPLACE =
    /\b(sessio[n]|subagen[t]|helper agen[t]|issue #?\d|claud[e]|anthropi[c]|copilo[t]|chatgp[t])\b/i;
  /** Where the word is one of ClickHouse, or of a setting of Kafka. */
  const SESSIONS =
    /^(src|test)\/adapters\/(chdb|clickhouse)\/|^test\/(contract|support)\/(warehouse|servers\/kafka)\.ts:/;

  test('the project speaks of itself alone', () => {
    const found = texts.flatMap((path) => matches(path, WORKPLACE));
    const others = found.filter(
      (hit) => !(SESSIONS.test(hit) && !/subagen|claud|anthropi|copilo|chatgp/i.test(hit)),
    );
    expect(others).toEqual([]);
  });

  test('no path of one machine stands in a file', () => {
    expect(texts.flatMap((path) => matches(path, /(^|[^\w.])\/(work|root|home)\//))).toEqual([]);
  });

  test('no package is bound to the host of a registry', () => {
    expect(matches('package-lock.json', /"resolved"|https?:\/\/[^"]*\.tgz/)).toEqual([]);
    expect(matches('.npmrc', /registry\s*=|_auth/)).toEqual([]);
  });
});
