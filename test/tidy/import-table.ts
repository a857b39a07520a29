// Who may import what: the table of README.md, as data.

/** What the files of one folder may import besides each other. */
export interface ImportRule {
  /** Folders whose values and types it may import. */
  readonly folders: readonly string[];
  /** Folders of which it may import types only. */
  readonly types?: readonly string[];
  /** Packages, by name. */
  readonly packages?: readonly string[];
  /** Whether it may import Node's own modules. */
  readonly node?: true;
}

const HASHES = '@noble/hashes';
const PURE = [HASHES, '@marcbachmann/cel-js', 'canonicalize', 'luxon', 're2js', 'yaml', 'zod'];

/** What every vault encrypts with: a part of adapters rather than one, so that no two encrypt differently. */
const PERSON_KEYS = 'src/adapters/person-keys';

/** By folder; a folder without a row may not exist. Each folder below src/adapters is one of its own. */
export const IMPORT_TABLE: Readonly<Record<string, ImportRule>> = {
  'src/events': { folders: [], packages: ['zod', HASHES] },
  'src/catalogue': { folders: ['src/events'], packages: ['zod', 'luxon', 'chinese-days'] },
  'src/model': { folders: ['src/catalogue', 'src/events'], packages: PURE },
  'src/evidence': {
    folders: [],
    types: ['src/events'],
    packages: [HASHES, '@noble/curves', 'canonicalize', 'zod'],
  },
  'src/engine': { folders: ['src/model', 'src/events', 'src/evidence'], packages: [HASHES] },
  'src/alerts': {
    folders: ['src/engine', 'src/catalogue', 'src/evidence', 'src/model', 'src/events'],
    packages: [HASHES],
  },
  'src/ports': { folders: [], types: ['src/events', 'src/alerts'] },
  'src/pipeline': {
    folders: [
      'src/events',
      'src/catalogue',
      'src/model',
      'src/engine',
      'src/alerts',
      'src/evidence',
      'src/ports',
    ],
    packages: [...PURE, 'pure-rand'],
  },
  [PERSON_KEYS]: { folders: ['src/events'], node: true },
  'src/adapters': {
    folders: ['src/ports', 'src/events', PERSON_KEYS],
    types: ['src/model'],
    packages: [
      '@clickhouse/client',
      '@fastify/rate-limit',
      '@node-rs/crc32',
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
      'asn1js',
      'chdb',
      'chokidar',
      'cookie',
      'csv-parse',
      'echarts',
      'fastify',
      'fzstd',
      'ioredis',
      'ipaddr.js',
      'kafkajs',
      'lmdb',
      'luxon',
      'lz4-napi',
      'nodemailer',
      'pkijs',
      'snappyjs',
      'tar',
      'undici',
      'zod',
    ],
    node: true,
  },
  'src/app': {
    folders: [
      'src/adapters',
      'src/alerts',
      'src/catalogue',
      'src/engine',
      'src/events',
      'src/evidence',
      'src/model',
      'src/pipeline',
      'src/ports',
      'infra/demo',
    ],
    packages: ['luxon', 'pino', 'prom-client'],
    node: true,
  },
  'src/commands': {
    folders: ['src/app', 'src/model', 'src/catalogue', 'src/pipeline', 'src/events'],
    types: ['src/evidence'],
    packages: ['@clack/prompts', 'commander'],
    node: true,
  },
  'src/main.ts': { folders: ['src/commands'] },
  'infra/demo': { folders: ['src/events'] },
  'infra/mappings': { folders: [], node: true },
};

/** Files that import what a variable names: a package that may be absent, so that no build depends on it. */
const COMPUTED_IMPORTS = ['src/adapters/chdb/engine.ts'];

/** Folders that only reckon: no Node, nothing asynchronous, no clock, chance or environment of their own. */
export const PURE_FOLDERS = [
  'src/events',
  'src/catalogue',
  'src/model',
  'src/evidence',
  'src/engine',
  'src/alerts',
];

/** The folder of the table to which a path belongs. */
export function folderOf(path: string): string {
  const [first = '', second = '', third = ''] = path.split('/');
  return second === 'adapters' ? `${first}/${second}/${third}` : `${first}/${second}`;
}

/** The package of an import that is not relative: `@noble/hashes/sha2.js` is of `@noble/hashes`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** One import of one file. */
export interface Import {
  /** The path it leads to, or the name of a package or of a module of Node; null where it is computed. */
  readonly target: string | null;
  readonly relative: boolean;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Why an import is not allowed, or null where it is. */
export function refusedImport(path: string, { target, relative, typeOnly }: Import): string | null {
  const from = folderOf(path);
  const rule = IMPORT_TABLE[ruleName(from)];
  if (rule === undefined) return `${from} has no row in test/tidy/import-table.ts`;
  if (target === null) return COMPUTED_IMPORTS.includes(path) ? null : `${from} computes what it imports`;
  if (!relative) {
    if (target.startsWith('node:')) return rule.node === true ? null : `${from} imports ${target}`;
    const name = packageOf(target);
    return rule.packages?.includes(name) === true ? null : `${from} imports the package ${name}`;
  }
  const to = folderOf(target);
  if (to === from || rule.folders.includes(ruleName(to))) return null;
  if (rule.types?.includes(to) === true) return typeOnly ? null : `${from} imports more than types of ${to}`;
  return `${from} imports ${target}`;
}

/** The row of a folder: that of src/adapters for each folder below it that has none of its own. */
function ruleName(folder: string): string {
  if (folder in IMPORT_TABLE) return folder;
  return folder.startsWith('src/adapters/') ? 'src/adapters' : folder;
}

/** The row of a folder as README.md shows it. */
export function tableRow(name: string): string {
  const { folders = [], types = [], packages = [], node } = IMPORT_TABLE[name] ?? {};
  const short = (folder: string) => folder.replace(/^src\//, '');
  const imported = [...folders.map(short), ...types.map((folder) => `${short(folder)} (types)`)];
  const outside = [...packages, ...(node === true ? ['Node'] : [])];
  return `| \`${short(name)}\` | ${imported.join(', ')} | ${outside.join(', ')} |`;
}
