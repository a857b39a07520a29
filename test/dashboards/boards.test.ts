// The dashboards: as the code makes them, valid by the foundation SDK's types, and each panel a question with a way on.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { createGenerator } from 'ts-json-schema-generator';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CLICKHOUSE, PROMETHEUS, sqlOf } from '../../dashboards/clickhouse.js';
import { dashboards, textOf } from '../../dashboards/dashboards.js';
import { INDUSTRY_NAMES } from '../../dashboards/industries.js';
import { BOARDS, leadOf } from '../../dashboards/links.js';
import { namesAt } from '../../dashboards/names.js';
import { COLUMNS } from '../../dashboards/words.js';
import { projectFolder } from '../../src/app/version.js';
import { rows } from '../support/metrics.js';
import { promtool, promtoolRuns } from '../support/promtool.js';

/** What prom-client says of a process. */
const OTHERS = ['process_resident_memory_bytes', 'process_cpu_seconds_total'];
const hasPromtool = await promtoolRuns();
/** Columns of text beside figures over time. */
const LABELS = ['stream', 'department', 'model', 'indicator', 'metric'];
const FOLDER = join(projectFolder(), 'dashboards');
const QUERIES = join(FOLDER, 'queries');
const names = await namesAt(join(projectFolder(), 'rules'));
const boards = [...dashboards(names)];
const panelsOf = (name: string) =>
  (boards.find(([board]) => board === name)?.[1].panels ?? []).flatMap((panel) =>
    panel.type === 'row' ? [] : [panel as Panel],
  );
/** What a panel asks, of ClickHouse or of Prometheus. */
const targetsOf = ({ targets = [] }: Panel) =>
  targets as unknown as readonly {
    readonly rawSql?: string;
    readonly expr?: string;
    readonly legendFormat?: string;
  }[];
const everyPanel = boards.flatMap(([name]) => panelsOf(name).map((panel) => ({ name, panel })));

const METRIC_TARGET = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: z.strictObject({ type: z.literal(PROMETHEUS.type), uid: z.literal(PROMETHEUS.uid) }),
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  instant: z.boolean().optional(),
  range: z.boolean().optional(),
});
const SQL_TARGET = z.strictObject({
  refId: z.literal('A'),
  datasource: z.strictObject({ type: z.literal(CLICKHOUSE.type), uid: z.literal(CLICKHOUSE.uid) }),
  editorType: z.literal('sql'),
  queryType: z.enum(['table', 'timeseries']),
  format: z.int().min(0).max(1),
  rawSql: z.string().min(1),
  pluginVersion: z.string().regex(/^\d+\.\d+\.\d+$/),
});

interface PlainPanel {
  readonly type: string;
  readonly options: unknown;
  readonly fieldConfig: { readonly defaults: { readonly custom?: unknown } };
}

/** Validators made from the SDK's own types; a field that they do not have is a fault. */
function validator(type: 'Board' | 'Panels'): ValidateFunction {
  const schema = createGenerator({
    path: join(projectFolder(), 'test/dashboards/sdk-types.ts'),
    tsconfig: join(projectFolder(), 'tsconfig.json'),
    type,
    skipTypeCheck: true,
    functions: 'hide',
    additionalProperties: false,
    expose: type === 'Board' ? 'all' : 'none',
  }).createSchema(type);
  return new Ajv({ strict: false, allErrors: true }).compile(schema as object);
}

let isBoard: ValidateFunction;
let isPanels: ValidateFunction;
beforeAll(() => {
  isBoard = validator('Board');
  isPanels = validator('Panels');
}, 120_000);

/** Each query of a dashboard's folder, `<board>/<name>`. */
function queryFiles(): string[] {
  const folders = readdirSync(QUERIES).filter((name) => name !== 'variables');
  return folders.flatMap((folder) =>
    readdirSync(join(QUERIES, folder)).map((file) => `${folder}/${file.replace(/\.sql$/, '')}`),
  );
}

/** The columns that the first comment of a query's file names. */
function columnsOf(path: string): string[] {
  const text = readFileSync(join(QUERIES, `${path}.sql`), 'utf8');
  return (/Columns: ([^.]+)\./.exec(text)?.[1] ?? '').split(', ');
}

