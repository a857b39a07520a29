// Queries to ClickHouse for Grafana, which the foundation SDK does not know: what grafana-clickhouse-datasource takes as a target.
import { readFileSync } from 'node:fs';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { projectFolder } from '../src/app/version.js';

/** A variable of each dashboard names the data source. */
export const CLICKHOUSE: DataSourceRef = { type: 'grafana-clickhouse-datasource', uid: '${clickhouse}' };

/** The figures of the processes. */
export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: '${prometheus}' };

/** Rows as a table, or as series: a column `time`, columns of text that name a series, and columns of figures. */
export type Shape = 'table' | 'timeseries';
/** As the data source numbers them. */
const FORMATS: { readonly [shape in Shape]: number } = { timeseries: 0, table: 1 };
/** Since this version of the plugin a query has this shape. */
const PLUGIN_VERSION = '4.0.0';

export interface ClickHouseQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly editorType: 'sql';
  readonly queryType: Shape;
  readonly format: number;
  readonly rawSql: string;
  readonly pluginVersion: string;
}

export function query(rawSql: string, shape: Shape): Builder<ClickHouseQuery> {
  return {
    build: () => ({
      refId: 'A',
      datasource: CLICKHOUSE,
      editorType: 'sql',
      queryType: shape,
      format: FORMATS[shape],
      rawSql,
      pluginVersion: PLUGIN_VERSION,
      _implementsDataqueryVariant: () => undefined,
    }),
  };
}

/**
 * The statement of a query's file, without the comment before it.
 * @param path of a file below dashboards/queries, without its ending, such as `overview/trend`
 */
export function sqlOf(path: string): string {
  const text = readFileSync(`${projectFolder()}/dashboards/queries/${path}.sql`, 'utf8');
  return text.replace(/^(--.*\n)+/, '').trim();
}
