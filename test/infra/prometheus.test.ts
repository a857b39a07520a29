// infra/prometheus: alerts on metrics that exist, each with what is to be done, and a case for each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectFolder } from '../../src/app/version.js';
import { rows } from '../support/metrics.js';
import { promtool, promtoolRuns } from '../support/promtool.js';
import { composeText, readCompose } from './compose-file.js';

const FOLDER = join(projectFolder(), 'infra/prometheus');
const read = <T>(name: string) => parse(readFileSync(join(FOLDER, name), 'utf8')) as T;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
interface Case {
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts?: readonly unknown[];
  }[];
}
const alerts = read<{ groups: { rules: Alert[] }[] }>('alerts.yaml').groups.flatMap(({ rules }) => rules);
const cases = read<{ tests: Case[] }>('alerts.test.yaml').tests;
/** What Prometheus and Node say themselves. */
const OTHERS = ['up', 'process_start_time_seconds'];
const known = new Set([...rows().map(([name]) => name), ...OTHERS]);
const hasPromtool = await promtoolRuns();

describe('alerts.yaml', () => {
  it('names only metrics that exist, by labels that they have', () => {
    const table = new Map(rows());
    for (const { alert, expr } of alerts) {
      const named = [...expr.matchAll(/\b(?:fenghuo_\w+|up|process_\w+)\b/g)].map(([name]) => name);
      expect([alert, named.length > 0, named.filter((name) => !known.has(name))]).toEqual([alert, true, []]);
      const labels = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
      const listed = new Set(['instance', ...named.flatMap((name) => table.get(name)?.labels ?? [])]);
      expect([alert, labels.filter((label) => !listed.has(label))]).toEqual([alert, []]);
    }
  });

  it('says in Chinese what is seen and what to do, and how pressing it is', () => {
    for (const { annotations, labels } of alerts) {
      expect(annotations.summary).toMatch(/[\u4e00-\u9fff]{3}/);
      expect(annotations.runbook).toMatch(/[\u4e00-\u9fff]{3}.*。$/s);
      expect(['warning', 'critical']).toContain(labels.severity);
    }
  });

  it('has a case for each in which it is silent at first and said later', () => {
    for (const { alert } of alerts) {
      const [own] = cases.filter(({ alert_rule_test: tests }) => tests[0]?.alertname === alert);
      expect([alert, own?.alert_rule_test.map(({ exp_alerts: said = [] }) => said.length)]).toEqual([
        alert,
        [0, 1],
      ]);
    }
    const series = cases.flatMap(({ input_series: given }) =>
      given.map((one) => one.series.split('{')[0] ?? ''),
    );
    expect(series.filter((name) => !known.has(name))).toEqual([]);
  });

  it.runIf(hasPromtool)('is taken by Prometheus, and does in each case what it says', async () => {
    expect(await promtool(['check', 'rules', join(FOLDER, 'alerts.yaml')])).toMatchObject({ ok: true });
    const tested = await promtool(['test', 'rules', join(FOLDER, 'alerts.test.yaml')]);
    expect([tested.ok, tested.said]).toEqual([true, expect.stringContaining('SUCCESS')]);
  });
});

describe.each([
  ['prometheus.yaml', 'prometheus'],
  ['prometheus-demo.yaml', 'prometheus-demo'],
])('%s', (file, service) => {
  it('reads the alerts, which compose puts beside it', () => {
    expect(read<{ rule_files: string[] }>(file).rule_files).toEqual(['alerts.yaml']);
    expect(readCompose(composeText()).services[service]?.volumes).toEqual(
      expect.arrayContaining([
        `./prometheus/${file}:/etc/prometheus/prometheus.yaml:ro`,
        './prometheus/alerts.yaml:/etc/prometheus/alerts.yaml:ro',
      ]),
    );
  });
});
