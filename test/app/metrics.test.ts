// The metrics: their table and its page, what a run shows of them, how many series there may be, and Prometheus' naming.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRegistry, SERIES_MAX, type Readings, type Sample } from '../../src/app/metrics.js';
import { noteBackup } from '../../src/app/last-backup.js';
import { countFailures, openLog } from '../../src/app/log.js';
import { Rounds } from '../../src/app/rounds.js';
import { CodedError } from '../../src/events/coded-error.js';
import { metricsOf, readMetrics, rows, strayLabels } from '../support/metrics.js';
import { promtool, promtoolRuns } from '../support/promtool.js';
import { HERE, openOffice, type Office } from './office.js';

const PAGE = new URL('../../infra/prometheus/README.md', import.meta.url).pathname;
/** A model whose expression fails on the events that come. */
const FAILING = `model: food/share
title: 食品投诉
summary: 把投诉类别当作数值。
item: food
scope: subject
indicators: { places: { from: complaint, count: '*', where: 'double(event.category) > 2', over: 7d } }
levels: { yellow: 'places > 1' }
plan: plan
advise: 核实。
`;

const hasPromtool = await promtoolRuns();

let office: Office;
beforeAll(async () => {
  office = await openOffice({}, new Map([['food/share.yaml', FAILING]]));
});
afterAll(() => office.close());

const shown = async () => (await office.ask('/metrics')).text;

/** The page of the table. */
function pageOf(): string {
  const cells = rows().map(([name, { type, labels, mode, role, says }]) =>
    [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), mode, role, says].join(' | '),
  );
  return `# Metrics

Generated from src/app/metric-table.ts; \`npx vitest run test/app/metrics.test.ts --config test/vitest.config.ts -u\` writes it anew.

Every process shows them at \`/metrics\` (accounts of the roles operator and auditor), beside those of Node itself (\`process_*\`, \`nodejs_*\`, as prom-client documents them). *Mode* says whether a metric is in both modes, in embedded mode or on servers alone; *role* in which processes of a deployment on servers it has a value. Counters start at 0 with the process unless it says that they count since the data began. No metric has more than ${SERIES_MAX} series: what comes beyond is added up in one whose labels are \`other\`. Labels are roles, logs, codes, models, fields, streams, channels, holders and partitions; never a subject, a person, or anything that a sender chose.

| name | type | labels | mode | role | meaning |
| --- | --- | --- | --- | --- | --- |
${cells.map((line) => `| ${line} |`).join('\n')}
`;
}