describe('dashboards', () => {
  it.each(boards)('%s is what stands in its file; else run npm run dashboards', (name, board) => {
    expect(readFileSync(join(FOLDER, `${name}.json`), 'utf8')).toBe(textOf(board));
  });

  it('has no file that nothing makes', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
    expect(files.sort()).toEqual(boards.map(([name]) => `${name}.json`).sort());
  });

  it.each(boards)('%s is valid by the types of the SDK', (_name, board) => {
    const plain = JSON.parse(textOf(board)) as { panels: { type: string; targets?: unknown }[] };
    for (const panel of plain.panels) {
      expect(
        panel.targets === undefined ||
          z.array(z.union([SQL_TARGET, METRIC_TARGET])).safeParse(panel.targets).success,
      ).toBe(true);
      // The SDK knows of a target that it is one, and no more.
      panel.targets = [];
    }
    expect(isBoard(plain), JSON.stringify(isBoard.errors?.slice(0, 5), null, 1)).toBe(true);
  });

  it('has options of panels that are those of their types', () => {
    for (const { name, panel } of everyPanel) {
      const { type, options, fieldConfig } = JSON.parse(JSON.stringify(panel)) as PlainPanel;
      const custom = fieldConfig.defaults.custom;
      const given = { [type]: { options, ...(custom === undefined ? {} : { custom }) } };
      isPanels(given);
      // Of each type what is there counts; that the others are missing does not.
      const faults = (isPanels.errors ?? []).filter(({ instancePath }) => instancePath !== '');
      expect(faults, `${name}: ${panel.title}`).toEqual([]);
    }
  });

  it('finds a field that the types do not have', () => {
    const [, board] = boards[0] ?? [];
    expect(isBoard({ ...(board as object), pannels: [] })).toBe(false);
    isPanels({ stat: { options: { colourMode: 'value' } } });
    expect(isPanels.errors?.some(({ instancePath }) => instancePath.startsWith('/stat'))).toBe(true);
  });

  it('has room for each panel, and none over another', () => {
    for (const [name] of boards) {
      const taken = new Set<string>();
      for (const { title, gridPos } of panelsOf(name)) {
        const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
        expect(w * h, `${name}: ${title}`).toBeGreaterThan(0);
        expect(x + w, `${name}: ${title}`).toBeLessThanOrEqual(24);
        for (let cell = 0; cell < w * h; cell++) {
          const at = `${x + (cell % w)},${y + Math.floor(cell / w)}`;
          expect(taken.has(at), `${name}: ${title} at ${at}`).toBe(false);
          taken.add(at);
        }
      }
    }
  });

  it('answers a question with each panel, in Chinese, and leads on from each', () => {
    for (const { name, panel } of everyPanel) {
      const place = `${name}: ${panel.title}`;
      expect(panel.title, place).toMatch(/^[\p{Script=Han}、（）]+$/u);
      expect(panel.description, place).toMatch(/^\p{Script=Han}.*[？。]$/u);
      expect(panel.description, place).toContain('？');
      const urls = (panel.links ?? []).map(({ url }) => url ?? '');
      expect(urls, place).toHaveLength(1);
      const board = /^\/d\/([a-z-]+)\?/.exec(urls[0] ?? '')?.[1];
      expect(Object.values<string>(BOARDS), place).toContain(board);
      expect(board, place).not.toBe(BOARDS[name]);
    }
  });

  it('asks each file of SQL in some panel, each statement from one file, and nothing else', () => {
    const asked = everyPanel.flatMap(({ panel }) => targetsOf(panel).flatMap(({ rawSql }) => rawSql ?? []));
    const files = queryFiles().map(sqlOf);
    expect(new Set(files).size).toBe(files.length);
    // Names and places may stand around the statement of a file.
    for (const sql of asked)
      expect(
        files.filter((file) => sql.includes(file)),
        sql,
      ).toHaveLength(1);
    for (const file of files)
      expect(
        asked.some((sql) => sql.includes(file)),
        file,
      ).toBe(true);
    // Rows within others keep their order where they are limited.
    for (const sql of asked.filter((one) => one.startsWith('SELECT * REPLACE')))
      expect(sql).toMatch(/LIMIT \d+\)$|ORDER BY time$/);
  });

  it('has a title for every column that a table shows, and one link for each that leads somewhere', () => {
    const titles = queryFiles().flatMap((path) => columnsOf(path).map((column) => ({ path, column })));
    const without = titles.filter(
      ({ column }) => !['longitude', 'latitude'].includes(column) && COLUMNS[column] === undefined,
    );
    expect(without).toEqual([]);
    for (const { name, panel } of everyPanel.filter(({ panel: { type } }) => type === 'table')) {
      for (const { matcher, properties } of panel.fieldConfig?.overrides ?? []) {
        const lead = leadOf(name, String(matcher.options));
        const links = properties.filter(({ id }) => id === 'links');
        expect(links, String(matcher.options)).toHaveLength(lead === undefined ? 0 : 1);
      }
    }
  });

  it('can be chosen in by the variables that its queries name, and by no others', () => {
    for (const [name, board] of boards) {
      const declared = (board.templating?.list ?? []).map((variable) => variable.name);
      const asked = [...panelsOf(name).map(({ targets }) => targets), board.templating];
      const text = asked.map((one) => JSON.stringify(one)).join('\n');
      const named = [...text.matchAll(/\$\{([a-z]+)(?::[a-z]+)?\}/g)].map(([, variable = '']) => variable);
      const choices = declared.filter((one) => !['clickhouse', 'portal', 'prometheus'].includes(one));
      expect(
        [...new Set(named)].filter((one) => !declared.includes(one)),
        name,
      ).toEqual([]);
      expect(
        choices.filter((one) => !named.includes(one)),
        name,
      ).toEqual([]);
    }
  });

  it('asks Prometheus for metrics that exist, by labels that they have, and names series by those', () => {
    const table = new Map(rows());
    const asked = everyPanel
      .flatMap(({ panel }) => targetsOf(panel))
      .filter(({ expr }) => expr !== undefined);
    expect(asked.length).toBeGreaterThan(15);
    for (const { expr = '', legendFormat = '' } of asked) {
      const named = [...expr.matchAll(/\b(?:fenghuo|process)_\w+/g)].map(([name]) =>
        name.replace(/_bucket$/, ''),
      );
      const own = named.filter((name) => name.startsWith('fenghuo_'));
      expect(
        own.filter((name) => !table.has(name)),
        expr,
      ).toEqual([]);
      expect(
        named.filter((name) => !own.includes(name) && !OTHERS.includes(name)),
        expr,
      ).toEqual([]);
      const known = new Set(['le', 'instance', ...own.flatMap((name) => table.get(name)?.labels ?? [])]);
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect(
        grouped.filter((label) => !known.has(label)),
        expr,
      ).toEqual([]);
      expect(
        shown.filter((label) => label !== 'instance' && !grouped.includes(label)),
        expr,
      ).toEqual([]);
    }
  });

  it.runIf(hasPromtool)('asks Prometheus in its own language', async () => {
    const exprs = everyPanel.flatMap(({ panel }) => targetsOf(panel).flatMap(({ expr }) => expr ?? []));
    const recorded = exprs.map((expr, index) => ({
      record: `fenghuo:panel_${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    const file = join(await mkdtemp(join(tmpdir(), 'fenghuo-panels-')), 'rules.yaml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules: recorded }] }));
    expect(await promtool(['check', 'rules', file])).toMatchObject({ ok: true });
    await writeFile(
      file,
      JSON.stringify({ groups: [{ name: 'panels', rules: [{ record: 'a:b', expr: 'sum(' }] }] }),
    );
    expect(await promtool(['check', 'rules', file])).toMatchObject({ ok: false });
    await rm(dirname(file), { recursive: true });
  });

  it('leads to dashboards at which what was clicked can be chosen', () => {
    const leads = boards.flatMap(([name]) =>
      Object.keys(COLUMNS).flatMap((column) => leadOf(name, column)?.url ?? []),
    );
    expect(leads.length).toBeGreaterThan(40);
    for (const url of leads.filter((one) => one.startsWith('/d/'))) {
      const [, uid, query = ''] = /^\/d\/([a-z-]+)\?(.*)$/.exec(url) ?? [];
      const board = boards.find(([name]) => BOARDS[name] === uid)?.[1];
      const declared = (board?.templating?.list ?? []).map((variable) => variable.name);
      const named = [...query.matchAll(/var-([a-z]+)=|\$\{([a-z]+):queryparam\}/g)];
      for (const [, set, kept] of named) expect(declared, url).toContain(set ?? kept);
    }
  });

  it('names series over time by their labels, each in words', () => {
    const over = everyPanel.filter(
      ({ panel }) => targetsOf(panel)[0]?.rawSql !== undefined && panel.type === 'timeseries',
    );
    expect(over.length).toBeGreaterThan(9);
    for (const { panel } of over) {
      const titles = (panel.fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
        properties.flatMap(({ id, value }) => (id === 'displayName' ? [String(value)] : [])),
      );
      const sql = targetsOf(panel)[0]?.rawSql ?? '';
      const path = queryFiles().find((one) => sql.includes(sqlOf(one))) ?? '';
      const labels = columnsOf(path).filter((column) => LABELS.includes(column));
      for (const label of labels)
        for (const title of titles) expect(title, panel.title).toContain(`\${__field.labels.${label}}`);
      expect(new Set(titles).size, panel.title).toBe(titles.length);
    }
  });

  it('knows the 97 divisions of industry', () => {
    expect([...INDUSTRY_NAMES.keys()].map((code) => Number(code.slice(1)))).toEqual(
      Array.from({ length: 97 }, (_, index) => index + 1),
    );
    expect(INDUSTRY_NAMES.get('H62')).toBe('餐饮业');
    expect(INDUSTRY_NAMES.get('T97')).toBe('国际组织');
  });

  it('keeps time and choices on the way to another dashboard', () => {
    for (const [, board] of boards) {
      expect(board.timezone).toBe('Asia/Shanghai');
      expect(board.links).toMatchObject([{ keepTime: true, includeVars: true, type: 'dashboards' }]);
    }
  });
});
