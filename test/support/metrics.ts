// What a page of metrics says, read as Prometheus does.
import { isIn, METRICS, type MetricRow } from '../../src/app/metric-table.js';

export interface Page {
  /** Type by name; those of Node itself left out. */
  readonly types: ReadonlyMap<string, string>;
  /** Each sample: its metric, its labels and its figure. */
  readonly samples: readonly {
    readonly name: string;
    readonly labels: { readonly [name: string]: string };
    readonly value: number;
  }[];
}

const SAMPLE = /^(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? (\S+)$/;
const OWN = /^fenghuo_/;

/** Reads the text of /metrics. */
export function readMetrics(text: string): Page {
  const types = new Map<string, string>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm))
    if (OWN.test(name)) types.set(name, type);
  const samples = text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value] = (line.startsWith('#') ? null : SAMPLE.exec(line)) ?? [];
    if (!OWN.test(name)) return [];
    const named = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
    return [{ name, labels: Object.fromEntries(named) as { [name: string]: string }, value: Number(value) }];
  });
  return { types, samples };
}

/** The names and types that a mode has by the table. */
export function metricsOf(mode: 'embedded' | 'servers'): [string, string][] {
  return rows().flatMap(([name, row]) => (isIn(mode, row) ? [[name, row.type]] : []));
}

/** What stands on a page and not in the table: labels that it does not list for a metric. */
export function strayLabels({ samples }: Page): string[] {
  const table = new Map(rows());
  return samples.flatMap(({ name, labels }) => {
    const listed = [
      ...(table.get(name)?.labels ?? []),
      ...(table.get(name)?.type === 'histogram' ? ['le'] : []),
    ];
    return Object.keys(labels).flatMap((label) => (listed.includes(label) ? [] : [`${name}{${label}}`]));
  });
}

/** Rows of the table. */
export function rows(): [string, MetricRow][] {
  return Object.entries(METRICS);
}
