// infra/grafana: whether it is what Grafana and its plugins read, says no password, and fits what it points to.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { DATABASE } from '../../src/app/warehouse.js';
import { projectFolder } from '../../src/app/version.js';
import { readCompose, composeText } from './compose-file.js';

const FOLDER = join(projectFolder(), 'infra', 'grafana');
const README = readFileSync(join(FOLDER, 'README.md'), 'utf8');

/** https://grafana.com/docs/grafana/latest/administration/provisioning, and pkg/plugin/settings.go of the plugin. */
const DATASOURCE = z.strictObject({
  name: z.string(),
  uid: z.string().regex(/^fenghuo-[a-z]+$/),
  type: z.enum(['grafana-clickhouse-datasource', 'prometheus']),
  access: z.literal('proxy'),
  url: z.url().optional(),
  jsonData: z.strictObject({
    host: z.string().optional(),
    port: z.int().optional(),
    protocol: z.literal('http').optional(),
    secure: z.boolean().optional(),
    username: z.string().min(1).optional(),
    defaultDatabase: z.literal(DATABASE).optional(),
    queryTimeout: z.string().regex(/^\d+$/).optional(),
    validateSql: z.boolean().optional(),
    httpMethod: z.enum(['GET', 'POST']).optional(),
    timeInterval: z.string().optional(),
  }),
  secureJsonData: z.strictObject({ password: z.string().regex(/^\$\{FENGHUO_[A-Z_]+\}$/) }).optional(),
});
const DATASOURCES = z.strictObject({ apiVersion: z.literal(1), datasources: z.array(DATASOURCE).min(1) });
const PROVIDERS = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      folder: z.string(),
      type: z.literal('file'),
      disableDeletion: z.boolean(),
      allowUiUpdates: z.literal(false),
      updateIntervalSeconds: z.int().min(10),
      options: z.strictObject({ path: z.string(), foldersFromFilesStructure: z.boolean() }),
    }),
  ),
});

function contents(kind: string): unknown[] {
  const folder = join(FOLDER, 'provisioning', kind);
  return readdirSync(folder).map((name) => parse(readFileSync(join(folder, name), 'utf8')) as unknown);
}

const datasources = contents('datasources').flatMap((content) => DATASOURCES.parse(content).datasources);

describe('the provisioning of Grafana', () => {
  it('names each datasource once, Prometheus in the demo as well, with a password that only the environment has', () => {
    expect(datasources.map(({ uid }) => uid).sort()).toEqual([
      'fenghuo-demo',
      'fenghuo-embedded',
      'fenghuo-prometheus',
      'fenghuo-prometheus',
      'fenghuo-servers',
    ]);
    for (const { type, jsonData, secureJsonData, url } of datasources) {
      if (type === 'prometheus') expect(url).toBeDefined();
      else expect([jsonData.host, jsonData.port, jsonData.username]).not.toContain(undefined);
      const variable = secureJsonData?.password.slice(2, -1);
      if (type !== 'prometheus') expect(README).toContain(`\`${variable ?? ''}\``);
    }
  });

  it('points to the servers of compose.yaml', () => {
    const { services } = readCompose(composeText());
    for (const { uid, jsonData, url } of datasources) {
      const host = url === undefined ? jsonData.host : new URL(url).hostname;
      if (uid === 'fenghuo-embedded') expect(host).toBe('127.0.0.1');
      else expect(Object.keys(services)).toContain(host);
    }
  });

  it('gives each Grafana of compose.yaml the datasources that its profile starts', () => {
    const { services } = readCompose(composeText());
    for (const [name, profiles] of [
      ['grafana', ['distributed', 'observability']],
      ['grafana-demo', ['demo']],
    ] as const) {
      const started = Object.keys(services).filter((one) =>
        profiles.some((profile) => services[one]?.profiles.includes(profile)),
      );
      const files = services[name]?.volumes.flatMap(
        (volume) => /datasources\/([\w-]+\.yaml):/.exec(volume)?.[1] ?? [],
      );
      const read = files?.map((file) => readFileSync(join(FOLDER, 'provisioning/datasources', file), 'utf8'));
      const hosts = read?.flatMap((one) =>
        DATASOURCES.parse(parse(one)).datasources.map(({ url, jsonData }) =>
          url === undefined ? jsonData.host : new URL(url).hostname,
        ),
      );
      expect(hosts).toHaveLength(2);
      expect(hosts?.filter((host) => !started.includes(host ?? ''))).toEqual([]);
    }
  });

  it('mounts in the commands of the documentation only files that are there, and no other warehouse', () => {
    const mounted = [...README.matchAll(/\$PWD\/([\w./-]+):/g)].map(([, path = '']) => path);
    expect(mounted).toContain('infra/grafana/provisioning/datasources/warehouse-embedded.yaml');
    for (const path of mounted) expect(existsSync(join(projectFolder(), path)), path).toBe(true);
    expect(mounted.filter((path) => /provisioning(\/datasources)?$/.test(path))).toEqual([]);
  });

  it('provides the dashboards from where the documentation mounts them', () => {
    const paths = contents('dashboards').flatMap((content) =>
      PROVIDERS.parse(content).providers.map(({ options }) => options.path),
    );
    expect(paths).toEqual(['/var/lib/grafana/dashboards']);
    expect(README).toContain(`dashboards:${paths[0] ?? ''}:ro`);
  });
});
