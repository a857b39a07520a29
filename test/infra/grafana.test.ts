// infra/grafana: whether it is what Grafana and its plugins read, says no password, and fits what it points to.
import { readFileSync, readdirSync } from 'node:fs';
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
  it('names each datasource once, with a password that only the environment has', () => {
    expect(datasources.map(({ uid }) => uid).sort()).toEqual([
      'fenghuo-demo',
      'fenghuo-embedded',
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

  it('provides the dashboards from where the documentation mounts them', () => {
    const paths = contents('dashboards').flatMap((content) =>
      PROVIDERS.parse(content).providers.map(({ options }) => options.path),
    );
    expect(paths).toEqual(['/var/lib/grafana/dashboards']);
    expect(README).toContain(`dashboards:${paths[0] ?? ''}:ro`);
  });
});
