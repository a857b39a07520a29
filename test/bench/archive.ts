// node dist/test/bench/archive.js [--events N] [--runs N] [--none]: what the archive costs this process an event.
//
// The pipeline makes the logs once; then each run archives all of them, from memory, into a database of its own. What is
// measured is this process alone, neither the engine of the warehouse nor its front. With --none there is no warehouse: what
// is left is reading, deciding and the making of rows.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { projectFolder } from '../../src/app/version.js';
import { archivesOf } from '../../src/app/warehouse.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import type { Log, LogName, Logs } from '../../src/ports/log.js';
import { openTestWarehouse } from '../support/warehouse.js';
import { calibrate, CALIBRATION_STEPS } from './calibration.js';
import { onPipeline } from './pipeline.js';
import { median } from './report.js';
import { benchRules } from './rules.js';

const RULES = { windowDays: null, models: 6 } as const;
const ARCHIVED = [
  'events',
  'verdicts',
  'inbox',
  'deliveries',
  'actions',
  'dead-letters',
  'operator',
  'cases',
] as const;
const PAGE = 1_000;

interface Made {
  readonly logs: Logs;
  readonly events: number;
}

interface Figures {
  readonly cpuUs: number;
  readonly wallMs: number;
  readonly calibrationMs: number;
}

/** The logs that the pipeline writes for a workload, as dense as a million events in 60 days. */
function madeLogs(events: number): Promise<Made> {
  const workload = {
    ...{ events, subjects: events / 10, days: (events * 60) / 1_000_000 },
    ...{ together: 500, creditChanges: true },
  };
  return onPipeline({ workload, rules: RULES, warehouse: false }, async ({ embedded, sent }) => {
    await sent();
    const stores = openMemory();
    const copied = ARCHIVED.map(async (name): Promise<[LogName, Log]> => {
      const log = stores.log(name);
      const from = embedded.folder.logs[name];
      for (let offset = 0, end = await from.end(0); offset < end; offset += PAGE) {
        const page = await from.read(0, offset, PAGE);
        await log.append(
          0,
          page.map(({ value }) => value),
        );
      }
      return [name, log];
    });
    return { logs: Object.fromEntries(await Promise.all(copied)) as Logs, events };
  });
}

const NO_WAREHOUSE: OpenWarehouse = {
  insert: async () => undefined,
  query: async (sql) => (sql.includes('AS total') ? [{ total: 0 }] : []),
  ready: async () => true,
  command: async () => undefined,
  close: async () => undefined,
};

async function archived({ logs }: Made, rules: RuleSet, warehouse: OpenWarehouse): Promise<Figures> {
  const decided = await logs.events.end(0);
  const delivered = await logs.deliveries.end(0);
  const archives = archivesOf({
    ...{ warehouse, logs, state: openMemory().state, partitions: 1 },
    rules: { current: () => rules, of: async () => rules },
    nonce: () => 'n',
    probe: () => undefined,
    decided: () => decided,
    delivered: () => delivered,
  });
  await archives.reopen();
  const [before, begun] = [process.cpuUsage(), performance.now()];
  while ((await archives.run()) > 0);
  const { user, system } = process.cpuUsage(before);
  const wallMs = performance.now() - begun;
  return { cpuUs: user + system, wallMs, calibrationMs: calibrate() };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '5' },
      none: { type: 'boolean', default: false },
    },
  });
  const made = await madeLogs(Number(values.events));
  const rules = benchRules(RULES);
  const site = values.none ? null : await openTestWarehouse();
  const measured: Figures[] = [];
  try {
    for (let run = 0; run < Number(values.runs); run++) {
      const figures = await oneRun(made, rules, site?.options ?? null, run);
      measured.push(figures);
      console.log(line(`run ${run + 1}`, [figures], made.events));
    }
  } finally {
    await site?.close();
  }
  console.log(line('median', measured, made.events));
}

async function oneRun(
  made: Made,
  rules: RuleSet,
  options: Parameters<typeof openWarehouse>[0] | null,
  run: number,
): Promise<Figures> {
  if (options === null) return archived(made, rules, NO_WAREHOUSE);
  const settings = { ...options, database: `run${run}` };
  await migrate(settings, join(projectFolder(), 'infra', 'clickhouse'));
  const warehouse = openWarehouse(settings);
  try {
    return await archived(made, rules, warehouse);
  } finally {
    await warehouse.close();
  }
}

function line(title: string, measured: readonly Figures[], events: number): string {
  const cpuUs = median(measured.map((one) => one.cpuUs)) / events;
  const steps = median(
    measured.map(
      ({ cpuUs: us, calibrationMs }) => us / events / ((calibrationMs * 1_000) / CALIBRATION_STEPS),
    ),
  );
  const wall = events / (median(measured.map(({ wallMs }) => wallMs)) / 1_000);
  return `${title}: ${cpuUs.toFixed(1)} us of CPU an event, ${steps.toFixed(0)} steps, ${wall.toFixed(0)} events/s`;
}

await main();