describe('the table', () => {
  it('is the page that dashboards and alerts are written by', async () => {
    await expect(pageOf()).toMatchFileSnapshot(PAGE);
  });

  it('follows the naming of Prometheus', () => {
    for (const [name, { type, labels }] of rows()) {
      expect(name).toMatch(/^fenghuo_[a-z_]+$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
    }
  });
});

describe('a running system', () => {
  it('shows every metric of the table and no other, of the types and labels that it lists', async () => {
    const page = readMetrics(await shown());
    expect(Object.fromEntries(page.types)).toEqual(Object.fromEntries(metricsOf('embedded')));
    expect(strayLabels(page)).toEqual([]);
    const withoutLabels = rows().flatMap(([name, { labels, mode }]) =>
      labels.length === 0 && mode !== 'servers' ? [name] : [],
    );
    const found = new Set(page.samples.map(({ name }) => name));
    expect(withoutLabels.filter((name) => !found.has(name))).toEqual([]);
  });

  it('counts what comes, what is decided, what stands, and what is missed', async () => {
    await office.raise([
      { name: '某店', region: HERE },
      { name: '另一店', region: HERE },
    ]);
    const { samples } = readMetrics(await shown());
    const value = (name: string, labels: { readonly [name: string]: string } = {}) =>
      samples.find(
        (one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v),
      )?.value;
    expect(value('fenghuo_events_accepted_total', { stream: 'complaint' })).toBe(2);
    expect(value('fenghuo_events_accepted_total', { stream: 'registration' })).toBe(2);
    expect(value('fenghuo_events_evaluated_total')).toBe(4);
    expect(value('fenghuo_warnings_current', { level: 'yellow' })).toBe(2);
    expect(value('fenghuo_warnings_current', { level: 'red' })).toBe(0);
    expect(value('fenghuo_unknown_values_total', { model: 'food/share' })).toBeGreaterThan(0);
    expect(value('fenghuo_state_keys', { stratum: '0' })).toBeGreaterThan(0);
    expect(value('fenghuo_log_lag_records', { role: 'evaluate', log: 'events' })).toBe(0);
    expect(value('fenghuo_disk_free_bytes')).toBeGreaterThan(0);
    expect(value('fenghuo_store_size_bytes', { store: 'lmdb' })).toBeGreaterThan(0);
    const checkpoints = samples.filter(({ name }) => name === 'fenghuo_checkpoint_seconds');
    const consumers = new Set(checkpoints.map(({ labels }) => labels['consumer']));
    expect([...consumers].sort()).toEqual(expect.arrayContaining(['alert', 'deliver', 'evaluate']));
    const rounds = samples.filter(({ name }) => name === 'fenghuo_round_seconds');
    const stages = new Set(rounds.map(({ labels }) => labels['role']));
    expect([...stages].sort()).toEqual(['alert', 'deliver', 'evaluate']);

    expect(value('fenghuo_deadlines_missed_total', { kind: 'sign' })).toBeUndefined();
    await office.pass(3 * 3_600_000);
    const missed = readMetrics(await shown()).samples.filter(
      ({ name }) => name === 'fenghuo_deadlines_missed_total',
    );
    expect(missed.map(({ labels, value: count }) => [labels['kind'], count])).toEqual([['sign', 2]]);
  });

  it.runIf(hasPromtool)('shows what Prometheus takes, without a word against it', async () => {
    expect(await promtool(['check', 'metrics'], await shown())).toEqual({ ok: true, said: '' });
  });
});

describe('what fails and is tried again', () => {
  it('is counted by stage and by the code of its line in the log', () => {
    const { log, failures } = countFailures(openLog('silent'));
    log.failure('warehouse', new CodedError('WAREHOUSE_UNAVAILABLE'), 100);
    log.failure('warehouse', new CodedError('WAREHOUSE_UNAVAILABLE'), 200);
    log.failure('deliver', Object.assign(new Error('10.0.0.1'), { code: 'ECONNRESET' }), 100);
    log.failure('tick', new Error('by somebody'), 100);
    expect(Object.fromEntries(failures)).toEqual({
      ...{ 'warehouse WAREHOUSE_UNAVAILABLE': 2, 'deliver ECONNRESET': 1, 'tick INTERNAL': 1 },
    });
  });
});

describe('a back-up', () => {
  it('shows its instant once it came to its end, and 0 before the first', async () => {
    const shownAs = async () =>
      readMetrics(await shown()).samples.find(
        ({ name }) => name === 'fenghuo_backup_last_success_timestamp_seconds',
      )?.value;
    expect(await shownAs()).toBe(0);
    await noteBackup(office.embedded.folder.values, 1_772_000_000_500);
    expect(await shownAs()).toBe(1_772_000_000.5);
  });
});

describe('the number of series', () => {
  const readings = (samples: () => Sample[]): Readings => ({
    ...Object.fromEntries(
      rows().flatMap(([name, { mode, type }]) =>
        mode === 'servers' || type === 'histogram' ? [] : [[name, () => null]],
      ),
    ),
    fenghuo_events_late_total: samples,
    fenghuo_model_keys: samples,
  });

  it('is bounded whatever comes, and what comes beyond is added up', async () => {
    let models = Array.from({ length: 10_000 }, (_, index): Sample => [[`m${index}`], 1]);
    const registry = openRegistry(
      'embedded',
      readings(() => models),
      new Rounds(),
    );
    const of = async (name: string) =>
      readMetrics(await registry.metrics()).samples.filter((one) => one.name === name);
    for (const name of ['fenghuo_events_late_total', 'fenghuo_model_keys']) {
      const found = await of(name);
      expect(found).toHaveLength(SERIES_MAX + 1);
      expect(found.at(-1)).toMatchObject({ labels: { model: 'other' }, value: 10_000 - SERIES_MAX });
    }
    // Whichever is first another time, none moves in or out of what is added up.
    models = models.toReversed();
    const again = await of('fenghuo_events_late_total');
    expect(again).toHaveLength(SERIES_MAX + 1);
    expect(again.find(({ labels }) => labels['model'] === 'other')?.value).toBe(10_000 - SERIES_MAX);
    expect(again.filter(({ labels }) => labels['model'] === 'm0')).toHaveLength(1);
  });

  it('counts consumers that nobody knows as other, and cuts long labels', async () => {
    const registry = openRegistry(
      'embedded',
      readings(() => [[['x'.repeat(1_000)], 1]]),
      new Rounds(),
    );
    const [found] = readMetrics(await registry.metrics()).samples.filter(
      ({ name }) => name === 'fenghuo_model_keys',
    );
    expect(found?.labels['model']).toHaveLength(128);
  });

  it('keeps what it knew while a reading fails or never ends', async () => {
    let answer: () => Sample[] = () => [[['m'], 7]];
    const registry = openRegistry(
      'embedded',
      readings(() => answer()),
      new Rounds(),
    );
    await registry.metrics();
    answer = () => {
      throw new Error('gone');
    };
    const found = readMetrics(await registry.metrics()).samples.filter(
      ({ name }) => name === 'fenghuo_model_keys',
    );
    expect(found).toEqual([{ name: 'fenghuo_model_keys', labels: { model: 'm' }, value: 7 }]);
  });

  it('refuses to begin where a metric of the table is not read, or one of the other mode is', () => {
    expect(() => openRegistry('embedded', {}, new Rounds())).toThrow('fenghuo_events_accepted_total');
    const more = { ...readings(() => []), fenghuo_raw_lag_records: () => 1 };
    expect(() => openRegistry('embedded', more, new Rounds())).toThrow('fenghuo_raw_lag_records');
  });
});
