// The metrics of a process from their table: read when they are asked for, and no more series than somebody can look at.
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { isIn, METRICS, type MetricName, type MetricRow } from './metric-table.js';
import type { Rounds } from './rounds.js';
import { within } from './within.js';

/** The values of the labels, in their order, and the figure. */
export type Sample = readonly [labels: readonly string[], value: number];
/** One figure, one for each series, or null where there is none to be read. */
export type Reading = number | null | Iterable<Sample>;
export type Read = () => Reading | Promise<Reading>;
export type Readings = { readonly [name in MetricName]?: Read };

/** A store that does not answer for so long is not waited for. */
const READ_MS = 2_000;
/** Series of one metric; what comes beyond is added up in one whose labels are all `other`. */
export const SERIES_MAX = 500;
const LABEL_CHARACTERS = 128;
/** Figures of Node's that are gauges under names of counters. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * The metrics of a process.
 * @param readings one for each metric of the mode that is no histogram
 * @throws Error where one is missing, or is of the other mode
 */
export function openRegistry(mode: 'embedded' | 'servers', readings: Readings, rounds: Rounds): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  rounds.register(registry);
  for (const [name, row] of Object.entries(METRICS) as [MetricName, MetricRow][]) {
    const read = readings[name];
    const isRead = isIn(mode, row) && row.type !== 'histogram';
    if (isRead !== (read !== undefined))
      throw new Error(`${name} is read where it is not in its table, or not read`);
    if (read !== undefined) addMetric(registry, name, row, read);
  }
  return registry;
}

/** Counts by the values of the labels with blanks between them, as samples. */
export function* byLabels(counts: Iterable<readonly [string, number]> | undefined): Generator<Sample> {
  for (const [text, count] of counts ?? []) yield [text.split(' '), count];
}

function addMetric(registry: Registry, name: string, { type, labels, says }: MetricRow, read: Read): void {
  const series = new Series();
  // Figures are asked for most of all while a server is down: what was known last stands until it answers.
  let known: readonly Sample[] = [];
  const samples = async () => {
    const reading = within(READ_MS, Promise.resolve().then(read), undefined).catch(() => undefined);
    known = samplesOf(await reading) ?? known;
    return series.bounded(known);
  };
  const config = { name, help: says, labelNames: [...labels], registers: [registry] };
  const named = (values: readonly string[]) =>
    Object.fromEntries(labels.map((label, index) => [label, values[index] ?? '']));
  if (type === 'counter') {
    new Counter({
      ...config,
      async collect() {
        const taken = await samples();
        this.reset();
        if (taken.length === 0 && labels.length === 0) this.remove({});
        for (const [values, value] of taken) this.inc(named(values), Math.max(0, value));
      },
    });
    return;
  }
  new Gauge({
    ...config,
    async collect() {
      const taken = await samples();
      this.reset();
      if (taken.length === 0 && labels.length === 0) this.remove({});
      for (const [values, value] of taken) this.set(named(values), value);
    },
  });
}

/** @returns undefined where nothing could be read */
function samplesOf(reading: Reading | undefined): readonly Sample[] | undefined {
  if (reading === undefined) return undefined;
  if (reading === null) return [];
  return typeof reading === 'number' ? [[[], reading]] : [...reading];
}

/** The series of one metric: which come first stay, so that none moves in and out of what is added up. */
class Series {
  private readonly own = new Set<string>();

  bounded(samples: readonly Sample[]): readonly Sample[] {
    const kept: Sample[] = [];
    let others = 0;
    let [width, isOver] = [0, false];
    for (const [labels, value] of samples) {
      const cut = labels.map((label) => label.slice(0, LABEL_CHARACTERS));
      const name = cut.join('\n');
      if (this.own.has(name) || this.own.size < SERIES_MAX) {
        this.own.add(name);
        kept.push([cut, value]);
        continue;
      }
      others += value;
      [width, isOver] = [labels.length, true];
    }
    return isOver ? [...kept, [Array.from({ length: width }, () => 'other'), others]] : kept;
  }
}
